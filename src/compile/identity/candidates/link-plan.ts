import type { TableName } from '../../../dialect/dialect.ts'
import { type Fragment, sql } from '../../../dialect/fragment.ts'
import { tableOf } from '../../sources/relation.ts'
import type { Step } from '../../step.ts'
import { type Contraction, contractionOf } from '../contraction.ts'
import { type Linked, labelsOf } from '../id-steps.ts'
import { nodeHashes, united } from '../record-steps.ts'
import { saltedHash } from '../records-query.ts'
import { fileStep, type IdentityScope, textLiteral } from '../scope.ts'
import { type IdentityRecords, identityOf, typeNumbers } from '../slots.ts'
import type { ComparedRule } from './compared.ts'
import { pairsTable } from './find-steps.ts'

/**
 * What follows where rules link: the pairs that identifiers alone do not make one are joined, after the rounds of
 * these, and where a component is over a limit they are tried after all identifiers.
 */
export interface LinkPlan {
  /** No rows: nothing is to be linked. */
  readonly pairs: Step & { readonly creates: TableName }
  readonly edges: Step
  readonly rounds: Contraction
  /** `later`: what the rounds gave. */
  compose(later: TableName): Step & { readonly creates: TableName }
}

export function linkPlan(
  scope: IdentityScope,
  all: readonly IdentityRecords[],
  rules: readonly ComparedRule[],
  exact: Pick<Linked, 'labels' | 'guarded'>,
): LinkPlan {
  const inLinks: IdentityScope = {
    ...scope,
    stepPrefix: 'link_',
    temporary: (short) => scope.temporary(`link_${short}`),
  }
  const pairs = linkPairsTable(scope)
  const labels = scope.temporary('linked_labels')
  const edges = inLinks.temporary('edges_0')
  return {
    pairs: { ...pairsStep(scope, rules, exact), creates: pairs },
    edges: fileStep(
      scope,
      {
        name: 'link_edges',
        summary: 'Records that look alike become edges between components',
        grain: 'one row a pair of components that are joined',
        creates: edges,
      },
      'candidates/link_edges',
      { pairs, labels: exact.labels },
    ),
    rounds: contractionOf(inLinks, nodeHashes(scope, all)),
    compose: (later) => ({ ...composeStep(scope, exact.labels, later, labels), creates: labels }),
  }
}

/** `(t, rule, closeness, a, b, a_r, b_r)`: `t` is a number as identifier types have one. */
export function linkPairsTable(scope: IdentityScope): TableName {
  return scope.temporary('link_pairs')
}

/**
 * The pairs as values that two records hold, for the guards: `r`, `t`, `tier`, `order_hash`, `value`, `x`, `y`. They
 * come after all identifiers, rule by rule as written, the closest first.
 */
export function pairValues(scope: IdentityScope, salt: number): readonly Fragment[] {
  const { context } = scope
  const value = sql`a || ' ' || b`
  const hash = (before: string) => saltedHash(context, `${before}|pair|`, sql`rule || ' ' || ${value}`)
  const order = sql`closeness || ${context.dialect.fn.md5Hex(value)}`
  return [sql`a_r`, sql`b_r`].map(
    (r) =>
      sql`select ${r} as r, t, t as tier, ${order} as order_hash, ${value} as value, ${hash(`${salt}`)} as x, ${hash(`${salt}, second`)} as y from ${tableOf(linkPairsTable(scope))}`,
  )
}

function pairsStep(
  scope: IdentityScope,
  rules: readonly ComparedRule[],
  exact: Pick<Linked, 'labels' | 'guarded'>,
): Step {
  const types = typeNumbers(identityOf(scope.entity)).size
  const selects = rules.map((one) => {
    const name = textLiteral(scope.context, one.rule.name.value)
    return sql`select ${types + one.number} as t, ${name} as rule, ${closeness(scope, one)} as closeness, a, b, a_r, b_r from ${tableOf(pairsTable(scope, one))}`
  })
  return fileStep(
    scope,
    {
      name: 'link_pairs',
      summary: 'Records that look alike and that identifiers do not make one',
      grain: 'one row a rule and pair of records',
      creates: linkPairsTable(scope),
    },
    'candidates/link_pairs',
    { pairs: united(selects), labels: labelsOf(exact) },
  )
}

/** As a text of one length, which orders pairs as their scores do, the closest first. */
function closeness({ context }: IdentityScope, { rule }: ComparedRule): Fragment {
  const { fn } = context.dialect
  const apart = rule.similarity.kind === 'jaro_winkler' ? sql`(1 - score) * ${SCALE}` : sql`score`
  return fn.asText(fn.asInteger(sql`${SCALE} + round(${apart})`))
}

/** Nine digits of a share, and more edits than any text is long. */
const SCALE = 1_000_000_000

function composeStep(scope: IdentityScope, hooks: TableName, later: TableName, creates: TableName): Step {
  return fileStep(
    scope,
    {
      name: 'link_labels',
      summary: 'Follows the records from the components of identifiers to those of links',
      grain: 'one row a record that moved',
      creates,
    },
    'compose',
    { hooks, later },
  )
}
