import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Receipt } from '../../connector/types.ts'
import { sortedReceipts } from './receipts.ts'

const RANGES = [
  { lo: 3, hi: 5 },
  { lo: 9, hi: 12 },
]
const SENT = { attempts: 2, ambiguous: true }
const applied: Receipt = { status: 'applied' }
const rejected: Receipt = { status: 'rejected', error: 'no such country' }
const retry = (error: string, afterMs?: number): Receipt => ({
  status: 'retry',
  error,
  ...(afterMs !== undefined && { afterMs }),
})

test('rows that were all taken are the ranges that were sent', () => {
  const sorted = sortedReceipts(RANGES, new Array(7).fill(applied), SENT)
  assert.deepEqual(sorted, {
    applied: RANGES,
    rejected: [],
    retry: [],
    reason: '',
    ambiguous: false,
    afterMs: undefined,
  })
})

test('each receipt is of the row at its place, across the gaps of the ranges', () => {
  const receipts = [applied, rejected, applied, retry('busy'), retry('later'), applied, retry('later')]
  assert.deepEqual(sortedReceipts(RANGES, receipts, SENT), {
    applied: [
      { lo: 3, hi: 3 },
      { lo: 5, hi: 5 },
      { lo: 11, hi: 11 },
    ],
    rejected: [{ seq: 4, reason: 'no such country', ...SENT }],
    retry: [
      { lo: 9, hi: 10 },
      { lo: 12, hi: 12 },
    ],
    reason: 'busy',
    ambiguous: false,
    afterMs: undefined,
  })
})

test('the longest wait that a row asks for holds for all that are sent again', () => {
  const receipts = new Array(7).fill(applied).with(1, retry('busy', 50)).with(6, retry('busy', 200))
  assert.equal(sortedReceipts(RANGES, receipts, SENT).afterMs, 200)
})

test('rows that are sent again may have been applied as soon as one of them may', () => {
  const unknown: Receipt = { status: 'retry', error: 'no result', ambiguous: true }
  const receipts = new Array(7).fill(applied).with(1, retry('busy')).with(6, unknown)
  assert.equal(sortedReceipts(RANGES, receipts, SENT).ambiguous, true)
})
