import type { DialectFunctions } from '../../../dialect/dialect.ts'
import { type Fragment, lit, sql } from '../../../dialect/fragment.ts'
import { internationalDigits, isWholeNumber } from '../phone.ts'
import { hashed, type RuleOptions, type Stage } from './rule.ts'

export const PHONE = hashed('with + and calling code, digits only (E.164)', (fn, options) => [
  ...digits(fn, options),
  (text) => whenWhole(fn, text, sql`'+' || ${text}`),
])

/** Meta asks for the digits alone. */
export const PHONE_WITHOUT_PLUS = hashed(
  'digits only, with calling code, without + and leading zeros',
  (fn, options) => [...digits(fn, options), (text) => whenWhole(fn, text, text)],
)

function digits(fn: DialectFunctions, { defaultCountry }: RuleOptions): readonly Stage[] {
  const country = defaultCountry === undefined ? undefined : { value: defaultCountry, at: undefined }
  return internationalDigits(fn, country)
}

/** No calling code begins with 0: that is a number as at home with a + put before it, and one cannot say whose. */
function whenWhole(fn: DialectFunctions, text: Fragment, value: Fragment): Fragment {
  return sql`case when ${isWholeNumber(fn, text)} and not ${fn.startsWith(text, lit('0'))} then ${value} end`
}
