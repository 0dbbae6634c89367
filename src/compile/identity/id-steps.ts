import type { TableName } from '../../dialect/dialect.ts'
import { EMPTY, type Fragment, id, join, lit, sql, timestamp } from '../../dialect/fragment.ts'
import { tableOf } from '../sources/relation.ts'
import type { Step } from '../step.ts'
import { nodeRows, sourceRows } from './record-steps.ts'
import { fileStep, type IdentityScope, identityStep, textLiteral } from './scope.ts'
import type { IdentityRecords } from './slots.ts'

/** What the ids of this run depend on beside the records. */
export interface IdRun {
  /** `first_run` of the records that are new. */
  readonly buildNumber: number
  readonly runId: string
  /** There is a published identity of this entity, whose ids are kept. */
  readonly hasState: boolean
}

/** From components to entity ids that outlive runs (design section 2, "Entity ids"). */
export function idSteps(scope: IdentityScope, run: IdRun): readonly Step[] {
  const state = run.hasState ? scope.published('nodes') : scope.temporary('state')
  const buildNumber = scope.context.dialect.fn.asInteger(sql`${run.buildNumber}`)
  return [
    ...(run.hasState ? [] : [emptyStateStep(scope, buildNumber)]),
    knownStep(scope, state, buildNumber),
    heirsStep(scope, state),
    anchorsStep(scope),
  ]
}

/** The tables that people and the next build read. */
export function outputSteps(
  scope: IdentityScope,
  run: IdRun,
  all: readonly IdentityRecords[],
): readonly Step[] {
  return [
    identityTableStep(scope, all),
    fileStep(
      scope,
      {
        name: 'nodes_out',
        summary: 'What the next build must know of this one',
        grain: 'one row a record',
        creates: scope.output('nodes'),
      },
      'nodes',
      {
        known: scope.temporary('known'),
        heirs: scope.temporary('heirs'),
        anchors: scope.temporary('anchors'),
      },
    ),
    fileStep(
      scope,
      {
        name: 'moves',
        summary: 'Records that changed their entity',
        grain: 'one row a pair of entities',
        creates: scope.temporary('moves'),
      },
      'moves',
      { known: scope.temporary('known'), anchors: scope.temporary('anchors') },
    ),
    logStep(scope, run, 'merges', 'merged_at', 'Entities that ended in another'),
    logStep(scope, run, 'splits', 'split_at', 'Entities that lost records to another and still are'),
  ]
}

/** `records`, `entities`, `rows_read`, `events`: the figures of the summary line. */
export function figuresStep(scope: IdentityScope, all: readonly IdentityRecords[]): Step {
  const rows = all.map((records) => sql`(select count(*) from ${tableOf(sourceRows(scope, records))})`)
  return identityStep(
    scope,
    {
      name: 'figures',
      summary: 'Records, entities, and rows that belong to none',
      grain: 'one row',
      creates: undefined,
    },
    sql`select (select count(*) from ${tableOf(scope.output('identity'))}) as records,
  (select count(*) from ${tableOf(scope.temporary('anchors'))}) as entities,
  ${rows.reduce((all, one) => sql`${all} + ${one}`)} as rows_read`,
  )
}

function emptyStateStep(scope: IdentityScope, buildNumber: Fragment): Step {
  return fileStep(
    scope,
    {
      name: 'state',
      summary: 'There is no build yet whose ids could be kept',
      grain: 'no rows',
      creates: scope.temporary('state'),
    },
    'empty_state',
    { nodes: scope.temporary('nodes'), build_number: buildNumber },
  )
}

function knownStep(scope: IdentityScope, state: TableName, buildNumber: Fragment): Step {
  return fileStep(
    scope,
    {
      name: 'known',
      summary: 'When each record was first seen, and which id it owns',
      grain: 'one row a record',
      creates: scope.temporary('known'),
    },
    'known',
    {
      components: scope.temporary('components'),
      nodes: scope.temporary('nodes'),
      state,
      build_number: buildNumber,
    },
  )
}

function heirsStep(scope: IdentityScope, state: TableName): Step {
  return fileStep(
    scope,
    {
      name: 'heirs',
      summary: 'Where an anchor is gone the next member inherits rank and id',
      grain: 'one row an entity whose anchor is gone',
      creates: scope.temporary('heirs'),
    },
    'heirs',
    { state, known: scope.temporary('known') },
  )
}

function anchorsStep(scope: IdentityScope): Step {
  return fileStep(
    scope,
    {
      name: 'anchors',
      summary: 'The anchor of each entity, and its id',
      grain: 'one row an entity',
      creates: scope.temporary('anchors'),
    },
    'anchors',
    { known: scope.temporary('known'), heirs: scope.temporary('heirs'), minted_id: mintedId(scope) },
  )
}

/** Nothing of an engine is in it, so it is the same wherever a record is first seen in the same run. */
function mintedId({ context, entity }: IdentityScope): Fragment {
  const { fn } = context.dialect
  return fn.md5Hex(
    sql`${lit(`${entity.name}|`)} || k.source || '|' || k.node_key || '|' || ${fn.asText(sql`k.first_run`)}`,
  )
}

/** An event that was delivered twice is one record, in one entity. */
function identityTableStep(scope: IdentityScope, all: readonly IdentityRecords[]): Step {
  const components = tableOf(scope.temporary('components'))
  const anchors = tableOf(scope.temporary('anchors'))
  const entityId = id(`${scope.entity.name}_id`)
  const selects = all.map((records) => {
    const source = sql`${textLiteral(scope.context, records.source.name)} as source`
    if (!records.isEvent)
      return sql`select ${source}, k.record_id, a.entity_id as ${entityId}
from ${tableOf(nodeRows(scope, records))} as k
join ${components} as c on c.r = k.r
join ${anchors} as a on a.c = c.c`
    return sql`select ${source}, k.record_id, min(a.entity_id) as ${entityId}
from ${tableOf(sourceRows(scope, records))} as k
join ${components} as c on c.r = k.r
join ${anchors} as a on a.c = c.c
where k.record_id is not null
group by k.record_id`
  })
  return identityStep(
    scope,
    {
      name: 'identity',
      summary: 'Each record of each source with its entity',
      grain: 'one row a record',
      creates: scope.output('identity'),
    },
    join(selects, '\nunion all\n'),
  )
}

function logStep(
  scope: IdentityScope,
  run: IdRun,
  kind: 'merges' | 'splits',
  time: string,
  summary: string,
): Step {
  const before = sql`select from_id, into_id, run_id, ${id(time)}
from ${tableOf(scope.published(kind))}
union all
`
  return fileStep(
    scope,
    {
      name: kind,
      summary,
      grain: 'one row a pair of entities and a run',
      creates: scope.output(kind),
    },
    kind,
    {
      before: run.hasState ? before : EMPTY,
      moves: scope.temporary('moves'),
      run_id: textLiteral(scope.context, run.runId),
      as_of: timestamp(scope.context.asOf),
    },
  )
}
