import { SluiceError } from '../base/errors.ts'
import { instantOf } from '../base/instant.ts'
import type { PlanRecord, SnapshotInfo } from '../ledger/ledger.ts'
import { wrongField } from './check-fields.ts'
import { isStuck } from './deliver/deliver.ts'
import { brokenGuard, type GuardedFigures, tooManyRejected } from './guards.ts'
import type { RunSyncOptions } from './options.ts'
import { changesOf, checkModel, type SentPlan, type SyncOutcome } from './outcome.ts'
import type { MadePlan } from './plan/make-plan.ts'
import type { PlanDraft } from './plan/plan-source.ts'
import type { GuardVerdict } from './results.ts'
import { adoptPlan, commitPlan, sendPlan } from './send-plan.ts'
import { audienceRulesetsOf, fieldNamesOf, keyFieldsOf, numberFieldsOf, type SyncRun } from './sync-run.ts'

/** Plans afresh, asks the guards, and sends. `snapshot` is what stands now. */
export async function planAndSend(
  sync: SyncRun,
  snapshot: SnapshotInfo,
  options: RunSyncOptions,
): Promise<SyncOutcome> {
  const { run, bound, plans } = sync
  const { name, guard } = bound.sync
  const adopt = options.adopt === true
  run.progress.update(`sync ${name}: comparing with what was acknowledged`)
  const draft = await plans.draft(snapshot, adopt, mayRest(options))
  let stuck = false
  try {
    const figures = await judged(draft, name)
    if (figures.rests === true) return atRest(figures)
    const broken = adopt ? undefined : brokenGuard(guard, figures)
    const made = await draft.number(broken === undefined ? options.limit : undefined)
    checkModel(name, made.counts)
    const plan = { planId: changesOf(made.counts) === 0 ? undefined : made.planId, counts: made.counts }
    const record = recordOf(sync, made, snapshot)
    if (broken !== undefined) {
      await freeze(sync, draft, { ...record, state: 'guarded' })
      return { plan, guard: broken, error: stoppedBy(name, broken, made.planId) }
    }
    const wrong = adopt ? undefined : await wrongField(sync, made.counts)
    if (wrong !== undefined) return { plan, error: wrong }
    await freeze(sync, draft, record)
    const sent = await sentOutcome(sync, record, adopt)
    stuck = isStuck(sent.error)
    return { plan, ...sent }
  } finally {
    if (!stuck) await draft.drop().catch(() => {})
  }
}

/** What is asked for by name is done, whatever the model says. */
function mayRest({ adopt, fullResync, limit, retry }: RunSyncOptions): boolean {
  return adopt !== true && fullResync !== true && limit === undefined && retry === undefined
}

/** The model is as it was committed last: nothing is kept, sent or written. */
function atRest({ refused: _, rests: __, ...counts }: GuardedFigures): SyncOutcome {
  const sent = { counts, applied: 0, rejected: 0, refused: 0, open: false, stopped: undefined }
  return { plan: { planId: undefined, counts }, sent }
}

/** What became of a plan whose sending ended, as this sync's outcome. */
export function afterSending(sync: SyncRun, sent: SentPlan): SyncOutcome {
  return { sent, ...whatIsWrong(sync, sent) }
}

/** Of a plan whose jobs are open nothing is judged yet. */
export function whatIsWrong(sync: SyncRun, sent: SentPlan): Pick<SyncOutcome, 'guard' | 'error'> {
  const { name, guard } = sync.bound.sync
  if (sent.stopped !== undefined) return { error: sent.stopped }
  const verdict = sent.open ? undefined : tooManyRejected(guard, sent.rejected, changesOf(sent.counts))
  if (verdict === undefined) return {}
  return {
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
  return { sent: { counts: record.counts, applied, rejected, refused: 0, open: false, stopped: undefined } }
}

async function judged(draft: PlanDraft, name: string) {
  const figures = await draft.judge()
  checkModel(name, figures)
  return figures
}

function freeze({ run, lease }: SyncRun, draft: PlanDraft, record: PlanRecord): Promise<void> {
  return run.ledger.syncs.freeze(lease, record, draft.keep(record))
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
    numberFields: numberFieldsOf(bound),
    fieldNames: fieldNamesOf(bound),
    rulesets: audienceRulesetsOf(bound),
    createdAt: instantOf(run.clock.nowMs()),
    asOf: run.asOf,
    counts: made.counts,
    snapshotDigest: snapshot.digest,
    modelDigest: made.modelDigest,
  }
}

function stoppedBy(name: string, verdict: GuardVerdict, planId: string): SluiceError {
  const side = verdict.name === 'min_rows' ? 'at least' : 'at most'
  return new SluiceError('SLU5101', {
    message: `expected ${verdict.name} of the sync "${name}" to be ${side} ${verdict.limit}, found ${verdict.value}`,
    hint: `look at it: sluice plan; to send exactly this plan within a day: sluice sync --select ${name} --accept ${planId}`,
  })
}
