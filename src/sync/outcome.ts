import { SluiceError } from '../base/errors.ts'
import type { PlanCounts, PlanFigures } from '../ledger/ledger.ts'
import type { Egress } from './egress.ts'
import type { AudienceFound, GuardVerdict, SyncResult } from './results.ts'

export const NO_FIGURES: PlanFigures = {
  add: 0,
  change: 0,
  remove: 0,
  left: 0,
  unchanged: 0,
  held: 0,
  heldBy: {},
  resync: 0,
  withinTolerance: 0,
}

/** What became of a plan that was sent. */
export interface SentPlan {
  readonly counts: PlanCounts
  readonly applied: number
  readonly rejected: number
  /** Not sent although planned: consent was withdrawn since the plan was made. */
  readonly refused: number
  /** Jobs of it have no answer yet; the plan is kept for the next run. */
  readonly open: boolean
  /** Why it did not come to its end; the plan is kept. */
  readonly stopped: SluiceError | undefined
}

/** What one sync did, before it is told. */
export interface SyncOutcome {
  /** An interrupted run's plan, finished first. */
  readonly resumed?: SentPlan | undefined
  /** This run's own plan; without an id when it sends nothing. */
  readonly plan?: { readonly planId: string | undefined; readonly counts: PlanCounts } | undefined
  /** What became of it; undefined when a guard stopped it. */
  readonly sent?: SentPlan | undefined
  readonly guard?: GuardVerdict | undefined
  readonly audience?: AudienceFound | undefined
  readonly error?: SluiceError | undefined
  readonly skipped?: boolean
}

/** Throws SLU9001 when the sums of design section 2 do not hold. */
export function resultOf(
  name: string,
  outcome: SyncOutcome,
  spent: { readonly sent: Egress; readonly seconds: number },
): SyncResult {
  const { resumed, plan, sent } = outcome
  const parts = [resumed, sent].flatMap((one) => (one === undefined ? [] : [one]))
  for (const part of parts) checkSent(name, part)
  if (plan !== undefined) checkModel(name, plan.counts)
  const figures = plan?.counts ?? NO_FIGURES
  const earlier = resumed?.counts ?? NO_FIGURES
  const applied = parts.reduce((sum, part) => sum + part.applied, 0)
  const rejected = parts.reduce((sum, part) => sum + part.rejected, 0)
  return {
    name,
    status: statusOf(outcome, rejected),
    planId: plan?.planId,
    add: figures.add + earlier.add,
    change: figures.change + earlier.change,
    remove: figures.remove + earlier.remove,
    left: figures.left,
    unchanged: figures.unchanged,
    withinTolerance: figures.withinTolerance ?? 0,
    held: figures.held,
    heldBy: figures.heldBy,
    resync: (figures.resync ?? 0) + (earlier.resync ?? 0),
    guard: outcome.guard,
    apiCalls: plan?.counts.batches ?? 0,
    applied,
    rejected,
    pending: changesOf(figures) + changesOf(earlier) - applied - rejected,
    requests: spent.sent.requests,
    sentRows: spent.sent.rows,
    resentRows: spent.sent.repeatedRows,
    sentBytes: spent.sent.bytes,
    invalid: spent.sent.invalid,
    audience: outcome.audience,
    seconds: spent.seconds,
    resumed: resumed !== undefined,
    error: outcome.error,
  }
}

export function changesOf(counts: Pick<PlanFigures, 'add' | 'change' | 'remove'>): number {
  return counts.add + counts.change + counts.remove
}

/** Model rows = unchanged + held + add + change. */
export function checkModel(name: string, counts: PlanCounts): void {
  const told = counts.unchanged + counts.held + counts.add + counts.change
  if (told === counts.modelRows) return
  throw new SluiceError('SLU9001', {
    message: `expected each of the ${counts.modelRows} rows of "${name}" to be unchanged, held, added or changed, found ${told} that are`,
  })
}

/** add + change + remove = applied + rejected + pending; nothing is pending without a reason. */
function checkSent(name: string, { counts, applied, rejected, refused, open, stopped }: SentPlan): void {
  const pending = changesOf(counts) - applied - rejected
  if (stopped === undefined && !open ? pending === refused : pending >= 0) return
  throw new SluiceError('SLU9001', {
    message: `expected ${changesOf(counts) - refused} changes of "${name}" to be applied or rejected, found ${applied} and ${rejected}`,
  })
}

function statusOf(outcome: SyncOutcome, rejected: number): SyncResult['status'] {
  if (outcome.skipped === true) return 'skipped'
  if (outcome.error !== undefined) return outcome.error.kind === 'guard' ? 'guarded' : 'failed'
  if (outcome.resumed?.open === true || outcome.sent?.open === true) return 'pending'
  return rejected > 0 ? 'partial' : 'done'
}
