import type { TableName } from '../../dialect/dialect.ts'
import { EMPTY, type Fragment, id, lit, sql, timestamp } from '../../dialect/fragment.ts'
import { tableOf } from '../sources/relation.ts'
import type { Step } from '../step.ts'
import type { Guarded } from './guards/guard-parts.ts'
import { nodeKey, nodeRows, united } from './record-steps.ts'
import { saltedHash } from './records-query.ts'
import { fileStep, type IdentityScope, identityStep, nullHash, textLiteral } from './scope.ts'
import type { IdentityRecords } from './slots.ts'

/** What the ids of this run depend on beside the records. */
export interface IdRun {
  /** `first_run` of the records that are new. */
  readonly buildNumber: number
  readonly runId: string
  /** There is a published identity of this entity, whose ids are kept. */
  readonly hasState: boolean
  /** Its name and version, within which hashes are stable. */
  readonly engine: string
  /** Of the identity's definition. */
  readonly fingerprint: string
}

/** The graph as the rounds left it. */
export interface Linked {
  /** `(v, r)`: the end of each record that is not its own. */
  readonly labels: TableName
  /** Each end is the least record of its component: the order was never drawn anew. */
  readonly endsAreLeast: boolean
  /** Some value is held by more than `max_records` records. */
  readonly anyOver: boolean
  /** Where components were over a limit: what became of them. */
  readonly guarded: Guarded | undefined
  readonly salt: number
}

/** The nodes whose ids are asked for. Both to stand after `from`. */
export interface Members {
  /** `r`. */
  readonly hashes: Fragment
  /** What they are called when runs are over: `r`, `source`, `node_key`, `content_hash` (of an event null). */
  readonly keys: Fragment
}

/** Where the last build told what the nodes are: `<entity>_nodes`, or those of its rows that can matter. */
export interface Before {
  readonly state: TableName
  readonly former: Step
}

/** From components to entity ids that outlive runs (design section 2, "Entity ids"). */
export function idSteps(
  scope: IdentityScope,
  run: IdRun,
  members: Members,
  linked: Linked,
  before: Before | undefined,
): readonly Step[] {
  return [
    ...(before === undefined ? [] : [before.former, heirsStep(scope, before.state)]),
    knownStep(scope, run, members, linked),
    anchorsStep(scope, members),
  ]
}

/** Of a full stitch: every record or group of equal events that belongs to an entity. */
export function allMembers(scope: IdentityScope, all: readonly IdentityRecords[], linked: Linked): Members {
  return { hashes: attachedHashes(scope, all, linked), keys: attachedKeys(scope, all, linked) }
}

/** Of a full stitch, when there was one before. */
export function allBefore(scope: IdentityScope, all: readonly IdentityRecords[], linked: Linked): Before {
  return { state: scope.published('nodes'), former: formerStep(scope, all, linked) }
}

function attachedHashes(scope: IdentityScope, all: readonly IdentityRecords[], linked: Linked): Fragment {
  return united(
    all.map(
      (records) => sql`select r from ${tableOf(nodeRows(scope, records))}${attached(scope, records, linked)}`,
    ),
  )
}

function attachedKeys(scope: IdentityScope, all: readonly IdentityRecords[], linked: Linked): Fragment {
  return united(
    all.map(
      (records) =>
        sql`select r, ${textLiteral(scope.context, records.source.name)} as source, ${nodeKey(scope, records)} as node_key, ${records.isEvent ? nullHash(scope.context) : sql`content_hash`} as content_hash from ${tableOf(nodeRows(scope, records))}${attached(scope, records, linked)}`,
    ),
  )
}

/** Where the logs are written. */
export interface LogTables {
  of(kind: 'merges' | 'splits'): TableName
  /** With all that the last build told. */
  readonly whole: boolean
}

/** Records that changed their entity, and the logs that tell of it. */
export function logSteps(scope: IdentityScope, run: IdRun, into: LogTables): readonly Step[] {
  return [
    fileStep(
      scope,
      {
        name: 'moves',
        summary: 'Records that changed their entity',
        grain: 'one row a pair of entities',
        creates: scope.temporary('moves'),
      },
      'moves',
      {
        known: run.hasState ? scope.temporary('known') : noRows(scope.temporary('known')),
        anchors: scope.temporary('anchors'),
      },
    ),
    logStep(scope, run, into, 'merges', 'merged_at', 'Entities that ended in another'),
    logStep(scope, run, into, 'splits', 'split_at', 'Entities that lost records to another and still are'),
  ]
}

/** `merges`, `splits`: how many this run adds to the logs. */
export function countMovesStep(scope: IdentityScope): Step {
  return identityStep(
    scope,
    {
      name: 'count_moves',
      summary: 'How many entities ended or split',
      grain: 'one row',
      creates: undefined,
    },
    sql`select sum(case when alive then 0 else 1 end) as merges, sum(case when alive then 1 else 0 end) as splits from ${tableOf(scope.temporary('moves'))}`,
  )
}

/** Without a former build nothing moved: engines see that nothing is to be joined. */
function noRows(table: TableName): Fragment {
  return sql`(select * from ${tableOf(table)} where 1 = 0)`
}

/** Whether `unattached` is among the steps of this run. */
export function hasUnattached(all: readonly IdentityRecords[], { anyOver, guarded }: Linked): boolean {
  return (anyOver || guarded !== undefined) && all.some(({ isEvent }) => isEvent)
}

function attached(scope: IdentityScope, records: IdentityRecords, linked: Linked): Fragment {
  if (!records.isEvent || !hasUnattached([records], linked)) return EMPTY
  return sql` where r not in (select r from ${tableOf(scope.temporary('unattached'))})`
}

/**
 * Found by two 64-bit hashes of source and key, which the state does not hold: made while it is read, they are right
 * under every salt, on every version of the engine and after a move to another one.
 */
function formerStep(scope: IdentityScope, all: readonly IdentityRecords[], linked: Linked): Step {
  const { context } = scope
  const { salt } = linked
  const records = all.map((one) => {
    const hash = (before: string) => saltedHash(context, `${before}|${one.source.name}|`, nodeKey(scope, one))
    const first = one.isEvent ? hash(`${salt}`) : sql`r`
    return sql`select r, ${first} as h, ${hash(`${salt}, second`)} as h_second from ${tableOf(nodeRows(scope, one))}${attached(scope, one, linked)}`
  })
  const key = sql`source || '|' || node_key`
  return fileStep(
    scope,
    {
      name: 'former',
      summary: 'What the last build knew of the records that still are',
      grain: 'one row a record that the last build knew',
      creates: scope.temporary('former'),
    },
    'former',
    {
      records: united(records),
      state: scope.published('nodes'),
      hash: saltedHash(context, `${salt}|`, key),
      second_hash: saltedHash(context, `${salt}, second|`, key),
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
    { state, former: scope.temporary('former') },
  )
}

function knownStep(scope: IdentityScope, run: IdRun, members: Members, linked: Linked): Step {
  const { fn } = scope.context.dialect
  const thisRun = fn.asInteger(sql`${run.buildNumber}`)
  const parts = {
    name: 'known',
    summary: 'When each record was first seen, which id it owns, and the anchor of its component',
    grain: 'one row a record',
    creates: scope.temporary('known'),
  }
  const graph = { records: members.hashes, labels: labelsOf(linked) }
  const none = fn.asText(lit(null))
  if (!run.hasState && linked.endsAreLeast)
    return fileStep(scope, parts, 'first_known', { ...graph, first_run: thisRun, none })
  const former = sql`
  left join ${tableOf(scope.temporary('former'))} as f on f.r = n.r
  left join ${tableOf(scope.temporary('heirs'))} as h on h.r = n.r`
  return fileStep(scope, parts, 'known', {
    ...graph,
    former: run.hasState ? former : EMPTY,
    first_run: run.hasState ? sql`coalesce(h.first_run, f.first_run, ${thisRun})` : thisRun,
    rank_hash: run.hasState ? sql`coalesce(h.rank_hash, f.rank_hash, n.r)` : sql`n.r`,
    owned_id: run.hasState ? sql`coalesce(h.entity_id, f.owned_id)` : none,
    former_id: run.hasState ? sql`f.entity_id` : none,
  })
}

/** Records over a limit have ends of their own. The end of a component has no label, and is an end there too. */
export function labelsOf({ labels, guarded }: Pick<Linked, 'labels' | 'guarded'>): Fragment | TableName {
  if (guarded === undefined) return labels
  return sql`(
  select l.v, coalesce(g.r, l.r) as r
  from ${tableOf(labels)} as l
  left join ${tableOf(guarded.labels)} as g on g.v = l.v
)`
}

function anchorsStep(scope: IdentityScope, members: Members): Step {
  return fileStep(
    scope,
    {
      name: 'anchors',
      summary: 'The anchor of each entity, and its id',
      grain: 'one row an entity',
      creates: scope.temporary('anchors'),
    },
    'anchors',
    {
      keys: members.keys,
      known: scope.temporary('known'),
      minted_id: mintedId(scope),
    },
  )
}

/** Nothing of an engine is in it, so it is the same wherever a record is first seen in the same run. */
function mintedId({ context, entity }: IdentityScope): Fragment {
  const { fn } = context.dialect
  return fn.md5Hex(
    sql`${lit(`${entity.name}|`)} || n.source || '|' || n.node_key || '|' || ${fn.asText(sql`k.first_run`)}`,
  )
}

function logStep(
  scope: IdentityScope,
  run: IdRun,
  into: LogTables,
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
      creates: into.of(kind),
    },
    kind,
    {
      before: run.hasState && into.whole ? before : EMPTY,
      moves: scope.temporary('moves'),
      run_id: textLiteral(scope.context, run.runId),
      as_of: timestamp(scope.context.asOf),
    },
  )
}
