import type { Position } from '../../base/position.ts'
import type { Window } from '../project.ts'

/** `90 days`, `1 month`, and, where times to come make sense, `next 30 days`. */
export const WINDOW = /^(next )?([1-9][0-9]{0,5}) (hour|day|month|year)s?$/
export const PAST_WINDOW = /^([1-9][0-9]{0,5}) (hour|day|month|year)s?$/

/** A hundred years in each unit: bounds stay inside the times that every warehouse can hold. */
const LONGEST = { hours: 876_600, days: 36_525, months: 1_200, years: 100 } as const

export function isWindow(text: string): boolean {
  const match = WINDOW.exec(text)
  return match !== null && Number(match[2]) <= LONGEST[unitOf(match[3])]
}

export function isPastWindow(text: string): boolean {
  return PAST_WINDOW.test(text) && isWindow(text)
}

/** Of a text that `isWindow`. */
export function windowOf(text: string, at: Position): Window {
  const match = WINDOW.exec(text)
  return { at, amount: Number(match?.[2]), unit: unitOf(match?.[3]), next: match?.[1] !== undefined }
}

/** What the author probably meant: `90d`, `90  Days`, `3 weeks`. */
export function windowHint(text: string): string | undefined {
  const match = /^\s*(next\s+)?([1-9][0-9]{0,5})\s*([a-z]+)\s*$/i.exec(text)
  const meant = MEANT[match?.[3]?.toLowerCase() ?? '']
  if (match === null || meant === undefined) return undefined
  const amount = Number(match[2]) * meant.times
  return `did you mean "${match[1] ? 'next ' : ''}${amount} ${meant.unit}"?`
}

const MEANT: Readonly<Record<string, { readonly unit: Window['unit']; readonly times: number }>> = {
  ...spelled('hours', 1, 'h', 'hr', 'hrs', 'hour', 'hours'),
  ...spelled('days', 1, 'd', 'day', 'days'),
  ...spelled('days', 7, 'w', 'week', 'weeks'),
  ...spelled('months', 1, 'mo', 'mon', 'month', 'months'),
  ...spelled('months', 3, 'q', 'quarter', 'quarters'),
  ...spelled('years', 1, 'y', 'yr', 'yrs', 'year', 'years'),
}

function spelled(unit: Window['unit'], times: number, ...words: readonly string[]) {
  return Object.fromEntries(words.map((word) => [word, { unit, times }]))
}

function unitOf(word: string | undefined): Window['unit'] {
  return `${word}s` as Window['unit']
}
