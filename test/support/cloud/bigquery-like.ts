import type { TestContext } from 'node:test'
import { openWarehouse } from '../../../src/warehouse/open.ts'
import type { Warehouse } from '../../../src/warehouse/warehouse.ts'
import type { OpenOptions } from '../engines.ts'
import { BigqueryFake } from './bigquery-fake.ts'
import { type GoogleSql, sharedGoogleSql } from './google-sql.ts'

/**
 * A session of an empty project of its own, opened by the real client. Its statements are not judged first, because
 * tests that compare dialects write parts of them in words that all warehouses but this one take.
 */
export async function openBigqueryLike(context: TestContext, options: OpenOptions = {}): Promise<Warehouse> {
  return (await opened(context, undefined, options)).warehouse
}

/** The same with the analyser of GoogleSQL in front of every statement, where it can be started. */
export async function bigqueryProject(context: TestContext): Promise<OpenProject> {
  return opened(context, await sharedGoogleSql(), {})
}

interface OpenProject {
  readonly fake: BigqueryFake
  readonly warehouse: Warehouse
}

async function opened(
  context: TestContext,
  analyser: GoogleSql | undefined,
  { runId = 'test-run' }: OpenOptions,
): Promise<OpenProject> {
  const fake = await BigqueryFake.start(analyser)
  const request = { type: 'bigquery', directory: '.', settings: fake.settings, runId, project: 'Shop' }
  const warehouse = await openWarehouse(request)
  context.after(async () => {
    await warehouse.close()
    await fake.close()
  })
  return { fake, warehouse }
}
