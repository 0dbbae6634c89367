import type { Clock } from '../../base/clock.ts'
import type { SluiceError } from '../../base/errors.ts'
import type { Connection, ObjectMode } from '../../connector/types.ts'
import type { Lease, PlanRecord, SeqRange, SyncLedger } from '../../ledger/ledger.ts'
import type { PieceReader } from '../plan/plan-source.ts'
import type { Pace } from './pace.ts'
import type { RetryPolicy } from './retry-policy.ts'

/** What one delivery works with. */
export interface Delivery {
  readonly plan: PlanRecord
  readonly object: string
  readonly mode: ObjectMode
  readonly reader: PieceReader
  readonly destination: OpenDestination
  readonly syncs: SyncLedger
  readonly lease: Lease
  /** Statements of the warehouse session, one after the other. */
  readonly turn: <T>(work: () => Promise<T>) => Promise<T>
  readonly pace: Pace
  readonly policy: DeliveryPolicy
  /** Rows that are not sent any more: answered for, or refused since. Merged. */
  readonly done: readonly SeqRange[]
  readonly resumed: boolean
  readonly clock: Clock
  /** From 0 to below 1. */
  readonly random: () => number
  readonly signal: AbortSignal
  readonly onAnswers: (answered: number) => void
}

export interface DeliveryPolicy {
  /** Batches in flight. */
  readonly window: number
  readonly flushMs: number
  readonly retry: RetryPolicy
}

/** A destination as delivery sees it. */
export interface OpenDestination {
  readonly connection: () => Connection
  /** The longest that one request may take. */
  readonly timeoutMs: () => number
  /** Opens the connection anew, with fresh credentials where there are such. */
  readonly refresh: () => Promise<void>
}

export interface DeliveryEnd {
  /** Rows that the destination answered for, in this run. */
  readonly answered: number
  readonly rejected: number
  /** Why it ended before the last row; undefined when all rows were answered for. */
  readonly stopped: SluiceError | undefined
}
