import { SluiceError } from '../base/errors.ts'
import { compileContext } from '../build/compile-context.ts'
import { publishedTables } from '../build/published-tables.ts'
import type { RunContext } from '../build/run-context.ts'
import {
  identityTotalsStep,
  largestEntitiesStep,
  refusedStep,
  sizesStep,
} from '../compile/inspect/identity-stats.ts'
import { statementOf } from '../compile/render-step.ts'
import type { Step } from '../compile/step.ts'
import type { Entity } from '../spec/project.ts'
import type { Row } from '../warehouse/warehouse.ts'

export interface IdentityStats {
  readonly entity: string
  readonly asOf: string
  readonly records: number
  readonly entities: number
  readonly largest: readonly { readonly id: string; readonly records: number }[]
  /** How many entities have at least that many records (up to the next band). */
  readonly sizes: readonly { readonly atLeast: number; readonly entities: number; readonly records: number }[]
  readonly refused: readonly {
    readonly identifier: string
    readonly reason: string
    readonly values: number
  }[]
}

/** Ten tell whether something went wrong; who wants all reads the table. */
const LARGEST = 10

/** How records became entities, from the published identity. Throws SLU7010 before the first build. */
export async function identityStats(run: RunContext, entity: Entity): Promise<IdentityStats> {
  const published = (await run.ledger.published.nodes()).get(`identity:${entity.name}`)
  if (published === undefined)
    throw new SluiceError('SLU7010', {
      message: `expected a published identity of ${entity.name}, found none`,
      hint: 'build it first: sluice build',
    })
  const context = compileContext(run, publishedTables(run).tables)
  const read = (step: Step): Promise<readonly Row[]> => run.warehouse.read(statementOf(step, context.dialect))
  const [totals] = await read(identityTotalsStep(context, entity))
  const largest = await read(largestEntitiesStep(context, entity, LARGEST))
  const sizes = await read(sizesStep(context, entity))
  const refused = await read(refusedStep(context, entity))
  return {
    entity: entity.name,
    asOf: published.asOf,
    records: Number(totals?.records ?? 0),
    entities: Number(totals?.entities ?? 0),
    largest: largest.map((row) => ({ id: String(row.entity_id), records: Number(row.records) })),
    sizes: sizes.map((row) => ({
      atLeast: Number(row.at_least),
      entities: Number(row.entities),
      records: Number(row.records),
    })),
    refused: refused.map((row) => ({
      identifier: String(row.identifier),
      reason: String(row.reason),
      values: Number(row.refused_values),
    })),
  }
}
