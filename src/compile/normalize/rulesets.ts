import { SluiceError } from '../../base/errors.ts'
import { nearestHint } from '../../base/nearest.ts'
import { EMAIL, EMAIL_OF_GOOGLE, EMAIL_OF_META, EMAIL_OF_TIKTOK } from './rules/email.ts'
import {
  MOBILE_ID,
  MOBILE_ID_HASHED,
  MOBILE_ID_IN_SMALL_LETTERS,
  OWN_ID,
  OWN_ID_HASHED,
} from './rules/ids.ts'
import { FIRST_NAME_OF_GOOGLE, LAST_NAME_OF_GOOGLE, LETTERS_ONLY, NAME_AS_WRITTEN } from './rules/names.ts'
import { PHONE, PHONE_WITHOUT_PLUS } from './rules/phone.ts'
import { COUNTRY, COUNTRY_OF_META, ZIP, ZIP_OF_META } from './rules/places.ts'
import type { Rule } from './rules/rule.ts'
import { BIRTH_DATE, BIRTH_DAY, BIRTH_MONTH, BIRTH_YEAR, GENDER } from './rules/traits.ts'

/** How values of one kind go to one platform. What it gives for a value changes only with its version. */
export interface Ruleset extends Rule {
  /** `meta.email@1` */
  readonly name: string
}

/** Throws: SLU9001 when there is none of that name. */
export function rulesetOf(name: string): Ruleset {
  const ruleset = RULESETS.get(name)
  if (ruleset !== undefined) return ruleset
  throw new SluiceError('SLU9001', {
    message: `expected a ruleset of src/compile/normalize, found "${name}"`,
    hint: nearestHint(name, RULESETS.keys()),
  })
}

/**
 * A ruleset that is here stays as it is: hashes by it are in snapshots and at platforms. One that is to give something
 * else is another, with the next version, beside the old one (docs/hashing.md).
 */
const RULES: Readonly<Record<string, Rule>> = {
  // City and state are for its Analytics only, and none of our destinations is that.
  'google.email@1': EMAIL_OF_GOOGLE,
  'google.phone@1': PHONE,
  'google.first_name@1': FIRST_NAME_OF_GOOGLE,
  'google.last_name@1': LAST_NAME_OF_GOOGLE,
  'google.zip@1': ZIP,
  'google.country@1': COUNTRY,
  'google.mobile_id@1': MOBILE_ID,
  'google.external_id@1': OWN_ID,
  'meta.email@1': EMAIL_OF_META,
  'meta.phone@1': PHONE_WITHOUT_PLUS,
  'meta.first_name@1': LETTERS_ONLY,
  'meta.last_name@1': LETTERS_ONLY,
  'meta.city@1': LETTERS_ONLY,
  'meta.state@1': LETTERS_ONLY,
  'meta.zip@1': ZIP_OF_META,
  'meta.country@1': COUNTRY_OF_META,
  'meta.birth_date@1': BIRTH_DATE,
  'meta.birth_year@1': BIRTH_YEAR,
  'meta.birth_month@1': BIRTH_MONTH,
  'meta.birth_day@1': BIRTH_DAY,
  'meta.gender@1': GENDER,
  'meta.mobile_id@1': MOBILE_ID_IN_SMALL_LETTERS,
  'meta.external_id@1': OWN_ID_HASHED,
  'tiktok.email@1': EMAIL_OF_TIKTOK,
  'tiktok.phone@1': PHONE,
  'tiktok.mobile_id@1': MOBILE_ID_HASHED,
  'tiktok.external_id@1': OWN_ID_HASHED,
  'pinterest.email@1': EMAIL,
  'pinterest.mobile_id@1': MOBILE_ID_HASHED,
  'microsoft.email@1': EMAIL,
  'microsoft.phone@1': PHONE,
  'microsoft.external_id@1': OWN_ID,
  'linkedin.email@1': EMAIL,
  'linkedin.first_name@1': NAME_AS_WRITTEN,
  'linkedin.last_name@1': NAME_AS_WRITTEN,
  'linkedin.country@1': COUNTRY,
  'linkedin.mobile_id@1': MOBILE_ID,
}

/** All of them, by name. */
export const RULESETS: ReadonlyMap<string, Ruleset> = new Map(
  Object.entries(RULES).map(([name, rule]) => [name, { name, ...rule }]),
)
