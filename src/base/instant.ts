/**
 * A moment in UTC as ISO 8601 text with milliseconds, `2026-01-31T08:00:00.000Z`: the form in which a run's
 * `as_of` and every window bound are printed into SQL. Text order is time order.
 */
export type Instant = string & { readonly instant: true }

export function instantOf(epochMs: number): Instant {
  return new Date(epochMs).toISOString() as Instant
}

export function epochMsOf(instant: Instant): number {
  return Date.parse(instant)
}
