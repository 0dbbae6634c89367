import type { RunContext } from '../build/run-context.ts'
import type { CompileContext } from '../compile/context.ts'
import type { FrozenPlan } from '../compile/diff/send-steps.ts'
import type { BoundSync } from '../graph/graph.ts'
import type { Lease, NewSnapshot, PlanRecord } from '../ledger/ledger.ts'
import type { DeliveryPolicy } from './deliver/delivery.ts'
import type { Destination } from './destination.ts'

/** One sync of one run, while it holds its lease. */
export interface SyncRun {
  readonly run: RunContext
  readonly context: CompileContext
  readonly bound: BoundSync
  readonly destination: Destination
  readonly lease: Lease
  /** Of the sync and all it needs: another one means another plan. */
  readonly fingerprint: string
  readonly account: string
  readonly policy: DeliveryPolicy
}

export function keyFieldsOf(bound: BoundSync): readonly string[] {
  return bound.sync.match.map(({ field }) => field)
}

/** What the snapshot of this sync is, or must be, tied to. */
export async function snapshotOf(sync: SyncRun): Promise<NewSnapshot> {
  return {
    sync: sync.bound.sync.name,
    account: sync.account,
    keyFields: keyFieldsOf(sync.bound),
    hashVersion: await hashVersion(sync.run),
  }
}

/** Hashes are the engine's own: they are the same within one version of it, and of how we canonicalise. */
async function hashVersion(run: RunContext): Promise<string> {
  return `1 ${await run.warehouse.version()}`
}

export function frozenPlan(run: RunContext, record: PlanRecord): FrozenPlan {
  const { sync, keyFields } = record
  return { sync, keyFields, table: run.ledger.syncs.planTable(sync) }
}
