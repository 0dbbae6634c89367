import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { bigquery } from '../../src/dialect/bigquery.ts'
import {
  type Fragment,
  fixedText,
  id,
  lit,
  render,
  sql,
  timestamp,
  userSql,
} from '../../src/dialect/fragment.ts'
import { valuesOf } from '../../src/dialect/values/values.ts'
import { sharedGoogleSql, whyNoGoogleSql } from '../support/cloud/google-sql.ts'

// What the dialect's functions mean is asked of GoogleSQL's own reference implementation.
const skip = whyNoGoogleSql()
const { fn } = bigquery
const values = valuesOf(bigquery)

async function evaluate(sql: string): Promise<readonly (readonly unknown[])[]> {
  const google = await sharedGoogleSql()
  assert.ok(google !== undefined)
  return google.evaluate(sql)
}

async function evaluated(expressions: readonly Fragment[]): Promise<readonly unknown[]> {
  const columns = expressions.map((one, index) => `${render(one, bigquery)} as v${index}`)
  const [row = []] = await evaluate(`select ${columns.join(',\n')}`)
  return row
}

async function proves(cases: readonly (readonly [Fragment, unknown])[]): Promise<void> {
  assert.deepEqual(
    await evaluated(cases.map(([expression]) => expression)),
    cases.map(([, value]) => value),
  )
}

/** What the expression is of each text. */
async function mapped(
  texts: readonly string[],
  expression: (x: Fragment) => Fragment,
  type = 'string',
): Promise<readonly unknown[]> {
  const found: unknown[] = []
  for (let from = 0; from < texts.length; from += 500) {
    const rows = texts
      .slice(from, from + 500)
      .map((one, n) => `struct(${n} as n, ${bigquery.literal(one)} as t)`)
    const typed = `select n, cast(t as ${type}) as x from unnest([${rows.join(', ')}])`
    const answer = await evaluate(
      `select ${render(expression(id('x')), bigquery)} from (${typed}) order by n`,
    )
    found.push(...answer.map(([value]) => value))
  }
  return found
}

const TEXTS = [
  '',
  ' ',
  'a',
  '\t\r\n a b \n',
  '\u00a0a\u00a0',
  'aé',
  '😀',
  '12a3',
  '+33 (0)6',
  '٣',
  'a..b',
  "a'b",
  '\\',
  'a%b',
  'AB',
]

test('bigquery: functions over text are those of every other warehouse', { skip }, async () => {
  await proves(
    TEXTS.flatMap((one) => {
      const text = lit(one)
      return [
        [fn.trim(text), one.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '')],
        [fn.digitsOf(text), one.replaceAll(/[^0-9]/g, '')],
        [fn.length(text), [...one].length],
        [fn.byteLength(text), Buffer.byteLength(one)],
        [fn.md5Hex(text), createHash('md5').update(one).digest('hex')],
        [fn.sha256Hex(text), createHash('sha256').update(one).digest('hex')],
        ...[1, 2, 3, -1, -2, -3].map(
          (part) =>
            [fn.splitPart(text, '.', part), one.split('.').at(part < 0 ? part : part - 1) ?? ''] as const,
        ),
        ...['', 'a', '.', '%', '_', '\\', "'"].flatMap((part) => [
          [fn.contains(text, lit(part)), one.includes(part)] as const,
          [fn.startsWith(text, lit(part)), one.startsWith(part)] as const,
          [fn.endsWith(text, lit(part)), one.endsWith(part)] as const,
        ]),
      ] as const
    }),
  )
})

test('bigquery: letters are mapped one by one, where GoogleSQL itself makes several of one', {
  skip,
}, async () => {
  await proves([
    [sql`upper('straße')`, 'STRASSE'],
    [fn.upper(lit('straße ŉ')), 'STRAßE ŉ'],
    [sql`lower('ΑΣ')`, 'ας'],
    [fn.lower(lit('ΑΣ ΣΑ İ')), 'ασ σα i'],
    [fn.upper(lit('éàü жщ aZ9')), 'ÉÀÜ ЖЩ AZ9'],
    [fn.lower(lit('ÉÀÜ ЖЩ aZ9')), 'éàü жщ az9'],
    [fn.upper(lit('')), ''],
  ])
})

test('bigquery: a missing text stays missing, and least and greatest see through missing values', {
  skip,
}, async () => {
  const none = sql`cast(null as string)`
  const number = sql`cast(null as int64)`
  await proves([
    [fn.trim(none), null],
    [fn.upper(none), null],
    [fn.splitPart(none, '.', 1), null],
    [fn.splitPart(none, '.', -1), null],
    [fn.contains(none, lit('a')), null],
    [fn.matches(none, lit('a')), null],
    [fn.md5Hex(none), null],
    [fn.jsonValue(none, 'text'), 'null'],
    [fn.canonicalText(none, 'text'), null],
    [sql`least(2, ${number}, 1)`, null],
    [fn.least([lit(2), number, lit(1)]), 1],
    [fn.greatest([lit(2), number, lit(1)]), 2],
    [fn.least([number, number]), null],
    [fn.isDistinct(lit(1), number), true],
    [fn.isDistinct(number, number), false],
    [fn.isDistinct(lit(1), lit(1)), false],
  ])
})

test('bigquery: any text stays itself as a literal, and is sent as JavaScript would', { skip }, async () => {
  const characters = fc.string({ unit: 'binary', maxLength: 30 }).filter((one) => !one.includes('\0'))
  const nasty = [
    "'",
    "''",
    '"',
    '\\',
    "\\'",
    "'; drop table t; --",
    '\n',
    '\r\n',
    '\t',
    '\b\f',
    '\u0001\u001f\u000b',
    '\u007f',
    '\u2028\u2029',
    '\\u001F',
    '\\\u001f',
    "' || '",
    '`',
    '$1',
    '@p',
    '?',
    '\uffff',
  ]
  const texts = [...nasty, ...fc.sample(characters, { numRuns: 800, seed: 3 })]
  assert.deepEqual(await mapped(texts, (x) => x), texts)
  const sent = await mapped(texts, (x) => fn.jsonValue(x, 'text'))
  // With a control character in it, a line separator is escaped.
  const escaped = (json: string) => json.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')
  sent.forEach((one, index) => {
    const json = JSON.stringify(texts[index])
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it is about
    assert.equal(one, /[\0-\x1f]/.test(texts[index] ?? '') ? escaped(json) : json)
  })
  const [zero] = await evaluated([fn.jsonValue(sql`code_points_to_string([97, 0, 98])`, 'text')])
  assert.equal(zero, JSON.stringify('a\0b'))
})

test('bigquery: a float is sent with 12 digits, as JavaScript would print it', { skip }, async () => {
  const random = fc.sample(fc.double({ noNaN: true, noDefaultInfinity: true }), { numRuns: 1500, seed: 1 })
  const usual = fc.sample(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { numRuns: 1000, seed: 2 })
  const edges = [
    0, -0, 1, -1.5, 0.1, 1e15, 1e20, 1e21, 1e22, 1e-6, 1e-7, 9.999999999995e20, 9.9999999999949e-7,
    0.30000000000000004, 1.7976931348623157e308,
  ]
  const all = [...edges, ...random, ...usual].filter((value) => value === 0 || Math.abs(value) > 1e-300)
  const texts = all.map((value) => (Object.is(value, -0) ? '-0' : String(value)))
  const sent = await mapped(
    [...texts, 'NaN', 'Infinity', '-Infinity'],
    (x) => fn.jsonValue(x, 'float'),
    'float64',
  )
  assert.deepEqual(sent, [
    ...all.map((value) => String(Number(value.toPrecision(12)) + 0)),
    'null',
    'null',
    'null',
  ])
  const keys = await mapped([...texts, 'NaN'], (x) => fn.canonical(x, 'float'), 'float64')
  assert.equal(keys.at(-1), null)
  assert.equal(new Set(keys).size, new Set(sent.slice(0, -2)).size)
})

test('bigquery: numbers, times and booleans are sent as on other warehouses', { skip }, async () => {
  const numeric = (text: string) => sql`cast(${lit(text)} as bignumeric)`
  await proves([
    [fn.jsonValue(numeric('1.50'), 'decimal'), '1.5'],
    [fn.jsonValue(numeric('100'), 'decimal'), '100'],
    [fn.jsonValue(numeric('-0.0000000001'), 'decimal'), '-0.0000000001'],
    [fn.jsonValue(numeric('9007199254740992.5'), 'decimal'), '"9007199254740992.5"'],
    [fn.jsonValue(sql`9007199254740993`, 'integer'), '"9007199254740993"'],
    [fn.jsonValue(sql`-9007199254740992`, 'integer'), '-9007199254740992'],
    [fn.jsonValue(sql`cast(null as int64)`, 'integer'), 'null'],
    [fn.jsonValue(sql`true`, 'boolean'), 'true'],
    [fn.jsonValue(sql`cast(null as bool)`, 'boolean'), 'null'],
    [fn.jsonValue(timestamp('2026-01-31T23:59:59.999999Z'), 'timestamp'), '"2026-01-31T23:59:59.999Z"'],
    [fn.jsonValue(timestamp('0001-01-01T00:00:00.000Z'), 'timestamp'), '"0001-01-01T00:00:00.000Z"'],
    [fn.jsonValue(sql`datetime '2026-01-31 08:00:00'`, 'timestamp'), '"2026-01-31T08:00:00.000Z"'],
    [fn.jsonValue(sql`date '0099-12-31'`, 'date'), '"0099-12-31"'],
    [fn.jsonValue(sql`json '{"a":1}'`, 'json'), '{"a":1}'],
    [fn.jsonValue(sql`time '12:30:00'`, 'other'), '"12:30:00"'],
    [fn.jsonValue(sql`[1, 2]`, 'other'), '"[1,2]"'],
    [fn.jsonValue(sql`cast(null as time)`, 'other'), 'null'],
  ])
})

test('bigquery: asTimestamp is UTC, of dates, local times and ISO text, and seconds and months are added', {
  skip,
}, async () => {
  const written: readonly (readonly [string, string])[] = [
    ['2026-01-31', '2026-01-31T00:00:00.000Z'],
    ['2026-01-31 08:00:00', '2026-01-31T08:00:00.000Z'],
    ['2026-01-31T08:00:00Z', '2026-01-31T08:00:00.000Z'],
    ['2026-01-31T10:00:00+02:00', '2026-01-31T08:00:00.000Z'],
    ['2026-01-31 08:00:00-05', '2026-01-31T13:00:00.000Z'],
    ['2024-02-29T23:59:59.999999Z', '2024-02-29T23:59:59.999999Z'],
  ]
  const told = (x: Fragment) =>
    values.asTimeElse(x, (time) => fn.canonicalText(time, 'timestamp'), lit('none'))
  await proves([
    ...written.map(([text, moment]) => [fn.asTimestamp(lit(text)), moment] as const),
    [fn.asTimestamp(sql`date '2026-01-31'`), '2026-01-31T00:00:00.000Z'],
    [fn.asTimestamp(sql`datetime '2026-01-31 08:00:00'`), '2026-01-31T08:00:00.000Z'],
    [fn.addSeconds(timestamp('2026-01-31T23:59:30.000Z'), lit(60)), '2026-02-01T00:00:30.000Z'],
    [fn.addSeconds(timestamp('2026-01-31T23:59:30.000Z'), lit(-0.5)), '2026-01-31T23:59:29.500Z'],
    [values.addMonths(timestamp('2026-03-31T08:00:00.000Z'), -1, 'UTC'), '2026-02-28T08:00:00.000Z'],
    [values.addMonths(timestamp('2026-02-28T08:00:00.000Z'), 1, 'Europe/Paris'), '2026-03-28T08:00:00.000Z'],
    [values.addMonths(timestamp('2026-03-31T08:00:00.000Z'), -1, 'Europe/Paris'), '2026-02-28T09:00:00.000Z'],
    [told(lit('2026-01-31T10:00:00+02:00')), '2026-01-31T08:00:00.000Z'],
    [told(lit('2026-02-30')), 'none'],
    [told(lit('2024-02-29\n')), 'none'],
    [told(sql`12`), 'none'],
    [told(timestamp('2026-01-31T08:00:00.123Z')), '2026-01-31T08:00:00.123Z'],
  ])
})

test('bigquery: a row hash counts missing values and order, and values that differ in their canonical form', {
  skip,
}, async () => {
  const cells = ['a', 'b', '', 'ab', ',', '"', null].map((one) => sql`cast(${lit(one)} as string)`)
  const rows = cells.flatMap((one) => cells.flatMap((two) => cells.map((three) => [one, two, three])))
  const hashes = await evaluated(rows.map((row) => fn.rowHash(row)))
  assert.equal(new Set(hashes.map(String)).size, rows.length)
  const hash = (x: Fragment, type: Parameters<typeof fn.canonical>[1]) => fn.rowHash([fn.canonical(x, type)])
  const [same, again, other] = await evaluated([
    hash(sql`0.1`, 'float'),
    hash(sql`0.10000000000000001`, 'float'),
    hash(sql`0.100000000001`, 'float'),
  ])
  assert.equal(same, again)
  assert.notEqual(same, other)
  const aggregates = 'from unnest([1, 2]) as x where x > 5'
  const [none] = await evaluate(
    `select ${render(fn.anyTrue(sql`x > 1`), bigquery)}, ${render(fn.hashSum(sql`x`), bigquery)} ${aggregates}`,
  )
  assert.deepEqual(none, [false, '0'])
})

test('bigquery: a pattern is RE2, and texts match it as everywhere', { skip }, async () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ['^a.c$', 'abc', true],
    ['^a.c$', 'a\nc', false],
    ['abc$', 'abc\n', false],
    ['(?i)k', '\u212a', true],
    ['it\'s \\\\ "', 'it\'s \\ "', true],
    ['\\bé', 'é', false],
    ['[à-ü]+', 'é', true],
    ['\\d{2,}', '1', false],
  ]
  await proves(
    cases.map(([pattern, text, matches]) => [fn.matches(lit(text), lit(pattern)), matches] as const),
  )
})

test('bigquery: words that GoogleSQL reserves are quoted in our own text, and in no text of the user', () => {
  const own = sql`select s.hash, hash as x from (select 1 union select 2 union all select 3), 'hash union'`
  assert.equal(
    render(own, bigquery),
    "select s.`hash`, `hash` as x from (select 1 union distinct select 2 union all select 3), 'hash union'",
  )
  assert.equal(render(fixedText('with a as not materialized (select 1)'), bigquery), 'with a as (select 1)')
  assert.equal(render(userSql('select hash union'), bigquery), 'select hash union')
  assert.equal(render(id('hash'), bigquery), '`hash`')
})
