import type { Instant } from '../base/instant.ts'
import type { TableName } from '../dialect/dialect.ts'
import type { Statement } from '../warehouse/warehouse.ts'
import type { OwnTables, Transfer } from './state-schema.ts'

/**
 * The state schema of one target: runs, leases, published nodes, plans, acknowledgements, receipts, snapshots.
 * Opened by `openLedger`. Reading works, and finds nothing, while the schema does not exist; `prepare` makes it.
 */
export interface Ledger {
  readonly runs: RunLog
  readonly published: Published
  readonly syncs: SyncLedger
  readonly receipts: Receipts
  readonly history: History
  /** Of the tables' form that this version writes. */
  readonly schemaVersion: number
  readonly transfer: Transfer
  readonly own: OwnTables
  /**
   * Creates schema and tables where they are missing and writes whose they are; `acquire` does it too.
   * Throws SLU5003 (project) when the schema belongs to another project or target.
   */
  prepare(): Promise<void>
  /**
   * Takes the lease of `name` (`build`, or `sync:<name>`), waiting up to `waitMs` (default: one lease).
   * `leaseSeconds` is for a holder whose requests take long: twice its longest request timeout when that is more
   * than the usual length, which is never shortened. Throws SLU5001 (busy) when another run still holds it.
   */
  acquire(name: string, runId: string, waitMs?: number, leaseSeconds?: number): Promise<Lease>
  leases(): Promise<readonly LeaseInfo[]>
  /** Frees a lease by hand; its former holder finds its token too old. False when there is no such lease. */
  unlock(name: string): Promise<boolean>
  /** Drops every table of a ledger that was opened with a `tablePrefix`, and only those (`sync --sandbox`). */
  dropPrefixed(): Promise<void>
}

export interface LeaseInfo {
  readonly name: string
  readonly runId: string
  readonly token: number
  /** By the warehouse's clock, ISO. */
  readonly expiresAt: string
  readonly expired: boolean
}

export interface RunLog {
  start(run: {
    readonly runId: string
    readonly command: string
    readonly asOf: Instant
    readonly fingerprint: string
    readonly startedAt: Instant
  }): Promise<void>
  finish(
    runId: string,
    outcome: {
      readonly status: string
      readonly exitCode: number
      readonly error?: string
      readonly finishedAt: Instant
    },
  ): Promise<void>
  /** One row a sync of a run, written once at its end. */
  recordSync(row: SyncRunRow): Promise<void>
  /** The newest first; at most 1,000. */
  list(limit: number, wanted?: WantedRuns): Promise<readonly RunRow[]>
  /** Runs whose id starts so. */
  find(prefix: string): Promise<readonly RunRow[]>
  syncsOf(runId: string): Promise<readonly SyncRunRow[]>
  recordAudience(row: AudienceRow): Promise<void>
  /** Those that the run asked after. */
  audiencesOf(runId: string): Promise<readonly AudienceRow[]>
  /**
   * When the last run of each sync was started, milliseconds since 1970. A run in which it failed, was stopped by a
   * guard or skipped, or left jobs open, does not count: its time is still to be served. A sync that never ran is not
   * in it.
   */
  lastServedMs(): Promise<ReadonlyMap<string, number>>
}

export interface WantedRuns {
  /** Runs that ran this sync, or began to. */
  readonly sync?: string | undefined
  readonly status?: RunStatus | undefined
}

export const RUN_STATUSES = ['running', 'done', 'failed', 'guarded', 'stopped', 'killed'] as const

export type RunStatus = (typeof RUN_STATUSES)[number]

export interface RunRow {
  readonly runId: string
  readonly command: string
  /** `killed`: it never said how it ended, holds no lease, and is older than one. */
  readonly status: RunStatus
  readonly asOf: string
  readonly startedAt: string
  readonly finishedAt: string | undefined
  readonly exitCode: number | undefined
  readonly error: string | undefined
}

/** The figures of a plan. Model rows = unchanged + held + add + change. */
export interface PlanFigures {
  readonly add: number
  readonly change: number
  readonly remove: number
  readonly left: number
  readonly unchanged: number
  readonly held: number
  readonly heldBy: Readonly<Record<string, number>>
  /** Of `unchanged`: rows of which only numbers moved, by no more than their tolerance. Undefined in plans of version 1. */
  readonly withinTolerance?: number
  /** Of `change`: rows that are sent again only because they were sent long ago. Undefined in plans of version 1. */
  readonly resync?: number
}

/** What one sync did in one run: the figures of its JSON (design section 4). */
export interface SyncRunRow extends PlanFigures {
  readonly runId: string
  readonly sync: string
  readonly status: string
  readonly planId: string | undefined
  readonly applied: number
  readonly rejected: number
  readonly pending: number
  readonly requests: number
  readonly seconds: number
  readonly resumed: boolean
  readonly error: string | undefined
  /** Its name in the project; undefined when the sync could not be bound. */
  readonly destination: string | undefined
  /** Rows handed to the connector, each as often as it was. This and the next three: undefined in rows of version 1. */
  readonly sentRows: number | undefined
  /** Of `sentRows`: those that were sent before in this run. */
  readonly resentRows: number | undefined
  /** Of request bodies, or appended to a file. */
  readonly sentBytes: number | undefined
  /** The destination's fields that something was sent for. */
  readonly sentFields: readonly string[] | undefined
  /** Entries that the destination counted as invalid, without saying which. */
  readonly invalid?: number
}

/** What a destination said of an audience, after a sync of a run. */
export interface AudienceRow {
  readonly runId: string
  readonly sync: string
  readonly destination: string
  /** The audience, as the connector tells it. */
  readonly account: string
  readonly toldAt: Instant
  /** People who are in it by the snapshot. */
  readonly members: number
  /** People whom the platform found; undefined where it does not say, like the next two. */
  readonly size?: number | undefined
  /** From 0 to 1. */
  readonly matchRate?: number | undefined
  /** In the platform's own words. */
  readonly state?: string | undefined
}

/** What the last builds published. */
export interface Published {
  /** The greatest `as_of` that was ever published; undefined before the first build. */
  lastAsOf(): Promise<Instant | undefined>
  nodes(): Promise<ReadonlyMap<string, PublishedNode>>
  /** The number that this build gets: one more than the last published one. Entity ids' `first_run` counts these. */
  nextBuildNumber(): Promise<number>
  /** Called inside the publishing transaction. */
  record(publication: Publication): Promise<void>
  /** Writes down what is to be published, where that cannot be one transaction: from here on it is the build. */
  intend(publication: Publication): Promise<void>
  /** What was written down and is not settled, by build. */
  intended(): Promise<readonly Publication[]>
  /** All of it stands. May be said twice. */
  settle(publication: Publication): Promise<void>
}

export interface Publication {
  readonly runId: string
  readonly buildNumber: number
  readonly asOf: Instant
  /** Logical names of outputs whose new tables take the place of the published ones. */
  readonly made: readonly string[]
  /** Of outputs that are no more. */
  readonly stale: readonly string[]
  readonly nodes: readonly PublishedNode[]
}

export interface PublishedNode {
  readonly id: string
  readonly fingerprint: string
  readonly asOf: Instant
  readonly runId: string
  readonly rows: number
}

/** The right to write. Every state write happens inside `fenced`, which fails when the lease was lost. */
export interface Lease {
  readonly name: string
  readonly token: number
  /**
   * Runs `work` in a transaction that first proves, by `where token = mine`, that this run still holds the lease,
   * and extends it. Transactions of one session run one after the other; a nested one throws SLU9001. A long one
   * is extended again at its end. Throws SLU5002 (failed) when the lease was lost.
   */
  fenced<T>(work: () => Promise<T>): Promise<T>
  /** Milliseconds for which the lease surely still holds, by our clocks since the last extension. */
  validForMs(): number
  /** Idempotent. Never throws for a warehouse that is gone: the lease then runs out by itself. */
  release(): Promise<void>
  /** For a session that no longer answers: nothing is asked of it, and the lease runs out by itself. */
  abandon(): void
}

/** What the ledger remembers for people only, and may forget. */
export interface History {
  /** What nothing needs any more; at most 1,000 names in all. */
  old(remembered: Remembered): Promise<OldHistory>
  /** Forgets it, in its own `fenced`. */
  forget(lease: Lease, old: OldHistory, remembered: Remembered): Promise<void>
}

export interface Remembered {
  /** Older runs are forgotten, unless a plan, a rejected row, a lease, or what is due rests on them. */
  readonly before: Instant
  /** Syncs of the project; receipts of others are forgotten when they are older. */
  readonly syncs: readonly string[]
}

export interface OldHistory {
  readonly runs: readonly string[]
  /** Syncs that are gone. */
  readonly receiptsOf: readonly string[]
  /** Runs whose plans are gone, but not all of their acknowledgements, starts and jobs. */
  readonly marksOf: readonly string[]
}

/**
 * `receipts`, for people and for the next plan: rows of the last plan of each sync that were not sent or not
 * taken. Columns: `sync`, `run_id`, `plan_id`, `status` (rejected; held: a row of the model; left: a leaver that was
 * kept for a reason), `reason`, `op`, `key` (null for a held row without one), `entity_id`, `hash` (of the payload that was
 * rejected), `attempts` (runs in which this payload was rejected, at least 1), `requests` (of the last of them),
 * `next_try_at` (null: at once; the next three runs after a first reject try at once), `recorded_at`. The five
 * from `hash` to `next_try_at` are null unless rejected. Grain: one row a row of the plan; (sync, key) is unique among rejected ones.
 */
export interface Receipts {
  /** What a run left, by sync, status and reason; the largest first, at most 1,000. */
  summary(runId: string): Promise<readonly ReceiptSummary[]>
  /** Rejected rows of a run that wait for their next try, by sync, reason and op; the largest first, at most 1,000. */
  rejectedGroups(runId: string): Promise<readonly RejectedGroup[]>
  /** Rejected rows of a sync that wait for their next try. */
  rejected(sync: string): Promise<number>
  /** The rejected rows that are meant; `later`: those of them whose next try is after `now`. */
  count(
    sync: string,
    meant: RejectedRows,
    now: Instant,
  ): Promise<{ readonly rows: number; readonly later: number }>
  /** Which of `meant.keys` are keys of such rows. */
  keysOf(sync: string, meant: RejectedRows): Promise<ReadonlySet<string>>
  /** What the last plans say of a key, in whatever sync; at most 1,000. */
  ofKey(key: string): Promise<readonly Omit<ReceiptSummary, 'rows'>[]>
  /** The rejected rows that are meant may be tried at once; their attempts stay counted. In its own `fenced`. */
  makeDue(lease: Lease, sync: string, meant: RejectedRows): Promise<void>
}

export interface RejectedGroup {
  readonly sync: string
  readonly reason: string
  readonly op: string
  readonly rows: number
  /** Runs in which such a row was rejected. */
  readonly attempts: { readonly least: number; readonly most: number }
  /** Rows that the next run tries again. */
  readonly due: number
  /** When the first of the others is tried; undefined: there are none. */
  readonly nextTryAt: Instant | undefined
}

/** All rejected rows of a sync, or only some. */
export interface RejectedRows {
  /** As `receipts.key` has them; empty: whatever the key. */
  readonly keys: readonly string[]
  /** A part of their reason, in any case; undefined: whatever the reason. */
  readonly reason: string | undefined
}

export interface ReceiptSummary {
  readonly sync: string
  readonly status: 'rejected' | 'held' | 'left'
  readonly reason: string
  readonly rows: number
}

/**
 * What syncs keep. Tables: `snapshots` and `plans` (one row a sync; a plan), `snapshot_<sync>`, `plan_<sync>`,
 * `starts`, `acks`, `jobs`, `late_rows`, `receipts`. Every write below happens in its own `lease.fenced` unless it says otherwise.
 *
 * `snapshot_<sync>`: `key` text (match values, normalised; several are joined by `|`, `\` and `|` escaped),
 * `part_1..part_n` text (only when the key has several fields), `hash` (null: dirty, must be sent again),
 * `entity_id` text, `gone` boolean (left the model and was left where it is), `sent_at` timestamp (last applied; null
 * in rows of version 1), `field_hashes` text (null unless `fields: changed`), `numbers` text (null unless `tolerance`),
 * `identifiers` text (of audiences: all that may be in it of this row, hashed, with blanks between).
 *
 * `plan_<sync>` (with a hash of its run's id where a transaction does not hold tables together): `seq` (dense from 1 over what is sent; null for the rest), `batch`, `op` (add, change, remove:
 * sent; held, left, back: not sent), `reason`, `key`, `part_*`, `numbers` and `field_hashes` (only where
 * `numberFields` and `fieldNames` say so), `entity_id`, `hash`, `fields` (JSON text). A `left`
 * without a reason is marked `gone`, and so is one that another sync wants (`wanted_by`, with a receipt); one with
 * another reason (`limit`, `retry_later`) is left as it stands, with a receipt.
 * `back` came back unchanged and is unmarked. Keys are unique over all that is not held.
 */
export interface SyncLedger {
  /** Least time between two small writes, where each is slow or dear; 0 where none is. */
  readonly writePauseMs: number
  snapshots(): Promise<readonly SnapshotInfo[]>
  snapshot(sync: string): Promise<SnapshotInfo | undefined>
  snapshotTable(sync: string): TableName
  planTable(plan: Pick<PlanRecord, 'sync' | 'runId'>): TableName
  receiptsTable(): TableName
  /**
   * Makes an empty snapshot when there is none; changes account, hash version and the names of the key's fields when
   * they differ. Throws SLU5005 (project) when the key has another number of fields.
   */
  ensureSnapshot(lease: Lease, snapshot: NewSnapshot): Promise<void>
  /**
   * Moves a snapshot to another name (`renamed_from`), with its receipts and its interrupted plan; plans that a guard
   * stopped are dropped. Nothing happens when `from` has no snapshot or `to` has one already. Throws SLU5001 (busy)
   * while another run still holds the lease of `sync:<from>`.
   */
  renameSnapshot(lease: Lease, from: string, to: string): Promise<void>
  /**
   * Writes down what a run that lost its lease may have sent after another one took it. The one write that is not
   * fenced: who writes it holds nothing any more, and nothing is changed by it. A snapshot counts them (`late`).
   */
  noteLate(rows: LateRows): Promise<void>
  /** What was noted late is forgotten and dirty: a plan made from here on sends it again, or removes it. */
  takeLate(lease: Lease, sync: string): Promise<void>
  /** Forgets what was acknowledged but keeps the keys (hash null): everything is sent again. */
  markAllDirty(lease: Lease, sync: string): Promise<void>
  plans(): Promise<readonly PlanRecord[]>
  /** The plan that is being sent or was interrupted; undefined when there is none. */
  openPlan(sync: string): Promise<PlanRecord | undefined>
  /** A plan that a guard stopped, by its id; undefined when it is gone or older than 24 h. */
  guardedPlan(sync: string, planId: string): Promise<PlanRecord | undefined>
  /**
   * Creates the plan table by `createTable` and records the plan in one transaction; an older table of that name is
   * dropped first. A record that is `guarded` is put aside at once, as `setState` does. Throws SLU5006 (bug) when
   * the table does not hold what `record.counts` says, a key stands twice, or `seq` is not dense.
   */
  freeze(lease: Lease, record: PlanRecord, createTable: readonly Statement[]): Promise<void>
  /**
   * sending -> guarded (its table renamed `plan_<sync>_<plan_id>`), or back when it was accepted. An equal plan that
   * was put aside before is replaced. Throws SLU9001 when another plan of the sync is open.
   */
  setState(lease: Lease, record: PlanRecord, state: PlanRecord['state']): Promise<void>
  /** Stored before the first request of these batches. */
  markStarted(lease: Lease, plan: PlanRecord, batches: readonly StartedBatch[]): Promise<void>
  /**
   * One flush: ranges of `seq` that the destination answered for, rejected rows among them, and the jobs that it works
   * on or has ended. Empty: a heartbeat.
   */
  acknowledge(
    lease: Lease,
    plan: PlanRecord,
    ranges: readonly SeqRange[],
    rejected: readonly RejectedRow[],
    jobs?: JobMoves,
  ): Promise<void>
  /** Jobs of the plan that have not ended, as far as is known, by their first row. */
  openJobs(plan: PlanRecord): Promise<readonly StartedJob[]>
  /** Acknowledged so far, merged and in order. */
  acknowledged(plan: PlanRecord): Promise<readonly SeqRange[]>
  /** How many of those were rejected. */
  rejectedSoFar(plan: PlanRecord): Promise<number>
  /**
   * One merge of plan x acknowledged ranges into the snapshot; held rows and rejects into `receipts`; the plan and
   * its marks are gone afterwards. Rows of started batches without an acknowledgement become dirty. So it also is
   * how an interrupted plan is dropped. Gives what was committed; zeros when it was committed before. Idempotent.
   */
  commit(lease: Lease, plan: PlanRecord, rules: CommitRules): Promise<CommitCounts>
  /** Drops guarded plans older than 24 h. */
  dropOldPlans(lease: Lease, sync: string): Promise<void>
  /** Drops every plan of the sync that a guard stopped; gives their ids. Nothing of them was sent. */
  dropGuardedPlans(lease: Lease, sync: string): Promise<readonly string[]>
}

export interface SnapshotInfo {
  readonly sync: string
  /** As the connector told it. */
  readonly account: string
  /** The destination's fields of the key, in order. */
  readonly keyFields: readonly string[]
  readonly hashVersion: string
  readonly rows: number
  /** Rows marked `gone`. */
  readonly gone: number
  /** Rows whose hash is null, what the destination holds is not known; those marked `gone` not counted. */
  readonly dirty: number
  /** Rows that were noted late and are not dirty yet; only asked for of one sync. */
  readonly late?: number
  /** Of the snapshot's rows, whatever their order; `snapshotDigest` of the plans made from it. */
  readonly digest: string
  /**
   * Digest of the model whose plan was committed last; undefined while a dirty or rejected row waits, or one held for
   * a reason outside the model. The same digest again means that there is nothing to do.
   */
  readonly modelDigest: string | undefined
  /** When the first of the rows that did not leave was applied; 1970 where that is not known, undefined without rows. */
  readonly oldestSentAt?: Instant | undefined
  /** Whose hashes the rows' `field_hashes` are, in order; undefined: they are of no use. */
  readonly fieldNames?: readonly string[] | undefined
  /** What a plan of that model finds; undefined where `modelDigest` is, and in a snapshot that version 1 wrote. */
  readonly lastCounts?: RestingCounts | undefined
  /** Of an audience, by which its rows' `identifiers` were made; undefined before the first commit. */
  readonly rulesets?: readonly string[] | undefined
}

/** The figures of a plan that finds nothing to do. */
export type RestingCounts = Pick<PlanFigures, 'unchanged' | 'withinTolerance' | 'held' | 'heldBy'>

export interface LateRows {
  readonly sync: string
  /** Of the lease that was lost. */
  readonly token: number
  readonly at: Instant
  readonly rows: readonly {
    readonly key: string
    readonly op: 'add' | 'change' | 'remove'
    /** Of an audience: what may be in it now. */
    readonly identifiers?: string | undefined
  }[]
}

export interface NewSnapshot {
  readonly sync: string
  readonly account: string
  readonly keyFields: readonly string[]
  readonly hashVersion: string
}

export interface PlanRecord {
  readonly sync: string
  /** Digest of the changes, 8 hex. */
  readonly planId: string
  readonly runId: string
  readonly state: 'sending' | 'guarded'
  readonly fingerprint: string
  readonly account: string
  readonly keyFields: readonly string[]
  /** Fields with a tolerance, in the order in which the plan's `numbers` has them; undefined: it has none. */
  readonly numberFields?: readonly string[] | undefined
  /** Mapped fields, in the order in which the plan's `field_hashes` has them; undefined: it has none. */
  readonly fieldNames?: readonly string[] | undefined
  /** Of an audience, whose plan has `identifiers` for the snapshot to keep: by which they were made. */
  readonly rulesets?: readonly string[] | undefined
  readonly createdAt: Instant
  readonly asOf: Instant
  readonly counts: PlanCounts
  /** Digest of the snapshot it was made from: an accepted plan is refused when it moved. */
  readonly snapshotDigest: string
  /** Digest of the whole model; kept with the snapshot when all went well (`SnapshotInfo.modelDigest`). */
  readonly modelDigest?: string | undefined
}

export interface PlanCounts extends PlanFigures {
  readonly modelRows: number
  readonly snapshotRows: number
  readonly batches: number
}

export interface StartedBatch {
  readonly batch: number
  readonly lo: number
  readonly hi: number
  readonly attempt: number
}

/** Both ends included. */
export interface SeqRange {
  readonly lo: number
  readonly hi: number
}

export interface RejectedRow {
  readonly seq: number
  /** Names no value of the row. */
  readonly reason: string
  readonly attempts: number
  /** An earlier attempt may have been applied: the row becomes dirty. */
  readonly ambiguous: boolean
}

/** What became known of jobs since the last flush. Ended ones are written first. */
export interface JobMoves {
  readonly started: readonly StartedJob[]
  readonly ended: readonly EndedJob[]
}

/** A job that a destination works on by itself. */
export interface StartedJob {
  /** The destination's. */
  readonly jobId: string
  /** Of the destination, as the project named it then. */
  readonly object: string
  readonly batch: number
  /** In the order of the batch that was handed over. Of no two open jobs do they meet. */
  readonly ranges: readonly SeqRange[]
  /** Requests that carried these rows so far. */
  readonly attempts: number
  /** An attempt before it may have been applied. */
  readonly ambiguous: boolean
  readonly startedAt: Instant
}

export interface EndedJob {
  readonly jobId: string
  readonly state: 'done' | 'failed' | 'forgotten'
  readonly at: Instant
}

export interface CommitRules {
  /** `insert` on an event source: snapshot keys that left the model's window (`left` without a reason) are dropped. */
  readonly dropGone: boolean
  /** When a rejected row may be tried again after its third run. */
  readonly nextTryAt: Instant
  readonly at: Instant
}

export interface CommitCounts {
  readonly applied: number
  readonly rejected: number
  /** Neither acknowledged nor rejected: pending; dirty when their batch was started. */
  readonly unanswered: number
  /** Applied and rejected rows by what they were. */
  readonly answeredOps: { readonly add: number; readonly change: number; readonly remove: number }
}
