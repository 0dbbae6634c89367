import type { DialectFunctions } from '../../../dialect/dialect.ts'
import { type Fragment, lit, sql } from '../../../dialect/fragment.ts'
import { hashed } from './rule.ts'

/** Small letters, no blanks around it: what most platforms ask for. A blank inside is a typing error, so nobody's. */
export const EMAIL = hashed('in small letters, without blanks around it', (fn) => [
  (text) => whenEmail(fn, text, text),
])

/** Google. Its own code refuses blanks inside, its guide takes them out, which finds more people. */
export const EMAIL_OF_GOOGLE = hashed(
  'in small letters, without blanks; of gmail.com and googlemail.com also without dots before the @ and without what follows a +',
  (fn) => [
    (text) => sql`replace(${text}, ' ', '')`,
    (text) =>
      whenEmail(fn, text, sql`case when ${isGmail(fn, text)} then ${gmail(fn, text)} else ${text} end`),
    // Nothing may be left before the @.
    (text) => whenEmail(fn, text, text),
  ],
)

/** Meta. Dots at both ends are no part of an address, and its own code takes them away. */
export const EMAIL_OF_META = hashed('in small letters, without blanks and dots around it', (fn) => [
  (text) => whenEmail(fn, text, sql`replace(${fn.trim(sql`replace(${text}, '.', ' ')`)}, ' ', '.')`),
  (text) => whenEmail(fn, text, text),
])

/** TikTok. Dots stay: only its older pages take them out, and by them two people could be one. */
export const EMAIL_OF_TIKTOK = hashed(
  'in small letters, without blanks, without what follows a + before the @',
  (fn) => [
    (text) => sql`replace(${text}, ' ', '')`,
    (text) =>
      whenEmail(fn, text, sql`${fn.splitPart(local(fn, text), '+', 1)} || '@' || ${domain(fn, text)}`),
    (text) => whenEmail(fn, text, text),
  ],
)

/** Null where it is not one @ with something on both sides. */
function whenEmail(fn: DialectFunctions, text: Fragment, value: Fragment): Fragment {
  return sql`case when ${fn.matches(text, lit('^[^@ ]+@[^@ ]+$'))} then ${value} end`
}

function isGmail(fn: DialectFunctions, text: Fragment): Fragment {
  return sql`${domain(fn, text)} in ('gmail.com', 'googlemail.com')`
}

function gmail(fn: DialectFunctions, text: Fragment): Fragment {
  return sql`replace(${fn.splitPart(local(fn, text), '+', 1)}, '.', '') || '@' || ${domain(fn, text)}`
}

function local(fn: DialectFunctions, text: Fragment): Fragment {
  return fn.splitPart(text, '@', 1)
}

function domain(fn: DialectFunctions, text: Fragment): Fragment {
  return fn.splitPart(text, '@', 2)
}
