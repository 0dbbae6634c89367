import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Fragment, id, lit, name, render, sql, timestamp } from '../../src/dialect/fragment.ts'
import { eresOf } from '../../src/dialect/pattern/snowflake-pattern.ts'
import { snowflake } from '../../src/dialect/snowflake.ts'
import { valuesOf } from '../../src/dialect/values/values.ts'
import type { SqlValue } from '../../src/warehouse/warehouse.ts'
import { openSnowflakeLike } from '../support/cloud/snowflake-like.ts'
import { mapOn, valuesOn } from '../support/sql-values.ts'

const { fn, table } = snowflake
const printed = (fragment: Fragment) => render(fragment, snowflake)

test('snowflake: names of ours and bare ones stand in upper case, those in quotes as they are', () => {
  assert.equal(
    printed(sql`${id('sluice', 'runs_2')} ${id('Mixed')} ${id('a b')}`),
    '"SLUICE"."RUNS_2" "Mixed" "a b"',
  )
  assert.equal(printed(name('crm.Contacts."e-mail"."lower"')), '"CRM"."CONTACTS"."e-mail"."lower"')
})

test('snowflake: a name that differs by case only is another one', async (context) => {
  const like = await openSnowflakeLike(context)
  await like.execute({ step: 'make', sql: 'create table t (a integer, "a" integer, "B" integer)' })
  await like.execute({ step: 'fill', sql: 'insert into t values (1, 2, 3)' })
  assert.deepEqual(await like.read({ step: 'look', sql: 'select A, b, "a" as "x y" from T' }), [
    { a: 1, b: 3, 'x y': 2 },
  ])
  await assert.rejects(like.read({ step: 'look', sql: 'select "b" from t' }), {
    code: 'SLU3004',
    message: /"B"|"b"/,
  })
})

test('snowflake: a float is sent with 12 digits, as JavaScript would print it', async (context) => {
  const like = await openSnowflakeLike(context)
  const edges = [0, -0, 1, -1, 0.1, 1.5, 1e15, 1e16, 1e20, 1e21, 1e22, 1e-6, 1e-7, 9.9999999999949e20, 100]
  const random = fc.sample(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e290, max: 1e290 }), {
    numRuns: 600,
    seed: 1,
  })
  const usual = fc.sample(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { numRuns: 600, seed: 2 })
  const all = [...edges, ...random, ...usual].filter((value) => value === 0 || Math.abs(value) > 1e-290)
  const texts = all.map((value) => (Object.is(value, -0) ? '-0' : String(value)))
  const sent = await mapOn(
    like,
    [...texts, 'NaN', 'Infinity', '-Infinity'],
    (_, x) => fn.jsonValue(x, 'float'),
    'float',
  )
  assert.deepEqual(sent.slice(-3), ['null', 'null', 'null'])
  const wrong = all.filter((value, index) => {
    const expected = Number(value.toPrecision(12)) + 0
    return String(sent[index]) !== String(expected) && Math.abs(Number(sent[index]) / expected - 1) > 2e-12
  })
  assert.deepEqual(wrong, [])
  const keys = await mapOn(like, texts, (_, x) => fn.canonical(x, 'float'), 'float')
  assert.equal(new Set(keys).size, new Set(sent.slice(0, all.length)).size)
})

test('snowflake: numbers, times, booleans and missing values are sent as on other warehouses', async (context) => {
  const like = await openSnowflakeLike(context)
  const decimal = (text: string) => sql`cast(${lit(text)} as decimal(38, 10))`
  const cases: readonly (readonly [Fragment, SqlValue])[] = [
    [fn.jsonValue(decimal('1.50'), 'decimal'), '1.5'],
    [fn.jsonValue(decimal('100'), 'decimal'), '100'],
    [fn.jsonValue(decimal('9007199254740992.5'), 'decimal'), '"9007199254740992.5"'],
    [fn.jsonValue(sql`cast(7 as bigint)`, 'integer'), '7'],
    [fn.jsonValue(sql`cast(null as bigint)`, 'integer'), 'null'],
    [fn.jsonValue(sql`true`, 'boolean'), 'true'],
    [fn.jsonValue(timestamp('2026-01-31T23:59:59.999999Z'), 'timestamp'), '"2026-01-31T23:59:59.999Z"'],
    [
      fn.jsonValue(sql`cast('2026-01-31 10:00:00+02' as timestamp_tz)`, 'timestamp'),
      '"2026-01-31T08:00:00.000Z"',
    ],
    [fn.jsonValue(sql`cast('2026-01-31' as date)`, 'date'), '"2026-01-31"'],
    [fn.jsonValue(sql`parse_json('{"a":1}')`, 'json'), '{"a":1}'],
    [fn.asText(fn.least([sql`2`, sql`cast(null as integer)`, sql`1`])), '1'],
    [fn.asText(fn.isDistinct(sql`null`, sql`null`)), 'false'],
    [fn.asText(fn.addSeconds(timestamp('2026-01-31T00:00:00Z'), sql`${-0.5}`)), '2026-01-30 23:59:59.5'],
    [
      fn.canonicalText(
        valuesOf(snowflake).addMonths(timestamp('2026-01-31T00:00:00Z'), 1, 'Europe/Paris'),
        'timestamp',
      ),
      '2026-02-28T00:00:00.000Z',
    ],
  ]
  const found = await valuesOn(
    like,
    cases.map(
      ([fragment]) =>
        () =>
          fragment,
    ),
  )
  assert.deepEqual(
    found,
    cases.map(([, expected]) => expected),
  )
})

test('snowflake: equal values have one hash, whatever the type of a number, and others another', async (context) => {
  const like = await openSnowflakeLike(context)
  const hash =
    (...values: readonly Fragment[]) =>
    () =>
      fn.rowHash(values)
  const equal = [
    hash(sql`cast(1 as bigint)`),
    hash(sql`cast('1.00' as decimal(10, 2))`),
    hash(sql`cast(1 as double precision)`),
  ]
  assert.equal(new Set(await valuesOn(like, equal)).size, 1)
  const missing = sql`cast(null as varchar)`
  const others = [
    hash(lit('1')),
    hash(lit('')),
    hash(missing),
    hash(lit('a'), missing),
    hash(missing, lit('a')),
    hash(lit('ab')),
    hash(lit('a'), lit('b')),
  ]
  assert.equal(new Set(await valuesOn(like, others)).size, others.length)
})

test('snowflake: texts of a group are joined in order, and of none to nothing', async (context) => {
  const like = await openSnowflakeLike(context)
  const joined = printed(fn.joinText(sql`x`, ', ', sql`x desc`))
  const from = (rows: string) =>
    like.read({ step: 'test', sql: `select ${joined} as found from (${rows}) as t` })
  assert.deepEqual(await from("select 'a' as x union all select 'c' union all select 'b'"), [
    { found: 'c, b, a' },
  ])
  assert.deepEqual(await from("select 'a' as x where 1 = 0"), [{ found: null }])
})

test('snowflake: a pattern is an extended one of POSIX, in which nothing is captured lazily', () => {
  assert.equal(eresOf('(?:a|b)+?\\.\\d{2,}$'), '((a|b)+\\.[0-9]{2}[0-9]*$)'.replace('{2}[0-9]*', '{2}[0-9]*'))
  assert.equal(eresOf('[\\-\\]é-ü]'), '([\\-\\]é-ü])')
  assert.equal(eresOf('(?i)k'), '([Kk\u212a])')
})

const NOTES = { schema: 'kept', name: 'notes' }

test('snowflake: the catalog tells tables, columns and the rights on one, under the names that we write', async (context) => {
  const like = await openSnowflakeLike(context)
  const execute = (statement: Fragment) => like.execute({ step: 'test', sql: printed(statement) })
  const read = (statement: Fragment | undefined) =>
    like.read({ step: 'test', sql: printed(statement ?? sql``) })
  await execute(table.createSchema('kept'))
  await execute(table.createSchema('kept'))
  await execute(
    table.create(NOTES, [
      { name: 'id', type: 'text', nullable: false, primaryKey: true },
      { name: 'made', type: 'timestamp', nullable: true },
      { name: 'hash', type: 'hash64', nullable: true },
    ]),
  )
  await execute(table.addColumn(NOTES, { name: 'flag', type: 'boolean', nullable: true, default: false }))
  await execute(table.createAs({ schema: undefined, name: 'passing' }, sql`select 1.5 as ratio`))
  await execute(table.createView({ schema: undefined, name: 'seen' }, sql`select id from kept.notes`))
  await execute(sql`grant select on table kept.notes to role "Reader ""one"""`)
  await execute(sql`grant insert on table kept.notes to role loader with grant option`)

  assert.deepEqual(await read(table.list('kept')), [{ name: 'notes' }])
  assert.deepEqual(
    (await read(table.columns(NOTES))).map((one) => [one.name, snowflake.columnType(String(one.type))]),
    [
      ['id', 'text'],
      ['made', 'timestamp'],
      ['hash', 'integer'],
      ['flag', 'boolean'],
    ],
  )
  const [ratio] = await read(table.columns({ schema: undefined, name: 'passing' }))
  assert.deepEqual([ratio?.name, ratio?.type], ['ratio', 'NUMBER(2,1)'])
  assert.deepEqual(await read(table.columns({ schema: 'kept', name: 'none' })), [])
  assert.deepEqual(await read(table.grants?.(NOTES)), [
    { statement: 'grant insert on table "KEPT"."NOTES" to role "LOADER" with grant option' },
    { statement: 'grant select on table "KEPT"."NOTES" to role "Reader ""one"""' },
  ])

  await execute(table.dropView({ schema: undefined, name: 'seen' }))
  await execute(table.rename(NOTES, 'old_notes'))
  assert.deepEqual(await read(table.list('kept')), [{ name: 'old_notes' }])
  const drop = table.dropSchema('kept')
  assert.ok(drop !== undefined)
  await assert.rejects(execute(drop), { code: 'SLU3017', message: /expected an empty schema/ })
  await execute(table.dropIfExists({ schema: 'kept', name: 'old_notes' }))
  await execute(table.dropIfExists({ schema: undefined, name: 'passing' }))
  await execute(drop)
  assert.equal(table.dropSchema('public'), undefined)
})

test('snowflake: where else the roles of a session may write is told, and not where they may only read', async (context) => {
  const like = await openSnowflakeLike(context)
  const execute = (text: string) => like.execute({ step: 'test', sql: text })
  for (const text of [
    'grant select on table crm.contacts to role public',
    'grant insert, update on table crm.contacts to role public',
    'grant ownership on table sluice.runs to role public',
    'grant create table on schema shop.crm to role public',
    'grant create table on schema shop.sluice to role public',
    'grant usage on database shop to role public',
    'grant delete on table crm.orders to role other',
  ])
    await execute(text)
  const listing = table.writableElsewhere?.('sluice')
  assert.ok(listing !== undefined)
  assert.deepEqual(await like.read({ step: 'test', sql: `${printed(listing)}\norder by what, name` }), [
    { what: 'schema', name: 'CRM', rights: 'create table' },
    { what: 'table', name: 'CRM.CONTACTS', rights: 'insert, update' },
  ])
})
