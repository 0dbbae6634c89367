import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { warehouseChecks } from '../../src/inspect/doctor.ts'
import type { Check } from '../../src/inspect/doctor-check.ts'
import { openWarehouse } from '../../src/warehouse/open.ts'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import { forEachEngine, openEngine, openOwner } from '../support/engines.ts'
import { type IdentityLab, openIdentityLab } from '../support/identity-lab.ts'
import { postgresServer } from '../support/postgres.ts'

const PROJECT = `sources:
  - {name: people, table: data.people, primary_key: id}
  - {name: buyers, query: "select id, count_n from {people} where count_n > 1", primary_key: id}
entities:
  - {name: person, identity: {from: [{source: people, ids: {mail: mail}}]}}
`

async function labOn(warehouse: Warehouse): Promise<IdentityLab> {
  const lab = await openIdentityLab(warehouse, PROJECT)
  await lab.load('people', ['id', 'mail', 'count_n', 'seen_at'], [['1', 'a@x.example', '2', '2026-01-01']])
  return lab
}

const named = (checks: readonly Check[], name: string) => {
  const found = checks.find((check) => check.name === name)
  assert.ok(found !== undefined, `no check "${name}" among ${checks.map((check) => check.name).join(', ')}`)
  return found
}

const statuses = (checks: readonly Check[]) =>
  checks.filter(({ status }) => status !== 'ok').map(({ name, status }) => `${name} ${status}`)

/** Every table and schema. */
async function everything(lab: IdentityLab): Promise<readonly string[]> {
  const rows = await lab.rows(`select table_schema || '.' || table_name as n from information_schema.tables
union all select schema_name as n from information_schema.schemata`)
  return rows.map(({ n }) => String(n)).sort()
}

forEachEngine((engine, open) => {
  test(`${engine}: a warehouse where all is well, before and after a build, is left as it was`, async (context) => {
    const lab = await labOn(await open(context))
    const first = await lab.run()
    const before = await everything(lab)
    const checks = await warehouseChecks(first)
    assert.deepEqual(statuses(checks), [])
    assert.deepEqual(named(checks, 'source people').columns, {
      id: 'text',
      mail: 'text',
      count_n: 'integer',
      seen_at: 'timestamp',
    })
    assert.deepEqual(named(checks, 'source buyers').columns, { id: 'text', count_n: 'integer' })
    assert.match(named(checks, 'state schema').message, /no build yet/)
    assert.deepEqual(await everything(lab), before)
    await lab.build()
    const built = await everything(lab)
    assert.match(named(await warehouseChecks(await lab.run()), 'state schema').message, /1 builds/)
    assert.deepEqual(await everything(lab), built)
  })

  test(`${engine}: clocks that differ by more than 5 s are a warning, which says who is ahead`, async (context) => {
    const lab = await labOn(await open(context))
    const clockAt = async (shiftMs: number) => {
      const clock = { ...systemClock, nowMs: () => systemClock.nowMs() + shiftMs }
      return named(await warehouseChecks({ ...(await lab.run()), clock }), 'clock')
    }
    assert.equal((await clockAt(3000)).status, 'ok')
    const [ahead, behind] = [await clockAt(-60_000), await clockAt(60_000)]
    assert.match(ahead.message, /^the warehouse is (?:60|59)\.\d s ahead/)
    assert.match(behind.message, /^the warehouse is (?:60|59)\.\d s behind/)
    assert.deepEqual([ahead.status, behind.status], ['warning', 'warning'])
  })

  test(`${engine}: a source that is not there, or lacks a column, fails with its place; others are still told`, async (context) => {
    const lab = await labOn(await open(context))
    const yaml = `${PROJECT}  - {name: card, identity: {from: [{source: people, ids: {card: card_no}}]}}\n`
    const checks = await warehouseChecks(await lab.run({ yaml: yaml.replace('data.people', 'data.nowhere') }))
    assert.deepEqual(statuses(checks), ['source people failed', 'source buyers failed'])
    const wrong = named(await warehouseChecks(await lab.run({ yaml })), 'source people')
    assert.equal(wrong.error?.kind, 'project')
    assert.match(wrong.message, /card_no.*\(sluice\.yml:\d+:\d+\)/)
  })

  test(`${engine}: a state schema of another project fails, and nothing is said of what it holds`, async (context) => {
    const warehouse = await open(context)
    const lab = await labOn(warehouse)
    await lab.build()
    await lab.execute(`update sluice.meta set project = 'another'`)
    const checks = await warehouseChecks(await lab.run())
    assert.equal(named(checks, 'state schema').error?.code, 'SLU5003')
    assert.deepEqual(
      checks.filter(({ name }) => name === 'snapshots' || name === 'plans'),
      [],
    )
  })

  test(`${engine}: a snapshot whose sync is gone is told`, async (context) => {
    const lab = await labOn(await open(context))
    const { ledger, runId } = await lab.run()
    const lease = await ledger.acquire('sync:gone', runId, 0)
    await ledger.syncs.ensureSnapshot(lease, {
      sync: 'gone',
      account: 'a',
      keyFields: ['email'],
      hashVersion: '1',
    })
    await lease.release()
    const snapshots = named(await warehouseChecks(await lab.run()), 'snapshots')
    assert.equal(snapshots.status, 'warning')
    assert.match(`${snapshots.message} ${snapshots.hint}`, /gone.*renamed_from: gone/)
  })
})

test('postgres: a user who may not write, or not read a source, is told so', async (context) => {
  const lab = await labOn(await openOwner(context))
  await lab.execute('create role reader nologin')
  await lab.execute('grant usage on schema data to reader')
  await lab.execute('set role reader')
  const checks = await warehouseChecks(await lab.run())
  await lab.execute('reset role')
  assert.deepEqual(statuses(checks), ['state schema failed', 'source people failed', 'source buyers failed'])
  for (const { error } of checks) assert.ok(error === undefined || error.code === 'SLU3002', error?.message)
})

test('postgres: a database whose letters are ASCII only is a warning', async (context) => {
  const { port, user, password } = await postgresServer()
  const first = await openEngine('postgres', context)
  await first.execute({
    step: 'test',
    sql: `create database ascii_only template template0 encoding 'UTF8' locale_provider libc locale 'C'`,
  })
  const settings = new Map<string, string | number>([
    ...Object.entries({
      host: '127.0.0.1',
      port,
      user,
      password,
      database: 'ascii_only',
      sslmode: 'disable',
    }),
  ])
  const warehouse = await openWarehouse({ type: 'postgres', directory: '/', settings, runId: 'test' })
  context.after(() => warehouse.close())
  const letters = named(await warehouseChecks(await (await labOn(warehouse)).run()), 'letters')
  assert.equal(letters.status, 'warning')
  assert.match(letters.hint ?? '', /C\.UTF-8/)
})
