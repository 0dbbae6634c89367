import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Dialect } from '../../src/dialect/dialect.ts'
import { type Fragment, fixedText, join, lit, render, sql, timestamp } from '../../src/dialect/fragment.ts'
import type { SqlValue } from '../../src/warehouse/warehouse.ts'
import { everyDialect } from '../support/dialects.ts'
import { bothEngines } from '../support/engines.ts'
import { valuesOn } from '../support/sql-values.ts'

type Expression = (dialect: Dialect) => Fragment

/** Every expression gives in every dialect what plain TypeScript says. */
function provesEqual(what: string, cases: readonly (readonly [Expression, SqlValue])[]): void {
  test(what, async (context) => {
    const engines = await everyDialect(context)
    const expected = cases.map(([, value]) => value)
    for (const engine of Object.values(engines))
      assert.deepEqual(
        await valuesOn(
          engine,
          cases.map(([expression]) => expression),
        ),
        expected,
        engine.dialect.name,
      )
  })
}

const text = (dialect: Dialect, value: string | null): Fragment => dialect.fn.asText(lit(value))

const TEXTS = [
  '',
  ' ',
  'a',
  ' a ',
  '\t\r\n a b \n',
  '\u00a0a\u00a0',
  'é',
  'aé',
  '😀',
  '12a3',
  '+33 (0)6',
  '٣',
  'a.b.c',
  '.',
  'a..b',
  "a'b",
  '\\',
  'ab',
  'A',
  'AB',
  'a%b',
  'a_b',
]

provesEqual(
  'trim takes spaces, tabs and line ends, and nothing else',
  TEXTS.map((one) => [
    (dialect) => dialect.fn.trim(text(dialect, one)),
    one.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, ''),
  ]),
)

provesEqual(
  'digitsOf keeps 0 to 9',
  TEXTS.map((one) => [(dialect) => dialect.fn.digitsOf(text(dialect, one)), one.replaceAll(/[^0-9]/g, '')]),
)

provesEqual(
  'translate puts characters in the place of others, and takes out those that have none',
  [...TEXTS, "ébé\t'\\\u00a0\u200b\u2019x", null].flatMap((one) => [
    [
      (dialect: Dialect) => dialect.fn.translate(text(dialect, one), "é\u00a0\t'\\\u200b\u2019", 'e '),
      one === null
        ? null
        : one
            .replaceAll('é', 'e')
            .replaceAll('\u00a0', ' ')
            .replaceAll(/[\t'\\\u200b\u2019]/g, ''),
    ] as const,
    [
      (dialect: Dialect) => dialect.fn.translate(text(dialect, one), 'a.', ''),
      one === null ? null : one.replaceAll(/[a.]/g, ''),
    ] as const,
  ]),
)

provesEqual(
  'length counts characters, byteLength bytes',
  TEXTS.flatMap((one) => [
    [(dialect: Dialect) => dialect.fn.length(text(dialect, one)), [...one].length] as const,
    [(dialect: Dialect) => dialect.fn.byteLength(text(dialect, one)), Buffer.byteLength(one)] as const,
  ]),
)

provesEqual(
  'hashes are those of the UTF-8 bytes',
  TEXTS.flatMap((one) => [
    [
      (dialect: Dialect) => dialect.fn.md5Hex(text(dialect, one)),
      createHash('md5').update(one).digest('hex'),
    ] as const,
    [
      (dialect: Dialect) => dialect.fn.sha256Hex(text(dialect, one)),
      createHash('sha256').update(one).digest('hex'),
    ] as const,
  ]),
)

const PIECES = [1, 2, 3, 4, -1, -2, -3, -4]
provesEqual(
  'splitPart counts from both ends and is empty beyond them',
  ['a.b.c', '', '.', 'a', 'a..b', 'x.'].flatMap((one) =>
    PIECES.map(
      (part) =>
        [
          (dialect: Dialect) => dialect.fn.splitPart(text(dialect, one), '.', part),
          one.split('.').at(part < 0 ? part : part - 1) ?? '',
        ] as const,
    ),
  ),
)

const PAIRS = TEXTS.flatMap((one) =>
  ['', 'a', 'b', 'A', '.', '%', '_', '\\', 'é', "'"].map((part) => [one, part] as const),
)
provesEqual(
  'contains, startsWith and endsWith compare by bytes and know no wildcards',
  PAIRS.flatMap(([one, part]) => [
    [
      (dialect: Dialect) => dialect.fn.contains(text(dialect, one), text(dialect, part)),
      one.includes(part),
    ] as const,
    [
      (dialect: Dialect) => dialect.fn.startsWith(text(dialect, one), text(dialect, part)),
      one.startsWith(part),
    ] as const,
    [
      (dialect: Dialect) => dialect.fn.endsWith(text(dialect, one), text(dialect, part)),
      one.endsWith(part),
    ] as const,
  ]),
)

provesEqual(
  'upper and lower map letter by letter',
  ['aZ9', 'ÉÀÜ', 'éàü', 'ЖЩ', 'жщ', 'ΑΒΓ', 'Ñ'].flatMap((one) => [
    [(dialect: Dialect) => dialect.fn.lower(text(dialect, one)), one.toLowerCase()] as const,
    [(dialect: Dialect) => dialect.fn.upper(text(dialect, one)), one.toUpperCase()] as const,
  ]),
)

provesEqual('lower is by Unicode even of text that compares by bytes', [
  [(dialect) => dialect.fn.lower(dialect.fn.byBytes(text(dialect, 'É'))), 'é'],
])

provesEqual('a missing text stays missing', [
  [(dialect) => dialect.fn.trim(text(dialect, null)), null],
  [(dialect) => dialect.fn.splitPart(text(dialect, null), '.', 1), null],
  [(dialect) => dialect.fn.contains(text(dialect, null), lit('a')), null],
  [(dialect) => dialect.fn.matches(text(dialect, null), lit('a')), null],
  [(dialect) => dialect.fn.md5Hex(text(dialect, null)), null],
  [(dialect) => dialect.fn.jsonValue(text(dialect, null), 'text'), 'null'],
  [(dialect) => dialect.fn.canonicalText(text(dialect, null), 'text'), null],
])

provesEqual('isDistinct, least and greatest see through nulls', [
  [(dialect) => dialect.fn.isDistinct(lit(1), sql`cast(null as integer)`), true],
  [(dialect) => dialect.fn.isDistinct(sql`cast(null as integer)`, sql`cast(null as integer)`), false],
  [(dialect) => dialect.fn.isDistinct(lit(1), lit(1)), false],
  [(dialect) => dialect.fn.least([lit(2), sql`cast(null as integer)`, lit(1)]), 1],
  [(dialect) => dialect.fn.greatest([lit(2), sql`cast(null as integer)`, lit(1)]), 2],
])

/** The type of times with a zone. */
const instant = (dialect: Dialect): Fragment =>
  fixedText(dialect.name === 'databricks' ? 'timestamp' : 'timestamp with time zone')

const MOMENTS: readonly (readonly [string, string])[] = [
  ['2026-01-31', '2026-01-31T00:00:00.000Z'],
  ['2026-01-31 08:00:00', '2026-01-31T08:00:00.000Z'],
  ['2026-01-31T08:00:00', '2026-01-31T08:00:00.000Z'],
  ['2026-01-31T08:00:00Z', '2026-01-31T08:00:00.000Z'],
  ['2026-01-31T08:00:00.5Z', '2026-01-31T08:00:00.500Z'],
  ['2026-01-31T10:00:00+02:00', '2026-01-31T08:00:00.000Z'],
  ['2026-01-31 08:00:00-05', '2026-01-31T13:00:00.000Z'],
  ['2024-02-29T23:59:59.999999Z', '2024-02-29T23:59:59.999999Z'],
]
provesEqual('asTimestamp is UTC without zone, of dates, times with and without zone, and ISO text', [
  ...MOMENTS.map(
    ([written, moment]) =>
      [(dialect: Dialect) => dialect.fn.asTimestamp(text(dialect, written)), moment] as const,
  ),
  ...MOMENTS.map(
    ([written, moment]) =>
      [
        (dialect: Dialect) => dialect.fn.asTimestamp(sql`cast(${lit(written)} as ${instant(dialect)})`),
        moment,
      ] as const,
  ),
  [(dialect) => dialect.fn.asTimestamp(sql`cast(${lit('2026-01-31')} as date)`), '2026-01-31T00:00:00.000Z'],
  [(dialect) => dialect.fn.asTimestamp(timestamp('2026-01-31T08:00:00.000Z')), '2026-01-31T08:00:00.000Z'],
  [
    (dialect) => dialect.fn.addSeconds(timestamp('2026-01-31T23:59:30.000Z'), lit(60)),
    '2026-02-01T00:00:30.000Z',
  ],
  [
    (dialect) => dialect.fn.addSeconds(timestamp('2026-01-31T23:59:30.000Z'), lit(-0.5)),
    '2026-01-31T23:59:29.500Z',
  ],
])

test('text sorts and compares by bytes', async (context) => {
  const engines = await bothEngines(context)
  const texts = [
    ...new Set([
      ...TEXTS,
      ...fc.sample(fc.string({ unit: 'binary', maxLength: 4 }), { numRuns: 200, seed: 5 }),
    ]),
  ].filter((one) => !one.includes('\0'))
  const expected = texts.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  for (const engine of Object.values(engines)) {
    const values = texts.map((one) => `(${engine.dialect.literal(one)})`).join(', ')
    const { fn } = engine.dialect
    const order = fn.byBytes(sql`x`)
    const rows = await engine.read({
      step: 'sort',
      sql: `select x from (values ${values}) as t(x) order by ${render(order, engine.dialect)} nulls last`,
    })
    assert.deepEqual(
      rows.map((row) => row.x),
      expected,
    )
    const joined = await engine.read({
      step: 'join',
      sql: `select ${render(fn.joinText(sql`x`, '|', order), engine.dialect)} as joined,
        ${render(fn.anyTrue(sql`x = 'ab'`), engine.dialect)} as found,
        ${render(fn.hashSum(fn.hash64(sql`x`)), engine.dialect)} as digest from (values ${values}) as t(x)`,
    })
    assert.deepEqual([joined[0]?.joined, joined[0]?.found], [expected.join('|'), true])
    assert.match(String(joined[0]?.digest), /^-?\d+$/)
  }
})

test('aggregates of no rows: not true, digest 0, no text', async (context) => {
  const engines = await bothEngines(context)
  for (const engine of Object.values(engines)) {
    const { fn } = engine.dialect
    const columns = [fn.anyTrue(sql`x`), fn.hashSum(fn.hash64(sql`y`)), fn.joinText(sql`y`, ',', sql`y`)]
    const printed = columns.map((column, index) => `${render(column, engine.dialect)} as c${index}`)
    const [row] = await engine.read({
      step: 'none',
      sql: `select ${printed.join(', ')} from (select true as x, 'a' as y) as t where false`,
    })
    assert.deepEqual(row, { c0: false, c1: '0', c2: null })
  }
})

test('the clock of the warehouse is a time in UTC', async (context) => {
  const engines = await bothEngines(context)
  for (const engine of Object.values(engines)) {
    const [now] = await valuesOn(engine, [(dialect) => dialect.fn.clock()])
    assert.ok(Math.abs(Date.parse(String(now)) - Date.now()) < 60_000, String(now))
  }
})

test('what engines disagree on is refused when SQL is written', async (context) => {
  const engines = await bothEngines(context)
  for (const { dialect } of Object.values(engines)) {
    assert.throws(() => dialect.fn.splitPart(lit('a'), '', 1), { code: 'SLU9001' })
    assert.throws(() => dialect.fn.splitPart(lit('a'), '.', 0), { code: 'SLU9001' })
    assert.throws(() => dialect.fn.translate(lit('a'), 'aba', 'x'), { code: 'SLU9001' })
    assert.throws(() => dialect.fn.translate(lit('a'), 'a', 'xy'), { code: 'SLU9001' })
    assert.throws(() => dialect.fn.translate(lit('a'), '', ''), { code: 'SLU9001' })
    assert.throws(() => dialect.timestampLiteral('2026-01-31'), { code: 'SLU9001' })
    assert.throws(() => dialect.timestampLiteral("2026-01-31T00:00:00.000Z' or '"), { code: 'SLU9001' })
  }
})

test('a text is cut at each blank into as many rows, and a missing one into none', async (context) => {
  const texts = ['email:a', 'email:a phone:b', 'a b c d e f g h i j k l m n', null]
  for (const engine of Object.values(await everyDialect(context))) {
    const { dialect } = engine
    const { join: joined, piece } = dialect.pieces(sql`t.x`, 'e')
    const rows = texts.map((value, index) => sql`select ${index} as n, ${text(dialect, value)} as x`)
    const query = sql`select t.n as n, ${piece} as part from (${join(rows, '\nunion all\n')}) as t\n${joined}`
    const found = await engine.read({ step: 'pieces', sql: render(query, dialect) })
    const expected = texts.flatMap((value, n) =>
      (value ?? '')
        .split(' ')
        .filter(Boolean)
        .map((part) => `${n} ${part}`),
    )
    assert.deepEqual(found.map(({ n, part }) => `${n} ${part}`).sort(), expected.sort(), dialect.name)
  }
})
