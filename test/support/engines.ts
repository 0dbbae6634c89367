import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { openWarehouse } from '../../src/warehouse/open.ts'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import { openWithOwner } from './least-role.ts'
import { freshPostgres } from './postgres.ts'

export interface OpenOptions {
  /** The project's folder, for DuckDB's files; default: a new one that is gone after the test. */
  readonly directory?: string
  readonly runId?: string
}

/**
 * A fresh, empty warehouse, closed after the test.
 *
 *     forEachEngine((name, open) => {
 *       test(`${name}: counts rows`, async (context) => {
 *         const warehouse = await open(context)
 *         await warehouse.execute({ step: 'test', sql: 'create table t as select 1 as a' })
 *       })
 *     })
 */
export type Open = (context: TestContext, options?: OpenOptions) => Promise<Warehouse>

/** The warehouses that run here; `DialectName` has more, whose SQL is only printed. */
export type EngineName = 'duckdb' | 'postgres'

export const ENGINES: readonly EngineName[] = ['duckdb', 'postgres']

/** Runs `declare` once an engine, to declare its tests. */
export function forEachEngine(declare: (name: EngineName, open: Open) => void): void {
  for (const name of ENGINES) declare(name, (context, options) => openEngine(name, context, options))
}

/** One warehouse of each engine, for tests that compare what they answer. */
export async function bothEngines(context: TestContext): Promise<Readonly<Record<EngineName, Warehouse>>> {
  return { duckdb: await openEngine('duckdb', context), postgres: await openEngine('postgres', context) }
}

export async function openEngine(
  name: EngineName,
  context: TestContext,
  options: OpenOptions = {},
): Promise<Warehouse> {
  const directory = options.directory ?? temporaryFolder(context)
  const settings = name === 'duckdb' ? new Map([['path', 'warehouse.duckdb']]) : await freshPostgres()
  const warehouse = await openWithOwner({
    type: name,
    directory,
    settings,
    runId: options.runId ?? 'test-run',
  })
  context.after(() => warehouse.close())
  return warehouse
}

/** A PostgreSQL in which the engine is the owner too, for tests about rights. */
export async function openOwner(context: TestContext): Promise<Warehouse> {
  const settings = await freshPostgres()
  const warehouse = await openWarehouse({ type: 'postgres', directory: '.', settings, runId: 'test-run' })
  context.after(() => warehouse.close())
  return warehouse
}

export function temporaryFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-test-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
