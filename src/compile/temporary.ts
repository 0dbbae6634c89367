import { shortHash } from '../base/short-hash.ts'

/** PostgreSQL cuts names at 63 bytes without an error; two tables must not become one. */
const LONGEST_NAME = 60

/**
 * `reach_customer_orders`: the name of a table between steps, another one for other parts. It ends in a hash where it
 * is long, or where underscores hide at which place one part ends (`a_b` and `c`, `a` and `b_c`).
 */
export function temporaryName(...parts: readonly string[]): string {
  const whole = parts.join('_')
  const isPlain = parts.slice(0, -1).every((part) => !part.includes('_'))
  if (isPlain && whole.length <= LONGEST_NAME) return whole
  const hash = shortHash(parts.join(' '))
  return `${whole.slice(0, LONGEST_NAME - hash.length - 1)}_${hash}`
}
