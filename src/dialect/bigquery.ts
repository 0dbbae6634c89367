import { SluiceError } from '../base/errors.ts'
import { bigqueryCatalog } from './bigquery-catalog.ts'
import { asTimestamp, canonical, canonicalText, exact, jsonValue } from './bigquery-sent.ts'
import { bigqueryLiteral, bigqueryTimestamp, inGoogleWords, quoteBigquery } from './bigquery-text.ts'
import { call, concatenated, jsonObjectText, tableId } from './common.ts'
import type { ColumnDefinition, ColumnType, ColumnTypeNames, Dialect, DialectFunctions } from './dialect.ts'
import { EMPTY, type Fragment, fixedText, id, join, lit, literalText, sql } from './fragment.ts'
import { InlineQueryCompiler } from './inline-compiler.ts'
import { BLANKS, pieceIndex, translate } from './text-rules.ts'

const TYPES: ColumnTypeNames = {
  text: 'string',
  boolean: 'bool',
  integer: 'int64',
  float: 'float64',
  timestamp: 'timestamp',
  hash64: 'int64',
}

/**
 * Google BigQuery, in GoogleSQL: columns match in any case, tables and datasets exactly; text compares by bytes; times
 * are microseconds. Temporary tables live in a session. docs/warehouses.md says what is proven of it, and how.
 */
export const bigquery: Dialect = {
  name: 'bigquery',
  types: TYPES,
  supports: { files: false, roles: 'principal', transactions: 'rows', smallWritePauseMs: 30_000 },
  takesScripts: true,
  grantee: (user) => lit(memberOf(user)),
  rightsByHand: (project, user) =>
    `gcloud projects add-iam-policy-binding ${project} --member=${memberOf(user)} --role=roles/bigquery.jobUser`,
  similarity: {
    edit_distance: (a, b) => sql`edit_distance(cast(${a} as bytes), cast(${b} as bytes))`,
  },
  pieces: (text, alias) => ({
    join: sql`cross join unnest(split(${text}, ' ')) as ${id(alias)}`,
    piece: id(alias),
  }),
  fence: EMPTY,
  quote: quoteBigquery,
  stored: (identifier) => identifier,
  // Not a table of the default dataset that has the same name.
  scratch: (name) => `_SESSION.${quoteBigquery(name)}`,
  fold: (bareName) => bareName,
  literal: bigqueryLiteral,
  timestampLiteral: bigqueryTimestamp,
  inOwnWords: inGoogleWords,
  createQueryCompiler: () => new InlineQueryCompiler(bigquery),
  columnType: (reported) => COLUMN_TYPES.get(reported.toUpperCase().replace(/\(.*\)$/s, '')) ?? 'other',
  table: {
    ...bigqueryCatalog,
    create: (table, columns) => sql`create table if not exists ${tableId(table)} (
  ${join(columns.map(defined), ',\n  ')}
)`,
    createAs: (table, select) =>
      table.schema === undefined
        ? sql`create temp table ${tableId(table)} as\n${select}`
        : sql`create table ${tableId(table)} as\n${select}`,
    // It has no views of one session.
    createView: (view, select) => sql`create temp table ${tableId(view)} as\n${select}`,
    dropView: (view) => sql`drop table if exists ${tableId(view)}`,
    addColumn: (table, column) => {
      const added = sql`alter table ${tableId(table)} add column if not exists ${id(column.name)} ${typeOf(column)}`
      if (column.default === undefined) return added
      // A column with a default is not added to rows that are there.
      const value = lit(column.default)
      return sql`${added};
alter table ${tableId(table)} alter column ${id(column.name)} set default ${value};
update ${tableId(table)} set ${id(column.name)} = ${value} where ${id(column.name)} is null`
    },
    dropIfExists: (table) => sql`drop table if exists ${tableId(table)}`,
    // A copy reads nothing, and costs nothing.
    replace: (made, published) => sql`create or replace table ${tableId(published)} copy ${tableId(made)}`,
    rename: (table, to) => sql`alter table ${tableId(table)} rename to ${id(to)}`,
    createSchema: (schema) => sql`create schema if not exists ${id(schema)}`,
    dropSchema: (schema) => sql`drop schema if exists ${id(schema)} restrict`,
    tellsRows: false,
    analyze: undefined,
  },
  fn: functions(),
}

const COLUMN_TYPES: ReadonlyMap<string, ColumnType> = new Map<string, ColumnType>([
  ['STRING', 'text'],
  // The longer names are those of the interface, the others those of the catalog.
  ...['BOOL', 'BOOLEAN'].map((name) => [name, 'boolean'] as const),
  ...['INT64', 'INTEGER'].map((name) => [name, 'integer'] as const),
  ...['FLOAT64', 'FLOAT'].map((name) => [name, 'float'] as const),
  ...['NUMERIC', 'BIGNUMERIC'].map((name) => [name, 'decimal'] as const),
  ...['TIMESTAMP', 'DATETIME'].map((name) => [name, 'timestamp'] as const),
  ['DATE', 'date'],
  ['JSON', 'json'],
])

/** As rights name somebody: a service account and a person are told apart. */
function memberOf(user: string): string {
  if (user.includes(':')) return user
  return `${user.endsWith('.gserviceaccount.com') ? 'serviceAccount' : 'user'}:${user}`
}

function typeOf({ type }: ColumnDefinition): Fragment {
  return fixedText(TYPES[type])
}

/** Without a key: BigQuery enforces none, and takes its word for it when it joins. */
function defined(column: ColumnDefinition): Fragment {
  const value = column.default === undefined ? EMPTY : sql` default ${lit(column.default)}`
  return sql`${id(column.name)} ${typeOf(column)}${value}${column.nullable ? EMPTY : sql` not null`}`
}

function functions(): DialectFunctions {
  return {
    asText: (x) => sql`cast(${x} as string)`,
    asTimestamp,
    asFloat: (x) => sql`cast(${x} as float64)`,
    asInteger: (x) => sql`cast(${x} as int64)`,
    byBytes: (text) => text,
    lower,
    upper,
    length: (text) => call('length', text),
    byteLength: (text) => call('byte_length', text),
    trim: (text) => call('trim', text, lit(BLANKS)),
    translate,
    digitsOf: (text) => sql`regexp_replace(${text}, '[^0-9]', '')`,
    splitPart,
    md5Hex: (text) => sql`to_hex(md5(${text}))`,
    sha256Hex: (text) => sql`to_hex(sha256(${text}))`,
    hash64: (text) => call('farm_fingerprint', text),
    rowHash,
    hashable: (x) => call('to_json_string', x),
    contains: (text, part) => sql`(strpos(${text}, ${part}) > 0)`,
    startsWith: (text, part) => call('starts_with', text, part),
    endsWith: (text, part) => call('ends_with', text, part),
    matches,
    isDistinct: (a, b) => sql`(${a} is distinct from ${b})`,
    least: (values) => ofThose('least', values),
    greatest: (values) => ofThose('greatest', values),
    canonical,
    exact,
    canonicalText,
    jsonValue,
    jsonObject: jsonObjectText,
    joinText: (text, separator, orderBy) => sql`string_agg(${text}, ${lit(separator)} order by ${orderBy})`,
    anyTrue: (condition) => sql`coalesce(logical_or(${condition}), false)`,
    hashSum: (hash) => sql`cast(coalesce(sum(cast(${hash} as bignumeric)), 0) as string)`,
    clock: () => sql`current_timestamp()`,
    addSeconds: (at, seconds) =>
      sql`timestamp_add(${at}, interval cast((${seconds}) * 1000000 as int64) microsecond)`,
    readFile: () => {
      throw new SluiceError('SLU3015', {
        message: 'expected a source that is a table or a query, found a file',
        hint: 'only DuckDB reads files; load the file into a table first',
      })
    },
  }
}

/**
 * BigQuery maps a letter to several where Unicode says so, and a sigma by where it stands: those two are mapped before
 * it does.
 */
function lower(text: Fragment): Fragment {
  return sql`lower(replace(replace(${text}, 'Σ', 'σ'), 'İ', 'i'))`
}

/** Letter by letter where one is not of ASCII, and those that would become several stay as they are. */
function upper(text: Fragment): Fragment {
  const letters = sql`(select string_agg(case when length(upper(letter)) = 1 then upper(letter) else letter end, '' order by place)
  from unnest(split(${text}, '')) as letter with offset as place)`
  return sql`case when regexp_contains(${text}, ${lit('[^\\x00-\\x7f]')}) then ${letters} else upper(${text}) end`
}

function splitPart(text: Fragment, separator: string, part: number): Fragment {
  const [separatorText = EMPTY] = pieceIndex(separator, part)
  const pieces = sql`split(${text}, ${separatorText})`
  const piece =
    part > 0
      ? sql`${pieces}[safe_offset(${part - 1})]`
      : sql`array_reverse(${pieces})[safe_offset(${-part - 1})]`
  return sql`case when ${text} is not null then coalesce(${piece}, '') end`
}

/** The JSON of a value says where it ends, and a missing one is told from the text `null`, which has quotes. */
function rowHash(values: readonly Fragment[]): Fragment {
  const texts = values.flatMap((value) => [lit(','), call('to_json_string', value)])
  return call('farm_fingerprint', concatenated(texts))
}

function matches(text: Fragment, pattern: Fragment): Fragment {
  if (literalText(pattern) === undefined)
    throw new SluiceError('SLU9001', { message: 'expected a pattern as one text literal, found other SQL' })
  return call('regexp_contains', text, pattern)
}

/** Of a missing value `least` is missing too, so that each is replaced by the first of the others that is there. */
function ofThose(functionName: 'least' | 'greatest', values: readonly Fragment[]): Fragment {
  const [only] = values
  if (only !== undefined && values.length === 1) return only
  const filled = values.map((value) => call('coalesce', value, ...values.filter((other) => other !== value)))
  return call(functionName, ...filled)
}
