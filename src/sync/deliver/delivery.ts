import type { Clock } from '../../base/clock.ts'
import type { SluiceError } from '../../base/errors.ts'
import type { Connection, ObjectMode } from '../../connector/types.ts'
import type { Lease, PlanRecord, SeqRange, SyncLedger } from '../../ledger/ledger.ts'
import type { JobRules, PollPolicy } from '../jobs/job-rules.ts'
import type { AccountPace } from '../pace/account-pace.ts'
import type { PieceReader } from '../plan/plan-source.ts'
import type { LateBatches } from './late-batches.ts'
import type { RetryPolicy } from './retry-policy.ts'

/** What one delivery works with. */
export interface Delivery {
  readonly plan: PlanRecord
  /** Of the destination. */
  readonly name: string
  readonly object: string
  readonly mode: ObjectMode
  /** The most bytes that a batch of the object may have. */
  readonly maxBytes: number
  /** Its batches are those of the object's `bulk`. */
  readonly isBulk: boolean
  readonly reader: PieceReader
  readonly destination: OpenDestination
  readonly syncs: SyncLedger
  readonly lease: Lease
  readonly late: LateBatches
  /** Statements of the warehouse session, one after the other. */
  readonly turn: <T>(work: () => Promise<T>) => Promise<T>
  /** Of the destination's account: shared by all that send to it. */
  readonly pace: AccountPace
  readonly policy: DeliveryPolicy
  /** Rows that are not sent any more: answered for, or refused since. Merged. */
  readonly done: readonly SeqRange[]
  readonly resumed: boolean
  /** Undefined: the object answers at once. */
  readonly jobs: JobRules | undefined
  readonly clock: Clock
  /** From 0 to below 1. */
  readonly random: () => number
  readonly signal: AbortSignal
  /** Monotonic; nothing starts after it. Undefined: there is none. */
  readonly deadlineMs: number | undefined
  readonly onAnswers: (answered: number) => void
}

export interface DeliveryPolicy {
  /** The most batches in flight, where neither the connector nor the project says. */
  readonly window: number
  readonly flushMs: number
  readonly retry: RetryPolicy
  readonly polling: PollPolicy
  /** Instead of the sync's `async_wait`. */
  readonly asyncWaitMs?: number
}

/** A destination as delivery sees it. */
export interface OpenDestination {
  readonly connection: () => Connection
  /** The longest that one request may take. */
  readonly timeoutMs: () => number
  /** Requests sent so far. */
  readonly sent: () => { readonly requests: number }
  /** Aborted: requests in flight are given up, their fate unknown. */
  readonly aborted: AbortSignal
  /** Opens the connection anew, with fresh credentials where there are such. */
  readonly refresh: () => Promise<void>
}

export interface DeliveryEnd {
  /** Rows that the destination answered for, in this run. */
  readonly answered: number
  readonly rejected: number
  /** Rows of an earlier run's jobs that were not taken and are not sent again. */
  readonly withheld: number
  /** Jobs are left to the next run; nothing went wrong. */
  readonly open: boolean
  readonly counters: DeliveryCounters
  /** Why it ended before the last row; undefined when all rows were answered for. */
  readonly stopped: SluiceError | undefined
}

/** For benches and metrics. */
export interface DeliveryCounters {
  /** Batches handed to the connector, repeats and parts of batches too. */
  readonly writes: number
  /** Of those: rows that were handed over before in this delivery. */
  readonly retries: number
  /** Answers that said: too many requests. */
  readonly refused: number
  /** Requests without an answer, or with one that says that it cannot now. */
  readonly failed: number
  /** Batches that were halved. */
  readonly splits: number
  /** Together over all batches: waiting for room, rate, pauses and the circuit, and between attempts. */
  readonly paceMs: number
  readonly backoffMs: number
}
