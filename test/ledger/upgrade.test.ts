import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SluiceError } from '../../src/base/errors.ts'
import { LEDGER_TABLES, SNAPSHOT_COLUMNS } from '../../src/ledger/table-columns.ts'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import { forEachEngine, openEngine } from '../support/engines.ts'
import { ledgerOn, read, run, SCHEMA, shared } from './lab.ts'
import { makeVersion1 } from './version-1.ts'

async function columnsOf(warehouse: Warehouse, table: string): Promise<readonly string[]> {
  const select = { step: 'test', sql: `select * from ${SCHEMA}.${table}` }
  return (await warehouse.describe(select)).map(({ name, type }) => `${name} ${type}`).sort()
}

/** What the tables of a schema hold, in the columns that version 1 has. */
async function rowsOf(warehouse: Warehouse, columns: ReadonlyMap<string, readonly string[]>) {
  const rows: Record<string, unknown> = {}
  for (const [table, names] of columns)
    rows[table] = await read(warehouse, `select ${names.join(', ')} from ${SCHEMA}.${table}`)
  return rows
}

async function columnNames(warehouse: Warehouse): Promise<ReadonlyMap<string, readonly string[]>> {
  const columns = new Map<string, readonly string[]>()
  const tables = await read(
    warehouse,
    `select table_name as name from information_schema.tables where table_schema = '${SCHEMA}' order by 1`,
  )
  for (const { name } of tables) {
    const found = await columnsOf(warehouse, String(name))
    const kept = name === 'meta' ? ['id', 'project', 'target', 'created_at'] : undefined
    columns.set(String(name), kept ?? found.map((one) => one.split(' ')[0] ?? ''))
  }
  return columns
}

forEachEngine((engine, open) => {
  const name = (sentence: string) => `${engine}: ${sentence}`

  test(name('a schema of version 1 gets what it lacks and keeps its rows, whoever asks first'), async (t) => {
    const asks: readonly ((ledger: Awaited<ReturnType<typeof ledgerOn>>) => Promise<unknown>)[] = [
      (ledger) => ledger.prepare(),
      (ledger) => ledger.runs.list(1),
      async (ledger) => (await ledger.acquire('sync:vips', 'run-3')).release(),
    ]
    for (const ask of asks) {
      const warehouse = await open(t)
      await makeVersion1(warehouse, SCHEMA)
      await run(warehouse, `update ${SCHEMA}.leases set name = 'old'`)
      const before = await columnNames(warehouse)
      const rows = await rowsOf(warehouse, before)
      await ask(await ledgerOn(warehouse))
      await run(warehouse, `delete from ${SCHEMA}.leases where name <> 'old'`)
      assert.deepEqual(await rowsOf(warehouse, before), rows)
      assert.deepEqual(await read(warehouse, `select version from ${SCHEMA}.meta`), [{ version: 6 }])
    }
  })

  test(name('a schema of version 2 gets what it lacks'), async (t) => {
    const warehouse = await open(t)
    await (await ledgerOn(warehouse)).prepare()
    await run(warehouse, `alter table ${SCHEMA}.plans drop column number_fields`)
    await run(warehouse, `update ${SCHEMA}.meta set version = 2`)
    await (await ledgerOn(warehouse)).prepare()
    assert.deepEqual(await read(warehouse, `select version from ${SCHEMA}.meta`), [{ version: 6 }])
    assert.ok((await columnsOf(warehouse, 'plans')).some((one) => one.startsWith('number_fields ')))
  })

  test(name('an upgraded schema has the columns of a fresh one, of the same kinds'), async (t) => {
    const [upgraded, fresh] = [await open(t), await open(t)]
    await makeVersion1(upgraded, SCHEMA)
    await (await ledgerOn(upgraded)).prepare()
    const ledger = await ledgerOn(fresh)
    const lease = await ledger.acquire('sync:vips', 'run-1')
    const made = { sync: 'vips', account: 'a', keyFields: ['a', 'b'], hashVersion: '1' }
    await ledger.syncs.ensureSnapshot(lease, made)
    await lease.release()
    for (const [table, columns] of [
      ...Object.entries(LEDGER_TABLES),
      ['snapshot_vips', { ...SNAPSHOT_COLUMNS, part_1: 0, part_2: 0 }] as const,
    ]) {
      const found = await columnsOf(upgraded, table)
      assert.deepEqual(found, await columnsOf(fresh, table), table)
      assert.deepEqual(found.map((one) => one.split(' ')[0]).sort(), Object.keys(columns).sort(), table)
    }
  })

  test(name('what version 1 recorded is told by the new version'), async (t) => {
    const warehouse = await open(t)
    await makeVersion1(warehouse, SCHEMA)
    const ledger = await ledgerOn(warehouse)
    assert.equal((await ledger.syncs.snapshot('vips'))?.rows, 1)
    assert.equal(await ledger.receipts.rejected('vips'), 1)
    const [one] = await ledger.runs.syncsOf('run-1')
    assert.deepEqual([one?.sync, one?.applied, one?.rejected], ['vips', 1, 1])
    assert.equal((await ledger.syncs.plans()).length, 1)
  })

  test(name('an upgrade that was interrupted at any column is completed'), async (t) => {
    const warehouse = await open(t)
    await makeVersion1(warehouse, SCHEMA)
    await run(warehouse, `alter table ${SCHEMA}.snapshots add column field_names text`)
    await run(warehouse, `alter table ${SCHEMA}.snapshot_vips add column sent_at timestamp`)
    await run(warehouse, `create table ${SCHEMA}.jobs (sync text)`)
    await (await ledgerOn(warehouse)).prepare()
    const found = (await columnsOf(warehouse, 'jobs')).map((one) => one.split(' ')[0])
    assert.deepEqual(found, Object.keys(LEDGER_TABLES.jobs).sort())
    assert.deepEqual(await read(warehouse, `select sent_at, numbers from ${SCHEMA}.snapshot_vips`), [
      { sent_at: null, numbers: null },
    ])
  })

  test(name('an older schema of another project is refused and left as it is'), async (t) => {
    const warehouse = await open(t)
    await makeVersion1(warehouse, SCHEMA)
    await assert.rejects(
      (await ledgerOn(warehouse, { project: 'store' })).prepare(),
      (error: SluiceError) => error.code === 'SLU5003',
    )
    assert.deepEqual(await read(warehouse, `select version from ${SCHEMA}.meta`), [{ version: 1 }])
  })

  test(name('two sessions that upgrade a schema at once both find it made'), async (t) => {
    const warehouse = shared(await open(t))
    await makeVersion1(warehouse, SCHEMA)
    const ledgers = await Promise.all(
      Array.from({ length: 4 }, async () => ledgerOn(await warehouse.openSession())),
    )
    await Promise.all(ledgers.map((ledger) => ledger.prepare()))
    assert.deepEqual(await read(warehouse, `select version from ${SCHEMA}.meta`), [{ version: 6 }])
    for (const ledger of ledgers) assert.equal((await ledger.runs.list(5)).length, 1)
    assert.deepEqual(
      (await columnsOf(warehouse, 'sync_runs')).map((one) => one.split(' ')[0]),
      Object.keys(LEDGER_TABLES.sync_runs).sort(),
    )
  })
})

test('postgres: a primary key stands on the tables that two processes may insert into', async (t) => {
  const warehouse = await openEngine('postgres', t)
  await (await ledgerOn(warehouse)).prepare()
  const keys = await read(
    warehouse,
    `select table_name as name from information_schema.table_constraints
where table_schema = '${SCHEMA}' and constraint_type = 'PRIMARY KEY' order by 1`,
  )
  assert.deepEqual(
    keys.map(({ name }) => name),
    ['leases', 'meta'],
  )
})
