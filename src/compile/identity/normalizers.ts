import { SluiceError } from '../../base/errors.ts'
import { nearestHint } from '../../base/nearest.ts'
import type { DialectFunctions } from '../../dialect/dialect.ts'
import { type Fragment, lit, sql } from '../../dialect/fragment.ts'
import type { IdentifierRule } from '../../spec/project.ts'
import { normalizeText } from '../normalize/text.ts'
import { CALLING_CODES, KEEPS_LEADING_ZERO } from './calling-codes.ts'

/**
 * What makes the values of one type comparable, as functions to be applied one after the other: each prints its
 * argument more than once, so between two of them stands a column. The last one gives null for what is absent.
 */
export type Normalizer = readonly ((text: Fragment) => Fragment)[]

/** Throws: SLU4201 when `default_country` is no country with a calling code. */
export function normalizerOf(rule: IdentifierRule, fn: DialectFunctions): Normalizer {
  switch (rule.normalize) {
    case 'none':
    case 'email':
    case 'text': {
      const kind = rule.normalize
      return [(text) => normalizeText(fn, kind, text)]
    }
    case 'phone':
      return phone(rule, fn)
  }
}

/** All of it on one value, for a literal of the project. */
export function normalized(normalizer: Normalizer, text: Fragment): Fragment {
  return normalizer.reduce((value, stage) => stage(value), text)
}

/** E.164 (design section 2, "Records and identifiers"). */
function phone(rule: IdentifierRule, fn: DialectFunctions): Normalizer {
  const marked = (text: Fragment) =>
    sql`case when ${fn.matches(text, lit('^[^0-9]*[+]'))} then '+' else '' end || ${fn.digitsOf(text)}`
  const international = (digits: Fragment) =>
    sql`case when ${fn.startsWith(digits, lit('+'))} then substring(${digits}, 2)
    when ${fn.startsWith(digits, lit('00'))} then substring(${digits}, 3)
    else ${national(rule, digits, fn)} end`
  const whole = (digits: Fragment) =>
    sql`case when ${fn.length(digits)} between ${FEWEST_DIGITS} and ${MOST_DIGITS} then '+' || ${digits} end`
  return [marked, international, whole]
}

const FEWEST_DIGITS = 8
const MOST_DIGITS = 15

/** Without a country a national number says nothing: it could be anyone's. */
function national(rule: IdentifierRule, digits: Fragment, fn: DialectFunctions): Fragment {
  const { defaultCountry } = rule
  if (defaultCountry === undefined) return lit(null)
  const code = CALLING_CODES.get(defaultCountry.value)
  if (code === undefined)
    throw new SluiceError('SLU4201', {
      message: `expected an ISO 3166 country with a calling code, found "${defaultCountry.value}"`,
      at: defaultCountry.at,
      hint:
        defaultCountry.value === 'UK'
          ? 'did you mean "GB"?'
          : nearestHint(defaultCountry.value, CALLING_CODES.keys()),
    })
  if (KEEPS_LEADING_ZERO.has(defaultCountry.value)) return sql`${lit(code)} || ${digits}`
  return sql`${lit(code)} || case when ${fn.startsWith(digits, lit('0'))} then substring(${digits}, 2) else ${digits} end`
}
