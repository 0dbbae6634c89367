import type { RunContext } from '../build/run-context.ts'
import { isAudience } from '../compile/diff/identified.ts'
import { rulesetsOf } from '../compile/diff/raw-identifiers.ts'
import type { BoundSync } from '../graph/graph.ts'
import type { Lease, NewSnapshot } from '../ledger/ledger.ts'
import type { DeliveryPolicy } from './deliver/delivery.ts'
import type { LateBatches } from './deliver/late-batches.ts'
import type { Destination } from './destination.ts'
import type { AccountPace } from './pace/account-pace.ts'
import type { PlanSource } from './plan/plan-source.ts'

/** One sync of one run, while it holds its lease. */
export interface SyncRun {
  readonly run: RunContext
  readonly bound: BoundSync
  readonly plans: PlanSource
  readonly destination: Destination
  readonly lease: Lease
  readonly late: LateBatches
  /** Of the sync and all it needs: another one means another plan. */
  readonly fingerprint: string
  readonly account: string
  readonly policy: DeliveryPolicy
  /** Of the account. */
  readonly pace: AccountPace
  /** Monotonic; nothing starts after it. */
  readonly deadlineMs: number | undefined
}

export function keyFieldsOf(bound: BoundSync): readonly string[] {
  return bound.sync.match.map(({ field }) => field)
}

/** As the plan's `numbers` has them. */
export function numberFieldsOf({ sync }: BoundSync): readonly string[] | undefined {
  const fields = sync.tolerance.map(({ field }) => field.value)
  return fields.length === 0 ? undefined : fields.sort()
}

/** As the plan's `field_hashes` has them. */
export function fieldNamesOf({ sync }: BoundSync): readonly string[] | undefined {
  return sync.fields === 'all' ? undefined : sync.map.map(({ field }) => field).sort()
}

/** Of an audience, whose plan's `identifiers` are kept. */
export function audienceRulesetsOf(bound: BoundSync): readonly string[] | undefined {
  return isAudience(bound) ? rulesetsOf(bound) : undefined
}

/** What the snapshot of this sync is, or must be, tied to. */
export async function snapshotOf(sync: SyncRun): Promise<NewSnapshot> {
  return {
    sync: sync.bound.sync.name,
    account: sync.account,
    keyFields: keyFieldsOf(sync.bound),
    hashVersion: await sync.plans.hashVersion(),
  }
}
