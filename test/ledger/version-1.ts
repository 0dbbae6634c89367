import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import { run } from './lab.ts'

/** The state schema as version 1 made it, by its own statements, with a sync that was sent and rows in every table. */
export async function makeVersion1(warehouse: Warehouse, schema: string, prefix = ''): Promise<void> {
  const { hash64 } = warehouse.dialect.types
  const table = (name: string) => `${schema}.${prefix}${name}`
  await run(warehouse, `create schema ${schema}`)
  for (const [name, columns] of Object.entries(COLUMNS))
    await run(warehouse, `create table ${table(name)} (${columns.replace('HASH', hash64)})`)
  await run(
    warehouse,
    `create table ${table('snapshot_vips')} (key text, part_1 text, part_2 text, hash ${hash64}, entity_id text, gone boolean)`,
  )
  for (const [name, values] of Object.entries(ROWS))
    await run(warehouse, `insert into ${table(name)} values (${values})`)
}

const AT = "timestamp '2026-01-31 08:00:00'"

const COLUMNS = {
  leases: 'name text primary key, run_id text not null, token bigint not null, expires_at timestamp not null',
  runs: 'run_id text not null, command text not null, status text not null, as_of timestamp not null, fingerprint text not null, started_at timestamp not null, finished_at timestamp, exit_code integer, error text',
  sync_runs:
    'run_id text not null, sync text not null, status text not null, plan_id text, adds bigint not null, changes bigint not null, removes bigint not null, left_rows bigint not null, unchanged bigint not null, held bigint not null, held_by text not null, applied bigint not null, rejected bigint not null, pending bigint not null, requests bigint not null, seconds double precision not null, resumed boolean not null, error text',
  builds:
    'build_number bigint not null, run_id text not null, as_of timestamp not null, published_at timestamp not null',
  published:
    'id text not null, fingerprint text not null, as_of timestamp not null, run_id text not null, row_count bigint not null',
  snapshots:
    'sync text not null, account text not null, key_fields text not null, hash_version text not null, row_count bigint not null, gone_count bigint not null, dirty_count bigint not null, digest text not null, model_digest text',
  plans:
    'sync text not null, plan_id text not null, run_id text not null, state text not null, fingerprint text not null, account text not null, key_fields text not null, created_at timestamp not null, as_of timestamp not null, counts text not null, snapshot_digest text not null, model_digest text',
  starts:
    'sync text not null, run_id text not null, batch bigint not null, lo bigint not null, hi bigint not null, attempt integer not null',
  acks: 'sync text not null, run_id text not null, lo bigint not null, hi bigint not null, reason text, attempts integer, ambiguous boolean',
  receipts:
    'sync text, run_id text, plan_id text, status text, reason text, op text, key text, entity_id text, hash HASH, attempts integer, requests integer, next_try_at timestamp, recorded_at timestamp',
  meta: 'id integer primary key, version integer not null, project text not null, target text not null, created_at timestamp not null',
}

const ROWS = {
  leases: `'sync:vips', 'run-1', 4, ${AT}`,
  runs: `'run-1', 'sync', 'done', ${AT}, 'f', ${AT}, ${AT}, 0, null`,
  sync_runs: `'run-1', 'vips', 'done', '0a1b2c3d', 2, 0, 0, 0, 0, 0, '{}', 1, 1, 0, 3, 0.5, false, null`,
  builds: `1, 'run-1', ${AT}, ${AT}`,
  published: `'entity:a', 'f', ${AT}, 'run-1', 2`,
  snapshots: `'vips', 'portal 1', '["a","b"]', '1', 1, 0, 0, '1:7', null`,
  plans: `'vips', '99999999', 'run-2', 'guarded', 'f', 'portal 1', '["a","b"]', ${AT}, ${AT}, '{}', '1:7', null`,
  starts: `'vips', 'run-2', 1, 1, 2, 1`,
  acks: `'vips', 'run-2', 1, 2, null, null, null`,
  receipts: `'vips', 'run-1', '0a1b2c3d', 'rejected', 'bad', 'add', 'x|y', 'e1', 7, 1, 2, null, ${AT}`,
  meta: `1, 1, 'shop', 'dev', ${AT}`,
  snapshot_vips: `'p|q', 'p', 'q', 7, 'e2', false`,
}
