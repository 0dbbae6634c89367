import type { TableName } from '../../dialect/dialect.ts'
import { type Fragment, id, join, lit, sql, timestamp } from '../../dialect/fragment.ts'
import { tableOf } from '../sources/relation.ts'
import type { Step } from '../step.ts'
import { maxRecords } from './max-records.ts'
import { entityIdColumn } from './output-steps.ts'
import { nodeRows, sourceRows, valueHash } from './record-steps.ts'
import { eventRowHash, ignoredColumn, slotColumn } from './records-query.ts'
import { unitedOr } from './rows.ts'
import { type IdentityScope, identityStep, type OutputKind } from './scope.ts'
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
  select 1 from ${tableOf(scope.temporary('touched_entities'))} as t where t.entity_id = i.${column} and t.was
)
union all
select source, record_id, ${column}
from ${tableOf(scope.temporary('identity_in'))}`
}

/** What the state tells of the last stitch; the rest of its row stays. */
export interface StitchFigures {
  readonly records: number
  readonly entities: number
}

/** Puts the changes into the published tables. Belongs into the publishing transaction. */
export function patchSteps(
  scope: IdentityScope,
  all: readonly IdentityRecords[],
  figures: StitchFigures,
): readonly Step[] {
  const events = all.filter(({ isEvent }) => isEvent)
  const of = (name: string) => tableOf(scope.temporary(name))
  const column = entityIdColumn(scope)
  const same = (a: string, b: string, ...columns: readonly string[]) =>
    join(
      columns.map((one) => sql`${id(a)}.${id(one)} = ${id(b)}.${id(one)}`),
      ' and ',
    )
  const goneRow = sql`exists (select 1 from ${of('gone_rows')} as g where ${same('g', 'e', 'row_hash', 'content_hash')})`
  const refused = sql`exists (select 1 from ${of('refused_out')} as o where ${same('o', 'e', 'identifier', 'value', 'reason')})`
  const unlinked = sql`r in (select r from ${of('unlinked')} union all select row_hash from ${of('gone_rows')})`
  const nodes = [
    'source',
    'node_key',
    'first_run',
    'rank_hash',
    'owned_id',
    'entity_id',
    'node_hash',
    'entity_hash',
    'content_hash',
  ]
  const rows = sql`select source, row_hash, content_hash, r from ${cameRows(scope, events)} as c`
  const all_of = (name: string, columns: readonly string[]) =>
    sql`select ${join(
      columns.map((one) => id(one)),
      ', ',
    )} from ${of(name)}`
  const log = (time: string) => ['from_id', 'into_id', 'run_id', time]
  const identity = ['source', 'record_id', `${scope.entity.name}_id`]
  const refusedColumns = ['identifier', 'value_hash', 'value', 'reason', 'records']
  return [
    remove(scope, 'nodes', sql`node_hash in (select node_hash from ${of('touched')})`),
    insert(scope, 'nodes', nodes, all_of('nodes_in', nodes)),
    remove(scope, 'node_ids', unlinked),
    insert(scope, 'node_ids', ['r', 't', 'x', 'y'], all_of('came_links', ['r', 't', 'x', 'y'])),
    ...(events.length === 0
      ? []
      : [
          remove(scope, 'node_rows', goneRow),
          insert(scope, 'node_rows', ['source', 'row_hash', 'content_hash', 'node_hash'], rows),
        ]),
    remove(scope, 'identity', sql`${column} in (select entity_id from ${of('touched_entities')} where was)`),
    insert(scope, 'identity', identity, all_of('identity_in', identity)),
    insert(scope, 'merges', log('merged_at'), all_of('merges_in', log('merged_at'))),
    insert(scope, 'splits', log('split_at'), all_of('splits_in', log('split_at'))),
    remove(scope, 'refused', refused),
    insert(scope, 'refused', refusedColumns, all_of('refused_in', refusedColumns)),
    stitchPatch(scope, figures),
  ]
}

/** Of a stitch that found nothing. */
export function stitchPatch(scope: IdentityScope, { records, entities }: StitchFigures): Step {
  return statement(
    scope,
    'publish_stitch',
    'Says what the state is of now',
    sql`update ${tableOf(scope.published('stitch'))}
set as_of = ${timestamp(scope.context.asOf)}, records = ${records}, entities = ${entities}`,
  )
}

function remove(scope: IdentityScope, kind: OutputKind, where: Fragment): Step {
  return statement(
    scope,
    `remove_${kind}`,
    `Takes what is not so any more out of ${kind}`,
    sql`delete from ${tableOf(scope.published(kind))} as e\nwhere ${where}`,
  )
}

function insert(scope: IdentityScope, kind: OutputKind, columns: readonly string[], select: Fragment): Step {
  const names = join(
    columns.map((one) => id(one)),
    ', ',
  )
  return statement(
    scope,
    `add_${kind}`,
    `Adds what is new to ${kind}`,
    sql`insert into ${tableOf(scope.published(kind))} (${names})\n${select}`,
  )
}

function statement(scope: IdentityScope, name: string, summary: string, query: Fragment): Step {
  return identityStep(
    scope,
    { name, summary, grain: 'one row a row that changes', creates: undefined },
    query,
  )
}

function identityRows(scope: IdentityScope, all: readonly IdentityRecords[], salt: number): readonly Step[] {
  const events = all.filter(({ isEvent }) => isEvent)
  const names = eventNames(scope, all)
  const nodes = tableOf(scope.temporary('nodes_in'))
  const column = entityIdColumn(scope)
  const records = sql`select source, node_key as record_id, entity_id as ${column}
from ${nodes}${names === undefined ? sql`` : sql`\nwhere source not in (${names})`}`
  const rows = sql`select e.source, e.record_id, min(n.entity_id) as ${column}
from ${tableOf(scope.temporary('event_rows'))} as e
join ${nodes} as n on n.node_hash = e.r
group by e.source, e.record_id`
  const makes = identityStep(
    scope,
    {
      name: 'identity_in',
      summary: 'The records of the touched entities',
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
      ...tables(scope, 'touched_entities'),
    }),
    step(scope, 'event_rows', 'The events of the touched entities', 'one row an event', true, {
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
