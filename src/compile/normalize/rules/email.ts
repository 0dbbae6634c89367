import type { DialectFunctions } from '../../../dialect/dialect.ts'
import { type Fragment, lit, sql } from '../../../dialect/fragment.ts'
import { hashed, withoutBlanks } from './rule.ts'

/** Small letters, no blanks around it: what most platforms ask for. A blank inside is a typing error, so nobody's. */
export const EMAIL = hashed('in small letters, without blanks around it', (fn) => [
  (text) => sql`case when ${fn.matches(text, lit(ADDRESS))} then ${text} end`,
])

/** Google. Its own code refuses blanks inside, its guide takes them out, which finds more people. */
export const EMAIL_OF_GOOGLE = hashed(
  'in small letters, without blanks; of gmail.com and googlemail.com also without dots before the @ and without what follows a +',
  (fn) => [
    (text) => {
      const isGmail = sql`${domain(fn, text)} in ('gmail.com', 'googlemail.com')`
      const account = sql`replace(${withoutTag(fn, text)}, '.', '')`
      return sql`case when ${fn.matches(text, lit(GMAIL))} then ${account} || '@' || ${domain(fn, text)}
    when ${fn.matches(text, lit(ADDRESS))} and not ${isGmail} then ${text} end`
    },
  ],
  withoutBlanks,
)

/** Meta. Dots at both ends are no part of an address, and its own code takes them away. */
export const EMAIL_OF_META = hashed('in small letters, without blanks and dots around it', (fn) => [
  (text) => {
    const withoutDots = sql`replace(${fn.trim(sql`replace(${text}, '.', ' ')`)}, ' ', '.')`
    return sql`case when ${fn.matches(text, lit(ADDRESS_WITHIN_DOTS))} then ${withoutDots} end`
  },
])

/** TikTok. Dots stay: only its older pages take them out, and by them two people could be one. */
export const EMAIL_OF_TIKTOK = hashed(
  'in small letters, without blanks, without what follows a + before the @',
  (fn) => [
    (text) =>
      sql`case when ${fn.matches(text, lit(UNTAGGED_ADDRESS))} then ${withoutTag(fn, text)} || '@' || ${domain(fn, text)} end`,
  ],
  withoutBlanks,
)

/** One @ with something on both sides, of which there is still something when dots or tags are gone. */
const ADDRESS = '^[^@ ]+@[^@ ]+$'
const GMAIL = '^[.]*[^.+@ ][^@ ]*@(gmail|googlemail)[.]com$'
const ADDRESS_WITHIN_DOTS = '^[.]*[^.@ ][^@ ]*@[^@ ]*[^.@ ][.]*$'
const UNTAGGED_ADDRESS = '^[^+@ ][^@ ]*@[^@ ]+$'

/** What stands before the @, up to a +. */
function withoutTag(fn: DialectFunctions, text: Fragment): Fragment {
  return fn.splitPart(fn.splitPart(text, '@', 1), '+', 1)
}

function domain(fn: DialectFunctions, text: Fragment): Fragment {
  return fn.splitPart(text, '@', 2)
}
