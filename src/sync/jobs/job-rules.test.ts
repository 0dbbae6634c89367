import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DEFAULT_POLLING, waitBeforePoll } from './job-rules.ts'

const waits = (count: number, afterMs?: number) =>
  Array.from({ length: count }, (_, asked) => waitBeforePoll(DEFAULT_POLLING, asked, afterMs))

test('a job is asked for more and more seldom, but never more seldom than twice a minute', () => {
  assert.deepEqual(waits(5), [1000, 1500, 2250, 3375, 5063])
  assert.deepEqual(waits(40).slice(-1), [30_000])
  const all = waits(40)
  assert.deepEqual(
    all,
    [...all].sort((a, b) => a - b),
  )
})

test('a destination may put the next question off, not bring it forward, and not for ever', () => {
  assert.deepEqual(waits(2, 10_000), [10_000, 10_000])
  assert.deepEqual(waits(2, 5), [1000, 1500])
  assert.deepEqual(waits(1, 7 * 24 * 3_600_000), [3_600_000])
})
