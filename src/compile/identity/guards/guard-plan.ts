import type { TableName } from '../../../dialect/dialect.ts'
import { type Fragment, sql } from '../../../dialect/fragment.ts'
import { tableOf } from '../../sources/relation.ts'
import type { Step } from '../../step.ts'
import { type Contraction, contractionOf } from '../contraction.ts'
import { maxRecords } from '../max-records.ts'
import { nodeHashes } from '../record-steps.ts'
import { fileStep, type IdentityScope } from '../scope.ts'
import type { IdentityRecords } from '../slots.ts'
import { identityOf } from '../slots.ts'
import { finalSteps } from './final-steps.ts'
import type { Guarded, GuardParts } from './guard-parts.ts'
import { hasLimits, limitsOf } from './limits.ts'
import { overSteps, overTables } from './over-steps.ts'
import { type PassSteps, passSteps } from './pass-steps.ts'
import { startSteps } from './start-steps.ts'

/**
 * The limits of an entity, after the plain stitch. Where a component is over one, its identifiers are tried one after
 * the other, by priority and then by a hash of the value: each joins all records that hold it, or is refused when what
 * it would join is over a limit. The passes below find the same, many identifiers at a time; how many passes there
 * are only the data knows (`src/build/guard-identity.ts`).
 */
export interface GuardPlan {
  readonly over: readonly Step[]
  /** What these steps make: when none has rows, no component is over a limit, and nothing else is to be done. */
  readonly overTables: readonly TableName[]
  /** What the passes start from. */
  readonly start: readonly Step[]
  /** Identifiers that ask, after a pass; of pass 0 before all. */
  asks(pass: number): TableName
  pass(pass: number): GuardPass
  finish(passes: number): readonly Step[]
  readonly result: Guarded
}

export interface GuardPass extends PassSteps {
  readonly rounds: Contraction
  /** `later`: the moves of the next pass, composed with all after it. */
  compose(later: TableName): Step
  readonly moves: TableName
}

/**
 * Undefined: nothing is limited. `anyOver`: some value is held by more than `max_records` records. `hasPairs`: records
 * that look alike are to be joined; these steps have names and tables of their own then.
 */
export function guardPlan(
  of: IdentityScope,
  all: readonly IdentityRecords[],
  graph: {
    readonly salt: number
    readonly labels: TableName
    readonly anyOver: boolean
    readonly hasPairs: boolean
  },
): GuardPlan | undefined {
  const scope = graph.hasPairs ? secondScope(of) : of
  const limits = limitsOf(identityOf(scope.entity))
  if (!hasLimits(limits)) return undefined
  const parts: GuardParts = {
    scope,
    all,
    limits,
    ...graph,
    trusted: graph.anyOver ? trustedOnly(scope) : undefined,
  }
  return {
    over: overSteps(parts),
    overTables: overTables(parts),
    start: startSteps(parts),
    asks: (pass) => scope.temporary(`guard_asks_${pass}`),
    pass: (pass) => passOf(parts, pass),
    finish: (passes) => finalSteps(parts, passes),
    result: { labels: scope.temporary('guard_labels'), refused: scope.temporary('guard_refused') },
  }
}

/** Beside the tables of the guards that identifiers alone went through. */
function secondScope(scope: IdentityScope): IdentityScope {
  const isOwn = (short: string) => /^(?:guard|over_|blocked$)/.test(short)
  return {
    ...scope,
    stepPrefix: 'link_',
    temporary: (short) => scope.temporary(isOwn(short) ? `link_${short}` : short),
  }
}

function trustedOnly(scope: IdentityScope): Fragment {
  return sql`not exists (
    select 1 from ${tableOf(scope.temporary('stars'))} as s where s.x = i.x and s.y = i.y and s.records > ${maxRecords(scope)}
  )`
}

function passOf(parts: GuardParts, pass: number): GuardPass {
  const { scope } = parts
  const inPass: IdentityScope = {
    ...scope,
    stepPrefix: `${scope.stepPrefix ?? ''}guard_${pass}_`,
    temporary: (short) => scope.temporary(`guard_${pass}_${short}`),
  }
  const moves = scope.temporary(`guard_moves_${pass}`)
  return {
    ...passSteps(parts, inPass, pass),
    rounds: contractionOf(inPass, nodeHashes(scope, parts.all)),
    moves,
    compose: (later) =>
      fileStep(
        scope,
        {
          name: `guard_${pass}_compose`,
          summary: 'Follows the clusters of this pass through all later ones',
          grain: 'one row a cluster that moved',
          creates: scope.temporary(`guard_path_${pass}`),
        },
        'compose',
        { hooks: moves, later },
      ),
  }
}
