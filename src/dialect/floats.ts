import { type Fragment, lit, sql } from './fragment.ts'

/** The logarithm to the base of ten, which engines write in their own ways. */
type Log10 = (x: Fragment) => Fragment

/** One text for equal numbers, to be hashed; null where a number cannot be sent. */
export function floatKey(x: Fragment, log10: Log10): Fragment {
  const { sign, digits, power } = digitsOfFloat(x, log10)
  const text = sql`${sign} || ${digits} || 'e' || cast(${power} as varchar(20))`
  return sql`case when ${x} = 0 then '0' when ${isFiniteFloat(x)} then ${text} end`
}

/** As JavaScript prints the number rounded to 12 digits. */
export function floatText(x: Fragment, log10: Log10): Fragment {
  const { sign, digits, power } = digitsOfFloat(x, log10)
  const padded = sql`${digits} || repeat('0', ${power} + 1 - length(${digits}))`
  const parted = sql`left(${digits}, ${power} + 1) || '.' || substring(${digits}, ${power} + 2)`
  const below = sql`'0.' || repeat('0', - (${power}) - 1) || ${digits}`
  const mantissa = sql`case when length(${digits}) = 1 then ${digits} else left(${digits}, 1) || '.' || substring(${digits}, 2) end`
  const long = sql`${mantissa} || case when ${power} < 0 then 'e-' else 'e+' end || cast(abs(${power}) as varchar(20))`
  return sql`case when ${x} = 0 then '0' when ${isFiniteFloat(x)} then ${sign} || case
  when ${power} >= 21 or ${power} < -6 then ${long}
  when ${power} < 0 then ${below}
  when length(${digits}) <= ${power} + 1 then ${padded}
  else ${parted} end end`
}

/**
 * For engines that format no number with an exponent, or do not say how they round it: the 12 digits of a float are
 * found by arithmetic. `sign`, and `digits` without trailing zeros, of which the first stands for `power` of ten. For a
 * finite number other than zero.
 */
interface FloatDigits {
  readonly sign: Fragment
  readonly digits: Fragment
  readonly power: Fragment
}

function digitsOfFloat(x: Fragment, log10: Log10): FloatDigits {
  const size = sql`abs(cast(${x} as double precision))`
  const isTiny = sql`${size} < ${SMALLEST_SCALED}`
  const lifted = sql`case when ${isTiny} then ${size} * ${double('1e30')} else ${size} end`
  const power = sql`floor(${log10(lifted)})`
  const whole = sql`cast(cast(round((${lifted}) / power(${double('10')}, ${power}) * ${double('1e11')}) as bigint) as varchar(20))`
  return {
    sign: sql`case when ${x} < 0 then '-' else '' end`,
    digits: sql`rtrim(${whole}, '0')`,
    // Rounding may have carried into a thirteenth digit.
    power: sql`cast(${power} as integer) + length(${whole}) - 12 - case when ${isTiny} then 30 else 0 end`,
  }
}

/** Below it, the power of ten to divide by could not be told from zero. */
const SMALLEST_SCALED = double('1e-290')

/** False for infinite numbers and for what is no number, whether an engine takes that for greater than all or for nothing. */
function isFiniteFloat(x: Fragment): Fragment {
  return sql`abs(cast(${x} as double precision)) <= ${double('1.7976931348623157e308')}`
}

/** A bare number would be a decimal, which has 38 digits. */
function double(text: string): Fragment {
  return sql`cast(${lit(text)} as double precision)`
}
