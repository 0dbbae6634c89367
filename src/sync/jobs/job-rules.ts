import type { SeqRange, StartedJob } from '../../ledger/ledger.ts'

/** How a delivery deals with a destination that takes batches as jobs. */
export interface JobRules {
  /** Jobs that an earlier run of this plan left open. */
  readonly open: readonly StartedJob[]
  /** Those are asked for, and nothing else is sent. */
  readonly pollOnly: boolean
  /** How long a run waits for jobs when there is nothing else to do. */
  readonly waitMs: number
  /** Whether the rows of a job that was forgotten may be sent again. */
  readonly idempotent: boolean
  /** Rows that must not be sent again, since consent was withdrawn. Merged. */
  readonly refused: readonly SeqRange[]
  readonly polling: PollPolicy
  readonly onWaiting: (jobs: number) => void
}

/** When a job is asked for, unless the destination says so itself. Values, so that tests need not wait. */
export interface PollPolicy {
  readonly firstMs: number
  readonly factor: number
  readonly mostMs: number
}

/**
 * Small jobs are done within a second or two. Large ones take minutes: a question each half a minute is late by little
 * and costs a hundred open jobs no more than a few requests a second.
 */
export const DEFAULT_POLLING: PollPolicy = { firstMs: 1000, factor: 1.5, mostMs: 30_000 }

/** A destination that asks for more is asked all the same, before anything of it expires. */
const LONGEST_WAIT_MS = 60 * 60 * 1000

/** How long to wait before the question after the `asked`-th (from 0), which the destination may put off. */
export function waitBeforePoll(policy: PollPolicy, asked: number, afterMs: number | undefined): number {
  const growing = Math.min(policy.mostMs, Math.round(policy.firstMs * policy.factor ** asked))
  return Math.max(growing, Math.min(afterMs ?? 0, LONGEST_WAIT_MS))
}
