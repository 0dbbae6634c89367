import type { ColumnType, Dialect } from '../../dialect/dialect.ts'
import { type Fragment, lit, sql } from '../../dialect/fragment.ts'

/**
 * What a person may see of a value, computed in the warehouse: the value itself never reaches Node. Text shows
 * its first character (`j***`), an address its shape (`j***@e***.com`); numbers, dates and booleans say too
 * little about one person to hide. Text of one or two characters would be told by its first: it shows as `***`.
 *
 * Null: stays null, so that a missing value is seen as missing. Empty text stays empty.
 */
export function masked(value: Fragment, type: ColumnType, dialect: Dialect): Fragment {
  if (!HIDDEN.includes(type)) return value
  const text = dialect.fn.asText(value)
  const email = dialect.fn.matches(text, lit('^[^@]+@[^@]+[.][^@.]+$'))
  return sql`case when ${value} is null then null
    when ${text} = '' then ''
    when ${email} then ${emailShape(text, dialect)}
    when length(${text}) <= ${TOLD_BY_FIRST} then '***'
    else ${firstOf(text)} || '***' end`
}

/** Anything that is not one of our scalar types is taken as text, so it is hidden as text. */
const HIDDEN: readonly ColumnType[] = ['text', 'json', 'other']

/** `M`, `FR`: codes this short are whole answers. */
const TOLD_BY_FIRST = 2

function emailShape(text: Fragment, dialect: Dialect): Fragment {
  const host = dialect.fn.splitPart(text, '@', 2)
  const ending = dialect.fn.splitPart(host, '.', -1)
  return sql`${firstOf(text)} || '***@' || ${firstOf(host)} || '***.' || ${ending}`
}

function firstOf(text: Fragment): Fragment {
  return sql`substring(${text}, 1, 1)`
}
