import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isTime, timeMs } from './time.ts'

test('ISO dates and times are times', () => {
  const times = [
    '2026-01-31',
    '2024-02-29',
    '2026-01-31T08:00',
    '2026-01-31 08:00:00',
    '2026-01-31T08:00:00.123456Z',
  ]
  for (const text of [...times, '2026-01-31T08:00:00+02:00', '2026-01-31T08:00:00-0530'])
    assert.ok(isTime(text), text)
})

test('what the calendar or the clock does not have is none', () => {
  const texts = [
    '2026-02-29',
    '2026-04-31',
    '2026-00-10',
    '2026-13-01',
    '2026-1-3',
    '26-01-03',
    '2026-01-31T24:00',
  ]
  for (const text of [...texts, '2026-01-31T08', '2026-01-31T08:60', 'today', '', '2026-01-31Z'])
    assert.ok(!isTime(text), text)
})

test('times without a zone are UTC', () => {
  assert.equal(timeMs('2026-01-31'), Date.parse('2026-01-31T00:00:00Z'))
  assert.equal(timeMs('2026-01-31 08:00'), Date.parse('2026-01-31T08:00:00Z'))
  assert.equal(timeMs('2026-01-31T08:00:00+0200'), Date.parse('2026-01-31T06:00:00Z'))
  assert.equal(timeMs('2026-01-31T08:00:00.5-05:30'), Date.parse('2026-01-31T13:30:00.5Z'))
})
