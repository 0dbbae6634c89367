import { bigquery } from '../bigquery.ts'
import { type Fragment, lit, sql } from '../fragment.ts'
import { ISO_TIME } from './iso-time.ts'
import type { ValueFunctions } from './value-functions.ts'

export const bigqueryValues: ValueFunctions = {
  sortKeys: (x, direction) => (direction === 'asc' ? sql`${x} asc nulls last` : sql`${x} desc nulls last`),
  leastOf: (x, when) => sql`min(${among(x, when)})`,
  greatestOf: (x, when) => sql`max(${among(x, when)})`,
  asTimeElse: (x, then, otherwise) => {
    const text = bigquery.fn.asText(x)
    const isTime = bigquery.fn.matches(text, lit(ISO_TIME))
    // Tried, because a `case` does not keep what it does not take from being computed.
    return sql`case when ${isTime} then ${then(sql`safe_cast(${text} as timestamp)`)} else ${otherwise} end`
  },
  // Of a timestamp no months are added; of a local time they are, clamped.
  addMonths: (at, months, timezone) => {
    const zone = lit(timezone)
    return sql`timestamp(datetime_add(datetime(${at}, ${zone}), interval ${months} month), ${zone})`
  },
}

function among(x: Fragment, when: Fragment | undefined): Fragment {
  return when === undefined ? x : sql`case when ${when} then ${x} end`
}
