import type { TestContext } from 'node:test'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import { openBigqueryLike } from './cloud/bigquery-like.ts'
import { openDatabricksLike } from './cloud/databricks-like.ts'
import { openSnowflakeLike } from './cloud/snowflake-like.ts'
import { ENGINES, type EngineName, type Open, openEngine } from './engines.ts'
import { openRedshiftLike } from './redshift-like.ts'

/** Warehouses whose own session is connected to what stands in for them here. */
const STAND_INS = {
  redshift: openRedshiftLike,
  snowflake: openSnowflakeLike,
  databricks: openDatabricksLike,
  bigquery: openBigqueryLike,
}

export type TestedDialect = EngineName | keyof typeof STAND_INS

/** Runs `declare` once an engine, and once for each warehouse that is stood in for. */
export function forEachDialect(declare: (name: TestedDialect, open: Open) => void): void {
  forEachOf([...ENGINES, ...(Object.keys(STAND_INS) as (keyof typeof STAND_INS)[])], declare)
}

/** The same for some of them. */
export function forEachOf<Name extends TestedDialect>(
  names: readonly Name[],
  declare: (name: Name, open: Open) => void,
): void {
  for (const name of names) declare(name, openerOf(name))
}

export function openerOf(name: TestedDialect): Open {
  const engine = ENGINES.find((one) => one === name)
  if (engine !== undefined) return (context, options) => openEngine(engine, context, options)
  return STAND_INS[name as keyof typeof STAND_INS]
}

/** One session for each dialect that there is, for tests that compare what their texts mean. */
export async function everyDialect(
  context: TestContext,
): Promise<Readonly<Record<TestedDialect, Warehouse>>> {
  const opening: Promise<readonly [TestedDialect, Warehouse]>[] = []
  forEachDialect((name, open) => {
    opening.push(open(context).then((warehouse) => [name, warehouse] as const))
  })
  return Object.fromEntries(await Promise.all(opening)) as Record<TestedDialect, Warehouse>
}
