import { SluiceError } from '../../base/errors.ts'
import { nearestHint } from '../../base/nearest.ts'
import { EMAIL, EMAIL_OF_GOOGLE, EMAIL_OF_META, EMAIL_OF_TIKTOK } from './rules/email.ts'
import { OWN_ID, OWN_ID_HASHED } from './rules/ids.ts'
import { PHONE, PHONE_WITHOUT_PLUS } from './rules/phone.ts'
import type { Rule } from './rules/rule.ts'

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
  'google.email@1': EMAIL_OF_GOOGLE,
  'google.phone@1': PHONE,
  'google.external_id@1': OWN_ID,
  'meta.email@1': EMAIL_OF_META,
  'meta.phone@1': PHONE_WITHOUT_PLUS,
  'meta.external_id@1': OWN_ID_HASHED,
  'tiktok.email@1': EMAIL_OF_TIKTOK,
  'tiktok.phone@1': PHONE,
  'tiktok.external_id@1': OWN_ID_HASHED,
  'pinterest.email@1': EMAIL,
  'microsoft.email@1': EMAIL,
  'microsoft.phone@1': PHONE,
  'microsoft.external_id@1': OWN_ID,
  'linkedin.email@1': EMAIL,
}

const RULESETS: ReadonlyMap<string, Ruleset> = new Map(
  Object.entries(RULES).map(([name, rule]) => [name, { name, ...rule }]),
)
