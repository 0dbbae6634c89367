import type { TableName } from '../../../dialect/dialect.ts'
import { sql } from '../../../dialect/fragment.ts'
import type { Entity } from '../../../spec/project.ts'
import type { CompileContext } from '../../context.ts'
import { tableOf } from '../../sources/relation.ts'
import type { Step } from '../../step.ts'
import { ignoredStep, united } from '../record-steps.ts'
import { fileStep, type IdentityScope, identityScope, identityStep, textLiteral } from '../scope.ts'
import { identityRecords } from '../slots.ts'
import { candidatePlan } from './candidate-plan.ts'
import { MAX_BLOCK } from './compared.ts'

/** Records that look alike, after a stitch of what has changed: who is like whom depends on all of them. */
export interface ReviewPlan {
  readonly find: readonly Step[]
  /** Reads the identity where it stands by now. */
  readonly tell: Step & { readonly creates: TableName }
  /** For the publishing transaction: the blocks that were skipped. */
  readonly patch: readonly Step[]
}

/** Undefined: the entity has no rules. */
export function reviewPlan(context: CompileContext, entity: Entity): ReviewPlan | undefined {
  const scope = reviewScope(context, entity)
  const records = identityRecords(context.graph, entity)
  const plan = candidatePlan(scope, records, NO_SALT)
  if (plan === undefined) return undefined
  const { fn } = context.dialect
  const skipped = fileStep(
    scope,
    {
      name: 'skipped',
      summary: 'Blocks too large to be compared',
      grain: 'one row a rule and block',
      creates: scope.temporary('skipped'),
    },
    'refused',
    {
      value_hash: fn.sha256Hex(sql`value`),
      records: fn.asInteger(sql`sum(records)`),
      found: united(plan.skipped),
    },
  )
  return {
    find: [...ignoredStep(scope, records), ...plan.find, skipped],
    tell: plan.tell(false),
    patch: patchSteps(scope),
  }
}

/** Records are told apart by their places, not by hashes. */
const NO_SALT = 0

/** Beside the tables of the incremental stitch, which stand until it is published. */
function reviewScope(context: CompileContext, entity: Entity): IdentityScope {
  const scope = identityScope(context, entity, 'review.')
  return { ...scope, temporary: (short) => scope.temporary(`review_${short}`) }
}

function patchSteps(scope: IdentityScope): readonly Step[] {
  const refused = tableOf(scope.published('refused'))
  const columns = sql`identifier, value_hash, value, reason, records`
  const parts = { grain: 'one row a rule and block', creates: undefined }
  return [
    identityStep(
      scope,
      { ...parts, name: 'remove_skipped', summary: 'Takes out the blocks that the last build skipped' },
      sql`delete from ${refused}\nwhere reason = ${textLiteral(scope.context, MAX_BLOCK)}`,
    ),
    identityStep(
      scope,
      { ...parts, name: 'add_skipped', summary: 'Adds the blocks that this one skipped' },
      sql`insert into ${refused} (${columns})\nselect ${columns} from ${tableOf(scope.temporary('skipped'))}`,
    ),
  ]
}
