import { SluiceError } from '../base/errors.ts'
import { call, concatenated, jsonNumberOrText, jsonObjectText } from './common.ts'
import { databricksCatalog, SESSION_SCHEMA } from './databricks-catalog.ts'
import { decimalText, floatKey, floatText } from './databricks-floats.ts'
import { databricksTables } from './databricks-tables.ts'
import { literal, quote, timestampLiteral } from './databricks-text.ts'
import { asTimestamp, timeInUtc, timeText, utcOf } from './databricks-times.ts'
import type { ColumnType, ColumnTypeNames, Dialect, DialectFunctions } from './dialect.ts'
import { EMPTY, type Fragment, id, lit, literalText, sql } from './fragment.ts'
import { InlineQueryCompiler } from './inline-compiler.ts'
import { jsonString } from './json-string.ts'
import { javaPatternOf } from './pattern/java-pattern.ts'
import { BLANKS, pieceIndex, translate } from './text-rules.ts'

const TYPES: ColumnTypeNames = {
  text: 'string',
  boolean: 'boolean',
  integer: 'bigint',
  float: 'double',
  timestamp: 'timestamp_ntz',
  hash64: 'bigint',
}

/**
 * Databricks SQL in Unity Catalog, under ANSI rules as its SQL warehouses have them. Nobody has run this text there yet:
 * docs/warehouses.md says what is proven of it, and how. Names match in any case, text compares by bytes.
 */
export const databricks: Dialect = {
  name: 'databricks',
  types: TYPES,
  supports: {
    files: false,
    roles: 'principal',
    defaultSchema: 'default',
    transactions: 'none',
    smallWritePauseMs: 30_000,
  },
  takesScripts: false,
  // `jaro_winkler_similarity` is of its newest version only.
  similarity: { edit_distance: (a, b) => call('levenshtein', oneLetterAByte(a), oneLetterAByte(b)) },
  pieces: (text, alias) => ({
    join: sql`cross join lateral explode(split(${text}, ' ')) as ${id(alias)} (piece)`,
    piece: sql`${id(alias)}.piece`,
  }),
  fence: EMPTY,
  quote,
  stored: (identifier) => identifier,
  // The session puts a table of its own here.
  scratch: (name) => `${quote(SESSION_SCHEMA)}.${quote(name)}`,
  fold: (bareName) => bareName,
  literal,
  timestampLiteral,
  createQueryCompiler: () => new InlineQueryCompiler(databricks),
  columnType: (reported) => COLUMN_TYPES.get(reported.toLowerCase().replace(/[ (<].*$/s, '')) ?? 'other',
  table: { ...databricksTables(TYPES), ...databricksCatalog },
  fn: functions(),
}

const COLUMN_TYPES: ReadonlyMap<string, ColumnType> = new Map<string, ColumnType>([
  ...['string', 'varchar', 'char'].map((name) => [name, 'text'] as const),
  ...['tinyint', 'smallint', 'int', 'bigint', 'byte', 'short', 'long'].map(
    (name) => [name, 'integer'] as const,
  ),
  ...['float', 'double'].map((name) => [name, 'float'] as const),
  ...['timestamp', 'timestamp_ntz'].map((name) => [name, 'timestamp'] as const),
  ...['variant', 'struct', 'array', 'map'].map((name) => [name, 'json'] as const),
  ['boolean', 'boolean'],
  ['decimal', 'decimal'],
  ['date', 'date'],
])

function functions(): DialectFunctions {
  return {
    asText,
    asTimestamp,
    asFloat: (x) => sql`cast(${x} as double)`,
    asInteger: (x) => sql`cast(${x} as bigint)`,
    byBytes: (text) => text,
    // One letter would become two, or another at the end of a word.
    lower: (text) => sql`lower(translate(${text}, 'İΣ', 'iσ'))`,
    upper: (text) => call('upper', text),
    length: (text) => call('length', text),
    byteLength: (text) => call('octet_length', text),
    trim: (text) => call('btrim', text, lit(BLANKS)),
    translate,
    digitsOf: (text) => sql`regexp_replace(${text}, '[^0-9]', '')`,
    splitPart: (text, separator, part) => call('split_part', text, ...pieceIndex(separator, part)),
    md5Hex: (text) => call('md5', text),
    sha256Hex: (text) => sql`sha2(${text}, 256)`,
    hash64: (text) => call('xxhash64', text),
    // It passes over missing values, so that what it hashes are the hashes of each.
    rowHash: (values) =>
      call('xxhash64', ...(values.length === 0 ? [lit(0)] : values.map((value) => call('xxhash64', value)))),
    hashable: asText,
    contains: (text, part) => call('contains', text, part),
    startsWith: (text, part) => call('startswith', text, part),
    endsWith: (text, part) => call('endswith', text, part),
    matches,
    isDistinct: (a, b) => sql`(${a} is distinct from ${b})`,
    least: (values) => ofSeveral('least', values),
    greatest: (values) => ofSeveral('greatest', values),
    canonical,
    exact,
    canonicalText,
    jsonValue: (x, type) => sql`coalesce(${jsonText(x, type)}, 'null')`,
    jsonObject: jsonObjectText,
    joinText: (text, separator, orderBy) =>
      sql`listagg(${text}, ${lit(separator)}) within group (order by ${orderBy})`,
    anyTrue: (condition) => sql`coalesce(bool_or(${condition}), false)`,
    // A sum of 64 bits would overflow.
    hashSum: (hash) => sql`cast(coalesce(sum(cast(${hash} as decimal(38, 0))), 0) as string)`,
    clock: () => utcOf(sql`current_timestamp()`),
    addSeconds: (at, seconds) => sql`(${at} + make_dt_interval(0, 0, 0, cast(${seconds} as decimal(18, 6))))`,
    readFile: () => {
      throw new SluiceError('SLU3015', {
        message: 'expected a source that is a table or a query, found a file',
        hint: 'only DuckDB reads files; load the file into a table first',
      })
    },
  }
}

function asText(x: Fragment): Fragment {
  return sql`cast(${x} as string)`
}

/** One alone is refused. */
function ofSeveral(name: 'least' | 'greatest', values: readonly Fragment[]): Fragment {
  const [only] = values
  return only !== undefined && values.length === 1 ? only : call(name, ...values)
}

/** `levenshtein` counts letters. */
function oneLetterAByte(text: Fragment): Fragment {
  return sql`decode(encode(${text}, 'UTF-8'), 'ISO-8859-1')`
}

function matches(text: Fragment, pattern: Fragment): Fragment {
  const written = literalText(pattern)
  if (written === undefined)
    throw new SluiceError('SLU9001', { message: 'expected a pattern as one text literal, found other SQL' })
  return sql`(${text} rlike ${lit(javaPatternOf(written))})`
}

function canonical(x: Fragment, type: ColumnType): Fragment {
  switch (type) {
    case 'float':
      return floatKey(x)
    case 'boolean':
    case 'integer':
    case 'date':
      return x
    case 'decimal':
    case 'timestamp':
    case 'text':
    case 'json':
    case 'other':
      return canonicalText(x, type)
  }
}

function exact(x: Fragment, type: ColumnType): readonly Fragment[] {
  switch (type) {
    case 'boolean':
    case 'integer':
    case 'float':
    case 'timestamp':
    case 'date':
      return [x]
    // What is hashed of a short decimal are its digits alone, without the scale.
    case 'decimal':
      return [asText(x)]
    case 'text':
    case 'json':
    case 'other':
      return [canonical(x, type)]
  }
}

function canonicalText(x: Fragment, type: ColumnType): Fragment {
  switch (type) {
    case 'float':
      return floatText(x)
    case 'decimal':
      return decimalText(asText(x))
    case 'timestamp':
      return timeText(timeInUtc(x))
    case 'json':
      return call('to_json', x)
    case 'boolean':
    case 'integer':
    case 'date':
    case 'text':
    case 'other':
      return asText(x)
  }
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
      return jsonString(text, sql`${text} rlike ${lit('[\\x{1}-\\x{1f}]')}`)
  }
}
