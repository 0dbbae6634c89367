import { SluiceError } from '../base/errors.ts'
import { instantOf } from '../base/instant.ts'
import { keepSteps } from '../compile/diff/plan-steps.ts'
import { statementOf } from '../compile/render-step.ts'
import type { PlanRecord, SnapshotInfo } from '../ledger/ledger.ts'
import { brokenGuard, tooManyRejected } from './guards.ts'
import { describeModel, type MadePlan, PlanMaker } from './make-plan.ts'
import type { RunSyncOptions } from './options.ts'
import { changesOf, checkModel, type SentPlan, type SyncOutcome } from './outcome.ts'
import { planInput } from './plan-input.ts'
import type { GuardVerdict } from './results.ts'
import { adoptPlan, commitPlan, sendPlan } from './send-plan.ts'
import { keyFieldsOf, type SyncRun } from './sync-run.ts'

/** Plans afresh, asks the guards, and sends. `snapshot` is what stands now. */
export async function planAndSend(
  sync: SyncRun,
  snapshot: SnapshotInfo,
  options: RunSyncOptions,
): Promise<SyncOutcome> {
  const { run, context, bound, destination } = sync
  const { name, guard } = bound.sync
  const adopt = options.adopt === true
  run.progress.update(`sync ${name}: comparing with what was acknowledged`)
  const model = await describeModel(run, context, bound)
  const maker = new PlanMaker(
    run,
    context,
    await planInput(run, model, snapshot, destination.settings, adopt),
    snapshot.rows,
  )
  try {
    const broken = adopt ? undefined : brokenGuard(guard, await judged(maker, name))
    if (adopt) await judged(maker, name)
    const made = await maker.number(broken === undefined ? options.limit : undefined)
    checkModel(name, made.counts)
    const plan = { planId: changesOf(made.counts) === 0 ? undefined : made.planId, counts: made.counts }
    const record = recordOf(sync, made, snapshot)
    if (broken !== undefined) {
      await freeze(sync, { ...record, state: 'guarded' })
      return { plan, guard: broken, error: stoppedBy(name, broken, made.planId) }
    }
    await freeze(sync, record)
    return { plan, ...(await sentOutcome(sync, record, adopt)) }
  } finally {
    await maker.drop().catch(() => {})
  }
}

/** What became of a plan whose sending ended, as this sync's outcome. */
export function afterSending(sync: SyncRun, sent: SentPlan): SyncOutcome {
  const { name, guard } = sync.bound.sync
  if (sent.stopped !== undefined) return { sent, error: sent.stopped }
  const verdict = tooManyRejected(guard, sent.rejected, changesOf(sent.counts))
  if (verdict === undefined) return { sent }
  return {
    sent,
    guard: verdict,
    error: new SluiceError('SLU5107', {
      message: `expected at most ${verdict.limit} of the changes of "${name}" to be rejected, found ${verdict.value}`,
      at: sync.bound.sync.at,
      hint: 'their reasons are in the receipts; they are tried again on the next runs',
    }),
  }
}

async function sentOutcome(sync: SyncRun, record: PlanRecord, adopt: boolean): Promise<SyncOutcome> {
  if (adopt) return afterSending(sync, await adoptPlan(sync, record))
  if (changesOf(record.counts) > 0) return afterSending(sync, await sendPlan(sync, record, undefined))
  const { applied, rejected } = await commitPlan(sync, record)
  return { sent: { counts: record.counts, applied, rejected, refused: 0, stopped: undefined } }
}

async function judged(maker: PlanMaker, name: string) {
  const figures = await maker.judge()
  checkModel(name, figures)
  return figures
}

function freeze(sync: SyncRun, record: PlanRecord): Promise<void> {
  const { syncs } = sync.run.ledger
  const keep = keepSteps(sync.context, record.sync, syncs.planTable(record.sync))
  return syncs.freeze(
    sync.lease,
    record,
    keep.map((step) => statementOf(step, sync.context.dialect)),
  )
}

function recordOf(sync: SyncRun, made: MadePlan, snapshot: SnapshotInfo): PlanRecord {
  const { run, bound, fingerprint, account } = sync
  return {
    sync: bound.sync.name,
    planId: made.planId,
    runId: run.runId,
    state: 'sending',
    fingerprint,
    account,
    keyFields: keyFieldsOf(bound),
    createdAt: instantOf(run.clock.nowMs()),
    asOf: run.asOf,
    counts: made.counts,
    snapshotDigest: snapshot.digest,
  }
}

function stoppedBy(name: string, verdict: GuardVerdict, planId: string): SluiceError {
  const side = verdict.name === 'min_rows' ? 'at least' : 'at most'
  return new SluiceError('SLU5101', {
    message: `expected ${verdict.name} of the sync "${name}" to be ${side} ${verdict.limit}, found ${verdict.value}`,
    hint: `look at it: sluice plan; to send exactly this plan within a day: sluice sync --select ${name} --accept ${planId}`,
  })
}
