import type { Clock } from '../../src/base/clock.ts'

/** Time that passes only when nothing else can happen: the earliest sleeper wakes, and its time is now. */
export class VirtualClock implements Clock {
  #nowMs = 0
  #sleepers: { readonly atMs: number; readonly wake: () => void }[] = []

  nowMs(): number {
    return START_MS + this.#nowMs
  }

  monotonicMs(): number {
    return this.#nowMs
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const sleeper = { atMs: this.#nowMs + ms, wake }
      const place = this.#sleepers.findIndex(({ atMs }) => atMs > sleeper.atMs)
      this.#sleepers.splice(place < 0 ? this.#sleepers.length : place, 0, sleeper)
      const sleepers = this.#sleepers
      signal?.addEventListener('abort', wake, { once: true })
      function wake() {
        const index = sleepers.indexOf(sleeper)
        if (index >= 0) sleepers.splice(index, 1)
        signal?.removeEventListener('abort', wake)
        resolve()
      }
    })
  }

  /** Lets time pass until `work` has ended. Throws when nobody sleeps and it has not. */
  async until<T>(work: Promise<T>): Promise<T> {
    let ended = false
    const end = () => {
      ended = true
    }
    work.then(end, end)
    await settle()
    while (!ended) {
      const [next] = this.#sleepers
      if (next === undefined) throw new Error('nothing happens any more')
      this.#nowMs = Math.max(this.#nowMs, next.atMs)
      next.wake()
      await settle()
    }
    return work
  }

  /** Lets so much time pass. */
  pass(ms: number): Promise<void> {
    return this.until(this.sleep(ms))
  }
}

const START_MS = Date.UTC(2026, 0, 1)

/** All that can happen without time passing has happened. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
