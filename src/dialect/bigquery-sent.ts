import { call, concatenated, floatText, jsonNumberOrText } from './common.ts'
import type { ColumnType } from './dialect.ts'
import { type Fragment, lit, sql } from './fragment.ts'

/** See `DialectFunctions.canonical`. */
export function canonical(x: Fragment, type: ColumnType): Fragment {
  switch (type) {
    case 'float':
      return sql`case when ${isFiniteNumber(x)} then ${digits12(x)} end`
    case 'timestamp':
      return sql`timestamp_trunc(${asTimestamp(x)}, millisecond)`
    case 'boolean':
    case 'integer':
    case 'decimal':
    case 'date':
      return x
    case 'text':
    case 'json':
    case 'other':
      return canonicalText(x, type)
  }
}

/** See `DialectFunctions.exact`. */
export function exact(x: Fragment, type: ColumnType): readonly Fragment[] {
  return [type === 'json' || type === 'other' ? canonicalText(x, type) : x]
}

/** See `DialectFunctions.canonicalText`. */
export function canonicalText(x: Fragment, type: ColumnType): Fragment {
  switch (type) {
    case 'float':
      return sql`case when ${isFiniteNumber(x)} then ${floatDigits(x)} end`
    case 'timestamp':
      return sql`format_timestamp('%E4Y-%m-%dT%H:%M:%E3SZ', ${asTimestamp(x)}, 'UTC')`
    case 'date':
      return sql`format_date('%E4Y-%m-%d', ${x})`
    case 'json':
      return sql`case when ${x} is not null then to_json_string(${x}) end`
    // A time, bytes or an interval is a text of JSON, whose quotes are taken off; a list or a record stays JSON.
    case 'other':
      return sql`case when ${x} is not null then coalesce(json_value(to_json_string(${x}), '$'), to_json_string(${x})) end`
    // The type's own text of a decimal has no trailing zeros.
    case 'decimal':
    case 'boolean':
    case 'integer':
    case 'text':
      return sql`cast(${x} as string)`
  }
}

/** See `DialectFunctions.jsonValue`. */
export function jsonValue(x: Fragment, type: ColumnType): Fragment {
  return sql`coalesce(${jsonText(x, type)}, 'null')`
}

/** Dates and times without a zone are in UTC, and a text may name its own. */
export function asTimestamp(x: Fragment): Fragment {
  return sql`cast(${x} as timestamp)`
}

function jsonText(x: Fragment, type: ColumnType): Fragment {
  const text = canonicalText(x, type)
  switch (type) {
    case 'boolean':
    case 'float':
    case 'json':
      return text
    case 'integer':
    case 'decimal':
      return jsonNumberOrText(x, text)
    case 'timestamp':
    case 'date':
      return concatenated([lit('"'), text, lit('"')])
    case 'text':
    case 'other':
      return jsonString(text)
  }
}

/**
 * What JavaScript escapes, and as it does. `to_json_string` escapes line separators (U+2028, U+2029) too, so that it is
 * left to texts with a control character, which are few.
 */
function jsonString(text: Fragment): Fragment {
  const escaped = [
    ['\\', '\\\\'],
    ['"', '\\"'],
  ].reduce((inner, [from = '', to = '']) => call('replace', inner, lit(from), lit(to)), text)
  const hasControl = sql`regexp_contains(${text}, ${lit('[\\x00-\\x1f]')})`
  return sql`case when ${hasControl} then to_json_string(${text}) else ('"' || ${escaped} || '"') end`
}

/** `-1.23456789012e+05`, correctly rounded; `+ 0` takes the sign of a zero away. */
function digits12(x: Fragment): Fragment {
  return sql`format('%.11e', cast(${x} as float64) + 0)`
}

function floatDigits(x: Fragment): Fragment {
  const digits = digits12(x)
  // Where it does not fit it is not asked for, but may be computed.
  const plain = sql`cast(safe_cast(${digits} as bignumeric) as string)`
  return floatText(digits, sql`cast(${digits} as float64)`, plain)
}

function isFiniteNumber(x: Fragment): Fragment {
  return sql`abs(cast(${x} as float64)) <= 1.7976931348623157e308`
}
