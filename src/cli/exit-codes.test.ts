import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ProjectErrors, SluiceError } from '../base/errors.ts'
import { EXIT, exitCodeOf, worstOf } from './exit-codes.ts'

test('with several syncs the first of 130, 143, 70, 6, 4, 1, 5, 0 is the code', () => {
  const order = [130, 143, 70, 6, 4, 1, 5, 0]
  for (const [index, code] of order.entries()) assert.equal(worstOf([...order.slice(index)].reverse()), code)
})

test('nothing at all is done', () => {
  assert.equal(worstOf([]), EXIT.done)
})

test('an error of the project is 78, a wrong flag 64, and what nobody foresaw is our bug', () => {
  assert.equal(exitCodeOf(new SluiceError('SLU7002', { message: 'a' })), 78)
  assert.equal(exitCodeOf(new SluiceError('SLU7001', { message: 'a' })), 64)
  assert.equal(exitCodeOf(new ProjectErrors([new SluiceError('SLU7002', { message: 'a' })])), 78)
  assert.equal(exitCodeOf(new TypeError('a')), 70)
  assert.equal(exitCodeOf('a'), 70)
})
