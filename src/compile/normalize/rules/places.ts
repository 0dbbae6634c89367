import { lit, sql } from '../../../dialect/fragment.ts'
import { hashed, plain, tidied } from './rule.ts'

/** Google and LinkedIn compare places as they are. */
export const COUNTRY = plain('ISO 3166 code of two letters, in capitals', (fn) => [
  (text) => fn.upper(tidied(fn, text)),
  (text) => sql`case when ${fn.matches(text, lit('^[A-Z]{2}$'))} then ${text} end`,
])

export const COUNTRY_OF_META = hashed('ISO 3166 code of two letters, in small letters', (fn) => [
  (text) => sql`case when ${fn.matches(text, lit('^[a-z]{2}$'))} then ${text} end`,
])

export const ZIP = plain('as it stands, without blanks around it', (fn) => [
  (text) => sql`nullif(${tidied(fn, text)}, '')`,
])

/** Its own code cuts at the dash, wherever the code is from; its guide says so of the United States alone. */
export const ZIP_OF_META = hashed('in small letters, without blanks, up to the first -', (fn) => [
  (text) => sql`nullif(${fn.splitPart(sql`replace(${text}, ' ', '')`, '-', 1)}, '')`,
])
