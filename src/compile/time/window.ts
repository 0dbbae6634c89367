import { Temporal } from 'temporal-polyfill'
import { type Instant, instantOf } from '../../base/instant.ts'
import type { Window } from '../../spec/project.ts'

/** Half-open: `[from, to)`. */
export interface Bounds {
  readonly from: Instant
  readonly to: Instant
}

/**
 * The times that a window covers: `[as_of - W, as_of)`, or for `next` `[as_of, as_of + W)`. Hours and days are
 * fixed lengths; months and years are steps of the calendar in the project's time zone, clamped to the month's
 * last day.
 */
export function windowBounds(window: Window, asOf: Instant, timezone: string): Bounds {
  const other = stepFrom(window, asOf, timezone, window.next ? 1 : -1)
  return window.next ? { from: asOf, to: other } : { from: other, to: asOf }
}

/** A window as a length that a row's time can be moved by. */
export type Length =
  | { readonly kind: 'fixed'; readonly seconds: number }
  | { readonly kind: 'calendar'; readonly months: number }

export function lengthOf(window: Window): Length {
  switch (window.unit) {
    case 'hours':
      return { kind: 'fixed', seconds: window.amount * HOUR_SECONDS }
    case 'days':
      return { kind: 'fixed', seconds: window.amount * 24 * HOUR_SECONDS }
    case 'months':
      return { kind: 'calendar', months: window.amount }
    case 'years':
      return { kind: 'calendar', months: window.amount * 12 }
  }
}

const HOUR_SECONDS = 3600

function stepFrom(window: Window, asOf: Instant, timezone: string, direction: 1 | -1): Instant {
  const length = lengthOf(window)
  const start = Temporal.Instant.from(asOf)
  if (length.kind === 'fixed') return instantOf(start.epochMilliseconds + direction * length.seconds * 1000)
  const local = start.toZonedDateTimeISO(timezone).toPlainDateTime()
  const moved = local.add({ months: direction * length.months }, { overflow: 'constrain' })
  // A local time that the clock skips or repeats is taken as PostgreSQL and DuckDB take it.
  return instantOf(moved.toZonedDateTime(timezone, { disambiguation: 'later' }).epochMilliseconds)
}
