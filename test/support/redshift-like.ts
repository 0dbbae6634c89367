import type { TestContext } from 'node:test'
import { openWarehouse } from '../../src/warehouse/open.ts'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import { bothEngines, type EngineName, forEachEngine, type Open, type OpenOptions } from './engines.ts'
import { freshRedshift } from './redshift-server.ts'

/** The session of Redshift itself, connected to the server that stands in for it. */
export async function openRedshiftLike(context: TestContext, options: OpenOptions = {}): Promise<Warehouse> {
  const warehouse = await openWarehouse({
    type: 'redshift',
    directory: options.directory ?? '.',
    settings: await freshRedshift(),
    runId: options.runId ?? 'test-run',
  })
  context.after(() => warehouse.close())
  return warehouse
}

/** Runs `declare` once an engine, and for Redshift's text on its stand-in. */
export function forEachDialect(declare: (name: EngineName | 'redshift', open: Open) => void): void {
  forEachEngine(declare)
  declare('redshift', openRedshiftLike)
}

/** One session for each dialect that there is, for tests that compare what their texts mean. */
export async function everyDialect(
  context: TestContext,
): Promise<Readonly<Record<EngineName | 'redshift', Warehouse>>> {
  return { ...(await bothEngines(context)), redshift: await openRedshiftLike(context) }
}
