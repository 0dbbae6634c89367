import type { SeqRange, StartedJob } from '../../ledger/ledger.ts'
import type { SyncRun } from '../sync-run.ts'
import type { JobRules } from './job-rules.ts'

/** How this sync deals with jobs; undefined when its destination answers at once and left none. */
export function jobRulesOf(
  { run, bound, policy }: SyncRun,
  left: {
    readonly open: readonly StartedJob[]
    readonly refused?: readonly SeqRange[]
    readonly pollOnly?: boolean
  },
): JobRules | undefined {
  const { object, sync } = bound
  const { open, refused = [], pollOnly = false } = left
  if (object.async !== true && open.length === 0) return undefined
  return {
    open,
    refused,
    // A connector that takes batches at once by now can still be asked for the jobs that it took before.
    pollOnly: pollOnly || object.async !== true,
    waitMs: policy.asyncWaitMs ?? sync.asyncWaitMs,
    idempotent: object.idempotent,
    polling: policy.polling,
    onWaiting: (jobs) =>
      run.progress.update(`sync ${sync.name}: waiting for ${jobs} ${jobs === 1 ? 'job' : 'jobs'}`),
  }
}
