import { type Fragment, id, join, sql, timestamp } from '../../dialect/fragment.ts'
import { tableOf } from '../sources/relation.ts'
import type { Step } from '../step.ts'
import { entityIdColumn } from './output-steps.ts'
import { type IdentityScope, identityStep, type OutputKind } from './scope.ts'
import type { IdentityRecords } from './slots.ts'
import { cameRows } from './touch-steps.ts'

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
  return [
    ...nodesPatch(scope),
    ...nodeIdsPatch(scope),
    ...nodeRowsPatch(
      scope,
      all.filter(({ isEvent }) => isEvent),
    ),
    ...identityPatch(scope),
    insert(scope, 'merges', ['from_id', 'into_id', 'run_id', 'merged_at'], 'merges_in'),
    insert(scope, 'splits', ['from_id', 'into_id', 'run_id', 'split_at'], 'splits_in'),
    ...refusedPatch(scope),
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
set as_of = ${timestamp(scope.context.asOf)}, records = ${records}, entities = ${entities}
where true`,
  )
}

const NODE_COLUMNS = [
  'source',
  'node_key',
  'first_run',
  'rank_hash',
  'owned_id',
  'entity_id',
  'node_hash',
  'entity_hash',
  'content_hash',
  'is_anchor',
]

/** Rows go and come instead of being updated: engines that store columns would write the whole columns again. */
function nodesPatch(scope: IdentityScope): readonly Step[] {
  const touched = tableOf(scope.temporary('touched'))
  const delta = tableOf(scope.temporary('nodes_delta'))
  const gone = sql`select node_hash from ${touched} where whole union all select node_hash from ${delta}`
  return [
    remove(scope, 'nodes', sql`node_hash in (${gone})`),
    insert(scope, 'nodes', NODE_COLUMNS, 'nodes_delta'),
  ]
}

function nodeIdsPatch(scope: IdentityScope): readonly Step[] {
  const unlinked = tableOf(scope.temporary('unlinked'))
  const goneRows = tableOf(scope.temporary('gone_rows'))
  return [
    remove(
      scope,
      'node_ids',
      sql`r in (select r from ${unlinked} union all select row_hash from ${goneRows})`,
    ),
    insert(scope, 'node_ids', ['r', 't', 'x', 'y'], 'came_links'),
  ]
}

function nodeRowsPatch(scope: IdentityScope, events: readonly IdentityRecords[]): readonly Step[] {
  if (events.length === 0) return []
  const into = tableOf(scope.published('node_rows'))
  return [
    remove(scope, 'node_rows', among(scope, 'node_rows', 'gone_rows', ['row_hash', 'content_hash'])),
    statement(
      scope,
      'add_node_rows',
      'Adds what is new to node_rows',
      sql`insert into ${into} (source, row_hash, content_hash, node_hash)
select source, row_hash, content_hash, r from ${cameRows(scope, events)} as c`,
    ),
  ]
}

function identityPatch(scope: IdentityScope): readonly Step[] {
  const replaced = tableOf(scope.temporary('replaced'))
  return [
    remove(scope, 'identity', sql`${entityIdColumn(scope)} in (select entity_id from ${replaced})`),
    insert(scope, 'identity', ['source', 'record_id', `${scope.entity.name}_id`], 'identity_in'),
  ]
}

function refusedPatch(scope: IdentityScope): readonly Step[] {
  return [
    remove(scope, 'refused', among(scope, 'refused', 'refused_out', ['identifier', 'value', 'reason'])),
    insert(scope, 'refused', ['identifier', 'value_hash', 'value', 'reason', 'records'], 'refused_in'),
  ]
}

/** By the table's own name: Redshift takes no other one for a table that it deletes from. */
function among(scope: IdentityScope, kind: OutputKind, table: string, columns: readonly string[]): Fragment {
  const own = id(scope.published(kind).name)
  const same = columns.map((column) => sql`g.${id(column)} = ${own}.${id(column)}`)
  return sql`exists (select 1 from ${tableOf(scope.temporary(table))} as g where ${join(same, ' and ')})`
}

function remove(scope: IdentityScope, kind: OutputKind, where: Fragment): Step {
  return statement(
    scope,
    `remove_${kind}`,
    `Takes what is not so any more out of ${kind}`,
    sql`delete from ${tableOf(scope.published(kind))}\nwhere ${where}`,
  )
}

function insert(scope: IdentityScope, kind: OutputKind, columns: readonly string[], from: string): Step {
  const names = join(
    columns.map((column) => id(column)),
    ', ',
  )
  return statement(
    scope,
    `add_${kind}`,
    `Adds what is new to ${kind}`,
    sql`insert into ${tableOf(scope.published(kind))} (${names})\nselect ${names} from ${tableOf(scope.temporary(from))}`,
  )
}

function statement(scope: IdentityScope, name: string, summary: string, query: Fragment): Step {
  return identityStep(
    scope,
    { name, summary, grain: 'one row a row that changes', creates: undefined },
    query,
  )
}
