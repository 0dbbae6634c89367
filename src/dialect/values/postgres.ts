import { type Fragment, lit, sql } from '../fragment.ts'
import { postgres } from '../postgres.ts'
import { ISO_TIME } from './iso-time.ts'
import type { ValueFunctions } from './value-functions.ts'

export const postgresValues: ValueFunctions = {
  sortKeys,
  leastOf: (x, when) => firstOf(x, sortKeys(x, 'asc'), when),
  greatestOf: (x, when) => firstOf(x, sortKeys(x, 'desc'), when),
  asTimeElse: (x, then, otherwise) => {
    const text = postgres.fn.asText(x)
    const isTime = sql`${text} ~ ${lit(ISO_TIME)}`
    return sql`case when ${isTime} then ${then(postgres.fn.asTimestamp(text))} else ${otherwise} end`
  },
  addMonths: (at, months, timezone) => {
    const zone = lit(timezone)
    const local = sql`(${at} at time zone 'UTC' at time zone ${zone})`
    return sql`((${local} + ${months} * interval '1 month') at time zone ${zone} at time zone 'UTC')`
  },
}

/** Only texts have a collation, so texts are ordered by a key of their own, which is null for all other values. */
function sortKeys(x: Fragment, direction: 'asc' | 'desc'): Fragment {
  const text = sql`case when pg_typeof(${x}) in ('text', 'varchar', 'bpchar') then cast(${x} as text) end collate "C"`
  return direction === 'asc'
    ? sql`${text} asc nulls last, ${x} asc nulls last`
    : sql`${text} desc nulls last, ${x} desc nulls last`
}

/** `min` and `max` know neither booleans nor an order by bytes that other types would take too. */
function firstOf(x: Fragment, order: Fragment, when: Fragment | undefined): Fragment {
  const kept = when === undefined ? sql`${x} is not null` : sql`${x} is not null and ${when}`
  return sql`(array_agg(${x} order by ${order}) filter (where ${kept}))[1]`
}
