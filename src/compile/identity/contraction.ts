import type { TableName } from '../../dialect/dialect.ts'
import { type Fragment, id } from '../../dialect/fragment.ts'
import type { Step } from '../step.ts'
import { saltedHash } from './records-query.ts'
import { fileStep, type IdentityScope } from './scope.ts'

/**
 * The rounds that contract edges until none is left. Round n reads `edges_<n-1>` and makes `hooks_<n>` and
 * `edges_<n>`; after the last one `labels_<n>` are composed from the last to the first.
 */
export interface Contraction {
  edges(round: number): TableName
  hooks(round: number): TableName
  labels(round: number): TableName
  hook(round: number): Step
  /** Draws the order anew instead of hooking. */
  resalt(round: number, salt: number): Step
  /** `collisions`: 0 when the new order can be used. */
  checkResalt(round: number): Step
  contract(round: number): Step
  /** `later`: the labels of the next round, the hooks of the last one. */
  compose(round: number, later: TableName): Step
}

/** `records`: all of them, `r`, to stand after `from`. */
export function contractionOf(scope: IdentityScope, records: Fragment): Contraction {
  const edges = (round: number) => scope.temporary(`edges_${round}`)
  const hooks = (round: number) => scope.temporary(`hooks_${round}`)
  const labels = (round: number) => scope.temporary(`labels_${round}`)
  return {
    edges,
    hooks,
    labels,
    ...roundSteps(scope, edges, hooks),
    ...checkAndCompose(scope, records, hooks, labels),
  }
}

type TableOfRound = (round: number) => TableName

function roundSteps(scope: IdentityScope, edges: TableOfRound, hooks: TableOfRound) {
  return {
    hook: (round: number) =>
      fileStep(
        scope,
        {
          name: `round_${round}_hook`,
          summary: 'Hooks each record to its least smaller neighbour',
          grain: 'one row a record that has a smaller neighbour',
          creates: hooks(round),
        },
        'hook',
        { edges: edges(round - 1) },
      ),
    resalt: (round: number, salt: number) =>
      fileStep(
        scope,
        {
          name: `round_${round}_resalt`,
          summary: 'Draws the order of the records that are left anew',
          grain: 'one row a record that is left',
          creates: hooks(round),
        },
        'resalt',
        {
          edges: edges(round - 1),
          // By way of text: PostgreSQL folds a whole number to 32 bits before it hashes it.
          hash: saltedHash(
            scope.context,
            `round ${round}, salt ${salt}|`,
            scope.context.dialect.fn.asText(id('v')),
          ),
        },
      ),
    contract: (round: number) =>
      fileStep(
        scope,
        {
          name: `round_${round}_contract`,
          summary: 'Moves the edges to where their ends hooked',
          grain: 'one row a pair of records that are joined',
          creates: edges(round),
        },
        'contract',
        { edges: edges(round - 1), hooks: hooks(round) },
      ),
  }
}

function checkAndCompose(scope: IdentityScope, records: Fragment, hooks: TableOfRound, labels: TableOfRound) {
  return {
    checkResalt: (round: number) =>
      fileStep(
        scope,
        {
          name: `round_${round}_check`,
          summary: 'Whether the new order tells all records apart',
          grain: 'one row',
          creates: undefined,
        },
        'check_resalt',
        { hooks: hooks(round), records },
      ),
    compose: (round: number, later: TableName) =>
      fileStep(
        scope,
        {
          name: `round_${round}_compose`,
          summary: 'Follows the records of this round through all later ones',
          grain: 'one row a record that moved',
          creates: labels(round),
        },
        'compose',
        { hooks: hooks(round), later },
      ),
  }
}
