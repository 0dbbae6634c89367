import type { TestContext } from 'node:test'
import { openWarehouse } from '../../../src/warehouse/open.ts'
import type { Warehouse } from '../../../src/warehouse/warehouse.ts'
import { DatabricksFake, type FakeOptions } from './databricks-fake.ts'

/** A workspace that ends with the test. */
export async function freshDatabricks(context: TestContext, options?: FakeOptions): Promise<DatabricksFake> {
  const fake = await DatabricksFake.open(options)
  context.after(() => fake.close())
  return fake
}

/** Our client of Databricks on a workspace of its own. */
export async function openDatabricksLike(
  context: TestContext,
  { runId = 'test-run', ...options }: FakeOptions & { readonly runId?: string } = {},
): Promise<Warehouse> {
  const fake = await freshDatabricks(context, options)
  return openOn(fake, { runId })
}

/** Closed before the workspace is. */
export async function openOn(
  fake: DatabricksFake,
  {
    runId = 'test-run',
    settings = fake.settings,
  }: { runId?: string; settings?: ReadonlyMap<string, string> } = {},
): Promise<Warehouse> {
  const warehouse = await openWarehouse({ type: 'databricks', directory: '.', settings, runId })
  fake.opened.push(warehouse)
  return warehouse
}
