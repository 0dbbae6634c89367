import { PostgresQueryCompiler } from 'kysely'
import { SluiceError } from '../base/errors.ts'
import {
  call,
  concatenated,
  floatText,
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
import { readFile } from './duckdb-files.ts'
import { EMPTY, type Fragment, id, lit, literalText, sql } from './fragment.ts'
import { BLANKS, pieceIndex, translate } from './text-rules.ts'

const TYPES: ColumnTypeNames = {
  text: 'varchar',
  boolean: 'boolean',
  integer: 'bigint',
  float: 'double',
  timestamp: 'timestamp',
  hash64: 'ubigint',
}

/** DuckDB 1.5: names match in any case and keep it, text compares by bytes, times are microseconds. */
export const duckdb: Dialect = {
  name: 'duckdb',
  types: TYPES,
  supports: { files: true, roles: 'none', transactions: 'all', smallWritePauseMs: 0 },
  takesScripts: true,
  similarity: {
    jaro_winkler: (a, b) => call('jaro_winkler_similarity', a, b),
    edit_distance: (a, b) => call('levenshtein', a, b),
  },
  pieces: (text, alias) => ({
    join: sql`cross join unnest(string_split(${text}, ' ')) as ${id(alias)}(piece)`,
    piece: sql`${id(alias)}.piece`,
  }),
  fence: EMPTY,
  inlined: sql`not materialized `,
  ...PLAIN_NAMES,
  quote: quoteIdentifier,
  fold: (bareName) => bareName,
  literal: printLiteral,
  timestampLiteral: printTimestamp,
  createQueryCompiler: () => new PostgresQueryCompiler(),
  columnType: (reported) => COLUMN_TYPES.get(reported.toUpperCase().replace(/\(.*\)$/s, '')) ?? 'other',
  table: {
    ...tableMakers(TYPES),
    createAs: (table, select) =>
      table.schema === undefined
        ? sql`create temp table ${tableId(table)} as\n${select}`
        : sql`create table ${tableId(table)} as\n${select}`,
    dropIfExists: (table) => sql`drop table if exists ${tableId(table)}`,
    rename: (table, to) => sql`alter table ${tableId(table)} rename to ${id(to)}`,
    createSchema: (schema) => sql`create schema if not exists ${id(schema)}`,
    dropSchema: (schema) =>
      schema === 'main' ? undefined : sql`drop schema if exists ${id(schema)} restrict`,
    list: (schema) =>
      sql`select table_name as name from duckdb_tables()
where database_name = current_database() and schema_name = ${lit(schema)}`,
    columns: ({ schema, name }) => sql`select column_name as name, data_type as type, column_index as position
from duckdb_columns()
where database_name = ${schema === undefined ? lit('temp') : sql`current_database()`} and schema_name = ${lit(schema ?? 'main')} and table_name = ${lit(name)}`,
    tellsRows: true,
    analyze: undefined,
  },
  fn: functions(),
}

const COLUMN_TYPES: ReadonlyMap<string, ColumnType> = new Map<string, ColumnType>([
  ...['VARCHAR', 'ENUM', 'CHAR', 'TEXT', 'STRING'].map((name) => [name, 'text'] as const),
  ...['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'HUGEINT'].map((name) => [name, 'integer'] as const),
  ...['UTINYINT', 'USMALLINT', 'UINTEGER', 'UBIGINT', 'UHUGEINT'].map((name) => [name, 'integer'] as const),
  ...['FLOAT', 'DOUBLE'].map((name) => [name, 'float'] as const),
  ...['TIMESTAMP', 'TIMESTAMP_S', 'TIMESTAMP_MS', 'TIMESTAMP_NS'].map((name) => [name, 'timestamp'] as const),
  ['TIMESTAMP WITH TIME ZONE', 'timestamp'],
  ['BOOLEAN', 'boolean'],
  ['BIGNUM', 'integer'],
  ['DECIMAL', 'decimal'],
  ['DATE', 'date'],
  ['JSON', 'json'],
])

function functions(): DialectFunctions {
  return {
    asText,
    asTimestamp,
    asFloat: (x) => sql`cast(${x} as double)`,
    asInteger: (x) => sql`cast(${x} as bigint)`,
    byBytes: (text) => text,
    lower: (text) => call('lower', text),
    upper: (text) => call('upper', text),
    length: (text) => call('length', text),
    byteLength: (text) => call('strlen', text),
    trim: (text) => call('trim', text, lit(BLANKS)),
    translate,
    digitsOf: (text) => sql`regexp_replace(${text}, '[^0-9]', '', 'g')`,
    splitPart: (text, separator, part) => call('split_part', text, ...pieceIndex(separator, part)),
    md5Hex: (text) => call('md5', text),
    sha256Hex: (text) => call('sha256', text),
    hash64: (text) => call('hash', text, shifted(text)),
    rowHash: (values) =>
      values.length === 0 ? call('hash', lit(0)) : call('hash', ...values, ...values.map(shiftedIfText)),
    hashable: (x) => x,
    contains: (text, part) => call('contains', text, part),
    startsWith: (text, part) => call('starts_with', text, part),
    endsWith: (text, part) => call('ends_with', text, part),
    matches,
    isDistinct: (a, b) => sql`(${a} is distinct from ${b})`,
    least: (values) => call('least', ...values),
    greatest: (values) => call('greatest', ...values),
    canonical,
    exact,
    canonicalText,
    jsonValue,
    jsonObject: jsonObjectText,
    joinText: (text, separator, orderBy) => sql`string_agg(${text}, ${lit(separator)} order by ${orderBy})`,
    anyTrue: (condition) => sql`coalesce(bool_or(${condition}), false)`,
    hashSum: (hash) => sql`cast(coalesce(sum(${hash}), 0) as varchar)`,
    clock: () => sql`cast(current_timestamp as timestamp)`,
    addSeconds: (at, seconds) => sql`(${at} + ${seconds} * interval '1 second')`,
    readFile,
  }
}

/**
 * Hashed beside a text: `hash` has one value for many texts that differ only where two of their eights of bytes end
 * (measured with 1.5.5), and in this one the same letters stand elsewhere.
 */
function shifted(text: Fragment): Fragment {
  return sql`'.' || ${text}`
}

/** The type is known before anything runs, so that of other values only a null is hashed. */
function shiftedIfText(value: Fragment): Fragment {
  return sql`case when typeof(${value}) = 'VARCHAR' then ${shifted(sql`cast(${value} as varchar)`)} end`
}

function asText(x: Fragment): Fragment {
  return sql`cast(${x} as varchar)`
}

/**
 * Text may name a zone, which a plain cast would drop; the long way is seven times slower, so it is for text only (what
 * `typeof` gives is known before any row is read). The session's zone is UTC.
 */
function asTimestamp(x: Fragment): Fragment {
  const zoned = sql`cast(cast(${x} as timestamp with time zone) as timestamp)`
  return sql`case when typeof(${x}) = 'VARCHAR' then ${zoned} else cast(${x} as timestamp) end`
}

/** Matches nothing. */
const NEVER = '[^\\x00-\\x{10FFFF}]'

/**
 * DuckDB's optimizer takes `a^b` for a plain "contains ab" (1.5.5); an alternative that never matches keeps it from
 * looking inside. Patterns without anchors keep the fast way.
 */
function matches(text: Fragment, pattern: Fragment): Fragment {
  const written = literalText(pattern)
  if (written === undefined)
    throw new SluiceError('SLU9001', { message: 'expected a pattern as one text literal, found other SQL' })
  const anchored = /[\^$]|\\[AzbB]/.test(written)
  return call('regexp_matches', text, lit(anchored ? `${written}|${NEVER}` : written))
}

function canonical(x: Fragment, type: ColumnType): Fragment {
  switch (type) {
    case 'float':
      return sql`coalesce(${quicklyRounded12(x)}, case when isfinite(${x}) then ${rounded12(x)} + 0 end)`
    case 'decimal':
      return canonicalDecimal(x)
    case 'timestamp':
      return toMilliseconds(asTimestamp(x))
    case 'date':
      return finite(x)
    case 'boolean':
    case 'integer':
      return x
    case 'text':
    case 'json':
    case 'other':
      return canonicalText(x, type)
  }
}

function exact(x: Fragment, type: ColumnType): readonly Fragment[] {
  switch (type) {
    case 'float':
    case 'date':
      return [x]
    case 'decimal':
      // A decimal's hash is that of its digits alone.
      return [call('typeof', x), x]
    case 'timestamp':
      return [asTimestamp(x)]
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
    case 'float':
      return sql`case when isfinite(${x}) then ${floatDigits(x)} end`
    case 'decimal':
      return decimalText(x)
    case 'timestamp':
      return sql`strftime(${finite(asTimestamp(x))}, '%Y-%m-%dT%H:%M:%S.%gZ')`
    case 'date':
      return asText(finite(x))
    // As it stands: `json()` would round its long numbers.
    case 'json':
    case 'boolean':
    case 'integer':
    case 'text':
    case 'other':
      return asText(x)
  }
}

function jsonValue(x: Fragment, type: ColumnType): Fragment {
  return sql`coalesce(${jsonText(x, type)}, 'null')`
}

function jsonText(x: Fragment, type: ColumnType): Fragment {
  const text = canonicalText(x, type)
  switch (type) {
    case 'boolean':
    case 'float':
      return text
    case 'json':
      return sql`case when ${isStrictJson(text)} then ${text} else ${jsonString(text)} end`
    case 'integer':
      return jsonNumberOrText(x, text, (fits) => sql`try(${fits})`)
    case 'decimal':
      return jsonNumberOrText(x, text)
    case 'timestamp':
    case 'date':
      return concatenated([lit('"'), text, lit('"')])
    case 'text':
    case 'other':
      return jsonString(text)
  }
}

/** DuckDB takes NaN, Infinity and a comma at the end for JSON. Nobody else does, so such a value is sent as a text. */
function isStrictJson(text: Fragment): Fragment {
  const outsideStrings = sql`regexp_replace(${text}, '"(?:[^"\\\\]|\\\\.)*"', '""', 'g')`
  return sql`not regexp_matches(${outsideStrings}, '(?i)nan|inf|,\\s*[\\]}]')`
}

/**
 * DuckDB escapes control characters with capital hex digits, other engines and JavaScript with small ones. Few texts
 * hold one, so it is asked first. Cut at each escaped backslash, so that a `\u001F` of the user's own is not taken for an escape.
 */
function jsonString(text: Fragment): Fragment {
  const json = sql`cast(to_json(${text}) as varchar)`
  const escapes = ['0b', '0e', '0f', '1a', '1b', '1c', '1d', '1e', '1f']
  const small = escapes.reduce(
    (piece, hex) => call('replace', piece, lit(`\\u00${hex.toUpperCase()}`), lit(`\\u00${hex}`)),
    sql`piece`,
  )
  const pieces = sql`list_transform(string_split(${json}, '\\\\'), lambda piece: ${small})`
  return sql`case when contains(${json}, '\\u00') then array_to_string(${pieces}, '\\\\') else ${json} end`
}

/** `-1.23456789012e+05`: correctly rounded. */
function digits12(x: Fragment): Fragment {
  return sql`format('{:.11e}', cast(${x} as double))`
}

/**
 * The very number that `rounded12` gives, by arithmetic, which takes a third of the time: the digits as a whole number
 * below 2^53, divided by an exact power of ten. Null where that could be another number: near a tie, for a wrong guess
 * of the power, outside of 0.001 to 10^12. Without `case` and `and`, so that DuckDB computes what is named twice once.
 */
function quicklyRounded12(x: Fragment): Fragment {
  const number = sql`cast(${x} as double)`
  const power = sql`floor(log10(least(greatest(abs(${number}), 1e-3), 999999999999.0)))`
  const scale = sql`pow(10.0, 11 - ${power})`
  const digits = sql`round(${number} * ${scale})`
  const are12 = sql`cast(abs(${digits}) between 1e11 and 1e12 as integer)`
  // The product is off by 0.0002 at most.
  const isNoTie = sql`cast(abs(abs(${number} * ${scale} - ${digits}) - 0.5) > 0.001 as integer)`
  const isSure = sql`(cast(${number} = 0 as integer) + ${are12} * ${isNoTie})`
  // A remainder by zero is null.
  return sql`${digits} / ${scale} + 0 % ${isSure}`
}

function rounded12(x: Fragment): Fragment {
  return sql`cast(${digits12(x)} as double)`
}

/**
 * In the middle of the range DuckDB's own text of the rounded number has its digits and no exponent, and is twenty
 * times as fast as a decimal of many digits; the middle is asked of the number as it is, which costs nothing.
 */
function floatDigits(x: Fragment): Fragment {
  const rounded = rounded12(x)
  const short = sql`regexp_replace(${asText(rounded)}, '[.]0$', '')`
  const long = sql`rtrim(rtrim(cast(cast(${digits12(x)} as decimal(38, 17)) as varchar), '0'), '.')`
  const isMiddle = sql`abs(${x}) >= 1e-3 and abs(${x}) < 1e14`
  return sql`case when ${isMiddle} then ${short} else ${floatText(digits12(x), rounded, long)} end`
}

/**
 * Numbers of nine digits and six decimals are as floats what they are, whatever their type's scale, and hashing those
 * takes a quarter of the time of trimmed text.
 */
function canonicalDecimal(x: Fragment): Fragment {
  const number = sql`cast(${x} as double)`
  const isShort = sql`abs(${number}) < 1e9 and ${x} = round(${x}, 6)`
  return sql`case when ${isShort} then hash(${number}) when ${x} is not null then hash(${decimalText(x)}) end`
}

function toMilliseconds(x: Fragment): Fragment {
  return sql`case when epoch_us(${x}) % 1000 = 0 then ${x} when isfinite(${x}) then date_trunc('milliseconds', ${x}) end`
}

function decimalText(x: Fragment): Fragment {
  const text = asText(x)
  const trimmed = sql`rtrim(rtrim(${text}, '0'), '.')`
  return sql`case when ends_with(${text}, '0') and contains(${text}, '.') then ${trimmed} else ${text} end`
}

function finite(time: Fragment): Fragment {
  return sql`case when isfinite(${time}) then ${time} end`
}
