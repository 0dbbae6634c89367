import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SluiceError } from '../base/errors.ts'
import { parseAsOf } from './as-of.ts'

test('a date, a time and a time with a zone are moments in UTC', () => {
  const moments = {
    '2026-01-31': '2026-01-31T00:00:00.000Z',
    '2026-01-31T08:30': '2026-01-31T08:30:00.000Z',
    '2026-01-31 08:30:15': '2026-01-31T08:30:15.000Z',
    '2026-01-31T08:30:15.1234Z': '2026-01-31T08:30:15.123Z',
    '2026-01-31T08:30:15+02:00': '2026-01-31T06:30:15.000Z',
    '2026-01-31T08:30:15-0530': '2026-01-31T14:00:15.000Z',
    '2026-01-31T08:30:15z': '2026-01-31T08:30:15.000Z',
    '2024-02-29': '2024-02-29T00:00:00.000Z',
  }
  for (const [text, moment] of Object.entries(moments)) assert.equal(parseAsOf(text), moment, text)
})

test('what is no time is refused, and so is a day that no month has', () => {
  for (const text of [
    '',
    'yesterday',
    '2026-02-30',
    '2026-13-01',
    '2026-01-31T25:00',
    '31/01/2026',
    '1769846400',
  ])
    assert.throws(
      () => parseAsOf(text),
      (error) => error instanceof SluiceError && error.code === 'SLU7005',
      text,
    )
})
