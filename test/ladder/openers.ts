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
  const warehouse = await duckdbInMemory()
  context.after(() => warehouse.close())
  return warehouse
}

/** Closes it when the work is done: many of them, one after the other, take no more than one. */
export async function inMemory<T>(work: (warehouse: Warehouse) => Promise<T>): Promise<T> {
  const warehouse = await duckdbInMemory()
  try {
    return await work(warehouse)
  } finally {
    await warehouse.close()
  }
}

function duckdbInMemory(): Promise<Warehouse> {
  const settings = new Map([['path', ':memory:']])
  return openWarehouse({ type: 'duckdb', directory: '.', settings, runId: 'test-run' })
}
