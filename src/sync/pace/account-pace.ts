import type { Clock } from '../../base/clock.ts'
import type { RetryPolicy } from '../deliver/retry-policy.ts'
import { PaceControl, type PaceLimits, type PaceOutcome, type Permit } from './pace-control.ts'

/**
 * May a request start? `stopped`: the asker's own signal came first. `away`: waiting is in vain, since the account
 * has not answered for, or asked to wait beyond, what all retries may take.
 */
export type Admission =
  | { readonly kind: 'started'; readonly permit: Permit }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'away' }

/**
 * How fast requests may start at one account of a destination, for all syncs of the process that send to it. Whoever
 * asks first starts first. Every wait is a sleep of `clock`, or ends with an answer.
 */
export class AccountPace {
  readonly #clock: Clock
  readonly #control: PaceControl
  readonly #limits = new Map<string, PaceLimits>()
  readonly #queue: symbol[] = []
  /** Those who wait, in order; each is woken when something changed. */
  readonly #wakers = new Set<() => void>()

  constructor(clock: Clock, retry: RetryPolicy, random: () => number, limits: PaceLimits) {
    this.#clock = clock
    this.#control = new PaceControl(limits, retry, random)
  }

  /** The most requests that may ever be in flight. */
  get mostInFlight(): number {
    return this.#control.mostInFlight
  }

  get requestsPerSecond(): number {
    return this.#control.requestsPerSecond
  }

  /** Several destinations may lead to one account: the lowest limit of them holds. */
  limit(destination: string, limits: PaceLimits): void {
    this.#limits.set(destination, limits)
    const all = [...this.#limits.values()]
    const rates = all.flatMap(({ requestsPerSecond: rate }) => (rate === undefined ? [] : [rate]))
    this.#control.limit({
      inFlight: Math.min(...all.map(({ inFlight }) => inFlight)),
      requestsPerSecond: rates.length === 0 ? undefined : Math.min(...rates),
    })
  }

  /** Waits until a request with a body of about so many bytes may start; then `end` must be called for it. */
  async start(bytes: number, signal: AbortSignal): Promise<Admission> {
    const me = Symbol('asker')
    this.#queue.push(me)
    try {
      while (!signal.aborted) {
        if (this.#queue[0] !== me) {
          await this.#wait(Number.POSITIVE_INFINITY, signal)
          continue
        }
        const nowMs = this.#clock.monotonicMs()
        const verdict = this.#control.ask(bytes, nowMs)
        if (verdict.kind === 'away') return AWAY
        if (verdict.kind === 'start') return { kind: 'started', permit: this.#control.start(bytes, nowMs) }
        await this.#wait(verdict.ms, signal)
      }
      return STOPPED
    } finally {
      this.#queue.splice(this.#queue.indexOf(me), 1)
      this.#wake()
    }
  }

  end(permit: Permit, outcome: PaceOutcome): void {
    this.#control.end(permit, outcome, this.#clock.monotonicMs())
    this.#wake()
  }

  /** Requests that a write needed beside its first. */
  charge(requests: number): void {
    this.#control.charge(requests, this.#clock.monotonicMs())
  }

  #wake(): void {
    for (const wake of [...this.#wakers]) wake()
  }

  /** Until the time is over, something changed, or the signal came. */
  async #wait(ms: number, signal: AbortSignal): Promise<void> {
    const woken = new AbortController()
    const wake = () => woken.abort()
    this.#wakers.add(wake)
    signal.addEventListener('abort', wake, { once: true })
    try {
      if (ms < Number.POSITIVE_INFINITY) await this.#clock.sleep(ms, woken.signal)
      else await new Promise((resolve) => woken.signal.addEventListener('abort', resolve, { once: true }))
    } finally {
      this.#wakers.delete(wake)
      signal.removeEventListener('abort', wake)
    }
  }
}

const STOPPED: Admission = { kind: 'stopped' }
const AWAY: Admission = { kind: 'away' }
