import { type Fragment, lit, sql } from '../fragment.ts'
import { snowflake } from '../snowflake.ts'
import { ISO_TIME } from './iso-time.ts'
import type { ValueFunctions } from './value-functions.ts'

export const snowflakeValues: ValueFunctions = {
  sortKeys: (x, direction) => (direction === 'asc' ? sql`${x} asc nulls last` : sql`${x} desc nulls last`),
  leastOf: (x, when) => sql`min(${among(x, when)})`,
  greatestOf: (x, when) => sql`max(${among(x, when)})`,
  asTimeElse: (x, then, otherwise) => {
    const text = snowflake.fn.asText(x)
    const isTime = snowflake.fn.matches(text, lit(ISO_TIME))
    return sql`case when ${isTime} then ${then(triedTimestamp(text))} else ${otherwise} end`
  },
  // `add_months` would keep a last day a last day; `dateadd` keeps the day, clamped.
  addMonths: (at, months, timezone) => {
    const local = sql`convert_timezone('UTC', ${lit(timezone)}, ${at})`
    return sql`convert_timezone(${lit(timezone)}, 'UTC', dateadd(month, ${months}, ${local}))`
  },
}

/** Snowflake may cast before it asks whether it should. */
function triedTimestamp(text: Fragment): Fragment {
  return sql`cast(convert_timezone('UTC', try_to_timestamp_tz(${text})) as timestamp_ntz(6))`
}

/** Snowflake has no `filter`. */
function among(x: Fragment, when: Fragment | undefined): Fragment {
  return when === undefined ? x : sql`case when ${when} then ${x} end`
}
