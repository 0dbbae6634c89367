import type { Limit } from '../project.ts'

/** `5%`, `0.5%`, `100%`. A plain number is a count of rows. */
export const PERCENT = /^(100|[0-9]{1,2}(\.[0-9]{1,4})?)%$/

/** Of a number, or of a text that matches `PERCENT`. */
export function limitOf(value: string | number): Limit {
  if (typeof value === 'number') return { kind: 'rows', value }
  return { kind: 'percent', value: Number(value.slice(0, -1)) }
}
