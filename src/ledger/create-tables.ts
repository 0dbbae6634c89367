import type { Compilable } from 'kysely'
import { type Fragment, lit, sql } from '../dialect/fragment.ts'
import { listed, partColumns } from './parts.ts'
import type { LedgerSession } from './session.ts'
import type { LedgerDatabase, LedgerTable } from './tables.ts'

/**
 * How each table is made. `meta` comes last: where it stands, all others do. Only tables whose uniqueness a warehouse
 * must keep while two processes insert have a primary key: DuckDB checks a key too early for a delete and an insert
 * of the same one in one transaction.
 */
export const TABLE_MAKERS: readonly (readonly [
  LedgerTable,
  (session: LedgerSession) => Compilable | Fragment,
])[] = [
  ['leases', ({ db }) => leases(db)],
  ['runs', ({ db }) => runs(db)],
  ['sync_runs', ({ db }) => syncRuns(db)],
  ['builds', ({ db }) => builds(db)],
  ['published', ({ db }) => published(db)],
  ['snapshots', ({ db }) => snapshots(db)],
  ['plans', ({ db }) => plans(db)],
  ['starts', ({ db }) => starts(db)],
  ['acks', ({ db }) => acks(db)],
  ['receipts', receipts],
  ['meta', ({ db }) => meta(db)],
]

function meta(db: LedgerDatabase): Compilable {
  return db.schema
    .createTable('meta')
    .ifNotExists()
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('project', 'text', (column) => column.notNull())
    .addColumn('target', 'text', (column) => column.notNull())
    .addColumn('created_at', 'timestamp', (column) => column.notNull())
}

function leases(db: LedgerDatabase): Compilable {
  return db.schema
    .createTable('leases')
    .ifNotExists()
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('run_id', 'text', (column) => column.notNull())
    .addColumn('token', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'timestamp', (column) => column.notNull())
}

function runs(db: LedgerDatabase): Compilable {
  return db.schema
    .createTable('runs')
    .ifNotExists()
    .addColumn('run_id', 'text', (column) => column.notNull())
    .addColumn('command', 'text', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('as_of', 'timestamp', (column) => column.notNull())
    .addColumn('fingerprint', 'text', (column) => column.notNull())
    .addColumn('started_at', 'timestamp', (column) => column.notNull())
    .addColumn('finished_at', 'timestamp')
    .addColumn('exit_code', 'integer')
    .addColumn('error', 'text')
}

function syncRuns(db: LedgerDatabase): Compilable {
  return db.schema
    .createTable('sync_runs')
    .ifNotExists()
    .addColumn('run_id', 'text', (column) => column.notNull())
    .addColumn('sync', 'text', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('plan_id', 'text')
    .addColumn('adds', 'bigint', (column) => column.notNull())
    .addColumn('changes', 'bigint', (column) => column.notNull())
    .addColumn('removes', 'bigint', (column) => column.notNull())
    .addColumn('left_rows', 'bigint', (column) => column.notNull())
    .addColumn('unchanged', 'bigint', (column) => column.notNull())
    .addColumn('held', 'bigint', (column) => column.notNull())
    .addColumn('held_by', 'text', (column) => column.notNull())
    .addColumn('applied', 'bigint', (column) => column.notNull())
    .addColumn('rejected', 'bigint', (column) => column.notNull())
    .addColumn('pending', 'bigint', (column) => column.notNull())
    .addColumn('requests', 'bigint', (column) => column.notNull())
    .addColumn('seconds', 'double precision', (column) => column.notNull())
    .addColumn('resumed', 'boolean', (column) => column.notNull())
    .addColumn('error', 'text')
}

function builds(db: LedgerDatabase): Compilable {
  return db.schema
    .createTable('builds')
    .ifNotExists()
    .addColumn('build_number', 'bigint', (column) => column.notNull())
    .addColumn('run_id', 'text', (column) => column.notNull())
    .addColumn('as_of', 'timestamp', (column) => column.notNull())
    .addColumn('published_at', 'timestamp', (column) => column.notNull())
}

function published(db: LedgerDatabase): Compilable {
  return db.schema
    .createTable('published')
    .ifNotExists()
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('fingerprint', 'text', (column) => column.notNull())
    .addColumn('as_of', 'timestamp', (column) => column.notNull())
    .addColumn('run_id', 'text', (column) => column.notNull())
    .addColumn('row_count', 'bigint', (column) => column.notNull())
}

function snapshots(db: LedgerDatabase): Compilable {
  return db.schema
    .createTable('snapshots')
    .ifNotExists()
    .addColumn('sync', 'text', (column) => column.notNull())
    .addColumn('account', 'text', (column) => column.notNull())
    .addColumn('key_fields', 'text', (column) => column.notNull())
    .addColumn('hash_version', 'text', (column) => column.notNull())
    .addColumn('row_count', 'bigint', (column) => column.notNull())
    .addColumn('gone_count', 'bigint', (column) => column.notNull())
    .addColumn('dirty_count', 'bigint', (column) => column.notNull())
    .addColumn('digest', 'text', (column) => column.notNull())
    .addColumn('model_digest', 'text')
}

function plans(db: LedgerDatabase): Compilable {
  return db.schema
    .createTable('plans')
    .ifNotExists()
    .addColumn('sync', 'text', (column) => column.notNull())
    .addColumn('plan_id', 'text', (column) => column.notNull())
    .addColumn('run_id', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('fingerprint', 'text', (column) => column.notNull())
    .addColumn('account', 'text', (column) => column.notNull())
    .addColumn('key_fields', 'text', (column) => column.notNull())
    .addColumn('created_at', 'timestamp', (column) => column.notNull())
    .addColumn('as_of', 'timestamp', (column) => column.notNull())
    .addColumn('counts', 'text', (column) => column.notNull())
    .addColumn('snapshot_digest', 'text', (column) => column.notNull())
    .addColumn('model_digest', 'text')
}

function starts(db: LedgerDatabase): Compilable {
  return db.schema
    .createTable('starts')
    .ifNotExists()
    .addColumn('sync', 'text', (column) => column.notNull())
    .addColumn('run_id', 'text', (column) => column.notNull())
    .addColumn('batch', 'bigint', (column) => column.notNull())
    .addColumn('lo', 'bigint', (column) => column.notNull())
    .addColumn('hi', 'bigint', (column) => column.notNull())
    .addColumn('attempt', 'integer', (column) => column.notNull())
}

function acks(db: LedgerDatabase): Compilable {
  return db.schema
    .createTable('acks')
    .ifNotExists()
    .addColumn('sync', 'text', (column) => column.notNull())
    .addColumn('run_id', 'text', (column) => column.notNull())
    .addColumn('lo', 'bigint', (column) => column.notNull())
    .addColumn('hi', 'bigint', (column) => column.notNull())
    .addColumn('reason', 'text')
    .addColumn('attempts', 'integer')
    .addColumn('ambiguous', 'boolean')
}

/** Typed by example: the type of a native hash has another name in every warehouse. */
function receipts(session: LedgerSession): Fragment {
  const { fn, table } = session.warehouse.dialect
  const text = fn.asText(lit('a'))
  const moment = fn.asTimestamp(lit('2026-01-31T08:00:00.000Z'))
  return table.createAs(
    session.table('receipts'),
    sql`select ${text} as sync, ${text} as run_id, ${text} as plan_id, ${text} as status, ${text} as reason,
  ${text} as op, ${text} as key, ${text} as entity_id, ${fn.rowHash([text])} as hash,
  ${0} as attempts, ${0} as requests, ${moment} as next_try_at, ${moment} as recorded_at
where ${lit(false)}`,
  )
}

/** An empty snapshot, with a column for each field of a key that has several. */
export function emptySnapshot(session: LedgerSession, sync: string, keyFields: readonly string[]): Fragment {
  const { fn, table } = session.warehouse.dialect
  const text = fn.asText(lit('a'))
  const parts = listed(partColumns(keyFields).map((part) => sql`${text} as ${part}`))
  return table.createAs(
    session.table(`snapshot_${sync}`),
    sql`select ${text} as key${parts}, ${fn.rowHash([text])} as hash, ${text} as entity_id, ${lit(false)} as gone
where ${lit(false)}`,
  )
}
