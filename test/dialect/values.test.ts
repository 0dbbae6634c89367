import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { ColumnType, Dialect } from '../../src/dialect/dialect.ts'
import { type Fragment, fixedText, lit, sql, timestamp } from '../../src/dialect/fragment.ts'
import { DIALECTS } from '../../src/dialect/registry.ts'
import type { SqlValue, Warehouse } from '../../src/warehouse/warehouse.ts'
import { everyDialect } from '../support/dialects.ts'
import { bothEngines } from '../support/engines.ts'
import { Random } from '../support/random.ts'
import { mapOn, valuesOn } from '../support/sql-values.ts'

type Expression = (dialect: Dialect) => Fragment

const json =
  (value: Expression, type: ColumnType): Expression =>
  (dialect) =>
    dialect.fn.jsonValue(value(dialect), type)

const float =
  (text: string): Expression =>
  (dialect) =>
    dialect.fn.asFloat(lit(text))
const text =
  (value: string): Expression =>
  (dialect) =>
    dialect.fn.asText(lit(value))
const decimal =
  (value: string): Expression =>
  () =>
    sql`cast(${lit(value)} as decimal(38, 10))`
const integer =
  (value: string): Expression =>
  () =>
    sql`cast(${lit(value)} as decimal(30, 0))`
const at =
  (iso: string): Expression =>
  () =>
    timestamp(iso)
const day =
  (iso: string): Expression =>
  () =>
    sql`cast(${lit(iso)} as date)`

/** What JavaScript prints of a number that was rounded to 12 digits; exact ties, which it rounds up, are left out. */
function floatOracle(value: number): string {
  if (!Number.isFinite(value)) return 'null'
  return String(Number(value.toPrecision(12)) + 0)
}

test('a float is sent with 12 digits, as JavaScript would print it, on both engines', async (context) => {
  const { duckdb, postgres } = await bothEngines(context)
  const edges = [
    '0',
    '-0',
    '1',
    '-1',
    '0.1',
    '1.5',
    '5e-324',
    '1.7976931348623157e308',
    '1e15',
    '1e16',
    '123456789012345678',
    '1e20',
    '9.9999999999949e20',
    '9.999999999995e20',
    '1e21',
    '1e22',
    '0.000001',
    '9.9999999999949e-7',
    '9.999999999995e-7',
    '1e-6',
    '1e-7',
    '0.30000000000000004',
    '100',
    '1000000',
    '-2.5e-10',
    '1.05e30',
    '0.5',
    '2.675',
    '1e100',
    '1e-100',
    '10',
    '1.0000000000001',
    'NaN',
    'Infinity',
    '-Infinity',
  ]
  const random = fc.sample(fc.double({ noNaN: true, noDefaultInfinity: true }), { numRuns: 2000, seed: 1 })
  const near = fc
    .sample(fc.integer({ min: -23, max: 23 }), { numRuns: 1000, seed: 4 })
    .map((power, index) => (index + 0.5) * 10 ** power)
  const usual = fc.sample(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { numRuns: 1000, seed: 2 })
  const all = [...edges.map(Number), ...random, ...near, ...usual]
  const texts = all.map((value) => (Object.is(value, -0) ? '-0' : String(value)))
  const sent = (engine: Warehouse) =>
    mapOn(engine, texts, (dialect, x) => dialect.fn.jsonValue(x, 'float'), 'float')
  const expected = all.map((value) =>
    Math.abs(value) < 1e-320 && value !== 0 ? undefined : floatOracle(value),
  )
  const duck = await sent(duckdb)
  const pg = await sent(postgres)
  assert.deepEqual(duck, pg)
  all.forEach((value, index) => {
    if (expected[index] !== undefined) assert.equal(duck[index], expected[index], String(value))
    assert.doesNotThrow(() => JSON.parse(String(duck[index])))
  })
})

test('JSON that only DuckDB takes for JSON is sent as a text, and other JSON as it stands', async (context) => {
  const { duckdb } = await bothEngines(context)
  const sent = (value: string) => json(() => sql`cast(${lit(value)} as json)`, 'json')
  const strict = [
    '{"a": 0.1234567890123456789, "a":1e400}',
    '"NaN, Infinity,] \\" nan,}"',
    '[1 , 2]',
    '"a\\\\"',
    'null',
    '{"inf":"\\u0000","nan":[]}',
  ]
  assert.deepEqual(await valuesOn(duckdb, strict.map(sent)), strict)
  for (const text of strict) assert.doesNotThrow(() => JSON.parse(text))
  const loose = ['NaN', '-Infinity', '{"a":nan}', '["\\"", Inf]', '[1,]', '{"a":1 ,\n}']
  assert.deepEqual(
    await valuesOn(duckdb, loose.map(sent)),
    loose.map((text) => JSON.stringify(text)),
  )
})

test('an integer of any width is compared as what it is', async (context) => {
  const { duckdb } = await bothEngines(context)
  const cases: readonly (readonly [value: string, type: string, expected: string])[] = [
    ['340282366920938463463374607431768211455', 'uhugeint', '"340282366920938463463374607431768211455"'],
    ['7', 'uhugeint', '7'],
    ['18446744073709551615', 'ubigint', '"18446744073709551615"'],
    ['-170141183460469231731687303715884105728', 'hugeint', '"-170141183460469231731687303715884105728"'],
    [
      '12345678901234567890123456789012345678901234567890',
      'bignum',
      '"12345678901234567890123456789012345678901234567890"',
    ],
    ['-7', 'bignum', '-7'],
  ]
  const expressions = cases.map(([value, type]) =>
    json(() => sql`cast(${lit(value)} as ${fixedText(type)})`, 'integer'),
  )
  assert.deepEqual(
    await valuesOn(duckdb, expressions),
    cases.map(([, , expected]) => expected),
  )
})

test('a float of single precision is sent as its nearest double', async (context) => {
  const engines = await bothEngines(context)
  const single = json(() => sql`cast(${lit('0.1')} as real)`, 'float')
  for (const engine of Object.values(engines))
    assert.deepEqual(await valuesOn(engine, [single]), [floatOracle(Math.fround(0.1))])
})

test('numbers, times, booleans and missing values are sent alike by both engines', async (context) => {
  const { duckdb, postgres } = await bothEngines(context)
  const cases: readonly (readonly [Expression, string])[] = [
    [json(decimal('1.50'), 'decimal'), '1.5'],
    [json(decimal('100'), 'decimal'), '100'],
    [json(decimal('-0.0000000001'), 'decimal'), '-0.0000000001'],
    [json(decimal('0'), 'decimal'), '0'],
    [json(decimal('9007199254740992'), 'decimal'), '9007199254740992'],
    [json(decimal('9007199254740992.5'), 'decimal'), '"9007199254740992.5"'],
    [json(integer('9007199254740992'), 'integer'), '9007199254740992'],
    [json(integer('-9007199254740992'), 'integer'), '-9007199254740992'],
    [json(integer('9007199254740993'), 'integer'), '"9007199254740993"'],
    [json(integer('-9007199254740993'), 'integer'), '"-9007199254740993"'],
    [json(() => sql`cast(${7} as smallint)`, 'integer'), '7'],
    [json(() => sql`cast(null as bigint)`, 'integer'), 'null'],
    [json(() => sql`true`, 'boolean'), 'true'],
    [json(() => sql`cast(null as boolean)`, 'boolean'), 'null'],
    [json(at('2026-01-31T08:00:00.000Z'), 'timestamp'), '"2026-01-31T08:00:00.000Z"'],
    [json(at('2026-01-31T23:59:59.999999Z'), 'timestamp'), '"2026-01-31T23:59:59.999Z"'],
    [json(at('0001-01-01T00:00:00.000Z'), 'timestamp'), '"0001-01-01T00:00:00.000Z"'],
    [json(at('9999-12-31T23:59:59.999Z'), 'timestamp'), '"9999-12-31T23:59:59.999Z"'],
    [
      json(() => sql`cast(${lit('2026-01-31 10:00:00+02')} as timestamp with time zone)`, 'timestamp'),
      '"2026-01-31T08:00:00.000Z"',
    ],
    [json(() => sql`cast('infinity' as timestamp)`, 'timestamp'), 'null'],
    [json(day('2026-01-31'), 'date'), '"2026-01-31"'],
    [json(day('0099-12-31'), 'date'), '"0099-12-31"'],
    [json(() => sql`cast('-infinity' as date)`, 'date'), 'null'],
    [json(() => sql`cast(null as date)`, 'date'), 'null'],
    [json(() => sql`cast('{"a":1}' as json)`, 'json'), '{"a":1}'],
    [
      json(() => sql`cast(${lit('550E8400-e29b-41d4-a716-446655440000')} as uuid)`, 'other'),
      '"550e8400-e29b-41d4-a716-446655440000"',
    ],
  ]
  const expressions = cases.map(([expression]) => expression)
  const expected = cases.map(([, value]) => value)
  assert.deepEqual(await valuesOn(duckdb, expressions), expected)
  assert.deepEqual(await valuesOn(postgres, expressions), expected)
})

const NASTY = [
  '',
  ' ',
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
  '\u0001\u001f\u000b\u000e\u001a',
  '\u007f',
  '\u2028\u2029',
  'é😀',
  'a\ufeff',
  '\\u001F',
  '\\\u001f',
  '\\\\\u001f\\u001f',
  '/* */',
  '--',
  '$1',
  '%s',
  '{{ a }}',
  '\\n',
  "E'\\x41'",
  "U&'\\0041'",
  '$$',
  ':a',
  '?',
  'a\u0301',
  '\uffff',
  '\ue000',
]

test('any text stays itself as a literal, and is sent as JavaScript would', async (context) => {
  const engines = Object.values(await everyDialect(context))
  const characters = fc.string({ unit: 'binary', maxLength: 30 }).filter((one) => !one.includes('\0'))
  const texts = [...NASTY, ...fc.sample(characters, { numRuns: 800, seed: 3 })]
  const sentBy: (readonly SqlValue[])[] = []
  for (const engine of engines) {
    assert.deepEqual(await mapOn(engine, texts, (_, x) => x), texts)
    const sent = await mapOn(engine, texts, (dialect, x) => dialect.fn.jsonValue(x, 'text'))
    sent.forEach((one, index) => {
      assert.equal(JSON.parse(String(one)), texts[index])
    })
    sentBy.push(sent)
  }
  for (const sent of sentBy) assert.deepEqual(sent, sentBy[0])
})

test('a text that SQL cannot hold is refused before it is sent', () => {
  for (const dialect of Object.values(DIALECTS))
    for (const bad of ['a\0b', 'a\ud800'])
      for (const print of [() => dialect.literal(bad), () => dialect.quote(bad)])
        assert.throws(print, { code: 'SLU3014' })
})

test('names are exact in quotes: any characters, and no way out', async (context) => {
  const engines = await everyDialect(context)
  const names = ['a', 'A b', 'a"b', '"', "'", '; drop', 'é', 'select', 'a.b', '\\', '--', '{{ x }}', 'a\nb']
  for (const engine of Object.values(engines))
    for (const name of names) {
      const quoted = engine.dialect.quote(name)
      // a request to Databricks has no session that could have one
      const kind = engine.dialect.name === 'databricks' ? 'table' : 'temp table'
      await engine.execute({ step: 'make', sql: `create ${kind} ${quoted} as select 1 as ${quoted}` })
      const columns = await engine.describe({
        step: 'look',
        sql: `select ${quoted}.${quoted} from ${quoted}`,
      })
      assert.deepEqual(
        columns.map((column) => column.name),
        [name],
      )
      await engine.execute({ step: 'drop', sql: `drop table ${quoted}` })
    }
})

test('a bare name folds as the engine folds it, a quoted one is exact', async (context) => {
  const { duckdb, postgres } = await bothEngines(context)
  assert.deepEqual([duckdb.dialect.fold('CrM_É'), postgres.dialect.fold('CrM_É')], ['CrM_É', 'crm_É'])
})

test('numbers keep their value, and no minus can start a comment', async (context) => {
  const engines = await everyDialect(context)
  const numbers = [0, -0, 1, -1, 1.5, -1.5, 1e21, 1e-7, 2 ** 53, -(2 ** 53)]
  for (const engine of Object.values(engines)) {
    const values = await valuesOn(
      engine,
      numbers.map((value) => () => sql`cast(${0} - ${value} as double precision)`),
    )
    assert.deepEqual(
      values,
      numbers.map((value) => 0 - value),
    )
    assert.throws(() => engine.dialect.literal(Number.NaN), { code: 'SLU9001' })
  }
})

test('an object is JSON text of its entries in order, of none and of many', async (context) => {
  const engines = await bothEngines(context)
  const many = Array.from({ length: 1500 }, (_, index) => [`k"${index}'\\`, fixedText(`'${index}'`)] as const)
  for (const engine of Object.values(engines)) {
    const { fn } = engine.dialect
    const [none, two, all] = await valuesOn(engine, [
      () => fn.jsonObject([]),
      () =>
        fn.jsonObject([
          ['b', fn.jsonValue(lit(1), 'integer')],
          ['a', fn.jsonValue(sql`cast(null as bigint)`, 'integer')],
        ]),
      () => fn.jsonObject(many),
    ])
    assert.deepEqual([none, two], ['{}', '{"b":1,"a":null}'])
    assert.deepEqual(
      Object.entries(JSON.parse(String(all))),
      many.map(([key], index) => [key, index]),
    )
  }
})

test('equal values have one canonical form, and one hash, whatever they were written as', async (context) => {
  const engines = await everyDialect(context)
  const pairs: readonly (readonly [ColumnType, Expression, Expression, boolean])[] = [
    ['float', float('0.1'), float('0.10000000000000001'), true],
    ['float', float('0.30000000000000004'), float('0.3'), true],
    ['float', float('-0'), float('0'), true],
    ['float', float('0.3'), float('0.300000000001'), false],
    ['decimal', () => sql`cast(1.50 as decimal(10, 2))`, () => sql`cast(1.5 as decimal(12, 4))`, true],
    ['decimal', () => sql`cast(100 as decimal(10, 0))`, () => sql`cast(10 as decimal(10, 0))`, false],
    ['decimal', () => sql`cast(1.5 as decimal(38, 20))`, () => sql`cast(1.5 as decimal(3, 1))`, true],
    ['decimal', () => sql`cast(1.0000001 as decimal(9, 7))`, () => sql`cast(1 as decimal(9, 7))`, false],
    [
      'decimal',
      () => sql`cast(1234567890123456.70 as decimal(18, 2))`,
      () => sql`cast(1234567890123456.7 as decimal(20, 4))`,
      true,
    ],
    ['decimal', () => sql`cast(0 as decimal(9, 2))`, () => sql`cast(null as decimal(9, 2))`, false],
    ['float', float('0'), () => sql`cast(null as double precision)`, false],
    ['integer', () => sql`cast(1 as smallint)`, () => sql`cast(2 as smallint)`, false],
    ['timestamp', at('2026-01-31T08:00:00.123Z'), at('2026-01-31T08:00:00.123999Z'), true],
    ['timestamp', at('2026-01-31T08:00:00.123Z'), at('2026-01-31T08:00:00.124Z'), false],
    ['text', text('a'), text('A'), false],
    ['text', text(''), () => sql`cast(null as varchar)`, false],
    ['date', day('2026-01-31'), day('2026-02-01'), false],
    ['boolean', () => sql`true`, () => sql`false`, false],
    ['json', () => sql`cast('{"a":1}' as json)`, () => sql`cast('{"a":2}' as json)`, false],
  ]
  for (const engine of Object.values(engines))
    for (const [type, one, other, equal] of pairs) {
      const hash = (x: Expression) => (dialect: Dialect) =>
        dialect.fn.rowHash([dialect.fn.canonical(x(dialect), type)])
      const [a, b] = await valuesOn(engine, [hash(one), hash(other)])
      assert.equal(a === b, equal, `${type} on ${engine.dialect.name}: ${a} and ${b}`)
    }
})

test('a float in its canonical form is the number whose twelve digits are sent', async (context) => {
  const engines = await bothEngines(context)
  const random = new Random(12)
  const numbers = Array.from({ length: 5000 }, (_, index) => {
    const digits = random.below(1e9) * 1000 + random.below(1000)
    const power = 10 ** (index % 24)
    // At ties of the twelfth digit, just beside them, just below powers of ten, and anywhere.
    const kinds = [digits + 0.5, digits + 0.5001, digits + 0.4999, 1 - 1e-13, -digits / 7]
    return (kinds[(index * 7) % kinds.length] ?? 0) / power
  })
  const texts = [0, -0, 1e-300, 1e300, ...numbers].map(String)
  for (const engine of Object.values(engines)) {
    const ofCanonical = await mapOn(engine, texts, ({ fn }, x) => fn.canonical(x, 'float'), 'float')
    const ofSent = await mapOn(engine, texts, ({ fn }, x) => fn.canonicalText(x, 'float'), 'float')
    assert.deepEqual(
      ofCanonical.map((value) => String(Number(value))),
      ofSent.map((text) => String(Number(text))),
    )
  }
})

test('values as they stand differ wherever their canonical forms do', async (context) => {
  const engines = await everyDialect(context)
  const pairs: readonly (readonly [ColumnType, Expression, Expression])[] = [
    ['float', float('0.3'), float('0.300000000001')],
    ['float', float('0'), () => sql`cast(null as double precision)`],
    // The same digits, another scale.
    ['decimal', () => sql`cast(1.23 as decimal(10, 2))`, () => sql`cast(12.3 as decimal(10, 1))`],
    ['decimal', () => sql`cast(1.23 as decimal(10, 2))`, () => sql`cast(1.24 as decimal(10, 2))`],
    ['integer', () => sql`cast(1 as smallint)`, () => sql`cast(2 as smallint)`],
    ['timestamp', at('2026-01-31T08:00:00.123Z'), at('2026-01-31T08:00:00.124Z')],
    ['date', day('2026-01-31'), day('2026-02-01')],
    ['boolean', () => sql`true`, () => sql`false`],
    ['text', text('a'), text('A')],
    ['text', text(''), () => sql`cast(null as varchar)`],
    ['json', () => sql`cast('{"a":1}' as json)`, () => sql`cast('{"a":2}' as json)`],
    ['other', () => sql`interval '30 days'`, () => sql`interval '1 month'`],
  ]
  for (const engine of Object.values(engines))
    for (const [type, one, other] of pairs) {
      const hash = (x: Expression) => (dialect: Dialect) =>
        dialect.fn.rowHash(dialect.fn.exact(x(dialect), type))
      const [a, again, b] = await valuesOn(engine, [hash(one), hash(one), hash(other)])
      assert.equal(a, again)
      assert.notEqual(a, b, `${type} on ${engine.dialect.name}`)
    }
})

test('hashes tell texts apart that differ only where eights of their bytes end', async (context) => {
  const letters = [...'abcdefghijklmnop']
  const texts = ['', 'x', 'xxxxxxx'].flatMap((start) =>
    letters.flatMap((one) => letters.map((other) => text(`${start}1000000${one}2000000${other}`))),
  )
  for (const [name, engine] of Object.entries(await bothEngines(context)))
    for (const hash of ['hash64', 'rowHash'] as const) {
      const hashes = await valuesOn(
        engine,
        texts.map(
          (one) => (dialect) =>
            hash === 'hash64' ? dialect.fn.hash64(one(dialect)) : dialect.fn.rowHash([one(dialect), lit(1)]),
        ),
      )
      assert.equal(new Set(hashes.map(String)).size, texts.length, `${name}: ${hash}`)
    }
})

test('a row hash counts nulls and order, among rows of the same columns', async (context) => {
  const engines = await everyDialect(context)
  const values = [text('a'), text('b'), text(''), text('ab'), () => sql`cast(null as varchar)`]
  const rows = values.flatMap((one) => values.flatMap((two) => values.map((three) => [one, two, three])))
  for (const engine of Object.values(engines)) {
    const hashes = await valuesOn(
      engine,
      rows.map((row) => (dialect) => dialect.fn.rowHash(row.map((value) => value(dialect)))),
    )
    assert.equal(new Set(hashes.map(String)).size, rows.length, hashes.join())
    assert.ok(hashes.every((hash) => hash !== null))
  }
})
