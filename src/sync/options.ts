import type { DeliveryPolicy } from './deliver/delivery.ts'
import { DEFAULT_RETRY } from './deliver/retry-policy.ts'

export interface RunSyncOptions {
  /** At most so many changes are sent, after the guards judged all. */
  readonly limit?: number | undefined
  /** Sends exactly this plan, which a guard stopped; syncs without such a plan are skipped. */
  readonly accept?: string | undefined
  /** Forgets what was acknowledged, also by another account: everything is sent again. */
  readonly fullResync?: boolean
  /** Takes the model as delivered already: the snapshot is written, nothing is sent. */
  readonly adopt?: boolean
  /** Tests shorten its times. */
  readonly delivery?: Partial<DeliveryPolicy>
}

export const DEFAULT_DELIVERY: DeliveryPolicy = { window: 4, flushMs: 3000, retry: DEFAULT_RETRY }
