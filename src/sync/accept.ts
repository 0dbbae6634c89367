import { SluiceError } from '../base/errors.ts'
import type { PlanRecord, SnapshotInfo } from '../ledger/ledger.ts'
import { wrongField } from './check-fields.ts'
import type { SyncOutcome } from './outcome.ts'
import { afterSending } from './plan-and-send.ts'
import { sendPlan } from './send-plan.ts'
import type { SyncRun } from './sync-run.ts'

/** Sends exactly a plan that a guard stopped. Throws SLU5103 (guard) when anything that it was made from moved. */
export async function acceptPlan(
  sync: SyncRun,
  plan: PlanRecord,
  snapshot: SnapshotInfo,
): Promise<SyncOutcome> {
  const moved = whatMoved(sync, plan, snapshot)
  if (moved !== undefined)
    throw new SluiceError('SLU5103', {
      message: `expected the plan ${plan.planId} to be of the ${moved} as it is now, found that it moved since`,
      hint: 'plan again: sluice plan',
    })
  const wrong = await wrongField(sync, plan.counts)
  if (wrong !== undefined) throw wrong
  await sync.run.ledger.syncs.setState(sync.lease, plan, 'sending')
  const accepted: PlanRecord = { ...plan, state: 'sending' }
  const outcome = afterSending(sync, await sendPlan(sync, accepted, 'accepted'))
  return { ...outcome, plan: { planId: plan.planId, counts: plan.counts } }
}

function whatMoved(sync: SyncRun, plan: PlanRecord, snapshot: SnapshotInfo): string | undefined {
  if (plan.fingerprint !== sync.fingerprint) return 'project'
  if (plan.account !== sync.account) return 'account'
  return plan.snapshotDigest === snapshot.digest ? undefined : 'snapshot'
}
