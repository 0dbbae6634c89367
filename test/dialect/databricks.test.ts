import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { databricks } from '../../src/dialect/databricks.ts'
import { type Fragment, lit, render, sql, timestamp } from '../../src/dialect/fragment.ts'
import { javaPatternOf } from '../../src/dialect/pattern/java-pattern.ts'
import { valuesOf } from '../../src/dialect/values/values.ts'
import { openDatabricksLike } from '../support/cloud/databricks-like.ts'
import { mapOn, valuesOn } from '../support/sql-values.ts'

const { fn } = databricks
const values = valuesOf(databricks)

test('databricks: a float is sent with 12 digits, as JavaScript would print it', async (context) => {
  const like = await openDatabricksLike(context)
  const edges = [0, -0, 1, -1, 0.1, 1.5, 1e15, 1e20, 1e21, 1e22, 1e-6, 1e-7, 5e-324, 1.7976931348623157e308]
  const carried = [9.999999999995e20, 9.99999999999951e-7, 0.9999999999999999, 999999999999.9]
  const random = fc.sample(fc.double({ noNaN: true, noDefaultInfinity: true }), { numRuns: 1000, seed: 1 })
  const usual = fc.sample(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { numRuns: 500, seed: 2 })
  // below this range a number has fewer than twelve digits
  const all = [...edges, ...carried, ...random, ...usual].filter(
    (value) => value === 0 || Math.abs(value) > 1e-300,
  )
  const texts = [
    ...all.map((value) => (Object.is(value, -0) ? '-0' : String(value))),
    ...['NaN', 'Infinity', '-Infinity'],
  ]
  const sent = await mapOn(like, texts, (_, x) => fn.jsonValue(x, 'float'), 'float')
  const keys = await mapOn(like, texts, (_, x) => fn.canonical(x, 'float'), 'float')
  assert.deepEqual(
    [sent.slice(-3), keys.slice(-3)],
    [
      ['null', 'null', 'null'],
      [null, null, null],
    ],
  )
  assert.deepEqual(
    sent.slice(0, all.length),
    all.map((value) => String(Number(value.toPrecision(12)) + 0)),
  )
  assert.equal(new Set(keys.slice(0, all.length)).size, new Set(sent.slice(0, all.length)).size)
})

test('databricks: times are in UTC whatever the zone of the SQL warehouse', async (context) => {
  for (const timezone of ['UTC', 'America/New_York']) {
    const like = await openDatabricksLike(context, { timezone })
    // the second is in an hour that New York has twice
    const instants = ['2026-01-31T08:00:00.123456Z', '2026-11-01T06:30:00.000Z', '1969-12-31T23:59:59.999Z']
    const instant = (iso: string) => sql`cast(${lit(iso)} as timestamp)`
    const found = await valuesOn(like, [
      ...instants.map((iso) => () => fn.asTimestamp(instant(iso))),
      ...instants.map((iso) => () => fn.asTimestamp(lit(iso))),
      () => fn.asTimestamp(timestamp('2026-03-08T02:30:00.000Z')),
      () => fn.asTimestamp(lit('2026-03-08 02:30:00')),
      () => fn.canonicalText(instant('2026-01-31T08:00:00.9999Z'), 'timestamp'),
      () => fn.canonicalText(timestamp('0099-12-31T23:59:59.050Z'), 'timestamp'),
    ])
    assert.deepEqual(found, [
      ...[...instants, ...instants],
      ...['2026-03-08T02:30:00.000Z', '2026-03-08T02:30:00.000Z'],
      ...['2026-01-31T08:00:00.999Z', '0099-12-31T23:59:59.050Z'],
    ])
    const [now] = await valuesOn(like, [() => fn.clock()])
    assert.ok(Math.abs(Date.parse(String(now)) - Date.now()) < 60_000, String(now))
  }
})

test('databricks: a time is told from other values, and steps of the calendar are clamped', async (context) => {
  const like = await openDatabricksLike(context, { timezone: 'Asia/Tokyo' })
  const told = (x: Fragment) =>
    values.asTimeElse(x, (time) => fn.canonicalText(time, 'timestamp'), lit('none'))
  const cases: readonly (readonly [Fragment, string])[] = [
    [told(lit('2026-01-31T10:00:00+02:00')), '2026-01-31T08:00:00.000Z'],
    [told(lit('2026-02-30')), 'none'],
    [told(lit('2024-02-29\n')), 'none'],
    [told(sql`true`), 'none'],
    [told(sql`1.5`), 'none'],
    [told(sql`cast('2026-01-31' as date)`), '2026-01-31T00:00:00.000Z'],
    [told(sql`cast('2026-01-31T08:00:00Z' as timestamp)`), '2026-01-31T08:00:00.000Z'],
    [told(timestamp('2026-01-31T08:00:00.500Z')), '2026-01-31T08:00:00.500Z'],
    [step('2026-03-31T10:00:00.000Z', -1, 'Europe/Paris'), '2026-02-28T11:00:00.000Z'],
    [step('2024-01-31T00:00:00.000Z', 1, 'UTC'), '2024-02-29T00:00:00.000Z'],
    [step('2024-02-29T12:00:00.000Z', 12, 'UTC'), '2025-02-28T12:00:00.000Z'],
  ]
  assert.deepEqual(
    await valuesOn(
      like,
      cases.map(
        ([value]) =>
          () =>
            value,
      ),
    ),
    cases.map(([, expected]) => expected),
  )
})

function step(from: string, months: number, timezone: string): Fragment {
  return fn.canonicalText(values.addMonths(timestamp(from), months, timezone), 'timestamp')
}

test('databricks: a row hash passes over nothing, though its function passes over missing values', async (context) => {
  const like = await openDatabricksLike(context)
  const none = sql`cast(null as string)`
  const rows = [[lit('a'), none], [none, lit('a')], [lit('a')], [none, none], [none], []]
  const hashes = await valuesOn(
    like,
    rows.map((row) => () => fn.rowHash(row)),
  )
  assert.equal(new Set(hashes.map(String)).size, rows.length, hashes.join())
  const [one, other] = await valuesOn(like, [
    () => sql`xxhash64(${lit('a')}, ${none})`,
    () => sql`xxhash64(${none}, ${lit('a')})`,
  ])
  assert.equal(one, other)
})

test('databricks: what a variable could replace does not stand in texts, nor in names', () => {
  const variable = ['$', '{env:HOME}'].join('')
  assert.equal(databricks.literal(`${variable} $x`), "'\\u0024{env:HOME} $x'")
  assert.throws(() => databricks.quote(variable), { code: 'SLU3014' })
  assert.equal(databricks.quote('a`b'), '`a``b`')
  assert.equal(databricks.literal("it's \\ 'x'"), "'it\\'s \\\\ \\'x\\''")
})

test('databricks: one value is the least and the greatest of itself, and types are known by what the catalog says', () => {
  assert.equal(render(fn.least([sql`a`]), databricks), 'a')
  assert.equal(render(fn.greatest([sql`a`, sql`b`]), databricks), 'greatest(a, b)')
  const told: readonly (readonly [string, string])[] = [
    ['decimal(10,2)', 'decimal'],
    ['DECIMAL(10,2)', 'decimal'],
    ['timestamp_ntz', 'timestamp'],
    ['STRUCT<a: INT, b: STRING>', 'json'],
    ['array<string>', 'json'],
    ['varchar(20)', 'text'],
    ['INTERVAL DAY TO SECOND', 'other'],
    ['void', 'other'],
    ['tinyint', 'integer'],
  ]
  for (const [reported, type] of told) assert.equal(databricks.columnType(reported), type, reported)
})

test("databricks: a pattern of RE2 is one of Java's that matches the same texts", () => {
  const patterns = [
    '^a.c$',
    '(?i)straße|k',
    '[^a-c]x{2,}',
    'a\\.b\\z',
    '\\Aé+\\b',
    '\\Bc',
    '\\$\\^',
    '(a|bc){1,3}?$',
  ]
  const texts = [
    'abc',
    'a\nc',
    'abc\n',
    'STRAßE',
    'K',
    'dxx',
    'axx',
    'a.b',
    'éé',
    'ab c',
    '$^',
    'bcbc',
    '',
    'a_c',
  ]
  for (const pattern of patterns) {
    // Of what is printed, JavaScript writes the ends and the code points otherwise.
    const same = javaPatternOf(pattern)
      .replaceAll('\\z', '(?![^])')
      .replaceAll('\\A', '^')
      .replaceAll(/\\x\{/g, '\\u{')
    const own = pattern
      .replace(/^\(\?i\)/, '')
      .replaceAll('\\z', '$')
      .replaceAll('\\A', '^')
    const flags = pattern.startsWith('(?i)') ? 'iu' : 'u'
    for (const text of texts)
      assert.equal(
        new RegExp(same, 'u').test(text),
        new RegExp(own, flags).test(text),
        `${pattern} on ${text}`,
      )
  }
})
