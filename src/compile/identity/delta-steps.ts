import type { TableName } from '../../dialect/dialect.ts'
import { type Fragment, id, lit, sql } from '../../dialect/fragment.ts'
import { tableOf } from '../sources/relation.ts'
import type { Step } from '../step.ts'
import { maxRecords } from './max-records.ts'
import { entityIdColumn } from './output-steps.ts'
import { nodeRows, sourceRows, valueHash } from './record-steps.ts'
import { eventRowHash, ignoredColumn, slotColumn } from './records-query.ts'
import { unitedOr } from './rows.ts'
import { type IdentityScope, identityStep } from './scope.ts'
import { hasIgnored, type IdentityRecords } from './slots.ts'
import { eventNames } from './small-graph.ts'
import { cameRows, namesOfTypes, step, tables } from './touch-steps.ts'

/** What changes in the published tables, each change as a table between steps. */
export function deltaSteps(
  scope: IdentityScope,
  all: readonly IdentityRecords[],
  salt: number,
): readonly Step[] {
  return [
    step(scope, 'touched_entities', 'Entities that are not as they were', 'one row an entity', true, {
      ...tables(scope, 'touched', 'anchors'),
    }),
    step(
      scope,
      'moved_entities',
      'Entities that ended in another as a whole',
      'one row an entity',
      true,
      tables(scope, 'touched', 'nodes_in'),
    ),
    step(scope, 'moved_nodes', 'Their nodes', 'one row a node', true, {
      nodes: scope.published('nodes'),
      ...tables(scope, 'moved_entities'),
    }),
    step(
      scope,
      'nodes_delta',
      'Nodes that are not as they were',
      'one row a node',
      true,
      tables(scope, 'nodes_in', 'touched', 'moved_nodes'),
    ),
    step(
      scope,
      'replaced',
      'Entities whose records are told anew',
      'one row an entity',
      true,
      tables(scope, 'touched', 'moved_entities'),
    ),
    ...identityRows(scope, all, salt),
    ...refusedRows(scope, all, salt),
  ]
}

/** `<entity>_identity` as it will be once it is published. */
export function currentIdentity(scope: IdentityScope): Fragment {
  const column = entityIdColumn(scope)
  return sql`select source, record_id, ${column}
from ${tableOf(scope.published('identity'))} as i
where not exists (
  select 1 from ${tableOf(scope.temporary('replaced'))} as t where t.entity_id = i.${column}
)
union all
select source, record_id, ${column}
from ${tableOf(scope.temporary('identity_in'))}`
}

function identityRows(scope: IdentityScope, all: readonly IdentityRecords[], salt: number): readonly Step[] {
  const events = all.filter(({ isEvent }) => isEvent)
  const names = eventNames(scope, all)
  const nodes = tableOf(scope.temporary('nodes_delta'))
  const column = entityIdColumn(scope)
  const records = sql`select source, node_key as record_id, entity_id as ${column}
from ${nodes}${names === undefined ? sql`` : sql`\nwhere source not in (${names})`}`
  const rows = sql`select e.source, e.record_id, min(n.entity_id) as ${column}
from ${tableOf(scope.temporary('event_rows'))} as e
join ${tableOf(scope.temporary('node_entities'))} as n on n.node_hash = e.r
group by e.source, e.record_id`
  const makes = identityStep(
    scope,
    {
      name: 'identity_in',
      summary: 'Records that are new, and those of entities that are told anew',
      grain: 'one row a record',
      creates: scope.temporary('identity_in'),
    },
    names === undefined ? records : sql`${records}\nunion all\n${rows}`,
  )
  return names === undefined ? [makes] : [...eventSteps(scope, events, salt), makes]
}

function eventSteps(scope: IdentityScope, events: readonly IdentityRecords[], salt: number): readonly Step[] {
  const touched = tableOf(scope.temporary('touched_rows'))
  const hashed = events.map((records) => {
    const hash = eventRowHash(scope.context, records, salt, id('record_id'))
    const { name } = records.source
    return sql`select source, record_id, ${hash} as row_hash from ${touched} where source = ${lit(name)}`
  })
  return [
    step(scope, 'touched_rows', 'What their records were', 'one row a record', true, {
      identity: scope.published('identity'),
      entity_id: entityIdColumn(scope),
      ...tables(scope, 'replaced'),
    }),
    step(
      scope,
      'node_entities',
      'What their nodes are part of',
      'one row a node',
      true,
      tables(scope, 'nodes_delta', 'near', 'touched', 'nodes_in'),
    ),
    step(scope, 'event_rows', 'Events that are new, and those of these entities', 'one row an event', true, {
      came_rows: cameRows(scope, events),
      touched_rows: unitedOr(scope, hashed, { source: 'text', record_id: 'text', row_hash: 'hash' }),
      rows: scope.published('node_rows'),
      ...tables(scope, 'gone_rows'),
    }),
  ]
}

function refusedRows(scope: IdentityScope, all: readonly IdentityRecords[], salt: number): readonly Step[] {
  const { fn } = scope.context.dialect
  const values = all.flatMap((records) =>
    records.slots.flatMap((slot) => [
      valueRows(nodeRows(scope, records), slot.type, slotColumn(slot), (which) =>
        valueHash(scope, slot, salt, which),
      ),
      ...(hasIgnored(slot.rule)
        ? [
            valueRows(sourceRows(scope, records), -slot.type, ignoredColumn(slot), (which) =>
              valueHash(scope, slot, salt, which, ignoredColumn(slot)),
            ),
          ]
        : []),
    ]),
  )
  return [
    step(scope, 'refused_in', 'Values that link nothing, and why', 'one row a value and reason', true, {
      value_hash: fn.sha256Hex(sql`value`),
      types: namesOfTypes(scope),
      records: fn.asInteger(sql`s.records`),
      max_records: maxRecords(scope),
      came_values: unitedOr(scope, values, { t: 'number', x: 'hash', y: 'hash', value: 'text' }),
      ...tables(scope, 'counts', 'refused_before'),
    }),
    step(scope, 'refused_out', 'What the last build told of them', 'one row a value and reason', true, {
      types: namesOfTypes(scope),
      ...tables(scope, 'refused_before', 'counts'),
    }),
  ]
}

function valueRows(
  from: TableName,
  type: number,
  column: Fragment,
  hash: (which: 'x' | 'y') => Fragment,
): Fragment {
  return sql`select ${type} as t, ${hash('x')} as x, ${hash('y')} as y, ${column} as value from ${tableOf(from)} where ${column} is not null`
}
