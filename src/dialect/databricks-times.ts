import { type Fragment, lit, sql } from './fragment.ts'

/**
 * Times without a zone, in UTC. A TIMESTAMP of Databricks is an instant that is shown and cast in the zone of the SQL
 * warehouse, which is UTC unless its administrator chose another, and which no request can set: instants go by way of
 * their microseconds.
 */
export function utcOf(instant: Fragment): Fragment {
  const seconds = sql`cast(cast(unix_micros(${instant}) as decimal(20, 0)) * 0.000001 as decimal(18, 6))`
  return sql`(cast('1970-01-01 00:00:00' as timestamp_ntz) + make_dt_interval(0, 0, 0, ${seconds}))`
}

/** What `typeof` says is known before any row is read. */
export function asTimestamp(x: Fragment): Fragment {
  const text = sql`cast(${x} as string)`
  const isZonedText = sql`typeof(${x}) like 'string%' and ${namesZone(text)}`
  return sql`case when typeof(${x}) = 'timestamp' or ${isZonedText} then ${utcOf(sql`cast(${x} as timestamp)`)} else cast(${x} as timestamp_ntz) end`
}

export function timeOfText(text: Fragment): Fragment {
  return sql`case when ${namesZone(text)} then ${utcOf(sql`cast(${text} as timestamp)`)} else cast(${text} as timestamp_ntz) end`
}

/** A column of times, with a zone or without. */
export function timeInUtc(x: Fragment): Fragment {
  return sql`case when typeof(${x}) = 'timestamp' then ${utcOf(sql`cast(${x} as timestamp)`)} else cast(${x} as timestamp_ntz) end`
}

/** `2026-01-31T08:00:00.123Z`; a time is printed with as many digits after the second as it has. */
export function timeText(utc: Fragment): Fragment {
  const text = sql`cast(${utc} as string)`
  const time = sql`split_part(${text}, ' ', 2)`
  return sql`(split_part(${text}, ' ', 1) || 'T' || left(${time}, 8) || '.' || rpad(substr(${time}, 10, 3), 3, '0') || 'Z')`
}

/** A zone is what follows the minutes and is no digit; without one, a text is in UTC. */
function namesZone(text: Fragment): Fragment {
  return sql`${text} rlike ${lit(':[0-9.]+ ?[A-Za-z+-]')}`
}
