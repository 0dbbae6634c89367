import type { Clock } from '../base/clock.ts'
import { instantOf } from '../base/instant.ts'
import { isEventInsert } from '../compile/diff/removal.ts'
import type { BoundSync } from '../graph/graph.ts'
import type { CommitCounts, CommitRules, PlanRecord, SeqRange } from '../ledger/ledger.ts'
import { checkAllAnswered, deliver, turns } from './deliver/deliver.ts'
import type { Delivery } from './deliver/delivery.ts'
import { merged, sizeOf } from './deliver/ranges.ts'
import { changesOf, type SentPlan } from './outcome.ts'
import { randomOf } from './random.ts'
import type { SyncRun } from './sync-run.ts'

/**
 * Sends what is left of a frozen plan, then commits it. A plan that could not be sent to its end stays, to be taken
 * up from its last answer. `earlier`: it was made before now, so consent is asked again.
 */
export async function sendPlan(
  sync: SyncRun,
  plan: PlanRecord,
  earlier: 'resumed' | 'accepted' | undefined,
): Promise<SentPlan> {
  const answered = earlier === 'resumed' ? await sync.run.ledger.syncs.acknowledged(plan) : []
  const refused = earlier === undefined ? [] : await sync.plans.refusedSince(plan)
  const done = merged([...answered, ...refused])
  const delivery = deliveryOf(sync, plan, done, earlier === 'resumed')
  const end = await deliver(delivery)
  if (end.stopped !== undefined) {
    const applied = sizeOf(answered) + end.answered - end.rejected
    return { counts: plan.counts, applied, rejected: end.rejected, refused: 0, stopped: end.stopped }
  }
  checkAllAnswered(delivery, end)
  const { applied, rejected } = await commitPlan(sync, plan)
  return {
    counts: plan.counts,
    applied,
    rejected,
    refused: sizeOf(done) - sizeOf(answered),
    stopped: undefined,
  }
}

/** Takes all of a plan as delivered, without sending any of it. */
export async function adoptPlan(sync: SyncRun, plan: PlanRecord): Promise<SentPlan> {
  const rows = changesOf(plan.counts)
  if (rows > 0) await sync.run.ledger.syncs.acknowledge(sync.lease, plan, [{ lo: 1, hi: rows }], [])
  const { applied, rejected } = await commitPlan(sync, plan)
  return { counts: plan.counts, applied, rejected, refused: 0, stopped: undefined }
}

export function commitPlan(sync: SyncRun, plan: PlanRecord): Promise<CommitCounts> {
  const { clock, ledger } = sync.run
  return ledger.syncs.commit(sync.lease, plan, commitRules(clock, sync.bound))
}

/** `bound` is undefined for a sync that is no longer in the project. */
export function commitRules(clock: Clock, bound: BoundSync | undefined): CommitRules {
  const now = clock.nowMs()
  return {
    dropGone: bound !== undefined && isEventInsert(bound),
    at: instantOf(now),
    nextTryAt: instantOf(now + DAY_MS),
  }
}

const DAY_MS = 24 * 60 * 60 * 1000

function deliveryOf(sync: SyncRun, plan: PlanRecord, done: readonly SeqRange[], resumed: boolean): Delivery {
  const { run, bound, destination, plans, policy, lease } = sync
  const turn = turns()
  const rows = changesOf(plan.counts)
  return {
    plan,
    object: bound.sync.to.object.value,
    mode: bound.sync.mode.value,
    reader: plans.reader(plan, turn),
    destination,
    syncs: run.ledger.syncs,
    lease,
    turn,
    pace: sync.pace,
    deadlineMs: sync.deadlineMs,
    policy,
    done,
    resumed,
    clock: run.clock,
    random: randomOf(run.ids),
    signal: run.signal,
    onAnswers: (answered) =>
      run.progress.update(`sync ${plan.sync}: ${answered} of ${rows} changes answered for`),
  }
}
