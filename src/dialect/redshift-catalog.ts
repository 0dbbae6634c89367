import { quoteIdentifier } from './common.ts'
import type { Dialect, TableName } from './dialect.ts'
import { type Fragment, lit, sql } from './fragment.ts'

/** What Redshift's catalog tells, which is that of PostgreSQL 8 without its later functions. */
export const redshiftCatalog: Pick<Dialect['table'], 'list' | 'columns' | 'dependents' | 'grants'> = {
  list: (schema) =>
    sql`select cast(tablename as varchar(128)) as name from pg_catalog.pg_tables where schemaname = ${lit(schema)}`,
  columns: (table) => sql`select cast(a.attname as varchar(128)) as name,
  format_type(a.atttypid, a.atttypmod) as type, a.attnum as position
from pg_catalog.pg_attribute as a
join pg_catalog.pg_class as c on c.oid = a.attrelid
join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
where ${isTable(table)} and a.attnum > 0 and not a.attisdropped`,
  dependents: (table) => sql`select distinct cast(vn.nspname || '.' || v.relname as varchar(260)) as name
from pg_catalog.pg_class as c
join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
join pg_catalog.pg_depend as d on d.refobjid = c.oid
join pg_catalog.pg_rewrite as r on r.oid = d.objid
join pg_catalog.pg_class as v on v.oid = r.ev_class
join pg_catalog.pg_namespace as vn on vn.oid = v.relnamespace
where ${isTable(table)} and v.oid <> c.oid
order by name nulls last`,
  grants: (table) => sql`select 'grant ' || privilege_type || ' on ' || ${lit(quoted(table))} || ' to '
  || case identity_type when 'public' then '' when 'user' then '' else identity_type || ' ' end
  || case identity_type when 'public' then 'public' else quote_ident(identity_name) end
  || case when admin_option then ' with grant option' else '' end as statement
from svv_relation_privileges
where relation_name = ${lit(table.name)} and ${table.schema === undefined ? sql`true` : sql`namespace_name = ${lit(table.schema)}`}
  and identity_name <> current_user
order by statement nulls last`,
}

function isTable({ schema, name }: TableName): Fragment {
  const inSchema = schema === undefined ? sql`pg_table_is_visible(c.oid)` : sql`n.nspname = ${lit(schema)}`
  return sql`c.relname = ${lit(name)} and ${inSchema}`
}

function quoted(table: TableName): string {
  const name = quoteIdentifier(table.name)
  return table.schema === undefined ? name : `${quoteIdentifier(table.schema)}.${name}`
}
