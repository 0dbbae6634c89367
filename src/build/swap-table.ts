import { SluiceError } from '../base/errors.ts'
import { tableOf } from '../compile/sources/relation.ts'
import type { TableName } from '../dialect/dialect.ts'
import { type Fragment, render, sql } from '../dialect/fragment.ts'
import type { Row, Warehouse } from '../warehouse/warehouse.ts'
import { runScript } from './run-script.ts'

/**
 * Puts `made` in the place of `published`, with the rights that were given on it. Where views read `published` it
 * cannot be dropped: then its rows are replaced instead, which costs one more write and leaves the views as they are.
 * Belongs into a transaction. Throws SLU4105 when such a view reads a table whose columns have changed.
 */
export async function swapTable(warehouse: Warehouse, made: TableName, published: TableName): Promise<void> {
  const { table } = warehouse.dialect
  const views = table.dependents === undefined ? [] : await read(warehouse, table.dependents(published))
  if (views.length > 0) return replaceRows(warehouse, made, published, views)
  const grants = table.grants === undefined ? [] : await read(warehouse, table.grants(published))
  const swap = [table.dropIfExists(published), table.rename(made, published.name)]
  await runScript(warehouse, STEP, swap)
  for (const grant of grants) await warehouse.execute({ step: STEP, sql: String(grant.statement) })
}

export function dropTable(warehouse: Warehouse, table: TableName): Promise<void> {
  return execute(warehouse, warehouse.dialect.table.dropIfExists(table))
}

const STEP = 'build.swap'

async function replaceRows(
  warehouse: Warehouse,
  made: TableName,
  published: TableName,
  views: readonly Row[],
): Promise<void> {
  const [before, after] = [await shapeOf(warehouse, published), await shapeOf(warehouse, made)]
  if (before !== after)
    throw new SluiceError('SLU4105', {
      message: `expected the columns that ${published.schema}.${published.name} had (${before}), since ${views.length} view(s) read it, found ${after}`,
      hint: `drop the views first, build, and make them again: ${views.map((view) => view.name).join(', ')}`,
    })
  await execute(warehouse, sql`delete from ${tableOf(published)} where true`)
  await execute(warehouse, sql`insert into ${tableOf(published)} select * from ${tableOf(made)}`)
  await dropTable(warehouse, made)
}

async function shapeOf(warehouse: Warehouse, table: TableName): Promise<string> {
  const select = render(sql`select * from ${tableOf(table)}`, warehouse.dialect)
  const columns = await warehouse.describe({ step: STEP, sql: select })
  return columns.map(({ name, type }) => `${name} ${type}`).join(', ')
}

function read(warehouse: Warehouse, query: Fragment): Promise<readonly Row[]> {
  return warehouse.read({ step: STEP, sql: render(query, warehouse.dialect) })
}

async function execute(warehouse: Warehouse, statement: Fragment): Promise<void> {
  await warehouse.execute({ step: STEP, sql: render(statement, warehouse.dialect) })
}
