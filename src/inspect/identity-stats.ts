import type { RunContext } from '../build/run-context.ts'
import type { CompileContext } from '../compile/context.ts'
import {
  identityTotalsStep,
  largestEntitiesStep,
  refusedStep,
  sharedValuesStep,
  sizesStep,
} from '../compile/inspect/identity-stats.ts'
import { statementOf } from '../compile/render-step.ts'
import type { Step } from '../compile/step.ts'
import type { Entity } from '../spec/project.ts'
import type { Row } from '../warehouse/warehouse.ts'
import { type CandidateCount, candidateCounts } from './identity-candidates.ts'
import { withPublishedIdentity } from './published-identity.ts'
import { rowsOf } from './rows.ts'

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
    readonly records: number
  }[]
  /** Pairs of records that look alike, rule by rule. */
  readonly candidates: readonly CandidateCount[]
  /** The values that most records hold, as people may see them. */
  readonly shared: readonly {
    readonly identifier: string
    readonly value: string
    readonly records: number
    /** Why it joins nothing; undefined: it does. */
    readonly refused: string | undefined
  }[]
}

/** Ten tell whether something went wrong; who wants all reads the table. */
const LARGEST = 10
const MOST_SHARED = 10

/** How records became entities, from the published identity. Throws SLU7010 before the first build. */
export async function identityStats(run: RunContext, entity: Entity): Promise<IdentityStats> {
  return withPublishedIdentity(run, entity, (context) => statsOf(run, context, entity))
}

async function statsOf(run: RunContext, context: CompileContext, entity: Entity): Promise<IdentityStats> {
  const read = (step: Step): Promise<readonly Row[]> => run.warehouse.read(statementOf(step, context.dialect))
  const [totals] = await read(identityTotalsStep(context, entity))
  const largest = await read(largestEntitiesStep(context, entity, LARGEST))
  const sizes = await read(sizesStep(context, entity))
  const refused = await read(refusedStep(context, entity))
  const candidates = await candidateCounts(run, context, entity)
  const shared = await rowsOf(run, sharedValuesStep(context, entity, MOST_SHARED))
  return {
    entity: entity.name,
    asOf: context.asOf,
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
      records: Number(row.records),
    })),
    candidates,
    shared: shared.map((row) => ({
      identifier: String(row.identifier),
      value: String(row.shown),
      records: Number(row.records),
      refused: row.reason === null || row.reason === undefined ? undefined : String(row.reason),
    })),
  }
}
