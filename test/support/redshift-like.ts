import type { TestContext } from 'node:test'
import { openWarehouse } from '../../src/warehouse/open.ts'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import type { OpenOptions } from './engines.ts'
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
