import { quoteIdentifier } from './common.ts'
import type { Dialect, TableName } from './dialect.ts'
import { type Fragment, id, lit, sql } from './fragment.ts'
import { storedName } from './snowflake-names.ts'

/**
 * Schemas, and what the information schema tells of the session's database. Nothing keeps a table from being dropped
 * there: views that read one fail until there is one of its name again.
 */
export const snowflakeCatalog: Pick<
  Dialect['table'],
  'createSchema' | 'dropSchema' | 'list' | 'columns' | 'grants' | 'writableElsewhere'
> = {
  createSchema,
  dropSchema: (schema) => (storedName(schema) === 'PUBLIC' ? undefined : dropEmptySchema(schema)),
  list: (schema) => sql`select ${written(sql`table_name`)} as name
from information_schema.tables
where table_schema = ${stored(schema)} and table_type = 'BASE TABLE'`,
  columns: (table) => sql`select ${written(sql`column_name`)} as name,
  case when data_type = 'NUMBER' then 'NUMBER(' || numeric_precision || ',' || numeric_scale || ')' else data_type end as type,
  ordinal_position as position
from information_schema.columns
where table_schema = ${table.schema === undefined ? sql`current_schema()` : stored(table.schema)} and table_name = ${stored(table.name)}`,
  grants,
  writableElsewhere,
}

/** `if not exists` asks for the right to create one even where the schema is there. */
function createSchema(schema: string): Fragment {
  return sql`execute immediate $$
begin
if (not exists (select 1 from information_schema.schemata where schema_name = ${stored(schema)})) then
create schema ${id(schema)};
end if;
end
$$`
}

/** `drop schema` takes all that stands in it along, whatever it is told. */
function dropEmptySchema(schema: string): Fragment {
  const holding = KINDS.map(
    ([view, column]) =>
      sql`select 1 from information_schema.${id(view)} where ${id(column)} = ${stored(schema)}`,
  )
  return sql`execute immediate $$
declare
not_empty exception (-20001, 'expected an empty schema, found that something stands in it');
begin
if (exists (${holding.reduce((all, one) => sql`${all}\nunion all\n${one}`)})) then
raise not_empty;
end if;
drop schema if exists ${id(schema)};
end
$$`
}

/** What may stand in a schema, by the view that lists it and the column that tells where. */
const KINDS: readonly (readonly [view: string, column: string])[] = [
  ['tables', 'table_schema'],
  ['sequences', 'sequence_schema'],
  ['functions', 'function_schema'],
  ['procedures', 'procedure_schema'],
  ['stages', 'stage_schema'],
  ['file_formats', 'file_format_schema'],
  ['pipes', 'pipe_schema'],
]

/** The owner's own right comes with the table. */
function grants(table: TableName): Fragment {
  return sql`select 'grant ' || lower(privilege_type) || ' on table ' || ${lit(quoted(table))} || ' to '
  || lower(replace(granted_to, '_', ' ')) || ' "' || replace(grantee, '"', '""') || '"'
  || case when is_grantable = 'YES' then ' with grant option' else '' end as statement
from information_schema.table_privileges
where table_schema = ${table.schema === undefined ? sql`current_schema()` : stored(table.schema)} and table_name = ${stored(table.name)}
  and privilege_type <> 'OWNERSHIP'
order by statement`
}

/** Of all roles that the session uses. Whoever owns a thing may do all with it. */
function writableElsewhere(schema: string): Fragment {
  const held = sql`grantee in (select role_name from information_schema.enabled_roles)`
  return sql`select 'role' as what, role_name as name, 'administrator' as rights
from information_schema.enabled_roles
where role_name in ('ACCOUNTADMIN', 'SECURITYADMIN', 'SYSADMIN', 'USERADMIN')
union all
select lower(object_type), object_name, listagg(distinct lower(privilege_type), ', ') within group (order by lower(privilege_type))
from information_schema.object_privileges
where ${held} and (object_type = 'DATABASE' or object_type = 'SCHEMA' and object_name <> ${stored(schema)})
  and (privilege_type in ('OWNERSHIP', 'MODIFY') or startswith(privilege_type, 'CREATE '))
group by object_type, object_name
union all
select 'table', table_schema || '.' || table_name, listagg(distinct lower(privilege_type), ', ') within group (order by lower(privilege_type))
from information_schema.table_privileges
where ${held} and table_schema <> ${stored(schema)}
  and privilege_type in ('OWNERSHIP', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE')
group by table_schema, table_name`
}

function stored(name: string): Fragment {
  return lit(storedName(name))
}

/** Names that the engine tells, as we write them. */
function written(name: Fragment): Fragment {
  return sql`case when regexp_instr(${name}, '^[A-Z_][A-Z0-9_]*$') > 0 then lower(${name}) else ${name} end`
}

function quoted(table: TableName): string {
  const name = quoteIdentifier(storedName(table.name))
  return table.schema === undefined ? name : `${quoteIdentifier(storedName(table.schema))}.${name}`
}
