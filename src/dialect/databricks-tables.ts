import { tableId } from './common.ts'
import type { ColumnDefinition, ColumnTypeNames, Dialect, TableName } from './dialect.ts'
import { EMPTY, type Fragment, fixedText, id, join, lit, sql } from './fragment.ts'

type Makers = Pick<
  Dialect['table'],
  | 'create'
  | 'addColumn'
  | 'createAs'
  | 'createView'
  | 'dropView'
  | 'dropIfExists'
  | 'rename'
  | 'replace'
  | 'createSchema'
  | 'dropSchema'
  | 'tellsRows'
  | 'analyze'
>

/** Tables are Delta's. No key is kept there, so none is declared. */
export function databricksTables(types: ColumnTypeNames): Makers {
  return {
    create: (table, columns) => create(types, table, columns),
    addColumn: (table, column) => addColumn(types, table, column),
    createAs: (table, select) => sql`create table ${tableId(table)} as\n${select}`,
    createView: (view, select) => sql`create view ${tableId(view)} as\n${select}`,
    dropView: (view) => sql`drop view if exists ${tableId(view)}`,
    dropIfExists: (table) => sql`drop table if exists ${tableId(table)}`,
    // A bare name would be one of the request's schema.
    replace: (made, published) =>
      sql`create or replace table ${tableId(published)} as select * from ${tableId(made)}`,
    rename: (table, to) => sql`alter table ${tableId(table)} rename to ${tableId({ ...table, name: to })}`,
    createSchema: (schema) => sql`create schema if not exists ${id(schema)}`,
    dropSchema: (schema) =>
      schema === 'default' ? undefined : sql`drop schema if exists ${id(schema)} restrict`,
    tellsRows: false,
    // Delta keeps what its planner needs.
    analyze: undefined,
  }
}

function create(types: ColumnTypeNames, table: TableName, columns: readonly ColumnDefinition[]): Fragment {
  const listed = columns.map(
    (column) =>
      sql`${id(column.name)} ${fixedText(types[column.type])}${column.nullable ? EMPTY : sql` not null`}${defaultOf(column)}`,
  )
  const hasDefault = columns.some((column) => column.default !== undefined)
  const feature = hasDefault
    ? sql`\ntblproperties ('delta.feature.allowColumnDefaults' = 'supported')`
    : EMPTY
  return sql`create table if not exists ${tableId(table)} (
  ${join(listed, ',\n  ')}
) using delta${feature}`
}

function defaultOf({ default: value }: ColumnDefinition): Fragment {
  return value === undefined ? EMPTY : sql` default ${lit(value)}`
}

/** A column that is added has no default yet, and rows that are there get none by themselves. */
function addColumn(types: ColumnTypeNames, table: TableName, column: ColumnDefinition): Fragment {
  const added = sql`alter table ${tableId(table)} add column ${id(column.name)} ${fixedText(types[column.type])}`
  if (column.default === undefined) return added
  const value = lit(column.default)
  return sql`begin
${added};
alter table ${tableId(table)} set tblproperties ('delta.feature.allowColumnDefaults' = 'supported');
alter table ${tableId(table)} alter column ${id(column.name)} set default ${value};
update ${tableId(table)} set ${id(column.name)} = ${value} where true;
end`
}
