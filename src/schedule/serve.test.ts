import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Clock } from '../base/clock.ts'
import { healthAnswer } from './health.ts'
import { type ServeOptions, type ServeStatus, serve } from './serve.ts'

const START = Date.parse('2026-01-31T08:00:30Z')

/** Time that passes only by sleeping; `until` aborts at that moment. */
function world(untilMs: number) {
  const stop = new AbortController()
  let nowMs = START
  const clock: Clock = {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs - START,
    sleep: async (ms) => {
      nowMs += ms
      if (nowMs >= untilMs) stop.abort()
    },
  }
  const status: ServeStatus = {
    state: 'starting',
    turnedAtMs: 0,
    running: new Set(),
    ended: { done: 0, failed: 0, skipped: 0 },
  }
  return { clock, status, signal: stop.signal }
}

const options = (
  more: Pick<ServeOptions, 'clock' | 'status' | 'signal' | 'run' | 'syncs'>,
): ServeOptions => ({
  timezone: 'UTC',
  concurrency: 1,
  ...more,
})

test('each sync starts at its times, those of one moment in one run', async () => {
  const { clock, status, signal } = world(START + 31 * 60_000)
  const runs: string[] = []
  await serve(
    options({
      clock,
      status,
      signal,
      syncs: [
        { name: 'often', cron: '*/10 * * * *' },
        { name: 'seldom', cron: '20 * * * *' },
      ],
      run: async (names) => {
        runs.push(`${new Date(clock.nowMs()).toISOString().slice(11, 16)} ${names.join(' ')}`)
        return 'done'
      },
    }),
  )
  assert.deepEqual(runs, ['08:10 often', '08:20 often seldom', '08:30 often'])
  assert.deepEqual(status.ended, { done: 3, failed: 0, skipped: 0 })
  assert.equal(status.running.size, 0)
})

test('a sync that still runs when its next time comes is skipped, and serve waits for it at the end', async () => {
  const { clock, status, signal } = world(START + 25 * 60_000)
  let finish: (() => void) | undefined
  const held = new Promise<void>((resolve) => {
    finish = resolve
  })
  let ended = false
  const serving = serve(
    options({
      clock,
      status,
      signal,
      syncs: [{ name: 'slow', cron: '*/10 * * * *' }],
      run: async () => {
        await held
        ended = true
        return 'failed'
      },
    }),
  )
  while (status.ended.skipped === 0) await new Promise(setImmediate)
  assert.equal(ended, false)
  finish?.()
  await serving
  assert.equal(ended, true)
  assert.deepEqual(status.ended, { done: 0, failed: 1, skipped: 1 })
})

test('health tells a loop that hangs from one that waits, and readiness ends with the signal', () => {
  const { clock, status } = world(Number.POSITIVE_INFINITY)
  assert.equal(healthAnswer('/readyz', status, clock).code, 503)
  status.state = 'serving'
  assert.equal(healthAnswer('/readyz', status, clock).code, 200)
  assert.equal(healthAnswer('/healthz?x=1', status, clock).code, 200)
  status.turnedAtMs = -61_000
  assert.equal(healthAnswer('/healthz', status, clock).code, 503)
  status.state = 'stopping'
  assert.equal(healthAnswer('/healthz', status, clock).code, 200)
  assert.equal(healthAnswer('/readyz', status, clock).code, 503)
  assert.equal(healthAnswer('/', status, clock).code, 404)
  status.ended.done = 2
  assert.match(healthAnswer('/metrics', status, clock).text, /^sluice_runs_total\{status="done"\} 2$/m)
})
