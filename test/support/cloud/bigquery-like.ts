import type { TestContext } from 'node:test'
import { openWarehouse } from '../../../src/warehouse/open.ts'
import type { Warehouse } from '../../../src/warehouse/warehouse.ts'
import { BigqueryFake } from './bigquery-fake.ts'
import type { GoogleSql } from './google-sql.ts'

/** A session of an empty project of its own, opened by the real client. */
export async function openBigqueryLike(context: TestContext, analyser?: GoogleSql): Promise<Warehouse> {
  return (await bigqueryProject(context, analyser)).warehouse
}

export async function bigqueryProject(
  context: TestContext,
  analyser?: GoogleSql,
): Promise<{ readonly fake: BigqueryFake; readonly warehouse: Warehouse }> {
  const fake = await BigqueryFake.start(analyser)
  context.after(() => fake.close())
  const warehouse = await openWarehouse({
    type: 'bigquery',
    directory: '.',
    settings: fake.settings,
    runId: 'test-run',
    project: 'Shop',
  })
  context.after(() => warehouse.close())
  return { fake, warehouse }
}
