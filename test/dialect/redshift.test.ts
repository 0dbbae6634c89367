import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Fragment, lit, render, sql, timestamp } from '../../src/dialect/fragment.ts'
import { perlPatternOf } from '../../src/dialect/pattern/redshift-pattern.ts'
import { redshift } from '../../src/dialect/redshift.ts'
import { valuesOf } from '../../src/dialect/values/values.ts'
import type { SqlValue } from '../../src/warehouse/warehouse.ts'
import { openRedshiftLike } from '../support/redshift-like.ts'
import { mapOn, valuesOn } from '../support/sql-values.ts'

test('what stands in for fnv_hash gives the hashes of the manual', async (context) => {
  const like = await openRedshiftLike(context)
  const examples: readonly (readonly [Fragment, bigint])[] = [
    [sql`fnv_hash(1)`, -5968735742475085980n],
    [sql`fnv_hash(cast(1 as smallint))`, 589727492704079044n],
    [sql`fnv_hash(cast(1 as bigint))`, -8517097267634966620n],
    [sql`fnv_hash('Amazon Redshift')`, 7783490368944507294n],
    [sql`fnv_hash('Amazon Redshift', fnv_hash(1))`, -2202602717770968555n],
    [sql`fnv_hash('abcd')`, -281581062704388899n],
    [sql`fnv_hash('cd', fnv_hash('ab'))`, -281581062704388899n],
  ]
  assert.deepEqual(
    await valuesOn(
      like,
      examples.map(
        ([hash]) =>
          () =>
            hash,
      ),
    ),
    examples.map(([, hash]) => hash),
  )
})

test('redshift: a float is sent with 12 digits, as JavaScript would print it', async (context) => {
  const like = await openRedshiftLike(context)
  const edges = [0, -0, 1, -1, 0.1, 1.5, 1e15, 1e16, 1e20, 1e21, 1e22, 1e-6, 1e-7, 9.9999999999949e20, 100]
  const wide = [5e-324, 2.5e-310, 1e-290, 1e-291, 1.7976931348623157e308, 1e308, -1e-300, 123456789012345680]
  const carried = [
    9.999999999995e20, 9.99999999999951e-7, 0.9999999999999999, 999999999999.9, 9999999999999.9,
  ]
  const random = fc.sample(fc.double({ noNaN: true, noDefaultInfinity: true }), { numRuns: 2000, seed: 1 })
  const usual = fc.sample(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { numRuns: 1000, seed: 2 })
  const all = [...edges, ...wide, ...carried, ...random, ...usual]
  const texts = [
    ...all.map((value) => (Object.is(value, -0) ? '-0' : String(value))),
    'NaN',
    'Infinity',
    '-Infinity',
  ]
  const sent = await mapOn(like, texts, ({ fn }, x) => fn.jsonValue(x, 'float'), 'float')
  const keys = await mapOn(like, texts, ({ fn }, x) => fn.canonical(x, 'float'), 'float')
  assert.deepEqual(sent.slice(-3), ['null', 'null', 'null'])
  assert.deepEqual(keys.slice(-3), [null, null, null])
  const wrong = all.filter((value, index) => !mayBeSent(value, String(sent[index])))
  assert.deepEqual(wrong, [])
  for (const [index, value] of all.entries())
    assert.equal(Number(keys[index]) === 0, Number(value.toPrecision(12)) === 0 && value === 0, String(value))
  assert.equal(new Set(keys.slice(0, all.length)).size, new Set(sent.slice(0, all.length)).size)
})

/** Arithmetic may round a tie of the twelfth digit, or what lies within a thousandth of one, to its other side. */
function mayBeSent(value: number, sent: string): boolean {
  const expected = Number(value.toPrecision(12)) + 0
  if (sent === String(expected)) return true
  // Below the normal range there are fewer than twelve digits to agree on.
  if (Math.abs(value) < 1e-300) return Math.abs(Number(sent) - value) <= Math.abs(value) * 1e-9 + 5e-324
  const digits = value
    .toPrecision(17)
    .replace(/[-.]|e.*/g, '')
    .replace(/^0+/, '')
  const rest = Number(`0.${digits.slice(12)}`)
  return Math.abs(rest - 0.5) < 0.001 && Math.abs(Number(sent) - value) <= Math.abs(value) * 1e-11
}

test('redshift: numbers, times, booleans and missing values are sent as on other warehouses', async (context) => {
  const like = await openRedshiftLike(context)
  const { fn } = redshift
  const decimal = (text: string) => sql`cast(${lit(text)} as decimal(38, 10))`
  const cases: readonly (readonly [Fragment, string])[] = [
    [fn.jsonValue(decimal('1.50'), 'decimal'), '1.5'],
    [fn.jsonValue(decimal('100'), 'decimal'), '100'],
    [fn.jsonValue(decimal('-0.0000000001'), 'decimal'), '-0.0000000001'],
    [fn.jsonValue(decimal('9007199254740992.5'), 'decimal'), '"9007199254740992.5"'],
    [fn.jsonValue(sql`cast(9007199254740993 as bigint)`, 'integer'), '"9007199254740993"'],
    [fn.jsonValue(sql`cast(null as bigint)`, 'integer'), 'null'],
    [fn.jsonValue(sql`true`, 'boolean'), 'true'],
    [fn.jsonValue(sql`false`, 'boolean'), 'false'],
    [fn.jsonValue(sql`cast(null as boolean)`, 'boolean'), 'null'],
    [fn.jsonValue(timestamp('2026-01-31T23:59:59.999999Z'), 'timestamp'), '"2026-01-31T23:59:59.999Z"'],
    [fn.jsonValue(sql`cast('0099-12-31' as date)`, 'date'), '"0099-12-31"'],
    [fn.jsonValue(sql`cast('{"a":1}' as json)`, 'json'), '{"a":1}'],
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
    cases.map(([, text]) => text),
  )
})

test('redshift: a time is told from other text, and steps of the calendar are clamped by dateadd', async (context) => {
  const like = await openRedshiftLike(context)
  const values = valuesOf(redshift)
  const told = (text: string) =>
    values.asTimeElse(lit(text), (time) => redshift.fn.canonicalText(time, 'timestamp'), lit('none'))
  const found: readonly SqlValue[] = await valuesOn(like, [
    () => told('2026-01-31T10:00:00+02:00'),
    () => told('2026-02-30'),
    () => told('2024-02-29\n'),
  ])
  assert.deepEqual(found, ['2026-01-31T08:00:00.000Z', 'none', 'none'])
  assert.equal(
    render(values.addMonths(sql`at`, -1, 'Europe/Paris'), redshift),
    "convert_timezone('Europe/Paris', 'UTC', dateadd(month, (-1), convert_timezone('UTC', 'Europe/Paris', at)))",
  )
})

test("redshift: a pattern of RE2 is one of Perl's that matches the same texts", () => {
  const patterns = [
    '^a.c$',
    '(?i)straße|k',
    '[^a-c]x{2,}',
    'a\\.b\\z',
    '\\Aé+\\b',
    '\\$\\^',
    '\\d\\s\\w',
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
    'ab',
    'éé',
    'é',
    '$^',
    '1 a',
    'bcbc',
    '',
  ]
  for (const pattern of patterns) {
    const perl = perlPatternOf(pattern)
    // Of what is printed, JavaScript writes the ends and the code points otherwise.
    const same = perl.replaceAll('\\z', '(?![^])').replaceAll('\\A', '^').replaceAll(/\\x\{/g, '\\u{')
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
