import type { BoundSync } from '../../graph/graph.ts'
import type { PlanRecord, SeqRange, StartedJob } from '../../ledger/ledger.ts'
import { changesOf } from '../outcome.ts'
import type { SyncRun } from '../sync-run.ts'
import type { JobRules } from './job-rules.ts'

/**
 * Whether a plan goes out as the object's `bulk`. By what it sends in all, so that one that is resumed, with fewer rows
 * left, goes the way it was cut for.
 */
export function isBulk({ object }: BoundSync, { counts }: PlanRecord): boolean {
  return object.bulk !== undefined && changesOf(counts) > object.bulk.aboveRows
}

/** How this plan deals with jobs; undefined when its destination answers at once and left none. */
export function jobRulesOf(
  { run, bound, policy }: SyncRun,
  plan: PlanRecord,
  left: {
    readonly open: readonly StartedJob[]
    readonly refused?: readonly SeqRange[]
    readonly pollOnly?: boolean
  },
): JobRules | undefined {
  const { object, sync } = bound
  const { open, refused = [], pollOnly = false } = left
  const takesJobs = object.async === true || isBulk(bound, plan)
  if (!takesJobs && open.length === 0) return undefined
  return {
    open,
    refused,
    // A connector that takes batches at once by now can still be asked for the jobs that it took before.
    pollOnly: pollOnly || !takesJobs,
    waitMs: policy.asyncWaitMs ?? sync.asyncWaitMs,
    idempotent: object.idempotent,
    polling: policy.polling,
    onWaiting: (jobs) =>
      run.progress.update(`sync ${sync.name}: waiting for ${jobs} ${jobs === 1 ? 'job' : 'jobs'}`),
  }
}
