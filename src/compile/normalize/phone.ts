import { SluiceError } from '../../base/errors.ts'
import { nearestHint } from '../../base/nearest.ts'
import type { Position } from '../../base/position.ts'
import type { DialectFunctions } from '../../dialect/dialect.ts'
import { type Fragment, lit, sql } from '../../dialect/fragment.ts'
import { CALLING_CODES, KEEPS_LEADING_ZERO } from './calling-codes.ts'

/** ISO 3166, and where the project says it. */
interface Country {
  readonly value: string
  readonly at: Position | undefined
}

/**
 * The digits of a phone number from its calling code on, to be applied one after the other, with a column between.
 * `defaultCountry` is that of numbers written as at home, and without it those are null: they could be anyone's.
 * Throws: SLU4201 when it is no country with a calling code.
 */
export function internationalDigits(
  fn: DialectFunctions,
  defaultCountry: Country | undefined,
): readonly [marked: (text: Fragment) => Fragment, international: (digits: Fragment) => Fragment] {
  const marked = (text: Fragment) =>
    sql`case when ${fn.matches(text, lit('^[^0-9]*[+]'))} then '+' else '' end || ${fn.digitsOf(text)}`
  const international = (digits: Fragment) =>
    sql`case when ${fn.startsWith(digits, lit('+'))} then substring(${digits}, 2)
    when ${fn.startsWith(digits, lit('00'))} then substring(${digits}, 3)
    else ${national(defaultCountry, digits, fn)} end`
  return [marked, international]
}

/** As many digits as a number of E.164 has. */
export function isWholeNumber(fn: DialectFunctions, digits: Fragment): Fragment {
  return sql`${fn.length(digits)} between ${FEWEST_DIGITS} and ${MOST_DIGITS}`
}

const FEWEST_DIGITS = 8
const MOST_DIGITS = 15

function national(defaultCountry: Country | undefined, digits: Fragment, fn: DialectFunctions): Fragment {
  if (defaultCountry === undefined) return lit(null)
  const code = callingCodeOf(defaultCountry)
  if (KEEPS_LEADING_ZERO.has(defaultCountry.value)) return sql`${lit(code)} || ${digits}`
  return sql`${lit(code)} || case when ${fn.startsWith(digits, lit('0'))} then substring(${digits}, 2) else ${digits} end`
}

/** Throws: SLU4201 when it has none. */
export function callingCodeOf({ value, at }: Country): string {
  const code = CALLING_CODES.get(value)
  if (code !== undefined) return code
  throw new SluiceError('SLU4201', {
    message: `expected an ISO 3166 country with a calling code, found "${value}"`,
    at,
    hint: value === 'UK' ? 'did you mean "GB"?' : nearestHint(value, CALLING_CODES.keys()),
  })
}
