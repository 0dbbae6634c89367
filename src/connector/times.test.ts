import assert from 'node:assert/strict'
import { test } from 'node:test'
import { unixSecondsOf } from './times.ts'

test('a time in ISO 8601, a date and whole seconds are seconds since 1970', () => {
  assert.equal(unixSecondsOf('2026-01-31T08:00:00.999Z'), 1_769_846_400)
  assert.equal(unixSecondsOf('2026-01-31'), 1_769_817_600)
  assert.equal(unixSecondsOf(1_769_846_400), 1_769_846_400)
})

test('what is no time, or before 1970, is none', () => {
  for (const one of ['yesterday', '12', '2026', '', '1969-12-31T00:00:00Z', -1, 1.5, null, undefined, true])
    assert.equal(unixSecondsOf(one), undefined, String(one))
})
