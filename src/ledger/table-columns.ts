import type { ColumnDefinition } from '../dialect/dialect.ts'

/**
 * The ledger's fixed tables as data: `create table`, the types of tables.ts and the upgrade of an older schema are made
 * from it. Only tables whose uniqueness a warehouse must keep while two processes insert have a primary key: DuckDB
 * checks a key too early for a delete and an insert of the same one in one transaction.
 *
 * A column that a later version adds is nullable or has a default, because rows stand there already; with it
 * `SCHEMA_VERSION` grows. No column is ever renamed or taken away.
 */
export const LEDGER_TABLES = {
  /** One row a lease that was ever taken. Written by sql/ledger only. */
  leases: {
    name: { type: 'text', nullable: false, primaryKey: true },
    run_id: { type: 'text', nullable: false },
    token: { type: 'integer', nullable: false },
    expires_at: { type: 'timestamp', nullable: false },
  },
  /** One row a run. */
  runs: {
    run_id: { type: 'text', nullable: false },
    command: { type: 'text', nullable: false },
    status: { type: 'text', nullable: false },
    as_of: { type: 'timestamp', nullable: false },
    fingerprint: { type: 'text', nullable: false },
    started_at: { type: 'timestamp', nullable: false },
    finished_at: { type: 'timestamp', nullable: true },
    exit_code: { type: 'integer', nullable: true },
    error: { type: 'text', nullable: true },
  },
  /** One row a sync of a run. Those from `destination` on are of version 2: null in rows that version 1 wrote, or 0. */
  sync_runs: {
    run_id: { type: 'text', nullable: false },
    sync: { type: 'text', nullable: false },
    status: { type: 'text', nullable: false },
    plan_id: { type: 'text', nullable: true },
    adds: { type: 'integer', nullable: false },
    changes: { type: 'integer', nullable: false },
    removes: { type: 'integer', nullable: false },
    left_rows: { type: 'integer', nullable: false },
    unchanged: { type: 'integer', nullable: false },
    held: { type: 'integer', nullable: false },
    held_by: { type: 'text', nullable: false },
    applied: { type: 'integer', nullable: false },
    rejected: { type: 'integer', nullable: false },
    pending: { type: 'integer', nullable: false },
    requests: { type: 'integer', nullable: false },
    seconds: { type: 'float', nullable: false },
    resumed: { type: 'boolean', nullable: false },
    error: { type: 'text', nullable: true },
    destination: { type: 'text', nullable: true },
    sent_rows: { type: 'integer', nullable: true },
    resent_rows: { type: 'integer', nullable: true },
    sent_bytes: { type: 'integer', nullable: true },
    sent_fields: { type: 'text', nullable: true },
    resync: { type: 'integer', nullable: true, default: 0 },
    within_tolerance: { type: 'integer', nullable: true, default: 0 },
    invalid: { type: 'integer', nullable: true, default: 0 },
  },
  /** One row an audience that a sync of a run asked after. Of version 6. */
  audience_status: {
    run_id: { type: 'text', nullable: false },
    sync: { type: 'text', nullable: false },
    destination: { type: 'text', nullable: false },
    account: { type: 'text', nullable: false },
    told_at: { type: 'timestamp', nullable: false },
    members: { type: 'integer', nullable: false },
    size: { type: 'integer', nullable: true },
    match_rate: { type: 'float', nullable: true },
    state: { type: 'text', nullable: true },
  },
  /** One row a published build. `intended`, of version 5, is what is still to be published of it. */
  builds: {
    build_number: { type: 'integer', nullable: false },
    run_id: { type: 'text', nullable: false },
    as_of: { type: 'timestamp', nullable: false },
    published_at: { type: 'timestamp', nullable: false },
    intended: { type: 'text', nullable: true },
  },
  /** One row a node, as it was published last. */
  published: {
    id: { type: 'text', nullable: false },
    fingerprint: { type: 'text', nullable: false },
    as_of: { type: 'timestamp', nullable: false },
    run_id: { type: 'text', nullable: false },
    row_count: { type: 'integer', nullable: false },
  },
  /** One row a snapshot. The three before the last are of version 2, the last of version 6. */
  snapshots: {
    sync: { type: 'text', nullable: false },
    account: { type: 'text', nullable: false },
    key_fields: { type: 'text', nullable: false },
    hash_version: { type: 'text', nullable: false },
    row_count: { type: 'integer', nullable: false },
    gone_count: { type: 'integer', nullable: false },
    dirty_count: { type: 'integer', nullable: false },
    digest: { type: 'text', nullable: false },
    model_digest: { type: 'text', nullable: true },
    field_names: { type: 'text', nullable: true },
    oldest_sent_at: { type: 'timestamp', nullable: true },
    last_counts: { type: 'text', nullable: true },
    rulesets: { type: 'text', nullable: true },
  },
  /** One row a plan that is being sent or was put aside by a guard. The two before the last are of version 3, the last of version 6. */
  plans: {
    sync: { type: 'text', nullable: false },
    plan_id: { type: 'text', nullable: false },
    run_id: { type: 'text', nullable: false },
    state: { type: 'text', nullable: false },
    fingerprint: { type: 'text', nullable: false },
    account: { type: 'text', nullable: false },
    key_fields: { type: 'text', nullable: false },
    created_at: { type: 'timestamp', nullable: false },
    as_of: { type: 'timestamp', nullable: false },
    counts: { type: 'text', nullable: false },
    snapshot_digest: { type: 'text', nullable: false },
    model_digest: { type: 'text', nullable: true },
    number_fields: { type: 'text', nullable: true },
    field_names: { type: 'text', nullable: true },
    rulesets: { type: 'text', nullable: true },
  },
  /** One row a batch and attempt that was about to be sent. */
  starts: {
    sync: { type: 'text', nullable: false },
    run_id: { type: 'text', nullable: false },
    batch: { type: 'integer', nullable: false },
    lo: { type: 'integer', nullable: false },
    hi: { type: 'integer', nullable: false },
    attempt: { type: 'integer', nullable: false },
  },
  /** One row a range of answers, or a rejected row (then `lo` = `hi` = its seq, and `reason` is not null). */
  acks: {
    sync: { type: 'text', nullable: false },
    run_id: { type: 'text', nullable: false },
    lo: { type: 'integer', nullable: false },
    hi: { type: 'integer', nullable: false },
    reason: { type: 'text', nullable: true },
    attempts: { type: 'integer', nullable: true },
    ambiguous: { type: 'boolean', nullable: true },
  },
  /** One row a range of a job that a destination works on by itself, of the plan that is on its way. Of version 2. */
  jobs: {
    sync: { type: 'text', nullable: false },
    run_id: { type: 'text', nullable: false },
    batch: { type: 'integer', nullable: false },
    lo: { type: 'integer', nullable: false },
    hi: { type: 'integer', nullable: false },
    job_id: { type: 'text', nullable: false },
    state: { type: 'text', nullable: false },
    started_at: { type: 'timestamp', nullable: false },
    polled_at: { type: 'timestamp', nullable: true },
    attempts: { type: 'integer', nullable: true },
    ambiguous: { type: 'boolean', nullable: true },
    object: { type: 'text', nullable: true },
  },
  /** One row a key of a request that may have arrived after its run lost the lease. Of version 4; `identifiers`, of an audience, of version 6. */
  late_rows: {
    sync: { type: 'text', nullable: false },
    token: { type: 'integer', nullable: false },
    key: { type: 'text', nullable: false },
    op: { type: 'text', nullable: false },
    noted_at: { type: 'timestamp', nullable: false },
    identifiers: { type: 'text', nullable: true },
  },
  /** Documented at `Receipts` in ledger.ts. */
  receipts: {
    sync: { type: 'text', nullable: false },
    run_id: { type: 'text', nullable: false },
    plan_id: { type: 'text', nullable: false },
    status: { type: 'text', nullable: false },
    reason: { type: 'text', nullable: false },
    op: { type: 'text', nullable: false },
    key: { type: 'text', nullable: true },
    entity_id: { type: 'text', nullable: true },
    hash: { type: 'hash64', nullable: true },
    attempts: { type: 'integer', nullable: true },
    requests: { type: 'integer', nullable: true },
    next_try_at: { type: 'timestamp', nullable: true },
    recorded_at: { type: 'timestamp', nullable: false },
  },
  /** One row: whose schema this is. Comes last: where it stands, all others do. */
  meta: {
    id: { type: 'integer', nullable: false, primaryKey: true },
    version: { type: 'integer', nullable: false },
    project: { type: 'text', nullable: false },
    target: { type: 'text', nullable: false },
    created_at: { type: 'timestamp', nullable: false },
  },
} as const satisfies Readonly<Record<string, Columns>>

/** What every `snapshot_<sync>` has besides `part_1..part_n`; documented at `SyncLedger` in ledger.ts. */
export const SNAPSHOT_COLUMNS = {
  key: { type: 'text', nullable: true },
  hash: { type: 'hash64', nullable: true },
  entity_id: { type: 'text', nullable: true },
  gone: { type: 'boolean', nullable: true },
  sent_at: { type: 'timestamp', nullable: true },
  field_hashes: { type: 'text', nullable: true },
  numbers: { type: 'text', nullable: true },
  identifiers: { type: 'text', nullable: true },
} as const satisfies Columns

export type LedgerTable = keyof typeof LEDGER_TABLES

/** In the order in which they are made. */
export const LEDGER_TABLE_NAMES = Object.keys(LEDGER_TABLES) as readonly LedgerTable[]

/** The columns of a table as they are printed, in order. */
export function columnList(columns: Columns): readonly ColumnDefinition[] {
  return Object.entries(columns).map(([name, column]) => ({ name, ...column }))
}

type Columns = Readonly<Record<string, Omit<ColumnDefinition, 'name'>>>
