import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SluiceError } from '../../base/errors.ts'
import { Halt } from './halt.ts'

const LOST = new SluiceError('SLU5002', { message: 'lost' })

function stoppedBy(...errors: readonly unknown[]): string | undefined {
  const halt = new Halt(new AbortController().signal)
  for (const error of errors) halt.stopFor(error)
  return halt.reason?.code
}

test('the first reason counts', () => {
  const away = new SluiceError('SLU5106', { message: 'away' })
  const noTable = new SluiceError('SLU3004', { message: 'no table' })
  assert.equal(stoppedBy(away, noTable), 'SLU5106')
  assert.equal(stoppedBy(away, LOST), 'SLU5106')
  assert.equal(stoppedBy(LOST, noTable), 'SLU5002')
})

test('a plan that is gone, or another, because the lease was lost blames neither project nor Sluice', () => {
  assert.equal(stoppedBy(new SluiceError('SLU3004', { message: 'no table' }), LOST), 'SLU5002')
  assert.equal(stoppedBy(new Error('1 row, not 2'), LOST), 'SLU5002')
})
