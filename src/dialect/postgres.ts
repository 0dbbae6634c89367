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
import type { ColumnType, ColumnTypeNames, Dialect, DialectFunctions, TableName } from './dialect.ts'
import { type Fragment, id, lit, literalText, sql } from './fragment.ts'
import { aresOf } from './pattern/postgres-pattern.ts'
import { BLANKS, pieceIndex, translate } from './text-rules.ts'

const TYPES: ColumnTypeNames = {
  text: 'text',
  boolean: 'boolean',
  integer: 'bigint',
  float: 'double precision',
  timestamp: 'timestamp',
  hash64: 'bigint',
}

/** PostgreSQL 15 and newer, a database in UTF-8. The adapter sets the session's zone to UTC. */
export const postgres: Dialect = {
  name: 'postgres',
  types: TYPES,
  supports: { files: false, roles: 'own', transactions: 'all', smallWritePauseMs: 0 },
  // `levenshtein` is in the extension fuzzystrmatch, which a least-privilege role cannot count on.
  takesScripts: true,
  similarity: {},
  // PostgreSQL pulls a plain subquery up and prints its columns into every place that names them.
  pieces: (text, alias) => ({
    join: sql`cross join unnest(string_to_array(${text}, ' ')) as ${id(alias)} (piece)`,
    piece: sql`${id(alias)}.piece`,
  }),
  fence: sql`\noffset 0`,
  inlined: sql`not materialized `,
  ...PLAIN_NAMES,
  quote: quoteIdentifier,
  // PostgreSQL folds the letters A to Z only
  fold: (bareName) => bareName.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase()),
  literal: printLiteral,
  timestampLiteral: printTimestamp,
  createQueryCompiler: () => new PostgresQueryCompiler(),
  columnType: (reported) => COLUMN_TYPES.get(reported.toLowerCase().replace(/\(.*?\)/s, '')) ?? 'other',
  table: {
    ...tableMakers(TYPES),
    createAs: (table, select) =>
      table.schema === undefined
        ? sql`create temp table ${tableId(table)} as\n${select}`
        : sql`create table ${tableId(table)} as\n${select}`,
    dropIfExists: (table) => sql`drop table if exists ${tableId(table)}`,
    rename: (table, to) => sql`alter table ${tableId(table)} rename to ${id(to)}`,
    createSchema,
    dropSchema: (schema) =>
      schema === 'public' ? undefined : sql`drop schema if exists ${id(schema)} restrict`,
    list: (schema) =>
      sql`select cast(tablename as text) as name from pg_catalog.pg_tables where schemaname = ${lit(schema)}`,
    columns: (table) =>
      sql`select cast(attname as text) as name, format_type(atttypid, atttypmod) as type, attnum as position
from pg_catalog.pg_attribute
where attrelid = ${oidOf(table)} and attnum > 0 and not attisdropped`,
    dependents,
    grants,
    writableElsewhere,
    index: (table, column) => sql`create index on ${tableId(table)} (${id(column)})`,
    tellsRows: true,
    analyze: (table) => sql`analyze ${tableId(table)}`,
  },
  fn: functions(),
}

const COLUMN_TYPES: ReadonlyMap<string, ColumnType> = new Map<string, ColumnType>([
  ...['text', 'character varying', 'character', 'name', 'citext'].map((name) => [name, 'text'] as const),
  ...['smallint', 'integer', 'bigint', 'oid'].map((name) => [name, 'integer'] as const),
  ...['real', 'double precision'].map((name) => [name, 'float'] as const),
  ...['timestamp without time zone', 'timestamp with time zone', 'timestamp'].map(
    (name) => [name, 'timestamp'] as const,
  ),
  ['boolean', 'boolean'],
  ['numeric', 'decimal'],
  ['date', 'date'],
  ['json', 'json'],
  ['jsonb', 'json'],
])

/** `if not exists` asks for the right to create one even where the schema is there. */
function createSchema(schema: string): Fragment {
  return sql`do $sluice$ begin
if not exists (select from pg_catalog.pg_namespace where nspname = ${lit(schema)}) then
create schema ${id(schema)};
end if; end $sluice$`
}

function dependents(table: TableName): Fragment {
  return sql`select distinct cast(v.oid as regclass)::text as name
from pg_catalog.pg_depend as d
join pg_catalog.pg_rewrite as r on r.oid = d.objid
join pg_catalog.pg_class as v on v.oid = r.ev_class
where d.classid = 'pg_catalog.pg_rewrite'::regclass and d.refclassid = 'pg_catalog.pg_class'::regclass
  and d.refobjid = ${oidOf(table)} and v.oid <> d.refobjid
order by name nulls last`
}

/** The owner's own rights come with the table. */
function grants(table: TableName): Fragment {
  return sql`select 'grant ' || a.privilege_type || ' on ' || ${lit(quoted(table))} || ' to '
  || case when a.grantee = 0 then 'public' else quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) end
  || case when a.is_grantable then ' with grant option' else '' end as statement
from pg_catalog.pg_class as c, pg_catalog.aclexplode(c.relacl) as a
where c.oid = ${oidOf(table)} and a.grantee <> c.relowner
order by statement nulls last`
}

/** Rights of all roles that it is a member of are its own. */
function writableElsewhere(schema: string): Fragment {
  const elsewhere = sql`n.nspname <> ${lit(schema)} and n.nspname <> 'information_schema' and n.nspname not like 'pg\\_%'`
  return sql`select 'role' as what, cast(r.rolname as text) as name,
  concat_ws(', ', case when r.rolsuper then 'superuser' end, case when r.rolcreaterole then 'createrole' end,
    case when r.rolcreatedb then 'createdb' end, case when r.rolreplication then 'replication' end) as rights
from pg_catalog.pg_roles as r
where r.rolname = current_user and (r.rolsuper or r.rolcreaterole or r.rolcreatedb or r.rolreplication)
union all
select 'database', cast(current_database() as text), 'create'
where pg_catalog.has_database_privilege(current_database(), 'create')
union all
select 'schema', cast(n.nspname as text), 'create'
from pg_catalog.pg_namespace as n
where ${elsewhere} and pg_catalog.has_schema_privilege(n.oid, 'create')
union all
select 'table', n.nspname || '.' || c.relname,
  concat_ws(', ', case when pg_catalog.has_any_column_privilege(c.oid, 'insert') then 'insert' end,
    case when pg_catalog.has_any_column_privilege(c.oid, 'update') then 'update' end,
    case when pg_catalog.has_table_privilege(c.oid, 'delete') then 'delete' end,
    case when pg_catalog.has_table_privilege(c.oid, 'truncate') then 'truncate' end)
from pg_catalog.pg_class as c
join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
where ${elsewhere} and c.relkind in ('r', 'p', 'v', 'm', 'f')
  and (pg_catalog.has_any_column_privilege(c.oid, 'insert, update') or pg_catalog.has_table_privilege(c.oid, 'delete, truncate'))`
}

function oidOf(table: TableName): Fragment {
  return sql`to_regclass(${lit(quoted(table))})`
}

function quoted(table: TableName): string {
  const name = quoteIdentifier(table.name)
  return table.schema === undefined ? name : `${quoteIdentifier(table.schema)}.${name}`
}

function functions(): DialectFunctions {
  return {
    asText,
    asTimestamp,
    asFloat,
    asInteger: (x) => sql`cast(${x} as bigint)`,
    byBytes,
    lower: (text) => call('lower', ofDatabase(text)),
    upper: (text) => call('upper', ofDatabase(text)),
    length: (text) => call('length', text),
    byteLength: (text) => call('octet_length', text),
    trim: (text) => call('btrim', text, lit(BLANKS)),
    translate,
    digitsOf: (text) => sql`regexp_replace(${text}, '[^0-9]', '', 'g')`,
    splitPart: (text, separator, part) => call('split_part', text, ...pieceIndex(separator, part)),
    md5Hex: (text) => call('md5', text),
    sha256Hex: (text) => sql`encode(sha256(convert_to(${text}, 'UTF8')), 'hex')`,
    hash64: (text) => call('hashtextextended', text, lit(0)),
    rowHash: (values) =>
      values.length === 0 ? lit(0) : sql`hash_record_extended(${call('row', ...values)}, ${ROW_SEED})`,
    // Types without a hash, and those whose equal values are printed in several ways.
    hashable: (x) => byBytes(asText(x)),
    contains: (text, part) => sql`(strpos(${byBytes(text)}, ${part}) > 0)`,
    startsWith: (text, part) => call('starts_with', text, part),
    endsWith: (text, part) => sql`(right(${text}, length(${part})) = ${part})`,
    matches,
    isDistinct: (a, b) => sql`(${a} is distinct from ${b})`,
    least: (values) => call('least', ...values),
    greatest: (values) => call('greatest', ...values),
    canonical,
    exact,
    canonicalText,
    jsonValue: (x, type) => sql`coalesce(${jsonText(x, type)}, 'null')`,
    jsonObject: jsonObjectText,
    joinText: (text, separator, orderBy) => sql`string_agg(${text}, ${lit(separator)} order by ${orderBy})`,
    anyTrue: (condition) => sql`coalesce(bool_or(${condition}), false)`,
    // The hash of a row is a sum of its columns': of two rows that swap a value, the sum would be the same.
    hashSum: (hash) => sql`cast(coalesce(sum(hashint8extended(${hash}, 0)), 0) as text)`,
    clock: () => sql`(clock_timestamp() at time zone 'UTC')`,
    addSeconds: (at, seconds) => sql`(${at} + ${seconds} * interval '1 second')`,
    readFile: () => {
      throw new SluiceError('SLU3015', {
        message: 'expected a source that is a table or a query, found a file',
        hint: 'only DuckDB reads files; load the file into a table first',
      })
    },
  }
}

/** The hash of a zero is the seed, or one less; that of null is 0. */
const ROW_SEED = lit(17)

function asText(x: Fragment): Fragment {
  return sql`cast(${x} as text)`
}

function asFloat(x: Fragment): Fragment {
  return sql`cast(${x} as double precision)`
}

/** By way of a time with a zone, so that text may name its own; one without is in the session's, UTC. */
function asTimestamp(x: Fragment): Fragment {
  return sql`(cast(${x} as timestamp with time zone) at time zone 'UTC')`
}

function byBytes(text: Fragment): Fragment {
  return sql`(${text} collate "C")`
}

/** Letters are those of the database's own locale, whatever collation the text carries. */
function ofDatabase(text: Fragment): Fragment {
  return sql`(${text} collate "default")`
}

function matches(text: Fragment, pattern: Fragment): Fragment {
  const written = literalText(pattern)
  if (written === undefined)
    throw new SluiceError('SLU9001', { message: 'expected a pattern as one text literal, found other SQL' })
  return sql`(${byBytes(text)} ~ ${lit(aresOf(written))})`
}

function canonical(x: Fragment, type: ColumnType): Fragment {
  switch (type) {
    case 'float':
      // Its digits as text: to make a number of them again costs as much once more. `+ 0` takes the sign of a zero away.
      return sql`case when ${isFiniteNumber(x)} then to_char(${asFloat(x)} + 0, ${FORMAT_12}) end`
    case 'decimal':
      return sql`case when ${isFiniteNumber(x)} then ${x} end`
    case 'timestamp':
      // Of a time with a zone, that of the session, which is UTC.
      return sql`date_trunc('milliseconds', ${finite(sql`cast(${x} as timestamp)`)})`
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
    case 'decimal':
    case 'timestamp':
    case 'date':
      return [x]
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
      return sql`case when ${isFiniteNumber(x)} then ${floatDigits(x)} end`
    case 'decimal':
      return sql`case when ${isFiniteNumber(x)} then ${asText(sql`trim_scale(${x})`)} end`
    case 'timestamp':
      return sql`to_char(${finite(asTimestamp(x))}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
    case 'date':
      return sql`to_char(${finite(x)}, 'YYYY-MM-DD')`
    case 'boolean':
    case 'integer':
    case 'text':
    case 'json':
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
      return asText(sql`to_json(${text})`)
  }
}

const FORMAT_12 = lit('9.99999999999EEEE')

/** `-1.23456789012e+05`, correctly rounded; a space stands where no sign is. */
function digits12(x: Fragment): Fragment {
  return sql`btrim(to_char(${asFloat(x)}, ${FORMAT_12}))`
}

function rounded12(x: Fragment): Fragment {
  return asFloat(digits12(x))
}

function floatDigits(x: Fragment): Fragment {
  const plain = asText(sql`trim_scale(cast(${digits12(x)} as numeric))`)
  return floatText(digits12(x), rounded12(x), plain)
}

function isFiniteNumber(x: Fragment): Fragment {
  return sql`${x} not in ('NaN', 'Infinity', '-Infinity')`
}

function finite(time: Fragment): Fragment {
  return sql`case when isfinite(${time}) then ${time} end`
}
