import type { RunContext } from '../build/run-context.ts'
import { commitRules } from './send-plan.ts'

/**
 * Throws away the kept plans of a sync, the interrupted one and those that a guard stopped. What was acknowledged of
 * the interrupted one is committed first, and what was perhaps sent of it is dirty: the next run sends it again or
 * removes it. Jobs that the destination still works on are given up: what they do may come after what is sent next.
 * Gives the ids of the plans, and how many such jobs there were. Throws SLU5001 while a run of the sync holds its lease.
 */
export async function dropPlans(
  run: RunContext,
  sync: string,
): Promise<{ readonly plans: readonly string[]; readonly jobs: number }> {
  const { syncs } = run.ledger
  const lease = await run.ledger.acquire(`sync:${sync}`, run.runId, run.waitMs)
  try {
    const open = await syncs.openPlan(sync)
    const bound = run.graph.nodes.has(`sync:${sync}`) ? run.graph.bound(sync) : undefined
    const jobs = open === undefined ? [] : await syncs.openJobs(open)
    if (open !== undefined) await syncs.commit(lease, open, commitRules(run.clock, bound))
    const guarded = await syncs.dropGuardedPlans(lease, sync)
    return { plans: [...(open === undefined ? [] : [open.planId]), ...guarded], jobs: jobs.length }
  } finally {
    await lease.release()
  }
}
