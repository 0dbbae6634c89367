import type { TableName } from '../../../dialect/dialect.ts'
import { EMPTY, type Fragment, id, sql } from '../../../dialect/fragment.ts'
import { tableOf } from '../../sources/relation.ts'
import type { Step } from '../../step.ts'
import type { Linked } from '../id-steps.ts'
import { entityIdColumn } from '../output-steps.ts'
import { united } from '../record-steps.ts'
import { fileStep, type IdentityScope, textLiteral } from '../scope.ts'
import type { IdentityRecords } from '../slots.ts'
import { type ComparedRule, comparedRules, comparedSources, MAX_BLOCK } from './compared.ts'
import { blocksTable, findSteps, pairsTable, placeOf } from './find-steps.ts'
import { type LinkPlan, linkPairsTable, linkPlan } from './link-plan.ts'

/** Records that look alike (docs/identity.md). */
export interface CandidatePlan {
  /** The pairs of each rule. */
  readonly find: readonly Step[]
  /** Undefined: they are only written down. `exact`: what identifiers alone made. */
  link(exact: Pick<Linked, 'labels' | 'guarded'>): LinkPlan | undefined
  /** `identifier`, `value`, `reason`, `records`: blocks too large to be compared, a select a rule. */
  readonly skipped: readonly Fragment[]
  /** Writes `<entity>_candidates`, after `<entity>_identity`. `linked`: some pairs were. */
  tell(linked: boolean): Step & { readonly creates: TableName }
}

/** Undefined: the entity has no rules. Throws: SLU4203 for a similarity that the warehouse does not have. */
export function candidatePlan(
  scope: IdentityScope,
  all: readonly IdentityRecords[],
  salt: number,
): CandidatePlan | undefined {
  const rules = comparedRules(scope.entity)
  if (rules.length === 0) return undefined
  const linking = rules.filter(({ rule }) => rule.link)
  const creates = scope.output('candidates')
  return {
    find: findSteps(scope, comparedSources(scope.entity, all), rules, salt),
    link: (exact) => (linking.length === 0 ? undefined : linkPlan(scope, all, linking, exact)),
    skipped: rules.map((rule) => skippedBlocks(scope, rule)),
    tell: (linked) => ({ ...tellStep(scope, rules, linked, creates), creates }),
  }
}

function skippedBlocks(scope: IdentityScope, rule: ComparedRule): Fragment {
  const { context } = scope
  const name = textLiteral(context, rule.rule.name.value)
  return sql`select ${name} as identifier, block as value, ${textLiteral(context, MAX_BLOCK)} as reason, records
  from ${tableOf(blocksTable(scope, rule))}
  where records > ${rule.rule.maxBlock}`
}

function tellStep(
  scope: IdentityScope,
  rules: readonly ComparedRule[],
  linked: boolean,
  creates: TableName,
): Step {
  const pairs = rules.map(
    (one) =>
      sql`select ${textLiteral(scope.context, one.rule.name.value)} as rule, a, b, score, block_records from ${tableOf(pairsTable(scope, one))}`,
  )
  const orLinked = sql`
  or exists (
    select 1 from ${tableOf(linkPairsTable(scope))} as q where q.rule = p.rule and q.a = p.a and q.b = p.b
  )`
  return fileStep(
    scope,
    {
      name: 'candidates',
      summary: 'Records that look alike and are not one, and those that a rule made one',
      grain: 'one row a rule and pair of records',
      creates,
    },
    'candidates/candidates',
    {
      pairs: united(pairs),
      identity: scope.output('identity'),
      low_place: placeOf(sql`l.source`, sql`l.record_id`),
      high_place: placeOf(sql`h.source`, sql`h.record_id`),
      entity_id: entityIdColumn(scope),
      entity_id_a: id(`${scope.entity.name}_id_a`),
      entity_id_b: id(`${scope.entity.name}_id_b`),
      or_linked: linked ? orLinked : EMPTY,
    },
  )
}
