import type { TableName } from '../../dialect/dialect.ts'
import type { Fragment } from '../../dialect/fragment.ts'
import type { Entity } from '../../spec/project.ts'
import type { CompileContext } from '../context.ts'
import type { Step } from '../step.ts'
import { type CandidatePlan, candidatePlan } from './candidates/candidate-plan.ts'
import { hasCandidates } from './candidates/compared.ts'
import { type Contraction, contractionOf } from './contraction.ts'
import { type GuardPlan, guardPlan } from './guards/guard-plan.ts'
import {
  allBefore,
  allMembers,
  countMovesStep,
  hasUnattached,
  type IdRun,
  idSteps,
  type Linked,
  logSteps,
} from './id-steps.ts'
import { checkStarsStep, edgesStep, refusedStep, starsStep, unattachedStep } from './link-steps.ts'
import { outputSteps } from './output-steps.ts'
import { checkRecordsStep, identifierRows, nodeHashes, recordSteps, sourceRows } from './record-steps.ts'
import { identityScope, OUTPUT_KINDS } from './scope.ts'
import { type IdentityRecords, identityRecords } from './slots.ts'
import { stateSteps } from './state-steps.ts'

/**
 * The stitching of one entity, in the order in which it runs. How many rounds there are only the data knows, so the
 * caller drives them (`src/build/run-identity.ts`).
 */
export interface IdentityPlan {
  readonly entity: Entity
  readonly records: readonly IdentityRecords[]
  readonly read: readonly Step[]
  /** A question: `nodes`, `hashes`, `keyless`. */
  readonly checkRecords: Step
  readonly stars: Step
  /** A question: `refused`. */
  readonly checkStars: Step
  readonly edges: Step
  readonly rounds: Contraction
  /** Undefined: records that look alike are not looked for. */
  readonly candidates: CandidatePlan | undefined
  /** Undefined: nothing is limited. `hasPairs`: records that look alike are to be joined. */
  guards(graph: Pick<Linked, 'labels' | 'anyOver'> & { readonly hasPairs: boolean }): GuardPlan | undefined
  finish(graph: Omit<Linked, 'salt'>): readonly Step[]
  /** A question, after `finish`: `merges`, `splits`. */
  readonly countMoves: Step
  /** What the tables are whose rows are told. */
  readonly told: {
    /** One row a row of a source. */
    readonly read: readonly TableName[]
    /** One row a record that belongs to an entity. */
    readonly records: TableName
    /** One row an entity. */
    readonly entities: TableName
  }
}

/**
 * `salt` changes every hash: another one is tried when two records share a hash. Throws: SLU4201 for a country without
 * a calling code.
 */
export function identityPlan(
  context: CompileContext,
  entity: Entity,
  run: IdRun,
  salt: number,
): IdentityPlan {
  const scope = identityScope(context, entity)
  const records = identityRecords(context.graph, entity)
  const identifiers = (type?: number) => identifierRows(scope, records, type)
  const candidates = candidatePlan(scope, records, salt)
  const skipped: readonly Fragment[] = candidates?.skipped ?? []
  return {
    entity,
    records,
    read: recordSteps(scope, records, salt),
    checkRecords: checkRecordsStep(scope, records),
    stars: starsStep(scope, records, identifiers),
    checkStars: checkStarsStep(scope),
    edges: edgesStep(scope, identifiers),
    rounds: contractionOf(scope, nodeHashes(scope, records)),
    candidates,
    guards: (graph) => guardPlan(scope, records, { salt, ...graph }),
    finish: (graph) => {
      const linked = { ...graph, salt }
      const members = allMembers(scope, records, linked)
      return [
        ...(hasUnattached(records, linked) ? [unattachedStep(scope, records, linked)] : []),
        ...idSteps(scope, run, members, linked, run.hasState ? allBefore(scope, records, linked) : undefined),
        ...outputSteps(scope, records, members),
        ...logSteps(scope, run, { of: scope.output, whole: true }),
        refusedStep(scope, records, linked, skipped),
        ...stateSteps(scope, run, records, salt),
      ]
    },
    countMoves: countMovesStep(scope),
    told: {
      read: records.map((one) => sourceRows(scope, one)),
      records: scope.output('identity'),
      entities: scope.temporary('anchors'),
    },
  }
}

/** The text of all steps with one round, for reading: a run repeats the round until no edge is left. */
export function printedIdentitySteps(context: CompileContext, entity: Entity): readonly Step[] {
  const plan = identityPlan(context, entity, PRINTED_RUN, 0)
  const { rounds } = plan
  const exact = { labels: rounds.labels(1), guarded: undefined }
  const guards = plan.guards({ labels: exact.labels, anyOver: true, hasPairs: false })
  const { candidates } = plan
  const links = candidates?.link({ ...exact, guarded: guards?.result })
  const linked = links?.compose(links.rounds.labels(1))
  const labels = linked?.creates ?? exact.labels
  const second = links === undefined ? undefined : plan.guards({ labels, anyOver: true, hasPairs: true })
  return [
    ...plan.read,
    plan.checkRecords,
    plan.stars,
    plan.checkStars,
    plan.edges,
    ...printedRound(rounds),
    ...printedGuardSteps(guards),
    ...(candidates?.find ?? []),
    ...(links === undefined || linked === undefined
      ? []
      : [links.pairs, links.edges, ...printedRound(links.rounds), linked]),
    ...printedGuardSteps(second),
    ...plan.finish({ labels, endsAreLeast: true, anyOver: true, guarded: (second ?? guards)?.result }),
    ...(candidates === undefined ? [] : [candidates.tell(links !== undefined)]),
  ]
}

function printedRound(rounds: Contraction): readonly Step[] {
  return [rounds.hook(1), rounds.contract(1), rounds.compose(1, rounds.hooks(2))]
}

/** With one pass: a run repeats it until every identifier is decided. */
function printedGuardSteps(guards: GuardPlan | undefined): readonly Step[] {
  if (guards === undefined) return []
  const { refuse, edges, rounds, after } = guards.pass(1)
  return [
    ...guards.over,
    ...guards.start,
    refuse,
    edges,
    rounds.hook(1),
    rounds.contract(1),
    ...after(rounds.hooks(1)),
    ...guards.finish(1),
  ]
}

/** The tables that stitching an entity makes, by logical name. */
export function identityOutputs(entity: Entity): readonly string[] {
  const made = OUTPUT_KINDS.map((kind) => `${entity.name}_${kind}`)
  return hasCandidates(entity) ? [...made, candidatesOutput(entity)] : made
}

/** The table of records that look alike, by logical name. */
export function candidatesOutput(entity: Entity): string {
  return `${entity.name}_candidates`
}

/** A later build, the one that people will look at most. */
const PRINTED_RUN: IdRun = {
  buildNumber: 2,
  runId: 'run',
  hasState: true,
  engine: 'engine',
  fingerprint: 'fingerprint',
}
