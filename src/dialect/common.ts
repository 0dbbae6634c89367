import { SluiceError } from '../base/errors.ts'
import type { ColumnDefinition, ColumnTypeNames, TableName } from './dialect.ts'
import {
  EMPTY,
  type Fragment,
  fixedText,
  id,
  join,
  type LiteralValue,
  lit,
  scratch,
  sql,
} from './fragment.ts'

/** A table by its full name; a temporary one by its bare name. */
export function tableId(table: TableName): Fragment {
  return table.schema === undefined ? scratch(table.name) : id(table.schema, table.name)
}

/** `create table` and `add column`, the same on every engine but for the names of types. */
export function tableMakers(types: ColumnTypeNames, addsOnce: Fragment = sql`add column if not exists`) {
  const typed = ({ name, type, default: value }: ColumnDefinition) =>
    sql`${id(name)} ${fixedText(types[type])}${value === undefined ? EMPTY : sql` default ${lit(value)}`}`
  const constrained = (column: ColumnDefinition) =>
    sql`${typed(column)}${column.nullable ? EMPTY : sql` not null`}${column.primaryKey ? sql` primary key` : EMPTY}`
  return {
    create: (table: TableName, columns: readonly ColumnDefinition[]) =>
      sql`create table if not exists ${tableId(table)} (
  ${join(columns.map(constrained), ',\n  ')}
)`,
    createView: (view: TableName, select: Fragment) => sql`create temp view ${tableId(view)} as\n${select}`,
    dropView: (view: TableName) => sql`drop view if exists ${tableId(view)}`,
    addColumn: (table: TableName, column: ColumnDefinition) =>
      sql`alter table ${tableId(table)} ${addsOnce} ${typed(column)}`,
  }
}

/** Names that stand as they are written, and sessions that have temporary tables. */
export const PLAIN_NAMES = {
  stored: (identifier: string) => identifier,
  scratch: quoteIdentifier,
}

/** Standard SQL: in double quotes, a double quote doubled. */
export function quoteIdentifier(identifier: string): string {
  refuseUnprintable(identifier, 'name')
  if (identifier === '')
    throw new SluiceError('SLU9001', { message: 'expected a name of a table or column, found none' })
  return `"${identifier.replaceAll('"', '""')}"`
}

/** Standard SQL: a quote doubled, a backslash is itself. */
export function printLiteral(value: LiteralValue): string {
  if (value === null) return 'null'
  if (typeof value === 'boolean') return value ? 'true' : 'false'
  if (typeof value === 'number') return printNumber(value)
  refuseUnprintable(value, 'text')
  return `'${value.replaceAll("'", "''")}'`
}

/** A moment as a timestamp without zone. Throws when it is no `Instant` nor its form with microseconds. */
export function printTimestamp(iso: string): string {
  const match = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?)Z$/.exec(iso)
  if (match === null)
    throw new SluiceError('SLU9001', {
      message: `expected a moment such as 2026-01-31T08:00:00.000Z, found ${JSON.stringify(iso)}`,
    })
  return `timestamp '${match[1]} ${match[2]}'`
}

/**
 * Texts joined by `||` in a balanced tree: a chain of a thousand would be deeper than engines allow. Null when one
 * is null.
 */
export function concatenated(texts: readonly Fragment[]): Fragment {
  const [first] = texts
  if (first === undefined) return lit('')
  if (texts.length === 1) return first
  const middle = Math.ceil(texts.length / 2)
  return sql`(${concatenated(texts.slice(0, middle))} || ${concatenated(texts.slice(middle))})`
}

/** `{"a":..,"b":..}` of JSON texts. */
export function jsonObjectText(entries: readonly (readonly [key: string, jsonText: Fragment])[]): Fragment {
  if (entries.length === 0) return lit('{}')
  const pieces = entries.flatMap(([key, value], index) => [
    lit(`${index === 0 ? '{' : ','}${JSON.stringify(key)}:`),
    value,
  ])
  return concatenated([...pieces, lit('}')])
}

/** A call of a function that has the same name and meaning on every engine of ours. */
export function call(functionName: string, ...values: readonly Fragment[]): Fragment {
  return sql`${fixedText(functionName)}(${join(values, ', ')})`
}

/** The largest whole number that every JSON reader keeps. */
const LARGEST_JSON_NUMBER = 9_007_199_254_740_992

/**
 * JSON of a number given as text: a number up to 2^53, a string beyond; null stays null. `tried` makes null of a
 * comparison that fails: one of DuckDB's widest type, unsigned, with a number below zero.
 */
export function jsonNumberOrText(
  x: Fragment,
  text: Fragment,
  tried: (comparison: Fragment) => Fragment = (comparison) => comparison,
): Fragment {
  const fits = tried(sql`${x} between ${-LARGEST_JSON_NUMBER} and ${LARGEST_JSON_NUMBER}`)
  return sql`case when ${fits} then ${text} else ('"' || ${text} || '"') end`
}

/**
 * The text of a finite float from its 12 digits (`-1.25000000000e+030`), as JavaScript prints the rounded number:
 * `plain`, its digits written out, in the middle of the range, else with an exponent.
 */
export function floatText(digits: Fragment, rounded: Fragment, plain: Fragment): Fragment {
  const size = sql`abs(${rounded})`
  const short = sql`regexp_replace(${digits}, '[.]?0*e([+-])0*([0-9])', ${lit('e\\1\\2')})`
  const isPlain = sql`${size} >= 1e-6 and ${size} < 1e21`
  return sql`case when ${rounded} = 0 then '0' when ${isPlain} then ${plain} else ${short} end`
}

function printNumber(value: number): string {
  if (!Number.isFinite(value))
    throw new SluiceError('SLU9001', { message: `expected a finite number in SQL, found ${value}` })
  if (Object.is(value, -0)) return '0'
  return value < 0 ? `(${value})` : String(value)
}

/** What no text or name of SQL holds. Throws SLU3014. */
export function refuseUnprintable(text: string, what: string): void {
  if (text.includes('\0'))
    throw new SluiceError('SLU3014', {
      message: `expected a ${what} that SQL can hold, found one with the character U+0000`,
    })
  if (!text.isWellFormed())
    throw new SluiceError('SLU3014', {
      message: `expected a ${what} of whole Unicode characters, found half of a surrogate pair`,
    })
}
