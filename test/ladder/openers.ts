import type { TestContext } from 'node:test'
import type { DialectName } from '../../src/dialect/dialect.ts'
import { DIALECTS } from '../../src/dialect/registry.ts'
import { openWarehouse } from '../../src/warehouse/open.ts'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import { openerOf as dialectOpener } from '../support/dialects.ts'

export type Opener = (context: TestContext) => Promise<Warehouse>

/** What runs the SQL of each dialect here, as in all tests; DuckDB in memory, because much is run on it. */
export function openerOf(dialect: DialectName): Opener {
  return dialect === 'duckdb' ? openInMemory : dialectOpener(dialect)
}

export const DIALECT_NAMES = Object.keys(DIALECTS) as readonly DialectName[]

export async function openInMemory(context: TestContext): Promise<Warehouse> {
  const settings = new Map([['path', ':memory:']])
  const warehouse = await openWarehouse({ type: 'duckdb', directory: '.', settings, runId: 'test-run' })
  context.after(() => warehouse.close())
  return warehouse
}
