import type { RunContext } from '../build/run-context.ts'
import type { BoundSync } from '../graph/graph.ts'
import type { RejectedRows } from '../ledger/ledger.ts'
import type { DeliveryPolicy } from './deliver/delivery.ts'
import { DEFAULT_RETRY } from './deliver/retry-policy.ts'
import type { SandboxFake } from './destination.ts'
import { DEFAULT_POLLING } from './jobs/job-rules.ts'
import type { AccountPaces } from './pace/account-paces.ts'
import type { PlanSource } from './plan/plan-source.ts'

export interface RunSyncOptions {
  /** At most so many changes are sent, after the guards judged all. */
  readonly limit?: number | undefined
  /** Sends exactly this plan, which a guard stopped; syncs without such a plan are skipped. */
  readonly accept?: string | undefined
  /** Forgets what was acknowledged, also by another account: everything is sent again. */
  readonly fullResync?: boolean
  /** Takes the model as delivered already: the snapshot is written, nothing is sent. */
  readonly adopt?: boolean
  /**
   * By the destination's name: what it is reached with instead of its own settings (`--sandbox`). With it nothing goes
   * to a real destination, so a target that only plays, or refuses, lets it pass.
   */
  readonly fakes?: ReadonlyMap<string, SandboxFake> | undefined
  /** The simulator makes its plans of plain arrays; else they are the warehouse's. */
  readonly plans?: ((run: RunContext, bound: BoundSync) => PlanSource) | undefined
  /** These rejected rows are tried at once, whenever their next try was. */
  readonly retry?: RejectedRows | undefined
  /** Those of the process, where several runs share accounts; else of this call. */
  readonly paces?: AccountPaces | undefined
  /** By the run's monotonic clock: nothing starts after it. */
  readonly deadlineMs?: number | undefined
  /** What is in flight at the first signal has so long. */
  readonly graceMs?: number | undefined
  /** Tests shorten its times. */
  readonly delivery?: Partial<DeliveryPolicy>
}

export const DEFAULT_DELIVERY: DeliveryPolicy = {
  window: 8,
  flushMs: 3000,
  retry: DEFAULT_RETRY,
  polling: DEFAULT_POLLING,
}
