import { databricks } from '../databricks.ts'
import { timeOfText } from '../databricks-times.ts'
import { type Fragment, lit, sql } from '../fragment.ts'
import { ISO_TIME } from './iso-time.ts'
import type { ValueFunctions } from './value-functions.ts'

export const databricksValues: ValueFunctions = {
  sortKeys: (x, direction) => (direction === 'asc' ? sql`${x} asc nulls last` : sql`${x} desc nulls last`),
  leastOf: (x, when) => sql`min(${x})${filter(when)}`,
  greatestOf: (x, when) => sql`max(${x})${filter(when)}`,
  asTimeElse: (x, then, otherwise) => {
    const text = utcText(x)
    const isTime = databricks.fn.matches(text, lit(ISO_TIME))
    return sql`case when ${isTime} then ${then(timeOfText(text))} else ${otherwise} end`
  },
  addMonths: (at, months, timezone) => {
    const local = sql`convert_timezone('UTC', ${lit(timezone)}, ${at})`
    return sql`convert_timezone(${lit(timezone)}, 'UTC', (${local} + make_ym_interval(0, ${months})))`
  },
}

/**
 * No cast to a time takes a boolean, so that every value goes by way of its text; an instant's is in the zone of the SQL
 * warehouse, in which one hour a year is there twice.
 */
function utcText(x: Fragment): Fragment {
  const text = databricks.fn.asText(x)
  const utc = sql`convert_timezone(current_timezone(), 'UTC', cast(${text} as timestamp_ntz))`
  return sql`case when typeof(${x}) = 'timestamp' then cast(${utc} as string) else ${text} end`
}

function filter(when: Fragment | undefined): Fragment {
  return when === undefined ? sql`` : sql` filter (where ${when})`
}
