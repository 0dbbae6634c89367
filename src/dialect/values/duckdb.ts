import { duckdb } from '../duckdb.ts'
import { type Fragment, lit, sql } from '../fragment.ts'
import { ISO_TIME } from './iso-time.ts'
import type { ValueFunctions } from './value-functions.ts'

export const duckdbValues: ValueFunctions = {
  sortKeys: (x, direction) => (direction === 'asc' ? sql`${x} asc nulls last` : sql`${x} desc nulls last`),
  leastOf: (x, when) => sql`min(${x})${filter(when)}`,
  greatestOf: (x, when) => sql`max(${x})${filter(when)}`,
  asTimeElse: (x, then, otherwise) => {
    const text = duckdb.fn.asText(x)
    const isTime = sql`regexp_full_match(${text}, ${lit(ISO_TIME)})`
    return sql`case when ${isTime} then ${then(duckdb.fn.asTimestamp(text))} else ${otherwise} end`
  },
  addMonths: (at, months, timezone) => {
    const zone = lit(timezone)
    const local = sql`(${at} at time zone 'UTC' at time zone ${zone})`
    return sql`((${local} + ${months} * interval '1 month') at time zone ${zone} at time zone 'UTC')`
  },
}

function filter(when: Fragment | undefined): Fragment {
  return when === undefined ? sql`` : sql` filter (where ${when})`
}
