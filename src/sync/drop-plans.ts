import type { RunContext } from '../build/run-context.ts'
import { commitRules } from './send-plan.ts'

/**
 * Throws away the kept plans of a sync, the interrupted one and those that a guard stopped. What was acknowledged of
 * the interrupted one is committed first, and what was perhaps sent of it is dirty: the next run sends it again or
 * removes it. Gives the ids of the plans. Throws SLU5001 while a run of the sync holds its lease.
 */
export async function dropPlans(run: RunContext, sync: string): Promise<readonly string[]> {
  const { syncs } = run.ledger
  const lease = await run.ledger.acquire(`sync:${sync}`, run.runId, run.waitMs)
  try {
    const open = await syncs.openPlan(sync)
    const bound = run.graph.nodes.has(`sync:${sync}`) ? run.graph.bound(sync) : undefined
    if (open !== undefined) await syncs.commit(lease, open, commitRules(run.clock, bound))
    const guarded = await syncs.dropGuardedPlans(lease, sync)
    return [...(open === undefined ? [] : [open.planId]), ...guarded]
  } finally {
    await lease.release()
  }
}
