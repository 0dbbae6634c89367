import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bodyOf } from '../plan/body.ts'
import { refusalForSize } from './size-cap.ts'

test('a body is measured in bytes, to the last one', () => {
  for (const letter of ['a', 'é', '€', '😀']) {
    const body = bodyOf('[', letter.repeat(100), ']')
    const bytes = 2 + 100 * Buffer.byteLength(letter)
    assert.equal(refusalForSize(body, bytes), undefined)
    assert.equal(refusalForSize(body, bytes - 1)?.action, 'split')
  }
})

test('the refusal names the size and the cap, and nothing of the row', () => {
  const refusal = refusalForSize(bodyOf('canary'.repeat(1000)), 5000)
  assert.equal(
    refusal?.message,
    'expected a row that fits into a batch of 5,000 bytes, found one of 6,000, which was not sent: map less of it',
  )
  assert.equal(refusal?.ambiguous, false)
})
