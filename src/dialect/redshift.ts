import { SluiceError } from '../base/errors.ts'
import {
  call,
  concatenated,
  jsonNumberOrText,
  jsonObjectText,
  PLAIN_NAMES,
  printLiteral,
  printTimestamp,
  quoteIdentifier,
  tableId,
  tableMakers,
} from './common.ts'
import type { ColumnType, ColumnTypeNames, Dialect, DialectFunctions } from './dialect.ts'
import { floatKey, floatText } from './floats.ts'
import { EMPTY, type Fragment, fixedText, id, join, lit, literalText, sql } from './fragment.ts'
import { InlineQueryCompiler } from './inline-compiler.ts'
import { jsonString } from './json-string.ts'
import { perlPatternOf } from './pattern/redshift-pattern.ts'
import { redshiftCatalog } from './redshift-catalog.ts'
import { BLANKS, pieceIndex, translate } from './text-rules.ts'

/** `text` would be 256 bytes; this is all that Redshift has. */
const TEXT = 'varchar(65535)'

const TYPES: ColumnTypeNames = {
  text: TEXT,
  boolean: 'boolean',
  integer: 'bigint',
  float: 'double precision',
  timestamp: 'timestamp',
  hash64: 'bigint',
}

/**
 * Amazon Redshift. Nobody has run this text there yet: docs/warehouses.md says what is proven of it, and how. Two rules
 * of Redshift's own remain: texts that differ in trailing spaces only are equal, and no boolean is cast to text.
 */
export const redshift: Dialect = {
  name: 'redshift',
  types: TYPES,
  supports: { files: false, roles: 'use', transactions: 'all', smallWritePauseMs: 0 },
  takesScripts: true,
  similarity: {},
  pieces: piecesOf,
  fence: EMPTY,
  // A text has 64 kB, which two rows may have together already.
  mostRowsJoined: 1,
  ...PLAIN_NAMES,
  quote: quoteIdentifier,
  fold: (bareName) => bareName.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase()),
  literal: (value) => printLiteral(typeof value === 'string' ? value.replaceAll('\\', '\\\\') : value),
  timestampLiteral: printTimestamp,
  createQueryCompiler: () => new InlineQueryCompiler(redshift),
  columnType: (reported) => COLUMN_TYPES.get(reported.toLowerCase().replace(/\(.*?\)/s, '')) ?? 'other',
  table: {
    // It knows no `if not exists` here; whoever adds a column has asked for the columns before.
    ...tableMakers(TYPES, sql`add column`),
    ...redshiftCatalog,
    // It has no views of one session.
    createView: (view, select) => sql`create temp table ${tableId(view)} as\n${select}`,
    dropView: (view) => sql`drop table if exists ${tableId(view)}`,
    createAs: (table, select) =>
      table.schema === undefined
        ? sql`create temp table ${tableId(table)} as\n${select}`
        : sql`create table ${tableId(table)} as\n${select}`,
    dropIfExists: (table) => sql`drop table if exists ${tableId(table)}`,
    rename: (table, to) => sql`alter table ${tableId(table)} rename to ${id(to)}`,
    createSchema: (schema) => sql`create schema if not exists ${id(schema)}`,
    dropSchema: (schema) =>
      schema === 'public' ? undefined : sql`drop schema if exists ${id(schema)} restrict`,
    tellsRows: false,
    // `create table as` does so by itself.
    analyze: undefined,
  },
  fn: functions(),
}

const COLUMN_TYPES: ReadonlyMap<string, ColumnType> = new Map<string, ColumnType>([
  ...['text', 'varchar', 'character varying', 'character', 'bpchar', 'name'].map(
    (name) => [name, 'text'] as const,
  ),
  ...['smallint', 'integer', 'bigint', 'oid'].map((name) => [name, 'integer'] as const),
  ...['real', 'double precision'].map((name) => [name, 'float'] as const),
  ...['timestamp without time zone', 'timestamp with time zone', 'timestamp'].map(
    (name) => [name, 'timestamp'] as const,
  ),
  ['boolean', 'boolean'],
  ['numeric', 'decimal'],
  ['date', 'date'],
  ['super', 'json'],
])

function functions(): DialectFunctions {
  return {
    asText,
    asTimestamp,
    asFloat: (x) => sql`cast(${x} as double precision)`,
    asInteger: (x) => sql`cast(${x} as bigint)`,
    // The collation of a database is by bytes unless its owner chose another.
    byBytes: (text) => text,
    lower: (text) => call('lower', text),
    upper: (text) => call('upper', text),
    length: (text) => call('length', text),
    byteLength: (text) => call('octet_length', text),
    trim: (text) => call('btrim', text, lit(BLANKS)),
    translate,
    digitsOf: (text) => sql`regexp_replace(${text}, '[^0-9]', '')`,
    splitPart,
    md5Hex: (text) => call('md5', text),
    sha256Hex: (text) => sql`sha2(${text}, 256)`,
    hash64: (text) => call('fnv_hash', text),
    rowHash,
    hashable: (x) => x,
    contains: (text, part) => sql`(${part} = '' or strpos(${text}, ${part}) > 0)`,
    startsWith: (text, part) => sql`(${part} = '' or strpos(${text}, ${part}) = 1)`,
    endsWith,
    matches,
    isDistinct: (a, b) =>
      sql`case when ${a} = ${b} or (${a} is null and ${b} is null) then false else true end`,
    least: (values) => call('least', ...values),
    greatest: (values) => call('greatest', ...values),
    canonical,
    exact,
    canonicalText,
    jsonValue: (x, type) => sql`coalesce(${jsonText(x, type)}, 'null')`,
    jsonObject: jsonObjectText,
    joinText: (text, separator, orderBy) =>
      sql`listagg(${text}, ${lit(separator)}) within group (order by ${orderBy})`,
    anyTrue: (condition) => sql`coalesce(bool_or(${condition}), false)`,
    hashSum: (hash) => sql`cast(coalesce(sum(cast(${hash} as decimal(38, 0))), 0) as ${fixedText(TEXT)})`,
    // `sysdate` would be the start of the transaction.
    clock: () => sql`cast(getdate() as timestamp)`,
    addSeconds: (at, seconds) => sql`(${at} + ${seconds} * interval '1 second')`,
    readFile: () => {
      throw new SluiceError('SLU3015', {
        message: 'expected a source that is a table or a query, found a file',
        hint: 'only DuckDB reads files; load the file into a table first',
      })
    },
  }
}

function asText(x: Fragment): Fragment {
  return sql`cast(${x} as ${fixedText(TEXT)})`
}

/** By way of a time with a zone, so that text may name its own; one without is in the session's, UTC. */
function asTimestamp(x: Fragment): Fragment {
  return sql`(cast(${x} as timestamp with time zone) at time zone 'UTC')`
}

/** Redshift counts pieces from the front only, so that the number of all is counted for those from the back. */
function splitPart(text: Fragment, separator: string, part: number): Fragment {
  const [separatorText = EMPTY, index = EMPTY] = pieceIndex(separator, part)
  if (part > 0) return call('split_part', text, separatorText, index)
  const without = sql`length(replace(${text}, ${separatorText}, ''))`
  const pieces = sql`(length(${text}) - ${without}) / ${[...separator].length} + 1`
  const place = sql`${pieces} - ${-part - 1}`
  return sql`case when ${place} < 1 then '' else split_part(${text}, ${separatorText}, cast(${place} as integer)) end`
}

/**
 * `fnv_hash` with a seed goes on where the seed ended, so that `ab`, `c` would be `a`, `bc`: what is chained is the hash
 * of each value, which is as long for all.
 */
function rowHash(values: readonly Fragment[]): Fragment {
  return values.reduce(
    (seed, value) => sql`fnv_hash(case when ${value} is null then 0 else fnv_hash(${value}) end, ${seed})`,
    sql`fnv_hash(cast(${values.length} as bigint))`,
  )
}

/** By length first: `a` and `a ` are equal. */
function endsWith(text: Fragment, part: Fragment): Fragment {
  return sql`(length(${text}) >= length(${part}) and right(${text}, length(${part})) = ${part})`
}

function matches(text: Fragment, pattern: Fragment): Fragment {
  const written = literalText(pattern)
  if (written === undefined)
    throw new SluiceError('SLU9001', { message: 'expected a pattern as one text literal, found other SQL' })
  return sql`(regexp_count(${text}, ${lit(perlPatternOf(written))}, 1, 'p') > 0)`
}

function canonical(x: Fragment, type: ColumnType): Fragment {
  switch (type) {
    case 'float':
      return floatKey(x, log10)
    case 'timestamp':
      return sql`date_trunc('milliseconds', ${asTimestamp(x)})`
    case 'boolean':
    case 'integer':
    case 'date':
      return x
    case 'decimal':
    case 'text':
    case 'json':
    case 'other':
      return canonicalText(x, type)
  }
}

function exact(x: Fragment, type: ColumnType): readonly Fragment[] {
  switch (type) {
    case 'float':
    case 'timestamp':
    case 'date':
      return [x]
    // The bytes of a decimal are its digits alone, without the scale.
    case 'decimal':
      return [asText(x)]
    case 'boolean':
    case 'integer':
    case 'text':
    case 'json':
    case 'other':
      return [canonical(x, type)]
  }
}

function canonicalText(x: Fragment, type: ColumnType): Fragment {
  switch (type) {
    case 'boolean':
      return sql`case when ${x} then 'true' when not ${x} then 'false' end`
    case 'float':
      return floatText(x, log10)
    case 'decimal':
      return decimalText(asText(x))
    case 'timestamp':
      return sql`to_char(${asTimestamp(x)}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
    case 'date':
      return sql`to_char(${x}, 'YYYY-MM-DD')`
    case 'json':
      return call('json_serialize', x)
    case 'integer':
    case 'text':
    case 'other':
      return asText(x)
  }
}

function log10(x: Fragment): Fragment {
  return call('log', x)
}

function decimalText(text: Fragment): Fragment {
  return sql`case when strpos(${text}, '.') > 0 then rtrim(rtrim(${text}, '0'), '.') else ${text} end`
}

function jsonText(x: Fragment, type: ColumnType): Fragment {
  const text = canonicalText(x, type)
  switch (type) {
    case 'boolean':
    case 'float':
    case 'json':
      return text
    case 'integer':
    case 'decimal':
      return jsonNumberOrText(x, text)
    case 'timestamp':
    case 'date':
      return concatenated([lit('"'), text, lit('"')])
    case 'text':
    case 'other':
      return jsonString(text, sql`regexp_count(${text}, ${lit('[\\x{1}-\\x{1f}]')}, 1, 'p') > 0`)
  }
}

/** It unnests lists of its own type only: pieces are counted instead. */
function piecesOf(text: Fragment, alias: string) {
  const digit = (name: string) =>
    sql`(${join(
      Array.from({ length: 10 }, (_, value) => sql`select ${value} as n`),
      '\nunion all\n',
    )}) as ${id(name)}`
  const count = sql`length(${text}) - length(replace(${text}, ' ', '')) + 1`
  return {
    join: sql`join (select units.n + 10 * tens.n + 100 * hundreds.n + 1 as place
from ${digit('units')} cross join ${digit('tens')} cross join ${digit('hundreds')}) as ${id(alias)} on ${id(alias)}.place <= ${count}`,
    piece: sql`split_part(${text}, ' ', ${id(alias)}.place)`,
  }
}
