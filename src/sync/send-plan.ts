import type { Clock } from '../base/clock.ts'
import { instantOf } from '../base/instant.ts'
import { isEventInsert } from '../compile/diff/removal.ts'
import type { BoundSync } from '../graph/graph.ts'
import type { CommitCounts, CommitRules, PlanRecord, SeqRange, StartedJob } from '../ledger/ledger.ts'
import { checkAllAnswered, deliver, turns } from './deliver/deliver.ts'
import type { Delivery, DeliveryEnd } from './deliver/delivery.ts'
import { merged, sizeOf, withoutAll } from './deliver/ranges.ts'
import { isBulk, jobRulesOf } from './jobs/rules-of.ts'
import { changesOf, type SentPlan } from './outcome.ts'
import { randomOf } from './random.ts'
import type { SyncRun } from './sync-run.ts'

/**
 * Sends what is left of a frozen plan, then commits it. A plan that could not be sent to its end stays, to be taken
 * up from its last answer. `earlier`: it was made before now, so consent is asked again. `open`: jobs that an earlier
 * run left; their rows are sent again only where their answer asks for it.
 */
export async function sendPlan(
  sync: SyncRun,
  plan: PlanRecord,
  earlier: 'resumed' | 'accepted' | undefined,
  open: readonly StartedJob[] = [],
): Promise<SentPlan> {
  const answered = earlier === 'resumed' ? await sync.run.ledger.syncs.acknowledged(plan) : []
  const refused = earlier === undefined ? [] : await sync.plans.refusedSince(plan)
  const onTheirWay = merged(open.flatMap(({ ranges }) => ranges))
  const done = merged([...answered, ...withoutAll(refused, onTheirWay)])
  const jobs = jobRulesOf(sync, plan, { open, refused })
  const delivery = deliveryOf(sync, plan, { done, jobs, resumed: earlier === 'resumed' })
  const end = await deliver(delivery)
  if (end.stopped !== undefined || end.open) return unfinished(sync, plan, answered, end)
  checkAllAnswered(delivery, end)
  const { applied, rejected } = await commitPlan(sync, plan)
  return {
    counts: plan.counts,
    applied,
    rejected,
    refused: sizeOf(done) - sizeOf(answered) + end.withheld,
    open: false,
    stopped: undefined,
  }
}

/**
 * Only asks for the jobs that an earlier run left, then commits its plan, which does not fit any more. What they did
 * not take, and what was never sent, is up to the next plan, so only the rows that were answered for count.
 */
export async function settleJobs(
  sync: SyncRun,
  plan: PlanRecord,
  open: readonly StartedJob[],
): Promise<SentPlan> {
  const answered = await sync.run.ledger.syncs.acknowledged(plan)
  const jobs = jobRulesOf(sync, plan, { open, pollOnly: true })
  const end = await deliver(deliveryOf(sync, plan, { done: answered, jobs, resumed: true }))
  if (end.stopped !== undefined || end.open) return unfinished(sync, plan, answered, end)
  const { applied, rejected, answeredOps } = await commitPlan(sync, plan)
  const counts = { ...plan.counts, ...answeredOps }
  return { counts, applied, rejected, refused: 0, open: false, stopped: undefined }
}

/** The plan stays, and so do its jobs. What earlier runs had answers for counts too. */
async function unfinished(
  sync: SyncRun,
  plan: PlanRecord,
  earlier: readonly SeqRange[],
  end: DeliveryEnd,
): Promise<SentPlan> {
  // The warehouse may be what stopped it: then it is not asked anything.
  const before =
    end.stopped === undefined && earlier.length > 0
      ? await sync.run.ledger.syncs.rejectedSoFar(plan)
      : undefined
  const rejected = before ?? end.rejected
  const applied = sizeOf(earlier) + end.answered - rejected
  return { counts: plan.counts, applied, rejected, refused: 0, open: end.open, stopped: end.stopped }
}

/** Takes all of a plan as delivered, without sending any of it. */
export async function adoptPlan(sync: SyncRun, plan: PlanRecord): Promise<SentPlan> {
  const rows = changesOf(plan.counts)
  if (rows > 0) await sync.run.ledger.syncs.acknowledge(sync.lease, plan, [{ lo: 1, hi: rows }], [])
  const { applied, rejected } = await commitPlan(sync, plan)
  return { counts: plan.counts, applied, rejected, refused: 0, open: false, stopped: undefined }
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

function deliveryOf(
  sync: SyncRun,
  plan: PlanRecord,
  what: Pick<Delivery, 'done' | 'jobs' | 'resumed'>,
): Delivery {
  const { run, bound, destination, plans, policy, lease, late } = sync
  const turn = turns()
  const rows = changesOf(plan.counts)
  const bulk = isBulk(bound, plan) ? bound.object.bulk : undefined
  return {
    plan,
    name: bound.destination.name,
    object: bound.sync.to.object.value,
    mode: bound.sync.mode.value,
    maxBytes: (bulk ?? bound.object.batch).maxBytes,
    isBulk: bulk !== undefined,
    reader: plans.reader(plan, turn),
    destination,
    syncs: run.ledger.syncs,
    lease,
    late,
    turn,
    pace: sync.pace,
    deadlineMs: sync.deadlineMs,
    policy,
    ...what,
    clock: run.clock,
    random: randomOf(run.ids),
    signal: run.signal,
    onAnswers: (answered) =>
      run.progress.update(`sync ${plan.sync}: ${answered} of ${rows} changes answered for`),
  }
}
