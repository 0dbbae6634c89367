import assert from 'node:assert/strict'
import { test } from 'node:test'
import { instantOf } from '../../src/base/instant.ts'
import { windowBounds } from '../../src/compile/time/window.ts'
import { render, sql, timestamp } from '../../src/dialect/fragment.ts'
import { valuesOf } from '../../src/dialect/values/values.ts'
import { bothEngines } from '../support/engines.ts'
import { allRows } from '../support/model.ts'

const ZONES = [
  'UTC',
  'Europe/Paris',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'America/Sao_Paulo',
]

/** Ends of months, leap days, and hours that clocks skip or have twice, a month or a year away. */
const TIMES = [
  ...[
    '2024-01-29T23:00Z',
    '2024-01-30T01:00Z',
    '2024-01-31T12:00Z',
    '2024-02-29T12:00Z',
    '2023-12-31T23:59:59.999Z',
  ],
  ...[
    '2026-02-28T01:30Z',
    '2026-03-01T01:30Z',
    '2026-02-28T06:59Z',
    '2026-02-08T07:30Z',
    '2026-03-08T06:59:59Z',
  ],
  ...[
    '2026-09-25T00:30Z',
    '2026-09-25T01:30Z',
    '2026-10-01T05:30Z',
    '2026-10-01T06:30Z',
    '2026-03-04T14:45Z',
  ],
  ...[
    '2026-03-04T15:15Z',
    '2026-09-03T15:45Z',
    '2025-10-25T00:30Z',
    '2025-03-29T01:30Z',
    '2026-12-31T18:20Z',
  ],
]

test('a step of the calendar ends where a window of that length would, in every zone and on both engines', async (context) => {
  const steps = ZONES.flatMap((zone) =>
    TIMES.flatMap((time) => [1, 2, 12, 25].map((months) => ({ zone, time, months }))),
  )
  for (const [name, warehouse] of Object.entries(await bothEngines(context))) {
    const { addMonths } = valuesOf(warehouse.dialect)
    const selects = steps.map(({ zone, time, months }, index) => {
      const moved = addMonths(timestamp(instantOf(Date.parse(time))), months, zone)
      return render(
        sql`select ${index} as step, ${warehouse.dialect.fn.asText(moved)} as moved`,
        warehouse.dialect,
      )
    })
    const rows = await allRows(warehouse, selects.join('\nunion all\n'))
    for (const row of rows) {
      const step = steps[Number(row.step)]
      assert.ok(step !== undefined)
      const at = { file: 'a.yml', line: 1, column: 1 }
      const window = { at, amount: step.months, unit: 'months', next: true } as const
      const expected = windowBounds(window, instantOf(Date.parse(step.time)), step.zone).to
      assert.equal(instantOf(Date.parse(`${row.moved}Z`)), expected, `${name} ${JSON.stringify(step)}`)
    }
  }
})
