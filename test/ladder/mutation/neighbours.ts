import type { Warehouse } from '../../../src/warehouse/warehouse.ts'

/** How their schemas are called. */
export const NEIGHBOURS = 'elsewhere%'

/** Tables of the same names in another database and in other schemas, which are none of ours. */
export async function neighbours(warehouse: Warehouse, tables: readonly string[]): Promise<void> {
  if (warehouse.dialect.name !== 'duckdb') return
  const run = (sql: string) => warehouse.execute({ step: 'test', sql })
  await run(`attach if not exists ':memory:' as neighbour`)
  for (const schema of ['neighbour.elsewhere_0', 'elsewhere_1', 'elsewhere_2']) {
    await run(`create schema if not exists ${schema}`)
    for (const table of tables) await run(`create table ${schema}.${table} (nothing integer)`)
  }
}
