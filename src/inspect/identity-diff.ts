import { SluiceError } from '../base/errors.ts'
import { compileContext } from '../build/compile-context.ts'
import type { RunContext } from '../build/run-context.ts'
import { scratchBuild } from '../build/scratch-build.ts'
import { StepRunner } from '../build/step-runner.ts'
import {
  type Direction,
  diffCountStep,
  diffExamplesStep,
  diffRecordsStep,
  diffTotalsStep,
  type IdentityPair,
  type PairsStep,
  pairsStep,
} from '../compile/inspect/identity-diff.ts'
import type { Entity } from '../spec/project.ts'
import { rowsOf } from './rows.ts'

export interface IdentityDiff {
  readonly entity: string
  /** Of the published identity; events after it count in neither. */
  readonly asOf: string
  /** The project defines the identity otherwise than the published one. */
  readonly rulesChanged: boolean
  readonly before: Totals
  readonly after: Totals
  /**
   * Records that came or went in the sources meanwhile, and events that belong to somebody in one of the two only: they
   * are in neither merges nor splits.
   */
  readonly newRecords: number
  readonly goneRecords: number
  readonly merges: Moved
  readonly splits: Moved
}

interface Totals {
  readonly records: number
  readonly entities: number
}

export interface Moved {
  /** Of merges those that would be, of splits those that are. */
  readonly entities: number
  /** How many they are united from, or fall into. */
  readonly parts: number
  /** The largest. */
  readonly examples: readonly MovedEntity[]
}

interface MovedEntity {
  readonly id: string
  readonly records: number
  /** How many there are; `parts` has the largest of them. */
  readonly partCount: number
  readonly parts: readonly {
    readonly id: string
    readonly records: number
    /** Some, `source:record_id`, as people may see them. */
    readonly recordIds: readonly string[]
  }[]
}

const EXAMPLES = 5
const PARTS = 4
const RECORDS = 3

/**
 * What the identity of the project at hand would merge and split, if it were built now, beside the published one.
 * Publishes nothing. Throws: SLU7010 before the first build.
 */
export async function identityDiff(run: RunContext, entity: Entity): Promise<IdentityDiff> {
  const nodeId = `identity:${entity.name}`
  const published = (await run.ledger.published.nodes()).get(nodeId)
  if (published === undefined)
    throw new SluiceError('SLU7010', {
      message: `expected a published identity of ${entity.name} to compare with, found none`,
      hint: 'build it first: sluice build',
    })
  // At the same time, so that rules are compared and not events that came since.
  const then = { ...run, asOf: published.asOf }
  const built = await scratchBuild(then, [nodeId])
  const runner = new StepRunner(then)
  try {
    const pair = { context: compileContext(then, built.tables), entity }
    const pairs = pairsStep(pair)
    await runner.run(pairs)
    const totals = await runner.readOne(diffTotalsStep(pair, pairs))
    const of = (name: string) => Number(totals[name] ?? 0)
    return {
      entity: entity.name,
      asOf: published.asOf,
      rulesChanged: run.graph.nodes.get(nodeId)?.fingerprint !== published.fingerprint,
      before: { records: of('records_before'), entities: of('entities_before') },
      after: { records: of('records_after'), entities: of('entities_after') },
      newRecords: of('records_after') - of('compared'),
      goneRecords: of('records_before') - of('compared'),
      merges: await movedIn(then, runner, pair, pairs, 'merges'),
      splits: await movedIn(then, runner, pair, pairs, 'splits'),
    }
  } finally {
    // The session may be gone; what happened before is what must be told.
    await runner.dropMade().catch(() => {})
    await built.drop().catch(() => {})
  }
}

async function movedIn(
  run: RunContext,
  runner: StepRunner,
  pair: IdentityPair,
  pairs: PairsStep,
  direction: Direction,
): Promise<Moved> {
  const count = await runner.readOne(diffCountStep(pair, pairs, direction))
  const found = await runner.read(diffExamplesStep(pair, pairs, direction, EXAMPLES))
  const examples: MovedEntity[] = []
  for (const row of found) {
    const id = String(row.entity_id)
    const parts = await partsOf(run, pair, direction, id)
    examples.push({ id, records: Number(row.records), partCount: Number(row.parts), parts })
  }
  return { entities: Number(count.entities ?? 0), parts: Number(count.parts ?? 0), examples }
}

async function partsOf(
  run: RunContext,
  pair: IdentityPair,
  direction: Direction,
  entityId: string,
): Promise<MovedEntity['parts']> {
  const step = diffRecordsStep(pair, direction, entityId, { parts: PARTS, records: RECORDS })
  const parts = Map.groupBy(await rowsOf(run, step), (row) => String(row.part_id))
  return [...parts].map(([id, rows]) => ({
    id,
    records: Number(rows[0]?.records),
    recordIds: rows.map((row) => `${String(row.source)}:${String(row.record_id)}`),
  }))
}
