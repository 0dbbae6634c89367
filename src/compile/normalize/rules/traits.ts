import type { DialectFunctions } from '../../../dialect/dialect.ts'
import { type Fragment, lit, sql } from '../../../dialect/fragment.ts'
import { hashed } from './rule.ts'

/** Meta's, for events. */
export const BIRTH_DATE = hashed('YYYYMMDD, of an ISO date or time', (fn) => [
  (text) => digitsOfDate(fn, text, DATE, 1, 8),
])

/** Meta's audiences have a column for each part. Of many people the year is all that is known. */
export const BIRTH_YEAR = hashed('YYYY, of an ISO date or time, or of a year', (fn) => [
  (text) => digitsOfDate(fn, text, `${DATE}|${YEAR}`, 1, 4),
])

export const BIRTH_MONTH = hashed('MM, of an ISO date or time', (fn) => [
  (text) => digitsOfDate(fn, text, DATE, 5, 2),
])

export const BIRTH_DAY = hashed('DD, of an ISO date or time', (fn) => [
  (text) => digitsOfDate(fn, text, DATE, 7, 2),
])

export const GENDER = hashed('m or f; male, man, female and woman too', () => [
  (text) =>
    sql`case when ${text} in ('m', 'male', 'man') then 'm' when ${text} in ('f', 'female', 'woman') then 'f' end`,
])

const YEAR = '^(19|20)[0-9]{2}$'

/** A time of the day may follow. Where a date is written in another order, days and months are taken for each other. */
const DATE = '^(19|20)[0-9]{2}[-/.]?(0[1-9]|1[0-2])[-/.]?(0[1-9]|[12][0-9]|3[01])([t ].*)?$'

function digitsOfDate(fn: DialectFunctions, text: Fragment, pattern: string, from: number, count: number) {
  const digits = sql`substring(${fn.digitsOf(text)}, ${from}, ${count})`
  return sql`case when ${fn.matches(text, lit(pattern))} then ${digits} end`
}
