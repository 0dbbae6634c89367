import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Instant } from '../base/instant.ts'
import type { RejectedGroup } from '../ledger/ledger.ts'
import { causeOf, causesOf } from './causes.ts'

const SAME = [
  ['quota of 5 used up', 'quota of 1,000 used up', 'quota of … used up'],
  ['"vip" is no option of plan', '"gold" is no option of plan', '… is no option of plan'],
  ["expected 'a b', can't take it", "expected 'c', can't take it", "expected …, can't take it"],
  ['contact cus_9s8d7f is locked', 'contact cus_1aa22b is locked', 'contact … is locked'],
  [
    'row 3f2504e0-4f89-11d3-9a0c-0305e82c3301 exists',
    'row 9b2d6f04-0000-4f89-9a0c-aaaaaaaaaaaa exists',
    'row … exists',
  ],
  ['[value] at 2026-01-31T08:00:00.5Z', '[value] at 2025-12-01T23:59:59Z', '[value] at …'],
  ['unknown: "a", "b", "c"', 'unknown: "a"', 'unknown: …'],
  ['see https://x.example/e/12?a=b', 'see http://y.example/', 'see …'],
  ['longer  than 12.5%\nof all', 'longer than 3% of all', 'longer than … of all'],
  ['-3 is too small', '0 is too small', '… is too small'],
] as const

test('reasons that differ in numbers, ids, quoted texts and addresses are one cause', () => {
  for (const [one, other, cause] of SAME) {
    assert.equal(causeOf(one), cause)
    assert.equal(causeOf(other), cause)
  }
})

test('the status of an answer is the cause, so it stays', () => {
  assert.equal(causeOf('answered 422: bad 422'), 'answered 422: bad …')
  assert.equal(causeOf('HTTP 500'), 'HTTP 500')
  assert.notEqual(causeOf('status: 409'), causeOf('status: 400'))
})

test('a cause is its own cause, and words stay as they are', () => {
  for (const [one, , cause] of SAME) assert.equal(causeOf(causeOf(one)), cause)
  const words = "Property does not exist; isn't it spelled otherwise?"
  assert.equal(causeOf(words), words)
})

function group(changes: Partial<RejectedGroup>): RejectedGroup {
  return {
    sync: 'a',
    reason: 'quota of 5 used up',
    op: 'add',
    rows: 1,
    attempts: { least: 1, most: 1 },
    due: 1,
    nextTryAt: undefined,
    ...changes,
  }
}

test('groups of one cause are added up over syncs and ops, the largest cause first', () => {
  const early = '2026-02-01T00:00:00.000Z' as Instant
  const late = '2026-03-01T00:00:00.000Z' as Instant
  const causes = causesOf([
    group({ rows: 5, sync: 'b', due: 0, nextTryAt: late, attempts: { least: 4, most: 7 } }),
    group({ rows: 4, reason: 'gone' }),
    group({
      rows: 2,
      reason: 'quota of 9 used up',
      op: 'change',
      due: 0,
      nextTryAt: early,
      attempts: { least: 2, most: 5 },
    }),
    group({ rows: 1 }),
  ])
  assert.deepEqual(causes, [
    {
      cause: 'quota of … used up',
      example: 'quota of 5 used up',
      rows: 8,
      syncs: ['a', 'b'],
      ops: { add: 6, change: 2 },
      attempts: { least: 1, most: 7 },
      due: 1,
      nextTryAt: early,
    },
    {
      cause: 'gone',
      example: 'gone',
      rows: 4,
      syncs: ['a'],
      ops: { add: 4 },
      attempts: { least: 1, most: 1 },
      due: 1,
      nextTryAt: undefined,
    },
  ])
})
