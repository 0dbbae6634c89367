import { EMPTY, type Fragment, join, sql } from '../../dialect/fragment.ts'
import { tableOf } from '../sources/relation.ts'
import type { Step } from '../step.ts'
import { type Contraction, contractionOf } from './contraction.ts'
import { type IdRun, idSteps, type Linked, logSteps, type Members } from './id-steps.ts'
import { edgesStep, type Identifiers, starsStep } from './link-steps.ts'
import { nodesStep } from './output-steps.ts'
import { type IdentityScope, textLiteral } from './scope.ts'
import type { IdentityRecords } from './slots.ts'
import { step, tables } from './touch-steps.ts'

/** The graph of the touched entities, solved by the steps that solve the whole one. */
export interface SmallGraph {
  readonly gather: readonly Step[]
  readonly stars: Step
  readonly edges: Step
  readonly rounds: Contraction
  finish(linked: Linked): readonly Step[]
}

export function smallGraph(scope: IdentityScope, run: IdRun, all: readonly IdentityRecords[]): SmallGraph {
  const links = tableOf(scope.temporary('graph_links'))
  const nodes = tableOf(scope.temporary('graph_nodes'))
  const identifiers: Identifiers = (type) =>
    sql`(select r, x, y from ${links}${type === undefined ? EMPTY : sql` where t = ${type}`})`
  const members: Members = { hashes: nodes, keys: nodes }
  return {
    gather: gatherSteps(scope, all),
    stars: starsStep(scope, all, identifiers),
    edges: edgesStep(scope, identifiers),
    rounds: contractionOf(scope, nodes),
    finish: (linked) => [
      ...idSteps(scope, run, members, linked, {
        state: scope.temporary('touched'),
        former: step(
          scope,
          'former',
          'What the last build knew of these nodes',
          'one row a node',
          true,
          tables(scope, 'touched', 'graph_nodes'),
        ),
      }),
      nodesStep(scope, members, scope.temporary('nodes_in')),
      ...logSteps(scope, run, { of: (kind) => scope.temporary(`${kind}_in`), whole: false }),
    ],
  }
}

function gatherSteps(scope: IdentityScope, all: readonly IdentityRecords[]): readonly Step[] {
  return [
    step(scope, 'graph_links', 'The values that link these nodes', 'one row a node and value', true, {
      links: scope.published('node_ids'),
      ...tables(scope, 'touched', 'unlinked', 'came_links', 'holders', 'near', 'over'),
    }),
    step(scope, 'graph_nodes', 'The nodes whose entities are asked for', 'one row a node', true, {
      attached: attached(scope, all),
      ...tables(scope, 'touched', 'unlinked', 'came'),
    }),
  ]
}

/** An event whose every value links nothing belongs to nobody. */
function attached(scope: IdentityScope, all: readonly IdentityRecords[]): Fragment {
  const events = eventNames(scope, all)
  if (events === undefined) return EMPTY
  return sql`\nwhere source not in (${events}) or r in (select r from ${tableOf(scope.temporary('graph_links'))})`
}

/** The event sources, as a list; undefined without any. */
export function eventNames(scope: IdentityScope, all: readonly IdentityRecords[]): Fragment | undefined {
  const names = all
    .filter(({ isEvent }) => isEvent)
    .map(({ source }) => textLiteral(scope.context, source.name))
  return names.length === 0 ? undefined : join(names, ', ')
}
