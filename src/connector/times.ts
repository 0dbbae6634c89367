/** Whole seconds since 1970, of a time in ISO 8601 or of such seconds; undefined for anything else. */
export function unixSecondsOf(time: unknown): number | undefined {
  if (typeof time === 'number') return Number.isInteger(time) && time >= 0 ? time : undefined
  const ms = typeof time === 'string' && ISO.test(time) ? Date.parse(time) : Number.NaN
  return Number.isNaN(ms) || ms < 0 ? undefined : Math.floor(ms / 1000)
}

/** `Date.parse` takes any number in a text for a year. */
const ISO = /^\d{4}-\d{2}-\d{2}(?:$|[T ])/
