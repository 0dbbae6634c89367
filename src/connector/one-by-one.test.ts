import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DestinationError } from './errors.ts'
import { oneByOne } from './one-by-one.ts'
import { APPLIED, inOrder, type Row, rowsOf } from './rows.ts'
import type { Receipt } from './types.ts'

const ROWS = rowsOf(['a', 'b', 'c', 'd'].map((id) => ({ op: 'add', key: { id }, fields: {} })))

/** Answers row by row, and keeps which were sent. */
function api(answers: Readonly<Record<number, Receipt | Error>>) {
  const sent: number[] = []
  const send = async ({ index }: Row): Promise<Receipt> => {
    sent.push(index)
    const answer = answers[index] ?? APPLIED
    if (answer instanceof Error) throw answer
    return answer
  }
  return { sent, send, receipts: async () => inOrder(ROWS, await oneByOne(ROWS, send)) }
}

const failed = (action: DestinationError['action'], details: object = {}) =>
  new DestinationError(action, { message: `it said ${action}`, ...details })

test('rows go out in order, and each has its own receipt', async () => {
  const rejected: Receipt = { status: 'rejected', error: 'no' }
  const { receipts, sent } = api({ 1: rejected })
  assert.deepEqual(await receipts(), [APPLIED, rejected, APPLIED, APPLIED])
  assert.deepEqual(sent, [0, 1, 2, 3])
})

test('what breaks off the first row is thrown, whatever it is, and no other row is sent', async () => {
  for (const action of ['retry', 'split', 'refresh', 'stop'] as const) {
    const { receipts, sent } = api({ 0: failed(action) })
    await assert.rejects(receipts(), { action })
    assert.deepEqual(sent, [0])
  }
})

test('a later row that is refused is rejected, and the rows behind it are sent', async () => {
  const { receipts, sent } = api({ 1: failed('split') })
  assert.deepEqual(await receipts(), [
    APPLIED,
    { status: 'rejected', error: 'it said split' },
    APPLIED,
    APPLIED,
  ])
  assert.deepEqual(sent, [0, 1, 2, 3])
})

test('what breaks off a later row puts it and the rest off, and what was answered keeps its receipt', async () => {
  const { receipts, sent } = api({ 1: failed('retry', { afterMs: 7000, ambiguous: true }) })
  const later: Receipt = { status: 'retry', error: 'it said retry', afterMs: 7000 }
  assert.deepEqual(await receipts(), [APPLIED, { ...later, ambiguous: true }, later, later])
  assert.deepEqual(sent, [0, 1])
})

test('credentials that end between two rows put the rest off: its first row is then thrown', async () => {
  const { receipts } = api({ 2: failed('refresh') })
  const later: Receipt = { status: 'retry', error: 'it said refresh' }
  assert.deepEqual(await receipts(), [APPLIED, APPLIED, later, later])
})

test('a mistake of ours is no answer, and is thrown from any row', async () => {
  await assert.rejects(api({ 2: new TypeError('ours') }).receipts(), TypeError)
})
