import { SluiceError } from '../base/errors.ts'
import {
  call,
  concatenated,
  jsonNumberOrText,
  jsonObjectText,
  printLiteral,
  printTimestamp,
  quoteIdentifier,
  tableId,
  tableMakers,
} from './common.ts'
import type { ColumnType, ColumnTypeNames, Dialect, DialectFunctions } from './dialect.ts'
import { floatKey, floatText } from './floats.ts'
import { EMPTY, type Fragment, id, lit, literalText, sql } from './fragment.ts'
import { InlineQueryCompiler } from './inline-compiler.ts'
import { eresOf } from './pattern/snowflake-pattern.ts'
import { snowflakeCatalog } from './snowflake-catalog.ts'
import { storedName } from './snowflake-names.ts'
import { BLANKS, pieceIndex, translate } from './text-rules.ts'

const TYPES: ColumnTypeNames = {
  text: 'varchar',
  boolean: 'boolean',
  integer: 'bigint',
  float: 'double precision',
  timestamp: 'timestamp_ntz(6)',
  hash64: 'number(19, 0)',
}

/** Each insert writes a file of its own there, however few its rows. */
const SMALL_WRITE_PAUSE_MS = 10_000

/**
 * Snowflake. The session's zone is UTC and its timestamps without a zone are `timestamp_ntz`, which its warehouse sees
 * to. Nobody has run this text there yet: docs/warehouses.md says what is proven of it, and how.
 */
export const snowflake: Dialect = {
  name: 'snowflake',
  types: TYPES,
  supports: {
    files: false,
    roles: 'use',
    grantsViewsApart: true,
    transactions: 'rows',
    smallWritePauseMs: SMALL_WRITE_PAUSE_MS,
  },
  takesScripts: true,
  // Jaro-Winkler is a whole number up to 100 there, of letters in any case; its edit distance counts characters.
  similarity: {},
  pieces: (text, alias) => ({
    join: sql`cross join lateral split_to_table(${text}, ' ') as ${id(alias)}`,
    piece: sql`${id(alias)}.value`,
  }),
  fence: EMPTY,
  quote: quoteIdentifier,
  stored: storedName,
  scratch: (name) => quoteIdentifier(storedName(name)),
  fold: (bareName) => bareName.replaceAll(/[a-z]/g, (letter) => letter.toUpperCase()),
  literal: (value) => printLiteral(typeof value === 'string' ? value.replaceAll('\\', '\\\\') : value),
  timestampLiteral: (iso) => `cast(${printTimestamp(iso).replace(/^timestamp /, '')} as ${TYPES.timestamp})`,
  truth: (holds) => (holds ? 'is not distinct from true' : 'is distinct from true'),
  createQueryCompiler: () => new InlineQueryCompiler(snowflake),
  columnType,
  table: {
    // It takes no `if not exists` beside a default; whoever adds a column has asked for the columns before.
    ...tableMakers(TYPES, sql`add column`),
    ...snowflakeCatalog,
    createView: (view, select) => sql`create temporary view ${tableId(view)} as\n${select}`,
    createAs: (table, select) =>
      table.schema === undefined
        ? sql`create temporary table ${tableId(table)} as\n${select}`
        : sql`create table ${tableId(table)} as\n${select}`,
    dropIfExists: (table) => sql`drop table if exists ${tableId(table)}`,
    // A bare new name would move the table to the session's schema.
    replace: (made, published) =>
      sql`create or replace table ${tableId(published)} copy grants as select * from ${tableId(made)}`,
    rename: (table, to) => sql`alter table ${tableId(table)} rename to ${tableId({ ...table, name: to })}`,
    tellsRows: false,
    analyze: undefined,
  },
  fn: functions(),
}

const COLUMN_TYPES: ReadonlyMap<string, ColumnType> = new Map<string, ColumnType>([
  ...['TEXT', 'VARCHAR', 'CHAR', 'STRING'].map((name) => [name, 'text'] as const),
  ...['FLOAT', 'REAL', 'DOUBLE'].map((name) => [name, 'float'] as const),
  ...['TIMESTAMP_NTZ', 'TIMESTAMP_LTZ', 'TIMESTAMP_TZ'].map((name) => [name, 'timestamp'] as const),
  ...['VARIANT', 'OBJECT', 'ARRAY'].map((name) => [name, 'json'] as const),
  ['BOOLEAN', 'boolean'],
  ['DATE', 'date'],
])

/** `NUMBER(38,0)` is an integer, as all integer types of Snowflake are. */
function columnType(reported: string): ColumnType {
  const [, name = '', scale] = /^([A-Z_ ]+)(?:\((?:[^,)]*,)?\s*(\d+)\))?/.exec(reported.toUpperCase()) ?? []
  if (name === 'NUMBER' || name === 'FIXED') return scale === '0' ? 'integer' : 'decimal'
  return COLUMN_TYPES.get(name) ?? 'other'
}

function functions(): DialectFunctions {
  return {
    asText,
    asTimestamp,
    asFloat: (x) => sql`cast(${x} as double precision)`,
    asInteger: (x) => sql`cast(${x} as bigint)`,
    // Columns are compared by bytes unless their owner chose a collation.
    byBytes: (text) => text,
    lower: (text) => call('lower', text),
    upper: (text) => call('upper', text),
    length: (text) => call('length', text),
    byteLength: (text) => call('octet_length', text),
    trim: (text) => call('trim', text, lit(BLANKS)),
    translate,
    digitsOf: (text) => sql`regexp_replace(${text}, '[^0-9]', '')`,
    splitPart: (text, separator, part) => call('split_part', text, ...pieceIndex(separator, part)),
    md5Hex: (text) => call('md5', text),
    sha256Hex: (text) => sql`sha2(${text}, 256)`,
    hash64: (text) => call('hash', text),
    // Of a single null it is a number too, and equal numbers of any two types have the same.
    rowHash: (values) => (values.length === 0 ? call('hash', lit(0)) : call('hash', ...values)),
    hashable: (x) => x,
    contains: (text, part) => call('contains', text, part),
    startsWith: (text, part) => call('startswith', text, part),
    endsWith: (text, part) => call('endswith', text, part),
    matches,
    isDistinct: (a, b) => sql`(${a} is distinct from ${b})`,
    // Without the ending they are null when one value is.
    least: (values) => call('least_ignore_nulls', ...values),
    greatest: (values) => call('greatest_ignore_nulls', ...values),
    canonical,
    exact: (x, type) => [type === 'float' || type === 'timestamp' ? x : canonical(x, type)],
    canonicalText,
    jsonValue: (x, type) => sql`coalesce(${jsonText(x, type)}, 'null')`,
    jsonObject: jsonObjectText,
    joinText,
    anyTrue: (condition) => sql`coalesce(boolor_agg(${condition}), false)`,
    hashSum: (hash) => sql`cast(coalesce(sum(${hash}), 0) as varchar)`,
    // In UTC whatever the session's zone, and not the start of the transaction.
    clock: () => sql`cast(sysdate() as timestamp_ntz(6))`,
    // It adds whole numbers only.
    addSeconds: (at, seconds) => sql`dateadd(microsecond, ${seconds} * 1000000, ${at})`,
    readFile: () => {
      throw new SluiceError('SLU3015', {
        message: 'expected a source that is a table or a query, found a file',
        hint: 'only DuckDB reads files; load the file into a table first',
      })
    },
  }
}

function asText(x: Fragment): Fragment {
  return sql`cast(${x} as varchar)`
}

/** By way of a time with a zone, so that text may name its own; one without is in the session's, UTC. */
function asTimestamp(x: Fragment): Fragment {
  return sql`cast(convert_timezone('UTC', cast(${x} as timestamp_tz)) as timestamp_ntz(6))`
}

function matches(text: Fragment, pattern: Fragment): Fragment {
  const written = literalText(pattern)
  if (written === undefined)
    throw new SluiceError('SLU9001', { message: 'expected a pattern as one text literal, found other SQL' })
  return sql`(regexp_instr(${text}, ${lit(eresOf(written))}) > 0)`
}

function canonical(x: Fragment, type: ColumnType): Fragment {
  switch (type) {
    case 'float':
      return floatKey(x, log10)
    case 'timestamp':
      return sql`date_trunc('millisecond', ${asTimestamp(x)})`
    // The hash of a decimal is that of its value, whatever its scale.
    case 'decimal':
    case 'boolean':
    case 'integer':
    case 'date':
      return x
    case 'text':
    case 'json':
    case 'other':
      return canonicalText(x, type)
  }
}

function canonicalText(x: Fragment, type: ColumnType): Fragment {
  switch (type) {
    case 'float':
      return floatText(x, log10)
    case 'decimal':
      return decimalText(asText(x))
    case 'timestamp':
      return sql`to_char(${asTimestamp(x)}, 'YYYY-MM-DD"T"HH24:MI:SS.FF3"Z"')`
    case 'date':
      return sql`to_char(${x}, 'YYYY-MM-DD')`
    case 'json':
      return call('to_json', x)
    case 'boolean':
    case 'integer':
    case 'text':
    case 'other':
      return asText(x)
  }
}

function log10(x: Fragment): Fragment {
  return sql`log(10, ${x})`
}

function decimalText(text: Fragment): Fragment {
  return sql`case when contains(${text}, '.') then rtrim(rtrim(${text}, '0'), '.') else ${text} end`
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
      return jsonString(text)
  }
}

/** What JavaScript escapes, and as it does. Few texts hold a control character, so it is asked first. */
function jsonString(text: Fragment): Fragment {
  const plain = sql`replace(replace(${text}, ${lit('\\')}, ${lit('\\\\')}), '"', ${lit('\\"')})`
  const whole = CONTROLS.reduce(
    (inner, [code, escaped]) => sql`replace(${inner}, chr(${code}), ${lit(escaped)})`,
    plain,
  )
  const hasControl = sql`regexp_instr(${text}, '[[:cntrl:]]') > 0`
  return sql`('"' || case when ${hasControl} then ${whole} else ${plain} end || '"')`
}

const CONTROLS: readonly (readonly [code: number, escaped: string])[] = Array.from(
  { length: 31 },
  (_, index) => [index + 1, JSON.stringify(String.fromCharCode(index + 1)).slice(1, -1)],
)

/** Of nothing it would be an empty text, and not null. */
function joinText(text: Fragment, separator: string, orderBy: Fragment): Fragment {
  const joined = sql`listagg(${text}, ${lit(separator)}) within group (order by ${orderBy})`
  return sql`case when count(${text}) > 0 then ${joined} end`
}
