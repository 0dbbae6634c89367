import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lit, render, sql } from '../../src/dialect/fragment.ts'
import { DIALECTS } from '../../src/dialect/registry.ts'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import { forEachDialect, type TestedDialect } from '../support/dialects.ts'

const run = (warehouse: Warehouse, text: string) => warehouse.execute({ step: 'test', sql: text })
const read = (warehouse: Warehouse, text: string) => warehouse.read({ step: 'test', sql: text })

/** What the product that is stood in for has no type for, and holds no row to. */
const lacks = (name: string) => ({ json: name === 'redshift', uniqueness: name === 'redshift' })

const RUNNING = 'select query as text from pg_stat_activity where pid = pg_backend_pid()'

/** Where a statement can read its own text. */
const OWN_TEXT: Readonly<Partial<Record<TestedDialect, string>>> = {
  duckdb: 'select current_query() as text',
  postgres: RUNNING,
  redshift: RUNNING,
}

forEachDialect((name, open) => {
  // by the same cases in its own SQL: databricks.test.ts, bigquery.test.ts
  if (name === 'databricks' || name === 'bigquery') return
  test(`${name}: says how many rows a statement changed`, async (context) => {
    const warehouse = await open(context)
    const made = await run(warehouse, 'create table t as select 1 as a union all select 2')
    assert.ok(made === 2 || (made === 0 && !warehouse.dialect.table.tellsRows))
    assert.equal(await run(warehouse, 'insert into t values (3), (4), (5)'), 3)
    assert.equal(await run(warehouse, 'update t set a = a + 1 where a > 3'), 2)
    assert.equal(await run(warehouse, 'delete from t where a = 1'), 1)
    assert.equal(await run(warehouse, 'create table empty (a integer)'), 0)
    assert.equal(await run(warehouse, 'drop table empty'), 0)
  })

  if (name !== 'snowflake')
    test(`${name}: puts values into a statement as its parameters`, async (context) => {
      const warehouse = await open(context)
      const parameters = [7, 2n ** 53n + 1n]
      await run(warehouse, 'create table big (a integer, b bigint)')
      assert.equal(
        await warehouse.execute({ step: 'test', sql: 'insert into big values ($1, $2)', parameters }),
        1,
      )
      assert.deepEqual(await read(warehouse, 'select * from big'), [{ a: 7, b: 2n ** 53n + 1n }])
    })

  test(`${name}: reads at most a thousand rows`, async (context) => {
    const warehouse = await open(context)
    const rows = (count: number) =>
      `with recursive r(i) as (select 1 union all select i + 1 from r where i < ${count}) select i from r`
    assert.equal((await read(warehouse, rows(1000))).length, 1000)
    await assert.rejects(read(warehouse, rows(1001)), { code: 'SLU9001' })
    assert.deepEqual(await read(warehouse, 'select 1 as still_works'), [{ still_works: 1 }])
  })

  test(`${name}: gives values as numbers, bigints, booleans and texts`, async (context) => {
    const warehouse = await open(context)
    const moment = "timestamp '2026-01-31 08:00:00"
    const [row] = await read(
      warehouse,
      `select cast(9007199254740991 as bigint) as safe, cast(9007199254740992 as bigint) as big, true as yes,
        cast(1.50 as decimal(10, 2)) as money, cast(0.5 as double precision) as half, date '2026-01-31' as day,
        ${moment}' as moment, ${moment}.123456' as micros, ${moment}.5' as tenth,
        cast('2026-01-31 10:00:00+02' as timestamp with time zone) as zoned, cast(null as integer) as nothing,
        cast('{"a": 1}' as ${lacks(name).json ? 'text' : 'json'}) as doc`,
    )
    assert.deepEqual(row, {
      safe: 9007199254740991,
      big: 9007199254740992n,
      yes: true,
      money: '1.50',
      half: 0.5,
      day: '2026-01-31',
      moment: '2026-01-31T08:00:00.000Z',
      micros: '2026-01-31T08:00:00.123456Z',
      tenth: '2026-01-31T08:00:00.500Z',
      zoned: '2026-01-31T08:00:00.000Z',
      nothing: null,
      doc: '{"a": 1}',
    })
  })

  test(`${name}: describes a select without running it`, async (context) => {
    const warehouse = await open(context)
    await run(warehouse, "create table t as select 'x' as s, 1.5 as d, cast(1 as double precision) as f")
    assert.deepEqual(
      await warehouse.describe({ step: 'look', sql: 'select cast(s as integer) as i, d, f, s from t' }),
      [
        { name: 'i', type: 'integer' },
        { name: 'd', type: 'decimal' },
        { name: 'f', type: 'float' },
        { name: 's', type: 'text' },
      ],
    )
    const types = await warehouse.describe({
      step: 'look',
      sql: `select true as a, date '2026-01-01' as b, timestamp '2026-01-01 00:00:00' as c,
        cast('{}' as ${lacks(name).json ? 'text' : 'json'}) as d, cast('a' as varchar(3)) as e, time '10:00:00' as f -- the end`,
    })
    assert.deepEqual(
      types.map((column) => column.type),
      ['boolean', 'date', 'timestamp', lacks(name).json ? 'text' : 'json', 'text', 'other'],
    )
  })

  test(`${name}: a missing table or column is told by name`, async (context) => {
    const warehouse = await open(context)
    await run(warehouse, 'create table contacts as select 1 as email')
    const missing: readonly (readonly [string, RegExp])[] = [
      ['select * from contcts', /contcts/i],
      ['select * from crm.contacts', /crm/i],
      ['select e_mail from contacts', /e_mail/i],
      ['select c.e_mail from contacts as c', /e_mail/i],
      ['insert into contacts (e_mail) values (1)', /e_mail/i],
    ]
    for (const [text, named] of missing) {
      await assert.rejects(read(warehouse, text), { code: 'SLU3004', kind: 'project', message: named })
      if (text.startsWith('select'))
        await assert.rejects(warehouse.describe({ step: 'look', sql: text }), {
          code: 'SLU3004',
          message: named,
        })
    }
  })

  test(`${name}: an error never holds a value of a row`, async (context) => {
    const warehouse = await open(context)
    await run(warehouse, 'create table t (a varchar(40) not null, b integer, unique (a))')
    await run(warehouse, "insert into t values ('ada@secret.example', 1)")
    const doubled: readonly (readonly [string, string])[] = lacks(name).uniqueness
      ? []
      : [["insert into t values ('ada@secret.example', 2)", 'SLU3009']]
    const failing: readonly (readonly [string, string])[] = [
      ...doubled,
      ['select cast(a as integer) from t', 'SLU3008'],
      ['select cast(a as date) from t', 'SLU3008'],
      ['insert into t values (null, 2)', 'SLU3009'],
      ["select cast(99999999999 as integer), 'ada@secret.example'", 'SLU3008'],
      ["select cast('ada@secret.example' as timestamp)", 'SLU3008'],
      ["selec 'ada@secret.example'", 'SLU3007'],
      ["select no_such_function('ada@secret.example')", 'SLU3007'],
    ]
    for (const [text, code] of failing)
      await assert.rejects(read(warehouse, text), (error: Error & { code?: string; hint?: string }) => {
        assert.equal(error.code, code, `${text}: ${error.message}`)
        assert.doesNotMatch(
          `${error.message} ${error.hint} ${error.cause} ${error.stack}`,
          /ada|secret|9999999/,
        )
        return true
      })
  })

  test(`${name}: a transaction of rows is all or nothing`, async (context) => {
    const warehouse = await open(context)
    await run(warehouse, 'create table t as select 1 as a')
    const boom = new Error('boom')
    const failing = warehouse.transaction(async () => {
      await run(warehouse, 'insert into t values (2)')
      await run(warehouse, 'delete from t where a = 1')
      throw boom
    })
    await assert.rejects(failing, boom)
    assert.deepEqual(await read(warehouse, 'select a from t'), [{ a: 1 }])
    await warehouse.transaction(async () => {
      await run(warehouse, 'insert into t values (2)')
      await run(warehouse, 'insert into t values (3)')
    })
    assert.deepEqual(await read(warehouse, 'select count(*) as n from t'), [{ n: 3 }])
    const nested = warehouse.transaction(() => warehouse.transaction(async () => {}))
    await assert.rejects(nested, { code: 'SLU9001' })
    const broken = warehouse.transaction(() => read(warehouse, 'select nope'))
    await assert.rejects(broken, { code: 'SLU3004' })
    assert.deepEqual(await read(warehouse, 'select 1 as a'), [{ a: 1 }])
  })

  if (DIALECTS[name].supports.transactions === 'all')
    test(`${name}: a transaction of rows and tables is all or nothing, and sees one state of the data`, async (context) => {
      const warehouse = await open(context)
      const other = await warehouse.openSession()
      await run(warehouse, 'create table t as select 1 as a')
      const boom = new Error('boom')
      const failing = warehouse.transaction(async () => {
        await run(warehouse, 'insert into t values (2)')
        await run(warehouse, 'create table made as select 1 as a')
        throw boom
      })
      await assert.rejects(failing, boom)
      assert.deepEqual(await read(warehouse, 'select a from t'), [{ a: 1 }])
      await assert.rejects(read(warehouse, 'select * from made'), { code: 'SLU3004' })
      const counts = await warehouse.transaction(async () => {
        const [before] = await read(warehouse, 'select count(*) as n from t')
        await run(other, 'insert into t values (3)')
        const [after] = await read(warehouse, 'select count(*) as n from t')
        return [before?.n, after?.n]
      })
      assert.deepEqual(counts, [1, 1])
      assert.deepEqual(await read(warehouse, 'select count(*) as n from t'), [{ n: 2 }])
    })

  if (DIALECTS[name].supports.transactions === 'all')
    test(`${name}: two transactions that change one row: the second is told to wait its turn`, async (context) => {
      const warehouse = await open(context)
      const other = await warehouse.openSession()
      await run(warehouse, 'create table t as select 1 as a')
      const losing = warehouse.transaction(async () => {
        await read(warehouse, 'select * from t')
        await run(other, 'update t set a = 2')
        await run(warehouse, 'update t set a = 3')
      })
      await assert.rejects(losing, { code: 'SLU3010', kind: 'busy' })
      assert.deepEqual(await read(warehouse, 'select a from t'), [{ a: 2 }])
    })

  test(`${name}: tables are made, listed, swapped and dropped`, async (context) => {
    const warehouse = await open(context)
    const { table } = warehouse.dialect
    const print = (fragment: Parameters<typeof render>[0]) => render(fragment, warehouse.dialect)
    await run(warehouse, print(table.createSchema('state')))
    await run(warehouse, print(table.createSchema('state')))
    const made = (name: string) => ({ schema: 'state', name })
    await run(warehouse, print(table.createAs(made('a'), sql`select ${lit(1)} as n`)))
    await run(warehouse, print(table.createAs(made('a__new'), sql`select ${lit(2)} as n`)))
    await warehouse.transaction(async () => {
      await run(warehouse, print(table.dropIfExists(made('a'))))
      await run(warehouse, print(table.rename(made('a__new'), 'a')))
    })
    assert.deepEqual(await read(warehouse, print(table.list('state'))), [{ name: 'a' }])
    assert.deepEqual(await read(warehouse, 'select n from state.a'), [{ n: 2 }])
    if (table.analyze !== undefined) await run(warehouse, print(table.analyze(made('a'))))
    await run(warehouse, print(table.createAs({ schema: undefined, name: 'a' }, sql`select ${lit(3)} as n`)))
    assert.deepEqual(await read(warehouse, 'select n from a'), [{ n: 3 }])
    const other = await warehouse.openSession()
    await assert.rejects(read(other, 'select n from a'), { code: 'SLU3004' })
  })

  test(`${name}: streams a hundred thousand rows in pages, and can be left`, async (context) => {
    const warehouse = await open(context)
    const places = ['a', 'b', 'c', 'd', 'e'].map((place, power) => `${place}.n * ${10 ** power}`)
    const all = `with digits as (${Array.from({ length: 10 }, (_, n) => `select ${n} as n`).join(' union all ')})
      select i, 2 * i as twice
      from (select 1 + ${places.join(' + ')} as i
        from digits as a cross join digits as b cross join digits as c cross join digits as d cross join digits as e) as r
      order by i`
    let [count, pages, sum] = [0, 0, 0]
    for await (const rows of warehouse.stream({ step: 'all', sql: all })) {
      pages += 1
      count += rows.length
      for (const row of rows) sum += Number(row.twice) - Number(row.i)
    }
    assert.deepEqual([count, sum], [100_000, 5_000_050_000])
    assert.ok(pages > 10)
    for await (const rows of warehouse.stream({ step: 'all', sql: all })) {
      assert.equal(rows[0]?.i, 1)
      await assert.rejects(read(warehouse, 'select 1'), { code: 'SLU9001' })
      break
    }
    assert.deepEqual(await read(warehouse, 'select 1 as a'), [{ a: 1 }])
    const failing = async () => {
      for await (const rows of warehouse.stream({ step: 'all', sql: 'select nope' }))
        assert.fail(String(rows))
    }
    await assert.rejects(failing(), { code: 'SLU3004' })
    await warehouse.transaction(async () => {
      await run(warehouse, 'create temp table t as select 5 as i')
      for await (const rows of warehouse.stream({ step: 'all', sql: 'select i from t' }))
        assert.deepEqual(rows, [{ i: 5 }])
      await run(warehouse, 'insert into t values (6)')
    })
    assert.deepEqual(await read(warehouse, 'select count(*) as n from t'), [{ n: 2 }])
  })

  test(`${name}: a long statement can be cancelled, and the session goes on`, async (context) => {
    const warehouse = await open(context)
    const long = read(
      warehouse,
      'with recursive r(i) as (select 1 union all select i + 1 from r where i < 2000000000) select count(*) as n from r',
    )
    const stopped = assert.rejects(long, { code: 'SLU3016' })
    await new Promise((resolve) => setTimeout(resolve, 300))
    await warehouse.cancel?.()
    await stopped
    assert.deepEqual(await read(warehouse, 'select 1 as a'), [{ a: 1 }])
  })

  test(`${name}: statements of one session wait for each other`, async (context) => {
    const warehouse = await open(context)
    await run(warehouse, 'create table t (a integer)')
    await Promise.all(
      Array.from({ length: 20 }, (_, index) => run(warehouse, `insert into t values (${index})`)),
    )
    assert.deepEqual(await read(warehouse, 'select count(*) as n, max(a) as most from t'), [
      { n: 20, most: 19 },
    ])
  })

  test(`${name}: tells its version, and which step a statement is`, async (context) => {
    const warehouse = await open(context, { runId: 'run 1 */ select' })
    const versions = {
      duckdb: /^duckdb 1\.\d+\.\d+$/,
      postgres: /^postgres 18$/,
      redshift: /^redshift 1\.0$/,
      snowflake: /^snowflake 9$/,
    }
    assert.match(await warehouse.version(), versions[name])
    const own = OWN_TEXT[name]
    if (own !== undefined) {
      const [row] = await warehouse.read({ step: 'a*/b', sql: own })
      assert.match(String(row?.text), /^\/\* sluice a__b run_1____select \*\/ select/)
    }
    await warehouse.close()
    await warehouse.close()
  })
})
