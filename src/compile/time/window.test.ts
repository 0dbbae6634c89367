import assert from 'node:assert/strict'
import { test } from 'node:test'
import { instantOf } from '../../base/instant.ts'
import { render } from '../../dialect/fragment.ts'
import { DIALECTS } from '../../dialect/registry.ts'
import { windowOf } from '../../spec/forms/window.ts'
import { timeLiteral } from './literal.ts'
import { windowBounds } from './window.ts'

const at = { file: 'a.yml', line: 1, column: 1 }

function bounds(window: string, asOf: string, timezone = 'UTC') {
  const { from, to } = windowBounds(windowOf(window, at), instantOf(Date.parse(asOf)), timezone)
  return [from, to]
}

test('hours and days are lengths, whatever the clock does', () => {
  assert.deepEqual(bounds('1 day', '2026-03-29T12:00Z', 'Europe/Paris'), [
    '2026-03-28T12:00:00.000Z',
    '2026-03-29T12:00:00.000Z',
  ])
  assert.deepEqual(bounds('36 hours', '2026-01-02T00:00Z'), [
    '2025-12-31T12:00:00.000Z',
    '2026-01-02T00:00:00.000Z',
  ])
})

test('months and years are steps of the calendar, clamped to the last day of the month', () => {
  assert.equal(bounds('1 month', '2026-03-31T08:00Z')[0], '2026-02-28T08:00:00.000Z')
  assert.equal(bounds('1 month', '2024-03-30T08:00Z')[0], '2024-02-29T08:00:00.000Z')
  assert.equal(bounds('1 year', '2024-02-29T08:00Z')[0], '2023-02-28T08:00:00.000Z')
  assert.equal(bounds('13 months', '2026-01-31T08:00Z')[0], '2024-12-31T08:00:00.000Z')
})

test('months are those of the project time zone: its clock shows the same time of day', () => {
  assert.equal(bounds('1 month', '2026-04-15T10:00Z', 'Europe/Paris')[0], '2026-03-15T11:00:00.000Z')
  // 2026-03-31T23:30 in New York is April 1 in UTC; a month before is the last of February
  assert.equal(bounds('1 month', '2026-04-01T03:30Z', 'America/New_York')[0], '2026-03-01T04:30:00.000Z')
})

test('a local time that the clock has twice is the later one, and one that it skips the later too', () => {
  assert.equal(bounds('1 month', '2026-11-25T01:30Z', 'Europe/Paris')[0], '2026-10-25T01:30:00.000Z')
  assert.equal(bounds('1 month', '2026-04-29T00:30Z', 'Europe/Paris')[0], '2026-03-29T01:30:00.000Z')
})

test('a window of the future starts at as_of', () => {
  assert.deepEqual(bounds('next 1 month', '2026-01-31T08:00Z'), [
    '2026-01-31T08:00:00.000Z',
    '2026-02-28T08:00:00.000Z',
  ])
})

test('a time as the user wrote it is printed in UTC, to the microsecond', () => {
  const printed = (text: string) => render(timeLiteral(text), DIALECTS.duckdb)
  assert.equal(printed('2026-01-31'), "timestamp '2026-01-31 00:00:00.000'")
  assert.equal(printed('2026-01-31 08:00'), "timestamp '2026-01-31 08:00:00.000'")
  assert.equal(printed('2026-01-31T08:00:00+02:00'), "timestamp '2026-01-31 06:00:00.000'")
  assert.equal(printed('2026-01-31T08:00:00.1234567Z'), "timestamp '2026-01-31 08:00:00.123456'")
  assert.equal(printed('2026-01-31T08:00:00.5Z'), "timestamp '2026-01-31 08:00:00.500'")
})
