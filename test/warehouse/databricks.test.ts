import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lit, render, sql } from '../../src/dialect/fragment.ts'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import { freshDatabricks, openDatabricksLike, openOn } from '../support/cloud/databricks-like.ts'

const run = (warehouse: Warehouse, text: string) => warehouse.execute({ step: 'test', sql: text })
const read = (warehouse: Warehouse, text: string) => warehouse.read({ step: 'test', sql: text })

test('databricks: says how many rows a statement changed', async (context) => {
  const warehouse = await openDatabricksLike(context)
  await run(warehouse, 'create table t (a int, b bigint)')
  assert.equal(await run(warehouse, 'insert into t values (3, 1), (4, 2), (5, 9007199254740993)'), 3)
  assert.equal(await run(warehouse, 'update t set a = a + 1 where a > 3'), 2)
  assert.equal(await run(warehouse, 'delete from t where a = 3'), 1)
  assert.equal(await run(warehouse, 'drop table if exists other'), 0)
  assert.deepEqual(await read(warehouse, 'select * from t where a = 6'), [{ a: 6, b: 2n ** 53n + 1n }])
  await assert.rejects(warehouse.execute({ step: 'test', sql: 'select ?', parameters: [1] }), {
    code: 'SLU9001',
  })
})

const COUNT = (rows: number) =>
  `with recursive r(i) as (select 1 union all select i + 1 from r where i < ${rows}) select i, 2 * i as twice from r order by i`

test('databricks: reads at most a thousand rows', async (context) => {
  const warehouse = await openDatabricksLike(context)
  assert.equal((await read(warehouse, COUNT(1000))).length, 1000)
  await assert.rejects(read(warehouse, COUNT(1001)), { code: 'SLU9001' })
  assert.deepEqual(await read(warehouse, 'select 1 as still_works'), [{ still_works: 1 }])
})

test('databricks: gives values as numbers, bigints, booleans and texts', async (context) => {
  const warehouse = await openDatabricksLike(context, { timezone: 'America/New_York' })
  const [row] = await read(
    warehouse,
    `select cast(9007199254740991 as bigint) as safe, cast(9007199254740992 as bigint) as big, true as yes,
      cast(1.50 as decimal(10, 2)) as money, cast(0.5 as double) as half, cast(1e300 as double) as large,
      cast('NaN' as double) as none, date'2026-01-31' as day, timestamp_ntz'2026-01-31 08:00:00' as moment,
      timestamp_ntz'2026-01-31 08:00:00.123456' as micros, timestamp_ntz'2026-01-31 08:00:00.5' as tenth,
      timestamp'2026-01-31 10:00:00+02:00' as zoned, cast(null as int) as nothing, cast('{"a": 1}' as variant) as doc`,
  )
  assert.deepEqual(row, {
    safe: 9007199254740991,
    big: 9007199254740992n,
    yes: true,
    money: '1.50',
    half: 0.5,
    large: 1e300,
    none: Number.NaN,
    day: '2026-01-31',
    moment: '2026-01-31T08:00:00.000Z',
    micros: '2026-01-31T08:00:00.123456Z',
    tenth: '2026-01-31T08:00:00.500Z',
    zoned: '2026-01-31T08:00:00.000Z',
    nothing: null,
    doc: '{"a": 1}',
  })
})

test('databricks: describes a select without running it', async (context) => {
  const warehouse = await openDatabricksLike(context)
  const types = await warehouse.describe({
    step: 'look',
    sql: `select cast('1' as int) as i, 1.5 as d, cast(1 as double) as f, 'a' as s, true as b, date'2026-01-01' as day,
      timestamp_ntz'2026-01-01 00:00:00' as at, current_timestamp() as zoned, cast('{}' as variant) as doc -- the end`,
  })
  assert.deepEqual(
    types.map(({ type }) => type),
    ['integer', 'decimal', 'float', 'text', 'boolean', 'date', 'timestamp', 'timestamp', 'json'],
  )
})

test('databricks: a missing table or column is told by name', async (context) => {
  const warehouse = await openDatabricksLike(context)
  await run(warehouse, 'create table contacts as select 1 as email')
  const missing: readonly (readonly [string, RegExp])[] = [
    ['select * from contcts', /contcts/],
    ['select * from crm.contacts', /crm|contacts/],
    ['select e_mail from contacts', /e_mail/],
    ['select c.e_mail from contacts as c', /e_mail/],
    ['insert into contacts (e_mail) values (1)', /e_mail/],
  ]
  for (const [text, named] of missing)
    await assert.rejects(read(warehouse, text), { code: 'SLU3004', kind: 'project', message: named })
})

test('databricks: an error tells the statement that failed, and never a value of a row', async (context) => {
  const warehouse = await openDatabricksLike(context)
  await run(warehouse, 'create table t (a string not null, b int)')
  await run(warehouse, "insert into t values ('ada@secret.example', 1)")
  const failing: readonly (readonly [string, string])[] = [
    ['select cast(a as int) from t', 'SLU3008'],
    ['select cast(a as date) from t', 'SLU3008'],
    ['insert into t values (null, 2)', 'SLU3009'],
    ["select cast(99999999999 as int), 'ada@secret.example'", 'SLU3008'],
    ["selec 'ada@secret.example'", 'SLU3007'],
    ["select no_such_function('ada@secret.example')", 'SLU3007'],
  ]
  for (const [text, code] of failing)
    await assert.rejects(read(warehouse, text), (error: Error & { code?: string; hint?: string }) => {
      assert.equal(error.code, code, `${text}: ${error.message}`)
      assert.match(error.message, /\(statement 01ef-\d+\) \(step test\)$/)
      assert.doesNotMatch(
        `${error.message} ${error.hint} ${error.cause} ${error.stack}`,
        /ada|secret|9999999/,
      )
      return true
    })
})

test('databricks: nothing holds statements together, and transactions are not nested', async (context) => {
  const warehouse = await openDatabricksLike(context)
  await run(warehouse, 'create table t (a int)')
  const boom = new Error('boom')
  const failing = warehouse.transaction(async () => {
    await run(warehouse, 'insert into t values (2)')
    throw boom
  })
  await assert.rejects(failing, boom)
  assert.deepEqual(await read(warehouse, 'select a from t'), [{ a: 2 }])
  const nested = warehouse.transaction(() => warehouse.transaction(async () => {}))
  await assert.rejects(nested, { code: 'SLU9001' })
})

test('databricks: tables are made, listed, swapped and dropped', async (context) => {
  const warehouse = await openDatabricksLike(context)
  const { table } = warehouse.dialect
  const print = (fragment: Parameters<typeof render>[0]) => render(fragment, warehouse.dialect)
  const made = (name: string) => ({ schema: 'state', name })
  await run(warehouse, print(table.createSchema('state')))
  await run(warehouse, print(table.createSchema('state')))
  await run(warehouse, print(table.createAs(made('a'), sql`select ${lit(1)} as n`)))
  await run(warehouse, print(table.createAs(made('a__new'), sql`select ${lit(2)} as n`)))
  await run(warehouse, print(table.dropIfExists(made('a'))))
  await run(warehouse, print(table.rename(made('a__new'), 'a')))
  assert.deepEqual(await read(warehouse, print(table.list('state'))), [{ name: 'a' }])
  assert.deepEqual(await read(warehouse, 'select n from state.a'), [{ n: 2 }])
  await run(
    warehouse,
    print(table.addColumn(made('a'), { name: 'm', type: 'integer', nullable: true, default: 7 })),
  )
  await run(warehouse, 'insert into state.a (n) values (3)')
  assert.deepEqual(await read(warehouse, 'select n, m from state.a order by n'), [
    { n: 2, m: 7 },
    { n: 3, m: 7 },
  ])
})

test('databricks: streams a hundred thousand rows from storage in pages, and can be left', async (context) => {
  const fake = await freshDatabricks(context)
  const warehouse = await openOn(fake)
  fake.statements.linkLifeMs = 20_000
  let [count, pages, sum] = [0, 0, 0]
  for await (const rows of warehouse.stream({ step: 'all', sql: COUNT(100_000) })) {
    pages += 1
    count += rows.length
    for (const row of rows) sum += Number(row.twice) - Number(row.i)
  }
  assert.deepEqual([count, sum], [100_000, 5_000_050_000])
  assert.ok(pages >= 50)
  fake.statements.linkLifeMs = 900_000
  for await (const rows of warehouse.stream({ step: 'all', sql: COUNT(5000) })) {
    assert.equal(rows[0]?.i, 1)
    await assert.rejects(read(warehouse, 'select 1'), { code: 'SLU9001' })
    break
  }
  assert.deepEqual(await read(warehouse, 'select 1 as a'), [{ a: 1 }])
  const failing = async () => {
    for await (const rows of warehouse.stream({ step: 'all', sql: 'select nope' })) assert.fail(String(rows))
  }
  await assert.rejects(failing(), { code: 'SLU3004' })
  const downloads = fake.asked.filter(({ request }) => request.startsWith('GET /storage/'))
  assert.ok(downloads.length >= 10)
  assert.ok(downloads.every(({ authorization }) => authorization === undefined))
})

test('databricks: a link that storage no longer takes is asked for anew, and told when no link is taken', async (context) => {
  const fake = await freshDatabricks(context, { chunkRows: 100 })
  const warehouse = await openOn(fake)
  fake.faults.push({ request: /^GET \/storage\/\S+\/1\?/, status: 403, times: 1 })
  fake.faults.push({ request: /^GET \/storage\/\S+\/2\?/, status: 503, times: 1 })
  let count = 0
  for await (const rows of warehouse.stream({ step: 'all', sql: COUNT(350) })) count += rows.length
  assert.equal(count, 350)
  const anew = fake.asked.filter(({ request }) => /^GET .*\/result\/chunks\/1$/.test(request))
  assert.equal(anew.length, 1)
  fake.statements.linkUses = 0
  const refused = async () => {
    for await (const rows of warehouse.stream({ step: 'all', sql: COUNT(350) })) count += rows.length
  }
  await assert.rejects(refused(), { code: 'SLU3011' })
})

test('databricks: a result in many chunks is read to its end', async (context) => {
  const warehouse = await openDatabricksLike(context, { chunkRows: 7 })
  const rows = await read(warehouse, COUNT(100))
  assert.deepEqual(
    rows.map(({ i }) => i),
    Array.from({ length: 100 }, (_, index) => index + 1),
  )
})

const LONG =
  'with recursive r(i) as (select 1 union all select i + 1 from r where i < 2000000000) select count(*) as n from r'

test('databricks: a long statement can be cancelled, with an id and before, and the session goes on', async (context) => {
  const fake = await freshDatabricks(context)
  const warehouse = await openOn(fake)
  for (const [waitMs, beforeMs] of [
    [20, 200],
    [400, 100],
  ] as const) {
    fake.statements.waitMs = waitMs
    const stopped = assert.rejects(read(warehouse, LONG), { code: 'SLU3016', message: /statement 01ef/ })
    await new Promise((resolve) => setTimeout(resolve, beforeMs))
    await warehouse.cancel?.()
    await stopped
  }
  assert.deepEqual(await read(warehouse, 'select 1 as a'), [{ a: 1 }])
  await warehouse.cancel?.()
  assert.deepEqual(await read(warehouse, 'select 2 as a'), [{ a: 2 }])
})

test('databricks: a session that ends stops its statement in the warehouse', async (context) => {
  const fake = await freshDatabricks(context)
  const warehouse = await openOn(fake)
  fake.statements.waitMs = 20
  const stopped = assert.rejects(read(warehouse, LONG), { code: 'SLU3016' })
  // by then it is asked for with long pauses between
  await new Promise((resolve) => setTimeout(resolve, 2500))
  const began = performance.now()
  await warehouse.close()
  await stopped
  assert.ok(performance.now() - began < 1000)
})

test('databricks: a statement that takes too long is cancelled', async (context) => {
  const fake = await freshDatabricks(context)
  const warehouse = await openOn(fake, {
    settings: new Map([...fake.settings, ['statement_timeout_seconds', '1']]),
  })
  fake.statements.waitMs = 10
  await assert.rejects(read(warehouse, LONG), { code: 'SLU3016', message: /within 1 s/ })
  assert.deepEqual(await read(warehouse, 'select 1 as a'), [{ a: 1 }])
})

test('databricks: statements of one session wait for each other', async (context) => {
  const warehouse = await openDatabricksLike(context)
  await run(warehouse, 'create table t (a int)')
  await Promise.all(
    Array.from({ length: 20 }, (_, index) => run(warehouse, `insert into t values (${index})`)),
  )
  assert.deepEqual(await read(warehouse, 'select count(*) as n, max(a) as most from t'), [
    { n: 20, most: 19 },
  ])
})

test('databricks: tells which step a statement is, in its text and in its tags', async (context) => {
  const fake = await freshDatabricks(context)
  const warehouse = await openOn(fake, {
    runId: 'run 1 */ select',
    settings: new Map([...fake.settings, ['schema', 'default']]),
  })
  assert.equal(await warehouse.version(), 'databricks')
  await warehouse.read({ step: 'a*/b', sql: 'select 1 as one' })
  const body = fake.asked.at(-1)?.body as Record<string, unknown>
  assert.match(String(body.statement), /^\/\* sluice a__b run_1____select \*\/ select/)
  assert.deepEqual(body.query_tags, [
    { key: 'sluice_step', value: 'a*/b' },
    { key: 'sluice_run', value: 'run 1 */ select' },
  ])
  assert.deepEqual(
    [body.catalog, body.schema, body.warehouse_id],
    ['shop_catalog', 'default', 'abc123def4567890'],
  )
  await warehouse.close()
  await warehouse.close()
  await assert.rejects(read(warehouse, 'select 1'), { code: 'SLU3011' })
})
