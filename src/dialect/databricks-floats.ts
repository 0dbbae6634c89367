import { type Fragment, sql } from './fragment.ts'

/** One text for equal numbers, to be hashed; null where a number cannot be sent. */
export function floatKey(x: Fragment): Fragment {
  return sql`case when ${x} = 0 then '0' when ${isFiniteNumber(x)} then ${digits12(x)} end`
}

/** As JavaScript prints the number rounded to 12 digits. */
export function floatText(x: Fragment): Fragment {
  const rounded = sql`cast(${digits12(x)} as double)`
  const isPlain = sql`abs(${rounded}) >= 1e-6 and abs(${rounded}) < 1e21`
  const plain = withoutZeros(sql`cast(cast(${digits12(x)} as decimal(38, 17)) as string)`)
  const short = sql`regexp_replace(${digits12(x)}, '[.]?0*e([+-])0*([0-9])', 'e$1$2')`
  return sql`case when ${rounded} = 0 then '0' when not ${isFiniteNumber(x)} then null when ${isPlain} then ${plain} else ${short} end`
}

/** A decimal's text without the zeros at its end. */
export function decimalText(text: Fragment): Fragment {
  return sql`case when contains(${text}, '.') then ${withoutZeros(text)} else ${text} end`
}

function withoutZeros(text: Fragment): Fragment {
  return sql`trim(trailing '.' from trim(trailing '0' from ${text}))`
}

/** `-1.23456789012e+05`. Java rounds the shortest text of a number: a tie of its thirteenth digit goes up. */
function digits12(x: Fragment): Fragment {
  return sql`format_string('%.11e', cast(${x} as double))`
}

/** What is no number is greater than all of them there. */
function isFiniteNumber(x: Fragment): Fragment {
  return sql`abs(cast(${x} as double)) <= 1.7976931348623157e308`
}
