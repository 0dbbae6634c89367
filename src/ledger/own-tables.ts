import { SluiceError } from '../base/errors.ts'
import { type Fragment, lit, sql } from '../dialect/fragment.ts'
import { inChunks } from './chunks.ts'
import type { StateSchema } from './prepare.ts'
import type { LedgerSession } from './session.ts'
import type { OwnTables } from './state-schema.ts'
import type { Plans } from './syncs/plans.ts'
import type { Snapshots } from './syncs/snapshots.ts'
import { LEDGER_TABLE_NAMES } from './table-columns.ts'
import { textOf } from './values.ts'

interface Room {
  readonly session: LedgerSession
  readonly schema: StateSchema
  readonly snapshots: Snapshots
  readonly plans: Plans
}

export function openOwnTables(room: Room): OwnTables {
  const { session, schema } = room
  return {
    list: (built) => ownTables(room, built),
    async viewsOn(names) {
      const { dependents } = session.warehouse.dialect.table
      if (dependents === undefined) return []
      const views = new Set<string>()
      for (const name of names) {
        const rows = await session.read('views_on', dependents(session.table(name)))
        for (const row of rows) views.add(textOf(row, 'name'))
      }
      return [...views].sort()
    },
    async drop(names) {
      for (const some of inTurns(names))
        await session.turn(() =>
          session.warehouse.transaction(async () => {
            for (const name of some) await session.drop(session.table(name))
          }),
        )
      schema.forget()
      return dropSchema(session)
    },
  }
}

/** The tables of the identities that were ever published. */
export async function identityTables(session: LedgerSession): Promise<readonly string[]> {
  return (await publishedIds(session, 'identity:')).flatMap(identityNames)
}

async function stitchTables(session: LedgerSession): Promise<readonly string[]> {
  return (await publishedIds(session, 'identity:')).flatMap((entity) =>
    STITCH_KINDS.map((kind) => `${entity}_${kind}`),
  )
}

function identityNames(entity: string): readonly string[] {
  return IDENTITY_KINDS.map((kind) => `${entity}_${kind}`)
}

const IDENTITY_KINDS = ['identity', 'nodes', 'merges', 'splits', 'refused']

/** What a full stitch makes again: hashes of one engine, which only incremental ones need, and who looks alike. */
const STITCH_KINDS = ['node_ids', 'node_rows', 'stitch', 'candidates']

/** The same for profiles whose fields are computed again where something changed. */
const FIELD_KINDS = ['field_rows', 'field_state']

/** Of what a build makes beside a published table. */
const NEW = '__new'

/** Of `sync --sandbox`; no table of a project may have such a name. */
const SANDBOX = 'sandbox_'

async function ownTables(
  { session, schema, snapshots, plans }: Room,
  built: readonly string[],
): Promise<readonly string[]> {
  if (!(await schema.exists())) return []
  const entities = await publishedIds(session, 'entity:')
  const published = [
    ...entities,
    ...entities.flatMap((entity) => FIELD_KINDS.map((kind) => `${entity}_${kind}`)),
    ...(await publishedIds(session, 'segment:')).map((name) => `segment_${name}`),
    ...(await identityTables(session)),
    ...(await stitchTables(session)),
  ]
  const named = [
    ...(await snapshots.all()).map(({ sync }) => `snapshot_${sync}`),
    ...(await plans.all()).map((plan) => plans.tableNameOf(plan)),
    ...published,
    ...[...published, ...built].map((name) => `${name}${NEW}`),
    // What knows of the others goes last, so that a drop that was interrupted can be taken up.
    ...LEDGER_TABLE_NAMES,
  ]
  const there = new Set<string>()
  for (const some of inChunks([...new Set(named)]))
    for (const name of await session.existing(some)) there.add(name)
  const ofRuns = session.atomic ? [] : await newTables(session, new Set([...published, ...built]))
  return [
    ...(await tablesBeginning(session, SANDBOX)),
    ...ofRuns,
    ...new Set(named.filter((name) => there.has(name))),
  ]
}

function publishedIds(session: LedgerSession, kind: string): Promise<readonly string[]> {
  const { fn } = session.warehouse.dialect
  return namesOf(
    session,
    (after, limit) => sql`select id as name from ${session.named('published')}
where ${fn.startsWith(sql`id`, lit(kind))} and id > ${lit(after)} order by id nulls last limit ${limit}`,
  ).then((ids) => ids.map((one) => one.slice(kind.length)))
}

function tablesBeginning(session: LedgerSession, start: string): Promise<readonly string[]> {
  const { fn } = session.warehouse.dialect
  return tablesWhere(session, fn.startsWith(sql`name`, lit(start)))
}

/** Tables that killed builds left beside the published ones, where each run has names of its own for them. */
async function newTables(session: LedgerSession, of: ReadonlySet<string>): Promise<readonly string[]> {
  const { fn } = session.warehouse.dialect
  const names = await tablesWhere(session, fn.contains(sql`name`, lit(`${NEW}_`)))
  return names.filter((name) => of.has(name.slice(0, name.lastIndexOf(`${NEW}_`))))
}

function tablesWhere(session: LedgerSession, condition: Fragment): Promise<readonly string[]> {
  const { table } = session.warehouse.dialect
  return namesOf(
    session,
    (after, limit) => sql`select name from (${table.list(session.schema)}) as listed
where ${condition} and name > ${lit(after)} order by name nulls last limit ${limit}`,
  )
}

async function namesOf(
  session: LedgerSession,
  page: (after: string, limit: number) => Fragment,
): Promise<readonly string[]> {
  const rows = await session.readAll('own_tables', (last, limit) =>
    page(last === undefined ? '' : textOf(last, 'name'), limit),
  )
  return rows.map((row) => textOf(row, 'name'))
}

/** PostgreSQL holds a lock for each table, index and overflow until a transaction ends, and has some thousands. */
const TABLES_A_TRANSACTION = 200

/** The ledger's own go together: with half of them there would be no saying whose the schema is. */
function inTurns(names: readonly string[]): readonly (readonly string[])[] {
  const isLedger = (name: string) => LEDGER_TABLE_NAMES.some((one) => one === name)
  const others = names.filter((name) => !isLedger(name))
  const count = Math.ceil(others.length / TABLES_A_TRANSACTION)
  const turns = Array.from({ length: count }, (_, at) =>
    others.slice(at * TABLES_A_TRANSACTION, (at + 1) * TABLES_A_TRANSACTION),
  )
  return [...turns, names.filter(isLedger)]
}

async function dropSchema(session: LedgerSession): Promise<boolean> {
  const { table } = session.warehouse.dialect
  const drop = table.dropSchema(session.schema)
  const left = sql`select name from (${table.list(session.schema)}) as listed limit 1`
  if (drop === undefined || (await session.read('left_tables', left)).length > 0) return false
  try {
    await session.execute('drop_schema', drop)
    return true
  } catch (error) {
    // Views, functions or rights of somebody else: it is theirs too.
    if (error instanceof SluiceError) return false
    throw error
  }
}
