/** The only source of time. Everything that needs the time is given a clock. */
export interface Clock {
  /** Wall-clock time, milliseconds since 1970 UTC. */
  nowMs(): number
  /** Monotonic milliseconds from an arbitrary start; for durations and lease deadlines. */
  monotonicMs(): number
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const timer = setTimeout(done, ms)
      signal?.addEventListener('abort', done, { once: true })
      function done() {
        clearTimeout(timer)
        signal?.removeEventListener('abort', done)
        resolve()
      }
    }),
}
