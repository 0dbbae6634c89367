import { quoteBigquery } from './bigquery-text.ts'
import type { Dialect, TableName } from './dialect.ts'
import { fixedText, id, lit, sql } from './fragment.ts'

/**
 * Stands for the region of the session, which its warehouse knows and puts in its place: rights are told by region
 * only.
 */
export const REGION_MARK = '`sluice-region`'

/**
 * A dataset of this name stands for the columns `(name, type, position)` of a temporary table, which no view of the
 * catalog tells: the session asks and puts them in its place.
 */
export const SESSION_COLUMNS_MARK = 'sluice-session-columns'

/** What a dataset's views of the catalog tell. They do not exist where the dataset does not. */
export const bigqueryCatalog: Pick<Dialect['table'], 'list' | 'columns' | 'grants'> = {
  list: (schema) =>
    sql`select table_name as name from ${id(schema)}.INFORMATION_SCHEMA.TABLES where table_type = 'BASE TABLE'`,
  columns: ({ schema, name }) =>
    schema === undefined
      ? sql`select name, type, position from ${id(SESSION_COLUMNS_MARK, name)} as told`
      : sql`select column_name as name, data_type as type, ordinal_position as position
from ${id(schema)}.INFORMATION_SCHEMA.COLUMNS
where table_name = ${lit(name)}`,
  grants: (table) =>
    sql`select 'grant \`' || privilege_type || '\` on table ' || ${lit(quoted(table))} || ' to "' || grantee || '"' as statement
from ${fixedText(REGION_MARK)}.INFORMATION_SCHEMA.OBJECT_PRIVILEGES
where object_schema = ${lit(table.schema ?? '')} and object_name = ${lit(table.name)}
order by statement`,
}

function quoted(table: TableName): string {
  const name = quoteBigquery(table.name)
  return table.schema === undefined ? name : `${quoteBigquery(table.schema)}.${name}`
}
