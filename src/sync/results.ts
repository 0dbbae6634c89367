import type { SluiceError } from '../base/errors.ts'
import type { AudienceStatus } from '../connector/types.ts'
import type { PlanFigures } from '../ledger/ledger.ts'
import type { Row } from '../warehouse/warehouse.ts'

/** A guard's verdict: the limit as the project (or the default) says it, and what was found. */
export interface GuardVerdict {
  readonly name: 'max_remove' | 'max_change' | 'min_rows' | 'max_held' | 'max_rejected' | 'account'
  /** `5%`, or a number of rows. */
  readonly limit: string | number
  readonly value: number
}

/** What the destination says of an audience, beside how many people are in it by the snapshot. */
export interface AudienceFound extends AudienceStatus {
  readonly account: string
  readonly members: number
}

export interface SyncPlan extends PlanFigures {
  readonly name: string
  /** Undefined when there is nothing to send. */
  readonly planId: string | undefined
  readonly apiCalls: number
  /** What the statements of the plan read in the warehouse, where it says that before. */
  readonly bytesRead?: number | undefined
  /** Jobs of the plan before that the destination still works on: nothing of this one is sent until they have ended. */
  readonly openJobs: number
  readonly guard: GuardVerdict | undefined
  /** Masked rows with old and new, when asked for: `{op, reason, key, fields}`; never unmasked. */
  readonly sample: readonly Row[]
  /** Why this sync could not be planned; the figures are 0 then. */
  readonly error: SluiceError | undefined
}

export interface SyncResult extends PlanFigures {
  readonly name: string
  readonly status: 'done' | 'partial' | 'pending' | 'guarded' | 'failed' | 'skipped'
  readonly planId: string | undefined
  readonly guard: GuardVerdict | undefined
  readonly apiCalls: number
  readonly applied: number
  readonly rejected: number
  readonly pending: number
  readonly requests: number
  /** Rows handed to the connector, each as often as it was. */
  readonly sentRows: number
  /** Of `sentRows`: those that were sent before in this run. */
  readonly resentRows: number
  /** Of request bodies, or appended to a file. */
  readonly sentBytes: number
  /** Entries that the destination counted as invalid, without saying which: a warning. */
  readonly invalid: number
  /** Of an audience that was asked after. */
  readonly audience: AudienceFound | undefined
  readonly seconds: number
  /** An interrupted run's plan was finished first; its rows count in add, change, remove and applied. */
  readonly resumed: boolean
  /** Decides the exit code of this sync; undefined for done, and for partial within `max_rejected`. */
  readonly error: SluiceError | undefined
}
