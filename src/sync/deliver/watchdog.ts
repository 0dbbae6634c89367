import type { Clock } from '../../base/clock.ts'
import type { Lease } from '../../ledger/ledger.ts'

/** Flushes may come late: behind a page of the plan, or a warehouse that wakes up. So many intervals are no delay. */
const STALLED_INTERVALS = 3
/** Nor is this, where flushes are frequent: a process that stood still has much to do when it wakes. */
const STALLED_LEAST_MS = 2000

/** What tells whether answers are written down. */
export interface Acknowledging {
  /** Answers that wait to be written down, or requests that may bring some. */
  due(): boolean
  /** Flushes that succeeded. */
  flushes(): number
}

/**
 * True when answers are due and no flush succeeded for some intervals and as long as the lease lasts: the warehouse
 * does not come back, so waiting for it would be for ever. False when `end` comes first.
 *
 * Intervals that we waited through are counted, not the time that passed: after a process stood still, the answer of the
 * warehouse may be there already, and timers come first.
 */
export async function stalled(
  { clock, flushMs, lease }: { clock: Clock; flushMs: number; lease: Pick<Lease, 'validForMs'> },
  state: Acknowledging,
  end: AbortSignal,
): Promise<boolean> {
  const intervals = Math.max(STALLED_INTERVALS, Math.ceil(STALLED_LEAST_MS / flushMs))
  let flushes = state.flushes()
  let waited = 0
  while (!end.aborted) {
    await clock.sleep(flushMs, end)
    if (end.aborted) break
    if (state.flushes() !== flushes || !state.due()) {
      flushes = state.flushes()
      waited = 0
    } else {
      waited += 1
      if (waited >= intervals && lease.validForMs() <= 0) return true
    }
  }
  return false
}
