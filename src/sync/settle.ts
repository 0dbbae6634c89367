import { epochMsOf } from '../base/instant.ts'
import type { PlanRecord } from '../ledger/ledger.ts'
import type { SentPlan } from './outcome.ts'
import { commitPlan, sendPlan, settleJobs } from './send-plan.ts'
import type { SyncRun } from './sync-run.ts'

/**
 * Brings what an interrupted run left to its end. Its plan is finished exactly as it was, because the destination
 * may hold any part of it; a new comparison would not see what was sent and never answered. A plan that does not fit
 * any more is dropped: what was answered is committed, and what was perhaps sent is dirty, so it is sent again or
 * removed. But not while the destination works on jobs of it: what it does to them would come after what is newer.
 * Undefined when nothing was finished.
 */
export async function settle(sync: SyncRun, mayResume: boolean): Promise<SentPlan | undefined> {
  const { run, bound } = sync
  const plan = await run.ledger.syncs.openPlan(bound.sync.name)
  if (plan === undefined) return undefined
  const found = await run.ledger.syncs.openJobs(plan)
  const open = canBeAskedFor(sync, plan) ? found : []
  if (mayResume && fits(sync, plan)) {
    run.progress.update(`sync ${bound.sync.name}: finishing the plan ${plan.planId} of run ${plan.runId}`)
    return sendPlan(sync, plan, 'resumed', open)
  }
  if (open.length > 0) return settleJobs(sync, plan, open)
  await commitPlan(sync, plan)
  return undefined
}

/** Another account, or a connector that takes no jobs any more, knows nothing of them. */
function canBeAskedFor({ destination, account }: SyncRun, plan: PlanRecord): boolean {
  return plan.account === account && destination.connection().poll !== undefined
}

function fits(sync: SyncRun, plan: PlanRecord): boolean {
  const age = sync.run.clock.nowMs() - epochMsOf(plan.createdAt)
  return (
    plan.fingerprint === sync.fingerprint &&
    plan.account === sync.account &&
    age < sync.bound.sync.resumeWithinMs
  )
}
