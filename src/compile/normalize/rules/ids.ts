import type { DialectFunctions } from '../../../dialect/dialect.ts'
import { type Fragment, lit, sql } from '../../../dialect/fragment.ts'
import { hashed, hashedAsIs, plain, tidied } from './rule.ts'

/** It means something to its owner only, so it stays as it is, but for blanks around it. */
export const OWN_ID = plain('as it stands, without blanks around it', (fn) => [
  (text) => sql`nullif(${fn.trim(text)}, '')`,
])

export const OWN_ID_HASHED = hashedAsIs('as it stands, without blanks around it')

/** Google and LinkedIn. An advertiser's id of Apple has capitals, one of Google has small letters. */
export const MOBILE_ID = plain('as it stands', (fn) => [
  (text) => tidied(fn, text),
  (text) => whenMobileId(fn, text),
])

/** Meta. */
export const MOBILE_ID_IN_SMALL_LETTERS = plain('in small letters', (fn) => [
  (text) => fn.lower(tidied(fn, text)),
  (text) => whenMobileId(fn, text),
])

export const MOBILE_ID_HASHED = hashed('in small letters', (fn) => [(text) => whenMobileId(fn, text)])

/** Of zeros alone is what phones give whose owner does not want to be followed. */
function whenMobileId(fn: DialectFunctions, text: Fragment): Fragment {
  const isOne = fn.matches(text, lit(`^${UUID}$`))
  return sql`case when ${isOne} and ${text} <> '00000000-0000-0000-0000-000000000000' then ${text} end`
}

const HEX = '[0-9a-fA-F]'
const UUID = `${HEX}{8}-${HEX}{4}-${HEX}{4}-${HEX}{4}-${HEX}{12}`
