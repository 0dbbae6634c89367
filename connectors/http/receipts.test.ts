import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Batch, Change } from '../../src/connector/types.ts'
import { receiptsOf } from './receipts.ts'

const CHANGES: readonly Change[] = ['ada', 'grace', 'linus'].map((name) => ({
  op: 'add',
  key: { email: `${name}@example.com` },
  fields: { name },
}))

const BATCH: Batch = {
  sync: 's',
  runId: 'r',
  object: 'rows',
  mode: 'upsert',
  batch: 1,
  count: 3,
  changesJson: JSON.stringify(CHANGES),
  changes: () => CHANGES,
  idempotencyKey: 'k',
}

const statuses = (text: string) => receiptsOf(text, BATCH).map(({ status }) => status)
const results = (...all: readonly unknown[]) => JSON.stringify({ results: all })
const applied = { status: 'applied' }

test('an answer without results took all of them, whatever it says', () => {
  for (const text of [
    '',
    'ok',
    '{}',
    '[]',
    'null',
    '"results"',
    '{"ok":true}',
    '{"result":[]}',
    'results: none',
  ])
    assert.deepEqual(statuses(text), ['applied', 'applied', 'applied'], text)
})

test('an answer that begins as JSON and is none may have said anything: all are sent again, perhaps applied', () => {
  for (const text of ['{"results', '{"results":[{"status":"applied"},', '{', '{"ok":true}}', " {'ok': true}"])
    for (const receipt of receiptsOf(text, BATCH))
      assert.deepEqual(receipt, {
        status: 'retry',
        error: 'expected an answer in JSON, found one that begins as JSON and is none',
        ambiguous: true,
      })
})

test('what is asked to come again was not applied; what has no answer may have been', () => {
  const text = results({ status: 'retry' }, { status: 'later' })
  assert.deepEqual(
    receiptsOf(text, BATCH).map((receipt) => receipt.status === 'retry' && receipt.ambiguous === true),
    [false, true, true],
  )
})

test('each result is for the change at its index', () => {
  const text = results(
    applied,
    { status: 'rejected', error: 'no such plan' },
    { status: 'retry', error: 'locked' },
  )
  assert.deepEqual(receiptsOf(text, BATCH), [
    { status: 'applied' },
    { status: 'rejected', error: 'no such plan' },
    { status: 'retry', error: 'locked' },
  ])
})

test('a reason never names the row, and there is always one', () => {
  const text = results(
    { status: 'rejected', error: 'ada@example.com (ada) is taken' },
    { status: 'rejected' },
    { status: 'retry', error: { code: 'linus' } },
  )
  assert.deepEqual(receiptsOf(text, BATCH), [
    { status: 'rejected', error: '[value] ([value]) is taken' },
    { status: 'rejected', error: 'rejected, no reason given' },
    { status: 'retry', error: 'to be sent again, no reason given' },
  ])
})

test('a change that has no result is sent again', () => {
  assert.deepEqual(statuses(results(applied)), ['applied', 'retry', 'retry'])
  assert.deepEqual(statuses(results()), ['retry', 'retry', 'retry'])
})

test('more results than changes say that none of them can be trusted', () => {
  assert.deepEqual(statuses(results(applied, applied, applied, applied)), ['retry', 'retry', 'retry'])
})

test('results that say nothing we know are sent again, each by itself', () => {
  assert.deepEqual(statuses(results({ status: 'done' }, applied, { status: 200 })), [
    'retry',
    'applied',
    'retry',
  ])
  assert.deepEqual(statuses(results(null, 'applied', [])), ['retry', 'retry', 'retry'])
  for (const text of ['{"results":null}', '{"results":{}}', '{"results":"applied"}', '{"results":3}'])
    assert.deepEqual(statuses(text), ['retry', 'retry', 'retry'], text)
})
