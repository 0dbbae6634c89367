import assert from 'node:assert/strict'
import { test } from 'node:test'
import { waitBeforeNext } from './retry-policy.ts'

const policy = { maxAttempts: 4, totalMs: 10_000, baseMs: 100, capMs: 300 }

test('the wait is anything up to a ceiling that doubles, and no more than the cap', () => {
  const most = [1, 2, 3].map((attempt) => waitBeforeNext(policy, { attempt, elapsedMs: 0 }, () => 0.999))
  assert.deepEqual(most, [99, 199, 299])
  assert.equal(
    waitBeforeNext(policy, { attempt: 3, elapsedMs: 0 }, () => 0),
    0,
  )
})

test('a destination that says when to come back is not asked sooner', () => {
  assert.equal(
    waitBeforeNext(policy, { attempt: 1, elapsedMs: 0, afterMs: 5000 }, () => 0.5),
    5000,
  )
})

test('attempts end by their number, and by the time they took together', () => {
  assert.equal(
    waitBeforeNext(policy, { attempt: 4, elapsedMs: 0 }, () => 0),
    undefined,
  )
  assert.equal(
    waitBeforeNext(policy, { attempt: 1, elapsedMs: 9000, afterMs: 2000 }, () => 0),
    undefined,
  )
})
