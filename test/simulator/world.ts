import type { Clock } from '../../src/base/clock.ts'
import { Random } from '../support/random.ts'

/** What becomes of what a process had on its way when it died. */
export type Wreck = 'arrives' | 'lost' | 'either'

interface Event {
  atMs: number
  /** Orders what happens at one time. */
  readonly lot: number
  readonly process: Process | undefined
  /** Undefined: it was called off. */
  happen: (() => void) | undefined
}

/**
 * Time, chance, and all that happens, one thing after the other. Nothing waits for real: when all processes wait, the
 * earliest event happens, and its time is now. The same seed gives the same world.
 */
export class World {
  readonly random: Random
  readonly trace: string[] | undefined
  #nowMs = 0
  #events: Event[] = []
  #happened = 0

  constructor(seed: number, trace = false) {
    this.random = new Random(seed)
    this.trace = trace ? [] : undefined
  }

  get nowMs(): number {
    return this.#nowMs
  }

  /** Events so far. */
  get happened(): number {
    return this.#happened
  }

  note(who: string, what: string): void {
    this.trace?.push(`${(this.#nowMs / 1000).toFixed(3).padStart(10)} ${who.padEnd(8)} ${what}`)
  }

  /** Happens outside all processes. */
  after(ms: number, happen: () => void): void {
    this.#add({ atMs: this.#nowMs + ms, lot: this.random.below(LOTS), process: undefined, happen })
  }

  /** Happens to a process: not while it is paused, and never after it died. */
  deliver(process: Process, ms: number, happen: () => void): { cancel: () => void } {
    const event: Event = { atMs: this.#nowMs + ms, lot: this.random.below(LOTS), process, happen }
    this.#add(event)
    return {
      cancel: () => {
        event.happen = undefined
      },
    }
  }

  /** Lets time pass until `isOver`, or until nothing is left to happen, or too much did; tells which. */
  async run(isOver: () => boolean): Promise<'over' | 'nothing' | 'endless'> {
    await settled()
    while (!isOver()) {
      const event = this.#take()
      if (event === undefined) return 'nothing'
      if (this.#happened >= MOST_EVENTS) return 'endless'
      const { process } = event
      if (event.happen === undefined || process?.isDead === true) continue
      this.#nowMs = Math.max(this.#nowMs, event.atMs)
      if (process !== undefined && process.pausedUntilMs > this.#nowMs) this.#putOff(event, process)
      else await this.#let(event.happen, process)
    }
    return 'over'
  }

  async #let(happen: () => void, process: Process | undefined): Promise<void> {
    this.#happened += 1
    happen()
    if (process === undefined) return
    await settled()
    process.stepped()
  }

  /** In place, so that it can still be called off. */
  #putOff(event: Event, { pausedUntilMs }: Process): void {
    event.atMs = pausedUntilMs
    this.#add(event)
  }

  #add(event: Event): void {
    const heap = this.#events
    let place = heap.length
    heap.push(event)
    while (place > 0) {
      const above = (place - 1) >> 1
      const other = heap[above]
      if (other === undefined || isBefore(other, event)) break
      heap[place] = other
      place = above
    }
    heap[place] = event
  }

  #take(): Event | undefined {
    const heap = this.#events
    const first = heap[0]
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return first
    let place = 0
    for (;;) {
      let below = 2 * place + 1
      const [left, right] = [heap[below], heap[below + 1]]
      if (left === undefined) break
      if (right !== undefined && isBefore(right, left)) below += 1
      const next = heap[below]
      if (next === undefined || isBefore(last, next)) break
      heap[place] = next
      place = below
    }
    heap[place] = last
    return first
  }
}

const LOTS = 1_000_000
/** A world has some hundreds. One in which somebody asks again and again without waiting would never end. */
const MOST_EVENTS = 100_000

function isBefore(a: Event, b: Event): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.lot < b.lot)
}

/** All that can happen without time passing has happened. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** An operating system's process that may be paused, and may die between any two of its steps. */
export class Process {
  readonly world: World
  readonly name: string
  pausedUntilMs = 0
  /** Answers, wake-ups: all that it was told so far. */
  steps = 0
  wreck: Wreck = 'either'
  /** It does not die any more. */
  isSpared = false
  #dead = false
  #asleepMs = 0
  #dieAfter = Number.POSITIVE_INFINITY
  readonly #wills: (() => void)[] = []

  constructor(world: World, name: string) {
    this.world = world
    this.name = name
  }

  get isDead(): boolean {
    return this.#dead
  }

  /** It dies right after so many steps: what it began by then is on its way. */
  dieAfter(steps: number, wreck: Wreck): void {
    this.#dieAfter = steps
    this.wreck = wreck
    if (this.steps >= steps) this.die()
  }

  /** Called by the world after each step. */
  stepped(): void {
    this.steps += 1
    if (this.steps >= this.#dieAfter) this.die()
  }

  die(): void {
    if (this.#dead || this.isSpared) return
    this.#dead = true
    this.world.note(this.name, `dies after ${this.steps} steps`)
    for (const will of this.#wills) will()
  }

  /** Done by others when it dies. */
  onDeath(will: () => void): void {
    this.#wills.push(will)
  }

  /**
   * It stands still, and knows nothing of it; the world goes on. `asleep`: its machine does, so that the clock that only
   * goes forward stands still too, as it does on Linux.
   */
  pause(ms: number, asleep = false): void {
    this.world.note(this.name, `${asleep ? 'sleeps' : 'stands still'} for ${ms} ms`)
    const before = Math.max(this.pausedUntilMs, this.world.nowMs)
    this.pausedUntilMs = Math.max(before, this.world.nowMs + ms)
    if (asleep) this.#asleepMs += this.pausedUntilMs - before
  }

  /** Whether what it had sent still gets there: always while it lives. */
  gotThrough(): boolean {
    if (!this.#dead || this.wreck === 'arrives') return true
    return this.wreck === 'either' && this.world.random.chance(50)
  }

  /** A round trip: `work` happens outside, at once, and its answer or error comes back. */
  call<T>(wayMs: number, work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.world.after(wayMs, () => {
        if (!this.gotThrough()) return
        const tell = outcomeOf(work, resolve, reject)
        this.world.deliver(this, wayMs, tell)
      })
    })
  }

  /** By the world's time; `skewMs` is how wrong its wall clock is. */
  clock(skewMs: number): Clock {
    const { world } = this
    return {
      nowMs: () => START_MS + skewMs + world.nowMs,
      monotonicMs: () => world.nowMs - this.#asleepMs,
      sleep: (ms, signal) => this.#sleep(ms, signal),
    }
  }

  #sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const waking = this.world.deliver(this, Math.max(ms, LEAST_SLEEP_MS), wake)
      signal?.addEventListener('abort', wake, { once: true })
      function wake() {
        signal?.removeEventListener('abort', wake)
        waking.cancel()
        resolve()
      }
    })
  }
}

/** Of Node's timers too. A time so short that the sum with now is now would be slept again and again. */
const LEAST_SLEEP_MS = 1

/** What the world's time 0 is on the wall. */
export const START_MS = Date.UTC(2026, 0, 1)

function outcomeOf<T>(
  work: () => T,
  resolve: (value: T) => void,
  reject: (error: unknown) => void,
): () => void {
  try {
    const value = work()
    return () => resolve(value)
  } catch (error) {
    return () => reject(error)
  }
}
