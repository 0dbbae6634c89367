import pLimit from 'p-limit'
import type { Clock } from '../base/clock.ts'
import { nextCronTime } from './cron-times.ts'

export interface ServeOptions {
  readonly syncs: readonly { readonly name: string; readonly cron: string }[]
  readonly timezone: string
  readonly clock: Clock
  /** Aborted: start nothing new, wait for what runs. */
  readonly signal: AbortSignal
  /** How many runs may go on at once. */
  readonly concurrency: number
  /** Runs these syncs and tells how it ended; it must not throw. */
  readonly run: (names: readonly string[]) => Promise<'done' | 'failed'>
  readonly status: ServeStatus
}

/** What the health endpoints tell; changed by `serve` as it goes. */
export interface ServeStatus {
  state: 'starting' | 'serving' | 'stopping'
  /** The loop turned last at this monotonic time: one that hangs is not healthy. */
  turnedAtMs: number
  readonly running: Set<string>
  /** By how they ended; a time that came while the sync still ran is `skipped`. */
  readonly ended: Record<'done' | 'failed' | 'skipped', number>
}

/** Sleeping in pieces keeps the loop visibly alive, and sees a wall clock that was set. */
const LONGEST_NAP_MS = 10_000

/**
 * Starts each sync at its cron times until the signal comes, then waits for what runs. Syncs that are due at the same
 * moment go in one run, so that they share one build. A sync that still runs when its next time comes is skipped.
 */
export async function serve(options: ServeOptions): Promise<void> {
  const { clock, signal, status } = options
  const limit = pLimit(options.concurrency)
  const runs = new Set<Promise<void>>()
  status.state = 'serving'
  let seenMs = clock.nowMs()
  while (!signal.aborted) {
    status.turnedAtMs = clock.monotonicMs()
    const nowMs = clock.nowMs()
    const due = dueBetween(options, seenMs, nowMs)
    seenMs = nowMs
    const free = due.filter((name) => !status.running.has(name))
    status.ended.skipped += due.length - free.length
    if (free.length > 0) {
      const started: Promise<void> = limit(() => runOnce(options, free)).finally(() => runs.delete(started))
      runs.add(started)
      for (const name of free) status.running.add(name)
    }
    await clock.sleep(Math.min(LONGEST_NAP_MS, untilNext(options, nowMs)), signal)
  }
  status.state = 'stopping'
  await Promise.all(runs)
}

async function runOnce(options: ServeOptions, names: readonly string[]): Promise<void> {
  const { status, signal } = options
  try {
    // It may have waited for its turn while the signal came.
    if (!signal.aborted) status.ended[await options.run(names)] += 1
  } finally {
    for (const name of names) status.running.delete(name)
  }
}

/** Whose time lies in (from, to]. */
function dueBetween({ syncs, timezone }: ServeOptions, fromMs: number, toMs: number): readonly string[] {
  return syncs
    .filter(({ cron }) => (nextCronTime(cron, timezone, fromMs) ?? Number.POSITIVE_INFINITY) <= toMs)
    .map(({ name }) => name)
}

function untilNext({ syncs, timezone }: ServeOptions, nowMs: number): number {
  const times = syncs.map(({ cron }) => nextCronTime(cron, timezone, nowMs) ?? Number.POSITIVE_INFINITY)
  return Math.min(...times, Number.POSITIVE_INFINITY) - nowMs
}
