import type { TestContext } from 'node:test'
import { openWarehouse } from '../../../src/warehouse/open.ts'
import type { Warehouse } from '../../../src/warehouse/warehouse.ts'
import { BigqueryFake } from './bigquery-fake.ts'
import { sharedGoogleSql } from './google-sql.ts'

/** A session of an empty project of its own, opened by the real client; every statement passes the analyser first. */
export async function openBigqueryLike(context: TestContext): Promise<Warehouse> {
  return (await bigqueryProject(context)).warehouse
}

export async function bigqueryProject(
  context: TestContext,
): Promise<{ readonly fake: BigqueryFake; readonly warehouse: Warehouse }> {
  const fake = await BigqueryFake.start(await sharedGoogleSql())
  const warehouse = await openWarehouse({
    type: 'bigquery',
    directory: '.',
    settings: fake.settings,
    runId: 'test-run',
    project: 'Shop',
  })
  context.after(async () => {
    await warehouse.close()
    await fake.close()
  })
  return { fake, warehouse }
}
