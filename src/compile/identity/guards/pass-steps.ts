import type { TableName } from '../../../dialect/dialect.ts'
import { type Fragment, sql } from '../../../dialect/fragment.ts'
import type { Step } from '../../step.ts'
import { fileStep, type IdentityScope } from '../scope.ts'
import type { GuardParts } from './guard-parts.ts'
import { mostOf, RECORDS } from './limits.ts'

export interface PassSteps {
  readonly refuse: Step
  /** No rows: all that asked were refused. */
  readonly edges: Step
  /** `labels`: of the clusters, as the rounds left them. */
  after(labels: TableName): readonly Step[]
}

/** The steps of one pass. `inPass`: where the rounds between `edges` and `after` have their tables. */
export function passSteps(parts: GuardParts, inPass: IdentityScope, pass: number): PassSteps {
  const tables = tablesOf(parts.scope, pass)
  const { asks, holds, pace, refused } = tables
  return {
    refuse: fileStep(
      inPass,
      {
        name: 'refuse',
        summary: 'Refuses identifiers whose clusters together are over a limit',
        grain: 'one row an identifier and limit',
        creates: refused,
      },
      'guard_refuse',
      { asks, holds, most: mostOf(parts.limits, sql`t`) },
    ),
    edges: fileStep(
      inPass,
      {
        name: 'edges',
        summary: 'The first of the others become edges between clusters',
        grain: 'one row a pair of clusters that are joined',
        creates: inPass.temporary('edges_0'),
      },
      'guard_edges',
      { asks, refused, pace },
    ),
    after: (labels) => [
      movesStep(parts, inPass, tables, labels),
      asksStep(inPass, tables),
      holdsStep(inPass, tables),
      paceStep(inPass, tables),
    ],
  }
}

interface PassTables {
  readonly asks: TableName
  readonly holds: TableName
  readonly pace: TableName
  readonly refused: TableName
  readonly moves: TableName
  /** What the next pass starts from. */
  readonly next: { readonly asks: TableName; readonly holds: TableName; readonly pace: TableName }
}

function tablesOf(scope: IdentityScope, pass: number): PassTables {
  const table = (short: string, of = pass) => scope.temporary(`guard_${short}_${of}`)
  return {
    asks: table('asks', pass - 1),
    holds: table('holds', pass - 1),
    pace: table('pace', pass - 1),
    refused: table('refused'),
    moves: table('moves'),
    next: { asks: table('asks'), holds: table('holds'), pace: table('pace') },
  }
}

function movesStep(
  { limits }: GuardParts,
  inPass: IdentityScope,
  { asks, refused, holds, moves }: PassTables,
  labels: TableName,
): Step {
  return fileStep(
    inPass,
    {
      name: 'moves',
      summary: 'Joins what is within all limits',
      grain: 'one row a cluster that becomes part of another',
      creates: moves,
    },
    'guard_moves',
    { labels, asks, refused, holds, most: mostOf(limits, sql`t`) },
  )
}

function asksStep(inPass: IdentityScope, { asks, refused, moves, next }: PassTables): Step {
  return fileStep(
    inPass,
    {
      name: 'asks',
      summary: 'Which identifiers still ask',
      grain: 'one row an identifier and cluster',
      creates: next.asks,
    },
    'guard_next_asks',
    { asks, refused, moves },
  )
}

function holdsStep(inPass: IdentityScope, { holds, moves, next }: PassTables): Step {
  const { fn } = inPass.context.dialect
  return fileStep(
    inPass,
    {
      name: 'holds',
      summary: 'What the clusters hold now',
      grain: 'one row a cluster, limit and value',
      creates: next.holds,
    },
    'guard_next_holds',
    {
      holds,
      moves,
      asks: next.asks,
      records: fn.asInteger(sql`${RECORDS}`),
      weight: fn.asInteger(sql`case when t = ${RECORDS} then sum(weight) else 1 end`),
    },
  )
}

function paceStep(inPass: IdentityScope, { asks, pace, moves, next }: PassTables): Step {
  return fileStep(
    inPass,
    {
      name: 'pace',
      summary: 'How many identifiers of each component are tried next',
      grain: 'one row a component',
      creates: next.pace,
    },
    'guard_next_pace',
    {
      asks,
      next_asks: next.asks,
      pace,
      moves,
      more: sql`2 * p.take`,
      fewer: halved(inPass, sql`p.take`, sql`a.left_over`),
    },
  )
}

/** Half of the lower of the two, rounded down, but one. */
function halved({ context }: IdentityScope, one: Fragment, other: Fragment): Fragment {
  const { fn } = context.dialect
  return fn.greatest([sql`1`, fn.asInteger(sql`floor(${fn.least([one, other])} * 0.5)`)])
}
