import assert from 'node:assert/strict'
import { test } from 'node:test'
import { databricks } from '../../src/dialect/databricks.ts'
import { type Fragment, render, scratch, sql } from '../../src/dialect/fragment.ts'
import { ScratchTables, scratchPrefix } from '../../src/warehouse/databricks-scratch.ts'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import { freshDatabricks, openOn } from '../support/cloud/databricks-like.ts'

const { table } = databricks
const NOTES = { schema: undefined, name: 'sl_notes' }
const execute = (warehouse: Warehouse, statement: Fragment) =>
  warehouse.execute({ step: 'test', sql: render(statement, databricks) })
const read = (warehouse: Warehouse, statement: Fragment) =>
  warehouse.read({ step: 'test', sql: render(statement, databricks) })

test('databricks: a temporary table is its own session’s, and is gone when that ends', async (context) => {
  const fake = await freshDatabricks(context)
  const warehouse = await openOn(fake)
  await execute(warehouse, table.createAs(NOTES, sql`select 1 as n`))
  await execute(
    warehouse,
    table.createView({ ...NOTES, name: 'sl_seen' }, sql`select n + 1 as m from ${scratch('sl_notes')}`),
  )
  assert.deepEqual(await read(warehouse, sql`select m from ${scratch('sl_seen')}`), [{ m: 2 }])
  assert.deepEqual(
    (await read(warehouse, table.columns(NOTES))).map(({ name, type }) => [name, type]),
    [['n', 'int']],
  )
  const other = await warehouse.openSession()
  await assert.rejects(read(other, sql`select n from ${scratch('sl_notes')}`), { code: 'SLU3004' })
  await execute(other, table.createAs(NOTES, sql`select 2 as n`))
  assert.deepEqual(await read(warehouse, sql`select n from ${scratch('sl_notes')}`), [{ n: 1 }])
  assert.equal((await read(warehouse, table.list('sluice'))).length, 2)
  await execute(warehouse, table.dropView({ ...NOTES, name: 'sl_seen' }))
  await warehouse.close()
  const another = await openOn(fake)
  assert.deepEqual(await read(another, table.list('sluice')), [])
})

test('databricks: tables that dead sessions left are swept when they are older than a day', async (context) => {
  const fake = await freshDatabricks(context)
  const nowSeconds = Math.floor(Date.now() / 1000)
  const [old, young] = [nowSeconds - 90_000, nowSeconds - 80_000].map((at) => `sluice_tmp_${at}_ab12_sl_x`)
  await fake.engine.prepare('create schema shop_catalog.sluice')
  for (const name of [old, young, 'runs', 'sluice_tmp_x'])
    await fake.engine.prepare(`create table shop_catalog.sluice.${name} as select 1 as a`)
  const warehouse = await openOn(fake)
  await execute(warehouse, table.createAs(NOTES, sql`select 1 as n`))
  await warehouse.close()
  const names = (await read(await openOn(fake), table.list('sluice'))).map(({ name }) => String(name))
  assert.deepEqual(names.sort(), ['runs', young, 'sluice_tmp_x'].sort())
})

test('databricks: a user who may not make schemas uses the state schema that is there', async (context) => {
  const fake = await freshDatabricks(context)
  const warehouse = await openOn(fake)
  const refusal = {
    ...{ statement_id: '01ef-schema' },
    status: {
      state: 'FAILED',
      error: {
        error_code: 'BAD_REQUEST',
        message:
          "[INSUFFICIENT_PERMISSIONS] User does not have CREATE SCHEMA on Catalog 'shop_catalog'. SQLSTATE: 42501",
      },
    },
  }
  const refuse = () =>
    fake.faults.push({ request: /^POST .*statements\/$/, status: 200, body: refusal, times: 1 })
  refuse()
  await assert.rejects(execute(warehouse, table.createSchema('kept')), {
    code: 'SLU3002',
    message: /CREATE SCHEMA/,
  })
  await fake.engine.prepare('create schema shop_catalog.kept')
  refuse()
  assert.equal(await execute(warehouse, table.createSchema('kept')), 0)
})

test('databricks: only names of temporary tables are given others, wherever texts and comments hold the like', () => {
  const tables = new ScratchTables('State', scratchPrefix(1_764_160_000_000, 'ab12'))
  const own = '`State`.`sluice_tmp_1764160000_ab12_a``b`'
  const mark = '`sluice_session`.`a``b`'
  const cases: readonly (readonly [string, string])[] = [
    [`select * from ${mark}`, `select * from ${own}`],
    [
      `select '${mark}', "${mark}" /* ${mark} */ -- ${mark}\nfrom ${mark}`,
      `select '${mark}', "${mark}" /* ${mark} */ -- ${mark}\nfrom ${own}`,
    ],
    [`select 'it\\'s ${mark}', r'\\', x from ${mark}`, `select 'it\\'s ${mark}', r'\\', x from ${own}`],
    [`select \`x.${mark.slice(1)} from ${mark}`, `select \`x.${mark.slice(1)} from ${own}`],
  ]
  for (const [written, expected] of cases) assert.equal(tables.named(written).sql, expected)
  assert.deepEqual(tables.drops(), [])
  const made = tables.named(`create table if not exists ${mark} as select 1`)
  assert.ok(made.makes)
  assert.deepEqual(tables.drops(), [`drop table if exists ${own}`])
  tables.named(`create view ${mark} as select 1`).done()
  tables.named(`drop view if exists ${mark}`).done()
  assert.deepEqual(tables.drops(), [])
})

test('databricks: the catalog tells rights on a table, and where else its user may write', async (context) => {
  const fake = await freshDatabricks(context)
  const warehouse = await openOn(fake)
  await execute(warehouse, table.createSchema('kept'))
  await execute(
    warehouse,
    table.create({ schema: 'kept', name: 'Notes' }, [{ name: 'id', type: 'text', nullable: false }]),
  )
  const hold = (row: readonly (string | null)[]) =>
    fake.engine.prepare(
      `insert into memory.main.privileges values (${row.map((cell) => (cell === null ? 'null' : `'${cell}'`)).join(', ')})`,
    )
  const ours = 'loader@shop.example'
  await hold(['table', 'shop_catalog', 'kept', 'notes', 'readers`', 'SELECT', 'NONE'])
  await hold(['table', 'shop_catalog', 'kept', 'notes', ours, 'MODIFY', 'NONE'])
  await hold(['table', 'shop_catalog', 'kept', 'notes', 'others', 'SELECT', 'CATALOG'])
  const grants = table.grants?.({ schema: 'kept', name: 'Notes' }) ?? sql``
  assert.deepEqual(await read(warehouse, grants), [
    { statement: 'grant SELECT on table `kept`.`Notes` to `readers```' },
  ])
  const elsewhere = table.writableElsewhere?.('Kept') ?? sql``
  assert.deepEqual(await read(warehouse, elsewhere), [])
  await hold(['table', 'shop_catalog', 'crm', 'contacts', 'everyone', 'MODIFY', 'NONE'])
  await hold(['table', 'shop_catalog', 'crm', 'contacts', ours, 'ALL PRIVILEGES', 'NONE'])
  await hold(['schema', 'shop_catalog', 'crm', null, 'strangers', 'CREATE_TABLE', 'NONE'])
  await hold(['catalog', 'shop_catalog', null, null, ours, 'CREATE_SCHEMA', 'NONE'])
  const places = await read(warehouse, sql`select * from (${elsewhere}) as places order by what`)
  assert.deepEqual(places, [
    { what: 'catalog', name: 'shop_catalog', rights: 'CREATE_SCHEMA' },
    { what: 'table', name: 'crm.contacts', rights: 'ALL PRIVILEGES, MODIFY' },
  ])
})
