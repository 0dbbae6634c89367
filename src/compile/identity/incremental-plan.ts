import type { TableName } from '../../dialect/dialect.ts'
import { sql } from '../../dialect/fragment.ts'
import type { Entity } from '../../spec/project.ts'
import type { CompileContext } from '../context.ts'
import { tableOf } from '../sources/relation.ts'
import type { Step } from '../step.ts'
import { currentIdentity, deltaSteps } from './delta-steps.ts'
import { comparison, goneRowsStep, rereadSteps, type SourceComparison } from './find-steps.ts'
import type { IdRun } from './id-steps.ts'
import { patchSteps, type StitchFigures, stitchPatch } from './patch-steps.ts'
import { sourceRows } from './record-steps.ts'
import { noRowsOf } from './rows.ts'
import { identityScope, identityStep } from './scope.ts'
import { identityRecords } from './slots.ts'
import { type SmallGraph, smallGraph } from './small-graph.ts'
import { type Stamp, stampOf } from './state-steps.ts'
import { type TouchSteps, touchSteps } from './touch-steps.ts'

/**
 * The incremental stitch of one entity, in the order in which it runs: what is not as it was is found by hashes, the
 * entities that it touches are solved again, and what changes is put into the published tables.
 */
export interface IncrementalPlan extends TouchSteps {
  readonly comparisons: readonly SourceComparison[]
  readonly reread: readonly Step[]
  readonly graph: SmallGraph
  readonly delta: readonly Step[]
  /**
   * A question: `touched`, `was`: entities that are not as they were, and those of them that the last build had;
   * `whole`: nodes of those that may fall apart.
   */
  readonly checkDelta: Step
  /** `<entity>_identity` as it will be, as the output. */
  readonly current: Step
  /** The same as a view of this session. */
  readonly currentView: Step & { readonly creates: TableName }
  /** `<entity>_identity` as it is, as the output. */
  readonly unchanged: Step
  readonly hasEvents: boolean
  /** The events that were read again, a table a source. */
  readonly cameEvents: readonly TableName[]
  /** `(entity_id, was)`. */
  readonly touchedEntities: TableName
  readonly salt: number
  /** The nodes of the last build. */
  readonly published: TableName
  patch(figures: StitchFigures): readonly Step[]
  /** Of a stitch that found nothing. */
  keep(figures: StitchFigures): readonly Step[]
  readonly told: Readonly<Record<ToldTable, TableName>>
}

/** Tables whose rows are figures. */
type ToldTable =
  | 'gone_rows'
  | 'loose'
  | 'touched'
  | 'touched_rows'
  | 'moved_nodes'
  | 'anchors'
  | 'identity_in'
  | 'merges_in'
  | 'splits_in'

export function incrementalPlan(
  context: CompileContext,
  entity: Entity,
  run: IdRun,
  salt: number,
): IncrementalPlan {
  const scope = identityScope(context, entity, 'incremental.')
  const records = identityRecords(context.graph, entity)
  const events = records.filter(({ isEvent }) => isEvent)
  const view = scope.temporary('current')
  const noRows = noRowsOf(scope, { row_hash: 'hash', content_hash: 'hash', r: 'hash' })
  return {
    ...touchSteps(scope, records, salt),
    comparisons: records.map((one) => comparison(scope, one, salt)),
    reread: [...rereadSteps(scope, records, salt), goneRowsStep(scope, events, noRows)],
    graph: smallGraph(scope, run, records),
    delta: deltaSteps(scope, records, salt),
    checkDelta: identityStep(
      scope,
      { name: 'check_delta', summary: 'How many entities are touched', grain: 'one row', creates: undefined },
      sql`select count(*) as touched, sum(case when was then 1 else 0 end) as was,
  (select count(*) from ${tableOf(scope.temporary('touched'))} where whole) as whole
from ${tableOf(scope.temporary('touched_entities'))}`,
    ),
    current: identityStep(scope, { ...CURRENT, creates: scope.output('identity') }, currentIdentity(scope)),
    currentView: {
      ...identityStep(scope, { ...CURRENT, creates: view }, currentIdentity(scope)),
      creates: view,
    },
    unchanged: identityStep(
      scope,
      { ...CURRENT, creates: scope.output('identity') },
      sql`select * from ${tableOf(scope.published('identity'))}`,
    ),
    hasEvents: events.length > 0,
    cameEvents: events.map((one) => sourceRows(scope, one)),
    touchedEntities: scope.temporary('touched_entities'),
    salt,
    published: scope.published('nodes'),
    patch: (figures) => patchSteps(scope, records, figures),
    keep: (figures) => [stitchPatch(scope, figures)],
    told: toldTables(scope),
  }
}

/** The text of all steps with one round and without looking again, for reading. */
export function printedIncrementalSteps(
  context: CompileContext,
  entity: Entity,
  run: IdRun,
): readonly Step[] {
  const plan = incrementalPlan(context, entity, run, 0)
  const { stitch, refused } = stateQuestions(context, entity, run)
  const { graph } = plan
  const linked = {
    labels: graph.rounds.hooks(1),
    endsAreLeast: true,
    anyOver: false,
    guarded: undefined,
    salt: 0,
  }
  return [
    stitch,
    refused,
    ...plan.comparisons.flatMap(({ seen, found, check }) => [seen, found, check]),
    plan.noneLoose,
    ...plan.reread,
    plan.checkRows,
    ...plan.moved,
    plan.checkCame,
    ...plan.touched.before,
    plan.loose,
    ...plan.findLoose,
    ...plan.touched.after,
    plan.checkTouched,
    ...graph.gather,
    graph.stars,
    graph.edges,
    graph.rounds.hook(1),
    graph.rounds.contract(1),
    ...graph.finish(linked),
    ...plan.delta,
    plan.checkDelta,
    plan.currentView,
    ...plan.patch({ records: 1, entities: 1 }),
  ]
}

const CURRENT = {
  name: 'current',
  summary: 'Each record of each source with its entity',
  grain: 'one row a record',
}

export interface StateQuestions {
  /** One row: what the state is of. */
  readonly stitch: Step
  /** Asks for `state` rows without a text: `textless`. */
  readonly refused: Step
  readonly stamp: Stamp
}

/** What must be known of the state before anything is compared with it. */
export function stateQuestions(context: CompileContext, entity: Entity, run: IdRun): StateQuestions {
  const scope = identityScope(context, entity, 'incremental.')
  const question = { grain: 'one row', creates: undefined }
  const name = (short: string) => `identity.${entity.name}.incremental.${short}`
  return {
    stamp: stampOf(scope, run),
    stitch: {
      ...question,
      name: name('stitch'),
      summary: 'How the state was made',
      query: sql`select form, engine, rules, salt, as_of, records, entities, repeated_keys from ${tableOf(scope.published('stitch'))}`,
    },
    refused: {
      ...question,
      name: name('check_refused'),
      summary: 'Whether each value that was refused is known',
      query: sql`select count(*) - count(value) as textless from ${tableOf(scope.published('refused'))}`,
    },
  }
}

function toldTables(scope: ReturnType<typeof identityScope>): IncrementalPlan['told'] {
  return {
    gone_rows: scope.temporary('gone_rows'),
    loose: scope.temporary('loose'),
    touched: scope.temporary('touched'),
    touched_rows: scope.temporary('touched_rows'),
    moved_nodes: scope.temporary('moved_nodes'),
    anchors: scope.temporary('anchors'),
    identity_in: scope.temporary('identity_in'),
    merges_in: scope.temporary('merges_in'),
    splits_in: scope.temporary('splits_in'),
  }
}
