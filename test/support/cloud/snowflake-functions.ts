/**
 * What Snowflake's functions do, by its manual, as macros of DuckDB: the meaning that the fake gives to what is printed.
 * They stand in a database of their own, which every session reaches.
 */
export const FUNCTIONS: readonly string[] = [
  `create macro sfx.main.convert_timezone(target, x) as x,
    (source, target, x) as (x at time zone source at time zone target)`,
  `create macro sfx.main.current_role() as coalesce(getvariable('role'), 'PUBLIC')`,
  `create macro sfx.main.current_version() as '9.38.1'`,
  // The part is a word there; a month is clamped to its last day.
  `create macro sfx.main.dateadd(part, count, x) as case part
    when 'MONTH' then x + to_months(cast(count as integer))
    when 'DAY' then x + to_days(cast(count as integer))
    when 'SECOND' then x + to_seconds(cast(count as bigint))
    when 'MICROSECOND' then x + to_microseconds(cast(count as bigint))
    else error('unknown part of a date') end`,
  `create macro sfx.main.parse_json(x) as cast(x as json)`,
  // Extended expressions of POSIX: no groups without a capture, nothing lazy. The ending keeps DuckDB from looking inside.
  `create macro sfx.main.regexp_instr(x, pattern) as case
    when contains(pattern, '(?') or contains(pattern, '*?') or contains(pattern, '+?') or contains(pattern, '??')
      then error('Invalid regular expression')
    when regexp_matches(x, pattern || '|[^\\x00-\\x{10FFFF}]') then 1 when x is not null then 0 end`,
  `create macro sfx.main.regexp_replace(x, pattern, replacement) as regexp_replace(x, pattern, replacement, 'g')`,
  `create macro sfx.main.sha2(x, bits) as case when bits = 256 then sha256(x) else error('no such SHA-2') end`,
  `create macro sfx.main.to_char(x, format) as case format
    when 'YYYY-MM-DD"T"HH24:MI:SS.FF3"Z"' then strftime(cast(x as timestamp), '%Y-%m-%dT%H:%M:%S.%gZ')
    when 'YYYY-MM-DD' then strftime(cast(x as timestamp), '%Y-%m-%d')
    else error('unknown format') end`,
  `create macro sfx.main.to_json(x) as cast(x as varchar)`,
  `create macro sfx.main.try_to_timestamp_tz(x) as try_cast(x as timestamptz)`,
  // Equal numbers have one hash, whatever their type and scale; null has one too.
  `create macro sfx.main.trimmed(x) as case when contains(x, '.') then rtrim(rtrim(x, '0'), '.') else x end`,
  `create macro sfx.main.hashed(x) as list_transform([x], lambda v: case
    when v is null then 'null'
    when typeof(v) = 'VARCHAR' then 't' || cast(v as varchar)
    when typeof(v) = 'BOOLEAN' then 'b' || cast(v as varchar)
    when typeof(v) = 'DOUBLE' then 'n' || case
      when abs(try_cast(v as double)) < 1e15 then sfx.main.trimmed(cast(cast(try_cast(v as double) as decimal(38, 12)) as varchar))
      else cast(v as varchar) end
    when typeof(v) like '%INT%' or typeof(v) like 'DECIMAL%' then 'n' || sfx.main.trimmed(cast(v as varchar))
    else 'o' || cast(v as varchar) end)[1]`,
  // Signed, of 64 bits; of one text, because DuckDB's hash of a list gives two lists the same more often than it should.
  `create macro sfx.main.hash_of(parts) as cast(cast(hash(array_to_string(
    list_transform(parts, lambda part: strlen(part) || ':' || part), ',')) as hugeint) - 9223372036854775808 as bigint)`,
  `create macro sfx.main.decoded(name) as ${decodedSql('name')}`,
  // What the session uses, told to DuckDB whenever it changes.
  `create macro sfx.main.session_database() as getvariable('database')`,
  `create macro sfx.main.session_schema() as getvariable('schema')`,
]

/** What the information schema tells; a session's own temporary tables stand in its schema. */
export const CATALOG: readonly string[] = [
  'create schema sfx.information_schema_of',
  'create table sfx.main.roles (role_name varchar)',
  `create table sfx.main.privileges (grantee varchar, granted_to varchar, object_type varchar, object_schema varchar,
    object_name varchar, privilege_type varchar, is_grantable varchar)`,
  `create view sfx.information_schema_of.schemata as
    select sfx.main.decoded(schema_name) as schema_name from duckdb_schemas()
    where database_name = current_database() and schema_name <> 'main'`,
  `create view sfx.information_schema_of.tables as
    select sfx.main.decoded(schema_name) as table_schema, sfx.main.decoded(table_name) as table_name, 'BASE TABLE' as table_type
    from duckdb_tables() where database_name = current_database()
    union all
    select sfx.main.session_schema(), sfx.main.decoded(table_name), 'TEMPORARY TABLE'
    from duckdb_tables() where database_name = 'temp'
    union all
    select case when database_name = 'temp' then sfx.main.session_schema() else sfx.main.decoded(schema_name) end,
      sfx.main.decoded(view_name), 'VIEW'
    from duckdb_views() where database_name in (current_database(), 'temp') and not internal`,
  `create view sfx.information_schema_of.columns as
    select case when database_name = 'temp' then sfx.main.session_schema() else sfx.main.decoded(schema_name) end as table_schema,
      sfx.main.decoded(table_name) as table_name, sfx.main.decoded(column_name) as column_name,
      column_index as ordinal_position,
      case when data_type like 'DECIMAL%' or data_type like '%INT%' then 'NUMBER' when data_type = 'VARCHAR' then 'TEXT'
        when data_type = 'DOUBLE' then 'FLOAT' when data_type = 'TIMESTAMP' then 'TIMESTAMP_NTZ'
        when data_type = 'TIMESTAMP WITH TIME ZONE' then 'TIMESTAMP_TZ' when data_type = 'JSON' then 'VARIANT'
        else data_type end as data_type,
      case when data_type like 'DECIMAL%' then numeric_precision when data_type like '%INT%' then 38 end as numeric_precision,
      case when data_type like 'DECIMAL%' then numeric_scale when data_type like '%INT%' then 0 end as numeric_scale
    from duckdb_columns() where database_name in (current_database(), 'temp') and not internal`,
  ...['sequences', 'functions', 'procedures', 'stages', 'file_formats', 'pipes'].map(
    (kind) =>
      `create view sfx.information_schema_of.${kind} as select '' as ${kind.slice(0, -1)}_schema where false`,
  ),
  `create view sfx.information_schema_of.enabled_roles as select sfx.main.current_role() as role_name`,
  `create view sfx.information_schema_of.object_privileges as
    select grantee, granted_to, object_schema, object_name, object_type, privilege_type, is_grantable from sfx.main.privileges`,
  `create view sfx.information_schema_of.table_privileges as
    select grantee, granted_to, object_schema as table_schema, object_name as table_name, privilege_type, is_grantable
    from sfx.main.privileges where object_type = 'TABLE'`,
]

/** As `decodedName` in TypeScript. */
function decodedSql(name: string): string {
  const letters = Array.from({ length: 26 }, (_, index) => String.fromCharCode(97 + index))
  const small = letters.reduce(
    (sql, letter) => `replace(${sql}, '~${letter.toUpperCase()}', '${letter}')`,
    name,
  )
  return `replace(${small}, '~~', '~')`
}
