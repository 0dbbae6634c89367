import type { RetryPolicy } from '../deliver/retry-policy.ts'
import { Circuit } from './circuit.ts'
import { InFlightWindow } from './in-flight-window.ts'
import { LearnedRate } from './learned-rate.ts'

export interface PaceLimits {
  readonly inFlight: number
  /** Undefined: not known, so it is learned. */
  readonly requestsPerSecond: number | undefined
}

/** A request that is on its way, as the pace knows it. */
export interface Permit {
  readonly bytes: number
  readonly startedMs: number
  /** The rate, or the window, was what limited it; so its success is a reason to widen that. */
  readonly byRate: boolean
  readonly byWindow: boolean
  readonly probe: boolean
}

/**
 * How one request ended, for the pace:
 * - `answered`: whatever the answer says, the destination is there and keeps up.
 * - `refused`: too many requests, told so.
 * - `failed`: no answer, or one that says that it cannot now; `tooMuch` when fewer at once may help.
 * - `aborted`: by us; it says nothing.
 */
export type PaceOutcome =
  | { readonly kind: 'answered'; readonly afterMs?: number | undefined }
  | { readonly kind: 'refused'; readonly afterMs?: number | undefined }
  | { readonly kind: 'failed'; readonly afterMs?: number | undefined; readonly tooMuch: boolean }
  | { readonly kind: 'aborted' }

/** May a request start? `wait`: not before so long, infinite when only an answer can change it. `away`: give up. */
export type Verdict =
  | { readonly kind: 'start' }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'away' }

/**
 * How fast requests may start at one account: window, rate, pauses and circuit together. Pure: times come in, in
 * monotonic milliseconds.
 */
export class PaceControl {
  readonly #policy: RetryPolicy
  readonly #window: InFlightWindow
  readonly #rate = new LearnedRate()
  readonly #circuit: Circuit
  #heldBack = false
  #pausedUntilMs = Number.NEGATIVE_INFINITY

  constructor(limits: PaceLimits, policy: RetryPolicy, random: () => number) {
    this.#policy = policy
    this.#window = new InFlightWindow(limits.inFlight)
    this.#circuit = new Circuit(policy, random)
    this.limit(limits)
  }

  get mostInFlight(): number {
    return this.#window.most
  }

  get inFlight(): number {
    return this.#window.inFlight
  }

  /** Requests a second that it allows now; infinite while no limit is known or met. */
  get requestsPerSecond(): number {
    return this.#rate.perSecond
  }

  limit({ inFlight, requestsPerSecond }: PaceLimits): void {
    this.#window.limit(inFlight)
    this.#rate.limit(requestsPerSecond)
  }

  ask(bytes: number, nowMs: number): Verdict {
    const pause = this.#pausedUntilMs - nowMs
    if (pause > this.#policy.totalMs) return { kind: 'away' }
    const open = this.#circuit.waitMs(nowMs)
    const awaySince = this.#circuit.awaySinceMs()
    // Whoever comes later may probe once; nobody waits for a cool-down beyond what all retries may take together.
    if (awaySince !== undefined && open > 0 && open < Number.POSITIVE_INFINITY)
      if (nowMs + open - awaySince > this.#policy.totalMs) return { kind: 'away' }
    const room = this.#window.hasRoom(bytes) ? 0 : Number.POSITIVE_INFINITY
    const held = Math.max(pause, open, room)
    if (held > 0) this.#heldBack = true
    const ms = Math.max(held, this.#rate.waitMs(nowMs))
    return ms > 0 ? { kind: 'wait', ms } : { kind: 'start' }
  }

  start(bytes: number, nowMs: number): Permit {
    const permit = {
      bytes,
      startedMs: nowMs,
      byWindow: this.#window.start(bytes),
      byRate: this.#rate.start(nowMs, this.#heldBack),
      probe: this.#circuit.start(),
    }
    this.#heldBack = false
    return permit
  }

  /** Requests that a write needed beside its first. */
  charge(requests: number, nowMs: number): void {
    for (let index = 0; index < requests; index += 1) this.#rate.charge(nowMs)
  }

  end(permit: Permit, outcome: PaceOutcome, nowMs: number): void {
    this.#judge(permit, outcome, nowMs)
    this.#window.end(permit.bytes)
    // Whoever it told to wait, it means everyone of this account.
    if (outcome.kind !== 'aborted' && outcome.afterMs !== undefined)
      this.#pausedUntilMs = Math.max(this.#pausedUntilMs, nowMs + outcome.afterMs)
  }

  #judge(permit: Permit, outcome: PaceOutcome, nowMs: number): void {
    const { startedMs, byRate, byWindow, probe } = permit
    switch (outcome.kind) {
      case 'answered':
        this.#circuit.answered()
        this.#rate.passed({ startedMs, limiting: byRate, inFlight: this.#window.inFlight })
        this.#window.succeeded(byWindow)
        return
      case 'refused':
        // It is there, and says what is wrong: the rate sees to it.
        this.#circuit.answered()
        this.#rate.refused({ startedMs, pauseMs: outcome.afterMs ?? 0 }, nowMs)
        this.#window.tooMuch(startedMs, nowMs)
        return
      case 'failed':
        this.#circuit.failed(probe, nowMs)
        if (outcome.tooMuch) this.#window.tooMuch(startedMs, nowMs)
        return
      case 'aborted':
        this.#circuit.forget(probe)
    }
  }
}
