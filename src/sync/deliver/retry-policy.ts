/** How often and how long one batch is tried. Values, so that tests need not wait. */
export interface RetryPolicy {
  readonly maxAttempts: number
  /** From the first attempt on. */
  readonly totalMs: number
  readonly baseMs: number
  readonly capMs: number
}

export const DEFAULT_RETRY: RetryPolicy = {
  maxAttempts: 8,
  totalMs: 10 * 60 * 1000,
  baseMs: 500,
  capMs: 60_000,
}

/**
 * How long to wait after the `attempt`-th attempt (from 1) failed: full jitter, so that many senders do not come
 * back at once, and never less than the destination asked for. Undefined: it was the last one.
 */
export function waitBeforeNext(
  policy: RetryPolicy,
  failed: { readonly attempt: number; readonly elapsedMs: number; readonly afterMs?: number | undefined },
  random: () => number,
): number | undefined {
  if (failed.attempt >= policy.maxAttempts) return undefined
  const ceiling = Math.min(policy.capMs, policy.baseMs * 2 ** (failed.attempt - 1))
  const wait = Math.max(failed.afterMs ?? 0, Math.floor(random() * ceiling))
  return failed.elapsedMs + wait > policy.totalMs ? undefined : wait
}
