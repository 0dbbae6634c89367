import { APPLIED } from '../../src/connector/rows.ts'
import { objectIn } from '../../src/connector/shapes.ts'
import type { Receipt } from '../../src/connector/types.ts'
import { MISSING } from './collections.ts'
import { SEVERAL } from './lookup.ts'
import { CLEARS } from './values.ts'

export type Operation = 'upsert' | 'update' | 'delete'

/** A job of Salesforce, and how many records it was given. */
export interface SentJob {
  readonly id: string
  readonly operation: Operation
  readonly sent: number
}

/** What is known of a row before any job is asked for. */
export const TOLD = {
  missing: MISSING,
  several: SEVERAL,
  gone: APPLIED,
  reserved: {
    status: 'rejected',
    error: `expected no text that is ${CLEARS}, which clears a field in a job of Salesforce`,
  },
} as const satisfies Readonly<Record<string, Receipt>>

export type Told = keyof typeof TOLD

/** All that is needed to tell what became of a batch: its jobs, and the places of rows that none of them got. */
export interface Ticket {
  readonly jobs: readonly SentJob[]
  readonly told: ReadonlyMap<number, Told>
}

/** As the text that stands for a started batch. It names no value of a row. */
export function ticketText({ jobs, told }: Ticket): string {
  const places = new Map<Told, number[]>()
  for (const [place, what] of told) places.set(what, [...(places.get(what) ?? []), place])
  return JSON.stringify({
    jobs: jobs.map(({ operation, id, sent }) => [operation, id, sent]),
    ...Object.fromEntries([...places].map(([what, rows]) => [what, rangesOf(rows)])),
  })
}

/** Undefined for a text that is none of these. */
export function readTicket(text: string): Ticket | undefined {
  const { jobs, ...places } = parsed(text)
  if (!Array.isArray(jobs)) return undefined
  const told = Object.entries(places).flatMap(([what, ranges]) =>
    what in TOLD ? placesIn(String(ranges)).map((place) => [place, what as Told] as const) : [],
  )
  return {
    jobs: jobs.map(([operation, id, sent]): SentJob => ({ operation, id: String(id), sent: Number(sent) })),
    told: new Map(told),
  }
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    return objectIn(JSON.parse(text))
  } catch {
    return {}
  }
}

/** `3,7-9`: thousands of rows in a row are one of these. */
function rangesOf(places: readonly number[]): string {
  const ranges: [number, number][] = []
  for (const place of [...places].sort((a, b) => a - b)) {
    const last = ranges.at(-1)
    if (last !== undefined && last[1] === place - 1) last[1] = place
    else ranges.push([place, place])
  }
  return ranges.map(([first, last]) => (first === last ? String(first) : `${first}-${last}`)).join(',')
}

function placesIn(ranges: string): readonly number[] {
  return ranges.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, offset) => first + offset)
  })
}
