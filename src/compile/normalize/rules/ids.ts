import type { DialectFunctions } from '../../../dialect/dialect.ts'
import { type Fragment, lit, sql } from '../../../dialect/fragment.ts'
import { hashed, isHash, plain, type Rule, tidied } from './rule.ts'

/** It means something to its owner only, so it stays as it is, but for blanks around it and what exports of tables leave. */
export const OWN_ID = plain('as it stands, without blanks around it', (fn) => [
  (text) => sql`nullif(${ownId(fn, text)}, '')`,
])

/** Capitals may matter, but not in a hash. */
export const OWN_ID_HASHED: Rule = {
  isHashed: true,
  says: 'as it stands, without blanks around it',
  stages: (fn) => [
    (text) => ownId(fn, text),
    (text) =>
      sql`case when ${isHash(fn, fn.lower(text))} then ${fn.lower(text)} else ${fn.sha256Hex(sql`nullif(${text}, '')`)} end`,
  ],
}

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

function ownId(fn: DialectFunctions, text: Fragment): Fragment {
  return fn.trim(fn.translate(text, BYTE_ORDER_MARK, ''))
}

const BYTE_ORDER_MARK = '\ufeff'

/** Of zeros alone is what phones give whose owner does not want to be followed. */
function whenMobileId(fn: DialectFunctions, text: Fragment): Fragment {
  const isOne = fn.matches(text, lit(`^${UUID}$`))
  return sql`case when ${isOne} and ${text} <> '00000000-0000-0000-0000-000000000000' then ${text} end`
}

const HEX = '[0-9a-fA-F]'
const UUID = `${HEX}{8}-${HEX}{4}-${HEX}{4}-${HEX}{4}-${HEX}{12}`
