import { quote } from './databricks-text.ts'
import type { Dialect, TableName } from './dialect.ts'
import { type Fragment, lit, sql } from './fragment.ts'

/**
 * The schema under which statements name tables of one session. A request to Databricks has no session: ours gives each
 * such table a name of its own in the state schema, and puts that here before a statement is sent.
 */
export const SESSION_SCHEMA = 'sluice_session'

/** What `information_schema` of Unity Catalog says, in the catalog of the target. It has all names in small letters. */
export const databricksCatalog: Pick<Dialect['table'], 'list' | 'columns' | 'grants' | 'writableElsewhere'> =
  {
    list: (schema) => sql`select table_name as name
from information_schema.tables
where table_schema = ${lit(schema.toLowerCase())} and table_type not like '%VIEW'`,
    columns: (table) => sql`select column_name as name, full_data_type as type, ordinal_position as position
from information_schema.columns
where ${isTable(table)}`,
    grants: (
      table,
    ) => sql`select 'grant ' || replace(privilege_type, '_', ' ') || ${lit(` on table ${quoted(table)} to `)}
  || '\`' || replace(grantee, '\`', '\`\`') || '\`' as statement
from information_schema.table_privileges
where ${isTable(table)} and inherited_from = 'NONE' and grantee <> current_user()
order by statement nulls last`,
    writableElsewhere: (
      schema,
    ) => sql`select what, name, array_join(array_sort(collect_set(right_name)), ', ') as rights
from (
  select 'catalog' as what, catalog_name as name, privilege_type as right_name
  from information_schema.catalog_privileges
  where ${isOurs(sql`grantee`)} and ${lets(sql`privilege_type`)}
  union all
  select 'schema', schema_name, privilege_type
  from information_schema.schema_privileges
  where ${isElsewhere(sql`schema_name`, schema)} and ${isOurs(sql`grantee`)} and ${lets(sql`privilege_type`)}
  union all
  select 'table', table_schema || '.' || table_name, privilege_type
  from information_schema.table_privileges
  where inherited_from = 'NONE' and ${isElsewhere(sql`table_schema`, schema)}
    and ${isOurs(sql`grantee`)} and ${lets(sql`privilege_type`)}
  union all
  select 'catalog', catalog_name, 'OWNER'
  from information_schema.catalogs
  where catalog_name = current_catalog() and ${isOurs(sql`catalog_owner`)}
  union all
  select 'schema', schema_name, 'OWNER'
  from information_schema.schemata
  where ${isElsewhere(sql`schema_name`, schema)} and ${isOurs(sql`schema_owner`)}
  union all
  select 'table', table_schema || '.' || table_name, 'OWNER'
  from information_schema.tables
  where ${isElsewhere(sql`table_schema`, schema)} and ${isOurs(sql`table_owner`)}
) as held
group by what, name`,
  }

function isTable({ schema, name }: TableName): Fragment {
  const inSchema = schema === undefined ? SESSION_SCHEMA : schema.toLowerCase()
  return sql`table_schema = ${lit(inSchema)} and table_name = ${lit(name.toLowerCase())}`
}

function isElsewhere(schemaName: Fragment, schema: string): Fragment {
  return sql`${schemaName} not in (${lit(schema.toLowerCase())}, 'information_schema')`
}

/** Rights of all groups that it is a member of are its own. */
function isOurs(principal: Fragment): Fragment {
  return sql`(${principal} = current_user() or is_account_group_member(${principal}))`
}

/** Those that write, or by which one gives oneself such a right. */
function lets(privilege: Fragment): Fragment {
  return sql`replace(${privilege}, ' ', '_') in ('ALL_PRIVILEGES', 'CREATE_SCHEMA', 'CREATE_TABLE', 'MANAGE', 'MODIFY')`
}

function quoted({ schema, name }: TableName): string {
  return schema === undefined ? quote(name) : `${quote(schema)}.${quote(name)}`
}
