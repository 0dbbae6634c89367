import type { RetryPolicy } from '../../src/sync/deliver/retry-policy.ts'
import { PaceControl } from '../../src/sync/pace/pace-control.ts'
import { Random } from './random.ts'

/** A destination whose quota nobody knows: a bucket, or a fixed window, on its side. */
export interface QuotaServer {
  /** Requests a second that it allows at this time. */
  readonly rate: (nowMs: number) => number
  /** What its bucket holds when it is full. */
  readonly burst: number
  /** There and back; each way takes half, and up to half of `jitterMs` more. */
  readonly latencyMs: number
  readonly jitterMs?: number
  /** Said with every refusal. */
  readonly retryAfterMs?: number
  /** It counts in windows of this length instead. */
  readonly windowMs?: number
}

export interface QuotaUse {
  /** Requests taken, of all that the quota allowed in that time, a full bucket at the start among them. */
  readonly used: number
  /** Requests refused, of all that were sent. */
  readonly refused: number
  readonly sentFirstSecond: number
}

const RETRY: RetryPolicy = { maxAttempts: 8, totalMs: 600_000, baseMs: 500, capMs: 60_000 }

/**
 * Sends `requests` through a pace to the server, as fast as the pace lets them, those that were refused again after a
 * jittered wait. Time is a number here: a day passes in milliseconds, and the same seed gives the same day.
 */
export function quotaUse(
  server: QuotaServer,
  options: {
    readonly requests: number
    readonly inFlight?: number
    readonly known?: number
    readonly seed?: number
  },
): QuotaUse {
  return new World(server, options).run()
}

class World {
  readonly #server: QuotaServer
  readonly #requests: number
  readonly #most: number
  readonly #random: () => number
  readonly #pace: PaceControl
  readonly #events: { readonly atMs: number; readonly happen: () => void }[] = []
  /** Attempts that each had, of requests that are to be sent again. */
  readonly #again: number[] = []
  #nowMs = 0
  #fresh: number
  #waiting = 0
  #sent = 0
  #taken = 0
  #refused = 0
  #firstSecond = 0
  #wakeMs = Number.POSITIVE_INFINITY
  #tokens: number
  #filledMs = 0

  constructor(
    server: QuotaServer,
    options: {
      readonly requests: number
      readonly inFlight?: number
      readonly known?: number
      readonly seed?: number
    },
  ) {
    const random = new Random(options.seed ?? 1)
    this.#server = server
    this.#requests = options.requests
    this.#fresh = options.requests
    this.#most = options.inFlight ?? 8
    this.#random = () => random.below(1_000_000) / 1_000_000
    this.#pace = new PaceControl(
      { inFlight: this.#most, requestsPerSecond: options.known },
      RETRY,
      this.#random,
    )
    this.#tokens = server.windowMs === undefined ? server.burst : server.rate(0) * (server.windowMs / 1000)
  }

  run(): QuotaUse {
    this.#startAll()
    while (this.#taken < this.#requests) {
      const event = this.#events.shift()
      if (event === undefined) throw new Error('nothing happens any more')
      this.#nowMs = event.atMs
      event.happen()
      this.#startAll()
    }
    return {
      used: this.#taken / this.#allowed(),
      refused: this.#refused / this.#sent,
      sentFirstSecond: this.#firstSecond,
    }
  }

  #startAll(): void {
    while (this.#again.length > 0 || (this.#fresh > 0 && this.#pace.inFlight + this.#waiting < this.#most)) {
      const verdict = this.#pace.ask(1000, this.#nowMs)
      if (verdict.kind === 'away') throw new Error('the account was given up')
      if (verdict.kind === 'wait') {
        this.#wakeAfter(verdict.ms)
        return
      }
      const attempt = this.#again.shift() ?? 0
      if (attempt === 0) this.#fresh -= 1
      this.#send(attempt)
    }
  }

  #send(attempt: number): void {
    const permit = this.#pace.start(1000, this.#nowMs)
    this.#sent += 1
    if (this.#nowMs < 1000) this.#firstSecond += 1
    this.#after(this.#way(), () => {
      const taken = this.#take()
      this.#after(this.#way(), () => {
        if (taken) {
          this.#taken += 1
          this.#pace.end(permit, { kind: 'answered' }, this.#nowMs)
          return
        }
        this.#refused += 1
        const afterMs = this.#server.retryAfterMs
        this.#pace.end(permit, { kind: 'refused', afterMs }, this.#nowMs)
        this.#waiting += 1
        const backoffMs = this.#random() * Math.min(RETRY.capMs, RETRY.baseMs * 2 ** attempt)
        this.#after(Math.max(afterMs ?? 0, backoffMs), () => {
          this.#waiting -= 1
          this.#again.push(attempt + 1)
        })
      })
    })
  }

  #take(): boolean {
    const { rate, burst, windowMs } = this.#server
    if (windowMs !== undefined) {
      const window = Math.floor(this.#nowMs / windowMs)
      if (window > Math.floor(this.#filledMs / windowMs)) this.#tokens = rate(this.#nowMs) * (windowMs / 1000)
    } else {
      const gained = (rate(this.#nowMs) * (this.#nowMs - this.#filledMs)) / 1000
      this.#tokens = Math.min(burst, this.#tokens + gained)
    }
    this.#filledMs = this.#nowMs
    if (this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }

  #way(): number {
    const { latencyMs, jitterMs = 0 } = this.#server
    return (latencyMs + this.#random() * jitterMs) / 2
  }

  #allowed(): number {
    const stepMs = 10
    let allowed = this.#server.burst
    for (let atMs = 0; atMs < this.#nowMs; atMs += stepMs)
      allowed += (this.#server.rate(atMs) * stepMs) / 1000
    return allowed
  }

  #wakeAfter(ms: number): void {
    const atMs = this.#nowMs + ms
    if (atMs >= this.#wakeMs) return
    this.#wakeMs = atMs
    this.#after(ms, () => {
      this.#wakeMs = Number.POSITIVE_INFINITY
    })
  }

  /** In order of time; of the same time, as they were asked for. */
  #after(ms: number, happen: () => void): void {
    if (ms === Number.POSITIVE_INFINITY) return
    const atMs = this.#nowMs + ms
    let place = this.#events.length
    while (place > 0 && (this.#events[place - 1]?.atMs ?? 0) > atMs) place -= 1
    this.#events.splice(place, 0, { atMs, happen })
  }
}
