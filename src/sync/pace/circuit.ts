import type { RetryPolicy } from '../deliver/retry-policy.ts'

/** One after the other, whatever they carried: it is not the batches, it is the destination. */
export const FAILURES_TO_OPEN = 5

/**
 * Closed while requests are answered; open after `FAILURES_TO_OPEN` whole requests failed in a row: nothing starts
 * until the cool-down is over, then one request alone, whose answer closes it or opens it again for longer. Pure:
 * times come in, in monotonic milliseconds.
 */
export class Circuit {
  readonly #policy: RetryPolicy
  readonly #random: () => number
  #failures = 0
  /** Of the first failure since the last answer. */
  #failingSinceMs: number | undefined
  /** Undefined: closed. */
  #open: { readonly untilMs: number; readonly times: number } | undefined
  #probing = false

  constructor(policy: RetryPolicy, random: () => number) {
    this.#policy = policy
    this.#random = random
  }

  get isOpen(): boolean {
    return this.#open !== undefined
  }

  /** How long nothing may start; infinite while a probe is on its way. */
  waitMs(nowMs: number): number {
    if (this.#open === undefined) return 0
    return this.#probing ? Number.POSITIVE_INFINITY : Math.max(0, this.#open.untilMs - nowMs)
  }

  /** Since when nothing was answered, while it is open. */
  awaySinceMs(): number | undefined {
    return this.#open === undefined ? undefined : this.#failingSinceMs
  }

  /** True when the request is the probe. */
  start(): boolean {
    if (this.#open === undefined) return false
    this.#probing = true
    return true
  }

  answered(): void {
    this.#failures = 0
    this.#failingSinceMs = undefined
    this.#open = undefined
    this.#probing = false
  }

  failed(probe: boolean, nowMs: number): void {
    this.#failures += 1
    this.#failingSinceMs ??= nowMs
    if (probe) this.#probing = false
    else if (this.#open !== undefined || this.#failures < FAILURES_TO_OPEN) return
    const times = (this.#open?.times ?? 0) + 1
    this.#open = { untilMs: nowMs + this.#coolDownMs(times), times }
  }

  /** A probe that ended without an answer, and without a failure of the destination's. */
  forget(probe: boolean): void {
    if (probe) this.#probing = false
  }

  /** At least half of a ceiling that doubles: many processes must not come back at once, nor any at once. */
  #coolDownMs(times: number): number {
    const ceiling = Math.min(this.#policy.capMs, this.#policy.baseMs * 2 ** times)
    return Math.ceil(ceiling * (0.5 + this.#random() / 2))
  }
}
