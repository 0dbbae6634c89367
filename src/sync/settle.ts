import { epochMsOf } from '../base/instant.ts'
import type { PlanRecord } from '../ledger/ledger.ts'
import type { SentPlan } from './outcome.ts'
import { commitPlan, sendPlan } from './send-plan.ts'
import type { SyncRun } from './sync-run.ts'

/**
 * Brings what an interrupted run left to its end. Its plan is finished exactly as it was, because the destination
 * may hold any part of it; a new comparison would not see what was sent and never answered. A plan that does not fit
 * any more is dropped: what was answered is committed, and what was perhaps sent is dirty, so it is sent again or
 * removed. Undefined when nothing was finished.
 */
export async function settle(sync: SyncRun, mayResume: boolean): Promise<SentPlan | undefined> {
  const { run, bound } = sync
  const plan = await run.ledger.syncs.openPlan(bound.sync.name)
  if (plan === undefined) return undefined
  if (mayResume && fits(sync, plan)) {
    run.progress.update(`sync ${bound.sync.name}: finishing the plan ${plan.planId} of run ${plan.runId}`)
    return sendPlan(sync, plan, 'resumed')
  }
  await commitPlan(sync, plan)
  return undefined
}

function fits(sync: SyncRun, plan: PlanRecord): boolean {
  const age = sync.run.clock.nowMs() - epochMsOf(plan.createdAt)
  return (
    plan.fingerprint === sync.fingerprint &&
    plan.account === sync.account &&
    age < sync.bound.sync.resumeWithinMs
  )
}
