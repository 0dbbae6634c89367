import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lastCronTime, nextCronTime } from './cron-times.ts'

const at = (iso: string) => Date.parse(iso)
const iso = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms).toISOString())
const last = (cron: string, time: string, zone = 'UTC') => iso(lastCronTime(cron, zone, at(time)))
const next = (cron: string, time: string, zone = 'UTC') => iso(nextCronTime(cron, zone, at(time)))

test('the last time may be now, the next may not', () => {
  assert.equal(last('*/15 * * * *', '2026-01-31T08:15:00Z'), '2026-01-31T08:15:00.000Z')
  assert.equal(next('*/15 * * * *', '2026-01-31T08:15:00Z'), '2026-01-31T08:30:00.000Z')
  assert.equal(last('*/15 * * * *', '2026-01-31T08:14:59.999Z'), '2026-01-31T08:00:00.000Z')
})

test('days, months and years are crossed', () => {
  assert.equal(last('0 9 * * *', '2026-01-01T08:00:00Z'), '2025-12-31T09:00:00.000Z')
  assert.equal(next('0 0 29 2 *', '2026-03-01T00:00:00Z'), '2028-02-29T00:00:00.000Z')
  assert.equal(last('0 0 29 2 *', '2027-01-01T00:00:00Z'), '2024-02-29T00:00:00.000Z')
  assert.equal(next('0 0 31 2 *', '2026-01-01T00:00:00Z'), undefined)
})

test('a day of the month and a day of the week: either is enough', () => {
  assert.equal(next('0 6 13 * fri', '2026-01-01T07:00:00Z'), '2026-01-02T06:00:00.000Z')
  assert.equal(next('0 6 13 * *', '2026-01-01T07:00:00Z'), '2026-01-13T06:00:00.000Z')
  assert.equal(next('0 6 * * 7', '2026-01-01T07:00:00Z'), '2026-01-04T06:00:00.000Z')
})

test("times are those of the project's zone", () => {
  assert.equal(next('0 9 * * *', '2026-07-01T00:00:00Z', 'Europe/Paris'), '2026-07-01T07:00:00.000Z')
  assert.equal(next('0 9 * * *', '2026-01-01T00:00:00Z', 'Europe/Paris'), '2026-01-01T08:00:00.000Z')
})

test('an hour that the clock skips comes later, one that it shows twice comes once', () => {
  assert.equal(next('30 2 * * *', '2026-03-28T12:00:00Z', 'Europe/Paris'), '2026-03-29T01:30:00.000Z')
  assert.equal(next('30 2 * * *', '2026-10-24T12:00:00Z', 'Europe/Paris'), '2026-10-25T00:30:00.000Z')
  assert.equal(next('30 2 * * *', '2026-10-25T00:30:00Z', 'Europe/Paris'), '2026-10-26T01:30:00.000Z')
})

test('every moment lies between its last and its next time', () => {
  for (const cron of ['7 3 * * *', '*/20 8-18 * * 1-5', '0 0 1 */3 *'])
    for (let hour = 0; hour < 24 * 400; hour += 37) {
      const now = at('2026-01-01T00:10:00Z') + hour * 3_600_000
      const before = lastCronTime(cron, 'America/New_York', now)
      const after = nextCronTime(cron, 'America/New_York', now)
      assert.ok(before !== undefined && after !== undefined && before <= now && now < after)
      assert.equal(nextCronTime(cron, 'America/New_York', before), after)
    }
})
