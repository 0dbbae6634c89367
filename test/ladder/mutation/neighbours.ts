import type { Warehouse } from '../../../src/warehouse/warehouse.ts'

/** The database in which they stand. */
export const NEIGHBOUR = 'neighbour'

/** Tables of the same names in another database and in another schema, which are none of ours. */
export async function neighbours(warehouse: Warehouse, tables: readonly string[]): Promise<void> {
  if (warehouse.dialect.name !== 'duckdb') return
  const run = (sql: string) => warehouse.execute({ step: 'test', sql })
  await run(`attach if not exists ':memory:' as ${NEIGHBOUR}`)
  for (const schema of [`${NEIGHBOUR}.sluice`, 'elsewhere']) {
    await run(`create schema if not exists ${schema}`)
    for (const table of tables) await run(`create table ${schema}.${table} (nothing integer)`)
  }
}
