/** A start that is due so long ago is made up for: timers, and pages of the warehouse, come late. */
const SLACK_MS = 50

/** Starts that tell how fast requests really go: enough to even out, few enough to be of this moment. */
const MEASURED_STARTS = 16

/** How fast a quota is approached from below, as a share of the rate for each success. */
const STEP = {
  /** Half of what was proven before: only recovering. */
  recovering: 0.2,
  /** Not near the last refusal yet, or where it was says little. */
  near: 0.004,
  /** Around the last refusal: one refusal in some hundred and fifty requests finds it again. */
  close: 0.0005,
  /** Past it: the quota has grown. */
  past: 0.02,
} as const

/** Answers come a round trip late, so what the requests in flight add together is bounded: it could not be seen. */
const STEP_A_ROUND_TRIP = 0.7

/** Above this share of the last refusal's rate the quota has grown; below `NEAR` it is far. */
const PAST = 1.03
const NEAR = 0.9

/** The band around a quota that is crossed carefully, as a share of it. */
const BAND = 0.07

/** A pause that each refusal costs may take a tenth of the time, so the band is crossed in at least ten of them. */
const CROSSING_PAUSES = 10

/** So few that what passed between two refusals says little. */
const FEW = 10

/** Asked in vain: the longest until the next try. A quota by the minute comes back in steps of it. */
const LONGEST_RETRY_MS = 5000

/** A rate that is lower is not learned any better, and would take hours to leave. */
const LOWEST_PER_SECOND = 0.1

/**
 * How fast requests may start: a known limit, and below it one that is learned from refusals. The quota on the other
 * side is taken for a bucket that was empty at each refusal: so what passed between two of them is what its rate
 * allows, however fast or slow we were. Pure: times come in, in monotonic milliseconds.
 */
export class LearnedRate {
  #ceiling = Number.POSITIVE_INFINITY
  /** Requests a second; infinite as long as no limit is known or met. */
  #rate = Number.POSITIVE_INFINITY
  /** When the next request is due at this rate. */
  #dueMs = Number.NEGATIVE_INFINITY
  readonly #starts: number[] = []
  /** Start of the refused request with which the measured time begins. */
  #sinceMs: number | undefined
  /** Requests that started since then and passed. */
  #passed = 0
  /** Refusals since then. */
  #inVain = 0
  /** What was on its way when the rate was lowered says nothing about the new one. */
  #loweredMs = Number.NEGATIVE_INFINITY
  /** The speed at the last refusal, and how long each costs. */
  #refusedAt = Number.POSITIVE_INFINITY
  #pauseMs = 0
  /** Enough had passed before it to say that the quota is near. */
  #certain = false
  /** A speed that was held for a while. */
  #proven = 0

  get perSecond(): number {
    return this.#rate
  }

  /** The known limit; undefined: none. */
  limit(perSecond: number | undefined): void {
    const ceiling = perSecond ?? Number.POSITIVE_INFINITY
    // What was never learned follows the limit up, too.
    if (this.#rate === this.#ceiling || this.#rate > ceiling) this.#rate = ceiling
    this.#ceiling = ceiling
  }

  waitMs(nowMs: number): number {
    return Math.max(0, this.#dueMs - nowMs)
  }

  /**
   * A request starts. True when it is this rate that limits how fast they do. What was `heldBack` by something else
   * is not made up for.
   */
  start(nowMs: number, heldBack: boolean): boolean {
    this.#starts.push(nowMs)
    if (this.#starts.length > MEASURED_STARTS) this.#starts.shift()
    const limiting = this.#dueMs > nowMs - SLACK_MS
    if (heldBack) this.#dueMs = Math.max(this.#dueMs, nowMs)
    this.charge(nowMs)
    return limiting
  }

  /** A request beside those that asked: some writes need more than one. */
  charge(nowMs: number): void {
    this.#dueMs = Math.max(this.#dueMs, nowMs - SLACK_MS) + 1000 / this.#rate
  }

  /** Any answer but a refusal for coming too fast. */
  passed(request: {
    readonly startedMs: number
    readonly limiting: boolean
    readonly inFlight: number
  }): void {
    if (this.#sinceMs !== undefined && request.startedMs > this.#sinceMs) this.#passed += 1
    if (!request.limiting || request.startedMs <= this.#loweredMs) return
    const step = Math.min(this.#step(), STEP_A_ROUND_TRIP / Math.max(1, request.inFlight))
    this.#rate = Math.min(this.#ceiling, this.#rate * (1 + step))
  }

  /** Refused for coming too fast; at most once a round trip it matters. `pauseMs`: how long all must wait now. */
  refused(request: { readonly startedMs: number; readonly pauseMs: number }, nowMs: number): void {
    if (request.startedMs <= this.#loweredMs) return
    this.#loweredMs = nowMs
    if (this.#sinceMs !== undefined && this.#passed === 0) this.#nothingPassed(nowMs)
    else this.#lower(request, nowMs)
  }

  #lower(request: { readonly startedMs: number; readonly pauseMs: number }, nowMs: number): void {
    const speed = Math.min(this.#rate, this.#speed(nowMs))
    const rate =
      this.#sinceMs === undefined ? this.#first(speed) : this.#next(speed, request.startedMs - this.#sinceMs)
    this.#rate = Math.min(this.#ceiling, Math.max(LOWEST_PER_SECOND, rate))
    this.#dueMs = nowMs + 1000 / this.#rate
    this.#certain = this.#passed >= FEW
    this.#refusedAt = speed
    this.#pauseMs = request.pauseMs
    this.#sinceMs = request.startedMs
    this.#passed = 0
    this.#inVain = 0
  }

  /** Used up for now, which says nothing about the quota: ask less and less often, then go on as before. */
  #nothingPassed(nowMs: number): void {
    this.#inVain += 1
    this.#dueMs = nowMs + Math.min(LONGEST_RETRY_MS, (1000 / this.#rate) * 2 ** this.#inVain)
  }

  /** How full the bucket was is not known, so neither is what its rate allowed: find it from far below. */
  #first(speed: number): number {
    this.#proven = speed
    return speed / 8
  }

  /** A little below what passed; what passed may be less than the quota where we were slow, or waited. */
  #next(speed: number, measuredMs: number): number {
    const passedPerSecond = (1000 * this.#passed) / Math.max(1, measuredMs)
    const quota = Math.max(speed / 4, Math.min(0.97 * speed, 1.1 * passedPerSecond))
    this.#proven = Math.max(quota, this.#passed < FEW ? this.#proven / 2 : 0)
    return 0.95 * quota
  }

  #step(): number {
    if (this.#rate < this.#proven / 2) return STEP.recovering
    const share = this.#rate / this.#refusedAt
    if (share > PAST) return Math.min(STEP.past, this.#careful() + 2 * STEP.past * (share - PAST))
    return share < NEAR || !this.#certain ? STEP.near : this.#careful()
  }

  /** Slow enough that refusals stay rare and pauses short; longer without a refusal than that takes, faster again. */
  #careful(): number {
    const crossing = (CROSSING_PAUSES * this.#pauseMs * this.#rate) / 1000
    const step = Math.min(STEP.close, BAND / crossing)
    return step * Math.max(1, (this.#passed * step) / (1.5 * BAND)) ** 2
  }

  /** Requests a second over the latest starts. */
  #speed(nowMs: number): number {
    const first = this.#starts[0] ?? nowMs
    return (1000 * this.#starts.length) / Math.max(1, nowMs - first)
  }
}
