import type { Clock } from '../../base/clock.ts'

/** How fast requests may start at one account of a destination. The place for token buckets and circuits. */
export interface Pace {
  /** How many may be in flight. */
  readonly window: number
  /** Waits until a request may start; comes back early when `signal` is aborted. */
  ready(signal: AbortSignal): Promise<void>
  /** The destination asked everyone of this account to wait. */
  pause(ms: number): void
}

/** A fixed window; `Retry-After` pauses the whole account. */
export function fixedPace(window: number, clock: Clock): Pace {
  let pausedUntil = Number.NEGATIVE_INFINITY
  return {
    window,
    pause: (ms) => {
      pausedUntil = Math.max(pausedUntil, clock.monotonicMs() + ms)
    },
    async ready(signal) {
      for (;;) {
        const wait = pausedUntil - clock.monotonicMs()
        if (wait <= 0 || signal.aborted) return
        await clock.sleep(wait, signal)
      }
    },
  }
}
