import type { DialectFunctions } from '../../../dialect/dialect.ts'
import { type Fragment, lit, sql } from '../../../dialect/fragment.ts'
import { DIGITS_OF_OTHER_WRITING } from '../characters.ts'
import { internationalDigits, isWholeNumber } from '../phone.ts'
import { HASH_LENGTH, hashed, type RuleOptions, type Stage, unlessHash, unlessPlain } from './rule.ts'

export const PHONE = hashed('with + and calling code, digits only (E.164)', (fn, options) => [
  ...digits(fn, options),
  (text) => whenWhole(fn, text, sql`'+' || ${text}`),
])

/** Meta asks for the digits alone. */
export const PHONE_WITHOUT_PLUS = hashed(
  'digits only, with calling code, without + and leading zeros',
  (fn, options) => [...digits(fn, options), (text) => whenWhole(fn, text, text)],
)

/** A text as long as a hash is no phone number, and the digits in it shall not be taken for one. */
function digits(fn: DialectFunctions, { defaultCountry }: RuleOptions): readonly Stage[] {
  const country = defaultCountry === undefined ? undefined : { value: defaultCountry, at: undefined }
  const [marked, international] = internationalDigits(fn, country)
  return [
    (text) =>
      unlessHash(
        fn,
        text,
        sql`case when ${fn.length(text)} < ${HASH_LENGTH} then ${marked(asciiDigits(fn, text))} end`,
      ),
    (text) => unlessHash(fn, text, international(text)),
  ]
}

function asciiDigits(fn: DialectFunctions, text: Fragment): Fragment {
  const ascii = '0123456789'.repeat(DIGITS_OF_OTHER_WRITING.length / 10)
  return unlessPlain(fn, text, fn.translate(text, `${DIGITS_OF_OTHER_WRITING}＋`, `${ascii}+`))
}

/** No calling code begins with 0: that is a number as at home with a + put before it, and one cannot say whose. */
function whenWhole(fn: DialectFunctions, text: Fragment, value: Fragment): Fragment {
  return sql`case when ${isWholeNumber(fn, text)} and not ${fn.startsWith(text, lit('0'))} then ${value} end`
}
