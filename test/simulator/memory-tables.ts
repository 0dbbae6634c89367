import type {
  PlanRecord,
  RejectedRow,
  RestingCounts,
  StartedBatch,
  StartedJob,
  SyncRunRow,
} from '../../src/ledger/ledger.ts'

/** A state schema in memory: what the ledger's tables hold, in plain values. */
export interface MemoryTables {
  readonly leases: Map<string, LeaseRow>
  readonly snapshots: Map<string, MemorySnapshot>
  readonly plans: MemoryPlan[]
  readonly starts: (StartedBatch & OfPlan)[]
  readonly acks: AckRow[]
  readonly jobs: JobRow[]
  readonly late: LateRow[]
  readonly receipts: ReceiptRow[]
  readonly syncRuns: SyncRunRow[]
}

interface LeaseRow {
  runId: string
  token: number
  expiresAtMs: number
}

/** A sync has one plan on its way at a time; `runId` is the plan's own, also when another run resumes it. */
interface OfPlan {
  sync: string
  readonly runId: string
}

export interface MemorySnapshot {
  account: string
  keyFields: readonly string[]
  hashVersion: string
  modelDigest: string | undefined
  lastCounts: RestingCounts | undefined
  readonly rows: Map<string, SnapshotRow>
}

export interface SnapshotRow {
  /** Null: what the destination holds is not known. */
  hash: number | null
  entity: string | null
  gone: boolean
}

export interface MemoryPlan {
  record: PlanRecord
  readonly rows: readonly PlanRow[]
}

export interface PlanRow {
  readonly seq: number | null
  readonly batch: number | null
  readonly op: 'add' | 'change' | 'remove' | 'held' | 'left' | 'back'
  readonly reason: string | null
  readonly key: string | null
  readonly entity: string | null
  readonly hash: number | null
  /** JSON. */
  readonly fields: string | null
}

export interface AckRow extends OfPlan {
  readonly lo: number
  readonly hi: number
  /** Undefined: an answer, else why this one row was rejected. */
  readonly reject: RejectedRow | undefined
}

export interface JobRow extends OfPlan {
  readonly job: StartedJob
  state: 'running' | 'done' | 'failed' | 'forgotten'
}

export interface LateRow {
  sync: string
  readonly key: string
  readonly op: 'add' | 'change' | 'remove'
}

export interface ReceiptRow {
  sync: string
  readonly runId: string
  readonly planId: string
  readonly status: 'rejected' | 'held' | 'left'
  readonly reason: string
  readonly op: string
  readonly key: string | null
  readonly hash: number | null
  readonly attempts: number
  /** ISO; undefined: at once. */
  nextTryAt: string | undefined
}

export function emptyTables(): MemoryTables {
  return {
    leases: new Map(),
    snapshots: new Map(),
    plans: [],
    starts: [],
    acks: [],
    jobs: [],
    late: [],
    receipts: [],
    syncRuns: [],
  }
}

export function openPlanOf(tables: MemoryTables, sync: string): MemoryPlan | undefined {
  return tables.plans.find(({ record }) => record.sync === sync && record.state === 'sending')
}

/** Takes out what `gone` names. */
export function removeWhere<T>(from: T[], gone: (one: T) => boolean): void {
  for (let index = from.length - 1; index >= 0; index -= 1) {
    const one = from[index]
    if (one !== undefined && gone(one)) from.splice(index, 1)
  }
}
