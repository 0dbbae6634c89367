import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EarlyStop, EQUAL_REJECTIONS } from './early-stop.ts'

function row(seq: number, reason: string) {
  return { seq, reason, attempts: 1, ambiguous: false }
}

test('equal rejections at the start are held back, and enough of them are a verdict about the destination', () => {
  const stop = new EarlyStop()
  for (let seq = 1; seq < EQUAL_REJECTIONS; seq += 1)
    assert.deepEqual(stop.reject(row(seq, 'no such field')), [])
  assert.equal(stop.verdict(), undefined)
  stop.reject(row(EQUAL_REJECTIONS, 'no such field'))
  assert.equal(stop.verdict(), 'no such field')
})

test('another reason, or anything that is taken, makes them rejections of rows', () => {
  const other = new EarlyStop()
  other.reject(row(1, 'a'))
  assert.deepEqual(
    other.reject(row(2, 'b')).map(({ seq }) => seq),
    [1, 2],
  )
  const taken = new EarlyStop()
  taken.reject(row(1, 'a'))
  assert.equal(taken.settle().length, 1)
  for (let seq = 2; seq < 40; seq += 1) assert.equal(taken.reject(row(seq, 'a')).length, 1)
  assert.equal(taken.verdict(), undefined)
})
