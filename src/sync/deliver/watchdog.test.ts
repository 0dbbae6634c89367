import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VirtualClock } from '../../../test/support/virtual-clock.ts'
import { stalled } from './watchdog.ts'

const FLUSH_MS = 1000

function watch(state: { due: boolean; flushes: number; leaseUntilMs: number }, { flushMs = FLUSH_MS } = {}) {
  const end = new AbortController()
  const clock = new VirtualClock()
  const lease = { validForMs: () => state.leaseUntilMs - clock.monotonicMs() }
  const watched = stalled(
    { clock, flushMs, lease },
    { due: () => state.due, flushes: () => state.flushes },
    end.signal,
  )
  return { clock, watched, end }
}

test('answers that nobody takes stop the delivery when the lease is over', async () => {
  const { clock, watched } = watch({ due: true, flushes: 0, leaseUntilMs: 60_000 })
  assert.equal(await clock.until(watched), true)
  assert.equal(clock.monotonicMs(), 60_000)
})

test('three intervals are waited for, however short the lease is', async () => {
  const { clock, watched } = watch({ due: true, flushes: 0, leaseUntilMs: 0 })
  assert.equal(await clock.until(watched), true)
  assert.equal(clock.monotonicMs(), 3 * FLUSH_MS)
})

test('where flushes are frequent, two seconds are waited for after the process stood still', async () => {
  const { clock, watched } = watch({ due: true, flushes: 0, leaseUntilMs: 0 }, { flushMs: 10 })
  assert.equal(await clock.until(watched), true)
  assert.equal(clock.monotonicMs(), 2000)
})

test('a flush that succeeds, or nothing that is due, starts the time anew', async () => {
  const state = { due: true, flushes: 0, leaseUntilMs: 0 }
  const { clock, watched, end } = watch(state)
  for (let second = 0; second < 10; second += 1) {
    state.flushes += 1
    await clock.pass(2 * FLUSH_MS)
  }
  state.due = false
  await clock.pass(100 * FLUSH_MS)
  end.abort()
  assert.equal(await clock.until(watched), false)
})

test('a process that stood still for longer than its lease is no warehouse that does not answer', async () => {
  let [nowMs, slept] = [0, 0]
  const end = new AbortController()
  const clock = {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    async sleep() {
      slept += 1
      // The second sleep is a long one; after it the answer that was there all the time is read.
      nowMs += slept === 2 ? 300_000 : FLUSH_MS
      if (slept > 10) end.abort()
    },
  }
  const state = { due: () => true, flushes: () => (slept > 2 ? slept : 0) }
  const lease = { validForMs: () => 60_000 - nowMs }
  assert.equal(await stalled({ clock, flushMs: FLUSH_MS, lease }, state, end.signal), false)
})
