import type { TableName } from '../../dialect/dialect.ts'
import { type Fragment, id, join, sql } from '../../dialect/fragment.ts'
import { tableOf } from '../sources/relation.ts'
import type { Step } from '../step.ts'
import type { Members } from './id-steps.ts'
import { sourceRows, united } from './record-steps.ts'
import { fileStep, type IdentityScope, identityStep, textLiteral } from './scope.ts'
import type { IdentityRecords } from './slots.ts'

/** The tables that people and the next build read: what each record belongs to. */
export function outputSteps(
  scope: IdentityScope,
  all: readonly IdentityRecords[],
  members: Members,
): readonly Step[] {
  return [nodesStep(scope, members, scope.output('nodes')), identityTableStep(scope, all)]
}

export function nodesStep(scope: IdentityScope, members: Members, creates: TableName): Step {
  return fileStep(
    scope,
    {
      name: 'nodes_out',
      summary: 'What the next build must know of this one',
      grain: 'one row a record',
      creates,
    },
    'nodes',
    {
      keys: members.keys,
      known: scope.temporary('known'),
      anchors: scope.temporary('anchors'),
      entity_hash: scope.context.dialect.fn.hash64(sql`a.entity_id`),
    },
  )
}

function identityTableStep(scope: IdentityScope, all: readonly IdentityRecords[]): Step {
  const events = all.filter(({ isEvent }) => isEvent)
  const records = all.filter(({ isEvent }) => !isEvent)
  const selects = [
    ...(records.length > 0 ? [recordRows(scope, events)] : []),
    ...(events.length > 0 ? [eventRows(scope, events)] : []),
  ]
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

/** Records that are no events stand in the state already, under their own keys. */
function recordRows(scope: IdentityScope, events: readonly IdentityRecords[]): Fragment {
  const names = events.map(({ source }) => textLiteral(scope.context, source.name))
  const where = names.length === 0 ? sql`` : sql`\nwhere source not in (${join(names, ', ')})`
  return sql`select source, node_key as record_id, entity_id as ${entityIdColumn(scope)}
from ${tableOf(scope.output('nodes'))}${where}`
}

/** An event that was delivered twice is one record, in one entity. */
function eventRows(scope: IdentityScope, events: readonly IdentityRecords[]): Fragment {
  const rows = events.map(
    (one) =>
      sql`select ${textLiteral(scope.context, one.source.name)} as source, record_id, r from ${tableOf(sourceRows(scope, one))} where record_id is not null`,
  )
  return sql`select e.source, e.record_id, min(a.entity_id) as ${entityIdColumn(scope)}
from ${united(rows)} as e
join ${tableOf(scope.temporary('known'))} as k on k.r = e.r
join ${tableOf(scope.temporary('anchors'))} as a on a.r = k.anchor
group by e.source, e.record_id`
}

export function entityIdColumn(scope: IdentityScope): Fragment {
  return id(`${scope.entity.name}_id`)
}
