import type { DialectFunctions } from '../../dialect/dialect.ts'
import { type Fragment, sql } from '../../dialect/fragment.ts'
import type { IdentifierRule } from '../../spec/project.ts'
import { internationalDigits, isWholeNumber } from '../normalize/phone.ts'
import { normalizeText } from '../normalize/text.ts'

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
      return [...internationalDigits(fn, rule.defaultCountry), (digits) => e164(fn, digits)]
  }
}

/** All of it on one value, for a literal of the project. */
export function normalized(normalizer: Normalizer, text: Fragment): Fragment {
  return normalizer.reduce((value, stage) => stage(value), text)
}

/** Design section 2, "Records and identifiers". */
function e164(fn: DialectFunctions, digits: Fragment): Fragment {
  return sql`case when ${isWholeNumber(fn, digits)} then '+' || ${digits} end`
}
