import type { TestContext } from 'node:test'
import type { DialectName } from '../../src/dialect/dialect.ts'
import { DIALECTS } from '../../src/dialect/registry.ts'
import { openWarehouse } from '../../src/warehouse/open.ts'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import { openBigqueryLike } from '../support/cloud/bigquery-like.ts'
import { openDatabricksLike } from '../support/cloud/databricks-like.ts'
import { openSnowflakeLike } from '../support/cloud/snowflake-like.ts'
import { openEngine } from '../support/engines.ts'
import { openRedshiftLike } from '../support/redshift-like.ts'

export type Opener = (context: TestContext) => Promise<Warehouse>

/** What runs the SQL of each dialect here: the engine itself, or what stands in for it. */
const OPENERS: Readonly<Partial<Record<DialectName, Opener>>> = {
  duckdb: openInMemory,
  postgres: (context) => openEngine('postgres', context),
  redshift: openRedshiftLike,
  databricks: openDatabricksLike,
  snowflake: openSnowflakeLike,
  bigquery: openBigqueryLike,
}

/** Undefined: nothing runs it here. */
export function openerOf(dialect: DialectName): Opener | undefined {
  return OPENERS[dialect]
}

export const DIALECT_NAMES = Object.keys(DIALECTS) as readonly DialectName[]

export async function openInMemory(context: TestContext): Promise<Warehouse> {
  const settings = new Map([['path', ':memory:']])
  const warehouse = await openWarehouse({ type: 'duckdb', directory: '.', settings, runId: 'test-run' })
  context.after(() => warehouse.close())
  return warehouse
}
