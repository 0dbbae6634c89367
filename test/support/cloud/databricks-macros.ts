/**
 * Functions of Databricks as DuckDB says them, by the manual of Databricks. They prove what the printed text means by
 * these rules, and nothing of the rules themselves.
 */
export const MACROS: readonly string[] = [
  `dbx_typeof(x) as case typeof(x) when 'VARCHAR' then 'string' when 'TIMESTAMP' then 'timestamp_ntz'
    when 'TIMESTAMP WITH TIME ZONE' then 'timestamp' else lower(typeof(x)) end`,
  // All matches; groups are named by a dollar.
  String.raw`dbx_regexp_replace(x, pattern, replacement) as
    regexp_replace(x, pattern, regexp_replace(replacement, '\$(\d)', '\\\1', 'g'), 'g')`,
  `sha2(x, bits) as case bits when 256 then sha256(x) end`,
  // Missing values are passed over, and that of nothing is the seed.
  `dbx_signed(h) as cast(cast(h as hugeint) - 9223372036854775808 as bigint)`,
  `dbx_hash(x) as case when x is not null then dbx_signed(hash(x)) end`,
  `dbx_xxhash64(hashes) as coalesce(list_aggregate(
    [dbx_signed(hash(list_filter(hashes, lambda h: h is not null))), null][case when len(list_filter(hashes, lambda h: h is not null)) = 0 then 2 else 1 end : 1], 'first'), 42)`,
  `format_string(format, x) as printf(format, x)`,
  `unix_micros(x) as epoch_us(cast(x as timestamptz))`,
  `make_dt_interval(days, hours, minutes, seconds) as (to_days(days) + to_hours(hours) + to_minutes(minutes)
    + to_microseconds(cast(cast(seconds as decimal(38, 6)) * 1000000 as bigint)))`,
  `make_ym_interval(years, months) as to_months(cast(years * 12 + months as integer))`,
  `convert_timezone(source, target, x) as ((cast(x as timestamp) at time zone source) at time zone target)`,
  `current_timezone() as current_setting('TimeZone')`,
  `dbx_current_user() as 'loader@shop.example'`,
  `is_account_group_member(principal) as (principal = 'everyone')`,
  `dbx_encode(x, charset) as encode(x)`,
  // DuckDB's Levenshtein counts bytes by itself.
  `dbx_decode(x, charset) as decode(x)`,
  `dbx_to_json(x) as cast(to_json(x) as varchar)`,
  `collect_set(x) as list(distinct x)`,
  `array_sort(x) as list_sort(x)`,
  `array_join(x, separator) as array_to_string(x, separator)`,
]

/** Types as Databricks writes them out. */
const FULL_TYPE = `case
    when data_type = 'VARCHAR' then 'string' when data_type in ('BIGINT', 'HUGEINT', 'UBIGINT') then 'bigint'
    when data_type = 'INTEGER' then 'int' when data_type = 'TIMESTAMP' then 'timestamp_ntz'
    when data_type = 'TIMESTAMP WITH TIME ZONE' then 'timestamp' when data_type = 'JSON' then 'variant'
    when data_type like '%[]' then 'array<string>' when data_type like 'DECIMAL%' then lower(data_type)
    else lower(data_type) end`

/** The catalog as Unity Catalog shows it: names in small letters. `privileges` is filled by the tests. */
export const CATALOG: readonly string[] = [
  'create schema memory.dbx_information_schema',
  `create table memory.main.privileges (level varchar, catalog_name varchar, schema_name varchar, table_name varchar,
    grantee varchar, privilege_type varchar, inherited_from varchar)`,
  `create table memory.main.owners (level varchar, schema_name varchar, table_name varchar, owner varchar)`,
  `create view memory.dbx_information_schema.tables as
    select lower(schema_name) as table_schema, lower(table_name) as table_name, 'MANAGED' as table_type,
      coalesce((select owner from memory.main.owners as o where o.level = 'table' and o.table_name = t.table_name), 'admin@shop.example') as table_owner
    from duckdb_tables() as t where database_name = current_database() and not internal
    union all
    select lower(schema_name), lower(view_name), 'VIEW', 'admin@shop.example'
    from duckdb_views() where database_name = current_database() and not internal`,
  `create view memory.dbx_information_schema.columns as
    select lower(schema_name) as table_schema, lower(table_name) as table_name, column_name, ${FULL_TYPE} as full_data_type,
      column_index - 1 as ordinal_position
    from duckdb_columns() where database_name = current_database() and not internal`,
  `create view memory.dbx_information_schema.schemata as
    select lower(schema_name) as schema_name, 'admin@shop.example' as schema_owner
    from duckdb_schemas() where database_name = current_database() and not internal`,
  `create view memory.dbx_information_schema.catalogs as
    select current_database() as catalog_name, 'admin@shop.example' as catalog_owner`,
  `create view memory.dbx_information_schema.catalog_privileges as
    select catalog_name, grantee, privilege_type from memory.main.privileges where level = 'catalog'`,
  `create view memory.dbx_information_schema.schema_privileges as
    select schema_name, grantee, privilege_type, inherited_from from memory.main.privileges where level = 'schema'`,
  `create view memory.dbx_information_schema.table_privileges as
    select schema_name as table_schema, table_name, grantee, privilege_type, inherited_from
    from memory.main.privileges where level = 'table'`,
]
