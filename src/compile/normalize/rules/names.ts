import type { DialectFunctions } from '../../../dialect/dialect.ts'
import { type Fragment, join, lit, sql } from '../../../dialect/fragment.ts'
import { NO_LETTERS } from '../characters.ts'
import { hashed, plain, type Stage, tidied } from './rule.ts'

/**
 * Meta: names of people and places. Its own code keeps a to z alone, which leaves nothing of 정 and half of Valéry; its
 * guide hashes both whole, so letters of any writing stay, and accents on them.
 */
export const LETTERS_ONLY = hashed(
  'in small letters, without blanks, digits and punctuation; letters of any writing stay',
  (fn) => [(text) => sql`nullif(${lettersOf(fn, text)}, '')`],
)

/** Google. Only with its dot a title is told from a name. */
export const FIRST_NAME_OF_GOOGLE = hashed(
  'in small letters, without blanks around it and without mr., mrs., ms. or dr. before it',
  (fn) => [(text) => sql`nullif(${withoutTitle(fn, text)}, '')`],
)

/** Its own code keeps a comma inside a name; what the API says of names has no punctuation. */
export const LAST_NAME_OF_GOOGLE = hashed(
  'in small letters, without commas, blanks around it and up to three endings such as jr., iii or phd',
  (fn) => [
    ...Array.from({ length: MOST_SUFFIXES }, (): Stage => (text) => withoutSuffix(fn, text)),
    (text) => sql`nullif(${text}, '')`,
  ],
  (fn, text) => fn.trim(sql`replace(replace(${tidied(fn, text)}, ',', ' '), '  ', ' ')`),
)

/** LinkedIn compares names with those on profiles, as people write them. */
export const NAME_AS_WRITTEN = plain('as it stands, without blanks around it', (fn) => [
  (text) => sql`nullif(${tidied(fn, text)}, '')`,
])

/** Each takes a stage of its own, and nobody with four has been heard of. */
const MOST_SUFFIXES = 3

const TITLES = ['mrs.', 'mr.', 'ms.', 'dr.'] as const

/** Behind a blank, so that a name that is nothing else stays, and a hash. */
const SUFFIX = '[ ]((jr|sr)[.]?|2nd|3rd|i{2,3}|iv|vi?|cpa|dc|dds|vm|jd|md|phd)$'

/** Each character that is listed takes its time, and most names are of ASCII. */
function lettersOf(fn: DialectFunctions, text: Fragment): Fragment {
  const ofAscii = NO_LETTERS.replaceAll(/[^ -~]/g, '')
  const isAscii = sql`${fn.byteLength(text)} = ${fn.length(text)}`
  return sql`case when ${isAscii} then ${fn.translate(text, ofAscii, '')} else ${fn.translate(text, NO_LETTERS, '')} end`
}

function withoutTitle(fn: DialectFunctions, text: Fragment): Fragment {
  const after = TITLES.map(
    (title) =>
      sql`when ${fn.startsWith(text, lit(`${title} `))} then ${fn.trim(sql`substring(${text}, ${title.length + 2})`)}`,
  )
  return sql`case when ${text} in (${join(TITLES.map(lit), ', ')}) then '' ${join(after, ' ')} else ${text} end`
}

function withoutSuffix(fn: DialectFunctions, text: Fragment): Fragment {
  const lastWord = fn.splitPart(text, ' ', -1)
  const before = sql`substring(${text}, 1, ${fn.length(text)} - ${fn.length(lastWord)})`
  return sql`case when ${fn.matches(text, lit(SUFFIX))} then ${fn.trim(before)} else ${text} end`
}
