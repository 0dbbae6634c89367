import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { openWarehouse } from '../../src/warehouse/open.ts'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import { projectFolder, receiver, sluice } from '../support/cli.ts'
import type { EngineName } from '../support/engines.ts'
import { ENGINES } from '../support/engines.ts'
import { asEngine, givePrintedRights } from '../support/least-role.ts'
import { allRows } from '../support/model.ts'
import { freshPostgres } from '../support/postgres.ts'

/** A project on tables, and a way to look into its warehouse between commands. */
interface Place {
  readonly folder: string
  look<T>(ask: (warehouse: Warehouse) => Promise<T>): Promise<T>
}

const SOURCES = `
create schema crm;
create table crm.contacts (id integer, email text, name text);
insert into crm.contacts values (1, 'ada@example.com', 'Ada'), (2, 'grace@example.com', 'Grace'),
  (3, 'linus@example.com', 'Linus')`

const PROJECT = (target: string, url: string) => `version: 1
name: lab
targets:
  dev: ${target}
sources:
  - {name: contacts, table: crm.contacts, primary_key: id}
entities:
  - name: customer
    identity: {from: [{source: contacts, ids: {email: email}}]}
    profile: {email: {from: [contacts.email], pick: most_recent}, name: {from: [contacts.name], pick: most_recent}}
segments:
  - {name: everyone, entity: customer, where: {all: []}}
destinations:
  - {name: hook, connector: http, settings: {url: "${url}", batch_size: 2, allow_private_network: true}}
  - {name: crm, connector: hubspot, settings: {access_token: "\${NOWHERE_TOKEN}"}}
syncs:
  - {name: to_hook, segment: everyone, to: hook.rows, mode: mirror, match: {email: email}, map: {name: name}}
  - {name: broken, segment: everyone, to: hook.rows, match: {email: email}, map: {age: {sql: "cast({name} as integer)"}}}
  - {name: to_crm, segment: everyone, to: crm.contacts, match: {email: email}, map: {loyalty_tier: name}}
`

async function placeOn(
  engine: EngineName,
  context: TestContext,
  options: { readonly url?: string; readonly send?: string } = {},
): Promise<Place> {
  const settings = engine === 'duckdb' ? new Map([['path', 'warehouse.duckdb']]) : await freshPostgres()
  const asked = engine === 'postgres' ? asEngine(settings) : settings
  const written = [...asked].map(([name, value]) => `${name}: ${value}`)
  const target = `{type: ${engine}, ${written.join(', ')}, send: ${options.send ?? 'real'}}`
  const directory = projectFolder(context, {
    'sluice.yml': PROJECT(target, options.url ?? 'http://127.0.0.1:9/rows'),
  })
  const look = async <T>(ask: (warehouse: Warehouse) => Promise<T>): Promise<T> => {
    const warehouse = await openWarehouse({ type: engine, directory, settings, runId: 'test' })
    try {
      return await ask(warehouse)
    } finally {
      await warehouse.close()
    }
  }
  await look(async (warehouse) => {
    for (const sql of SOURCES.split(';')) await warehouse.execute({ step: 'test', sql })
  })
  if (engine === 'postgres') await givePrintedRights(directory, settings)
  return { folder: directory, look }
}

/** Every table of the state schema with all its rows. */
function state({ look }: Place): Promise<Readonly<Record<string, readonly string[]>>> {
  return look(async (warehouse) => {
    const tables = await allRows(
      warehouse,
      "select table_name as n from information_schema.tables where table_schema = 'sluice' order by 1",
    )
    const content: Record<string, readonly string[]> = {}
    for (const { n } of tables) {
      const rows = await allRows(warehouse, `select * from sluice.${n}`)
      content[String(n)] = rows
        .map((row) => JSON.stringify(row, (_, v) => (typeof v === 'bigint' ? String(v) : v)))
        .sort()
    }
    return content
  })
}

const figures = (json: Readonly<Record<string, unknown>>) =>
  (json.syncs as readonly Readonly<Record<string, unknown>>[]).map((one) => [
    one.name,
    one.status,
    one.add,
    one.applied,
    one.requests,
  ])

for (const engine of ENGINES) {
  test(`${engine}: a sandbox sends everything to fakes, without credentials, and leaves no table`, async (context) => {
    const hook = await receiver(context)
    const place = await placeOn(engine, context, { url: hook.url })
    const args = ['-C', place.folder, 'sync', '--sandbox', '-s', 'to_hook', '-s', 'to_crm']
    const result = await sluice([...args, '-o', 'json'])
    assert.equal(result.code, 0, result.stdout + result.stderr)
    assert.equal(result.json().sandbox, true)
    // batches of two rows, as the project says, in the first; HubSpot is asked who we are first
    assert.deepEqual(figures(result.json()), [
      ['to_hook', 'done', 3, 3, 2],
      ['to_crm', 'done', 3, 3, 2],
    ])
    assert.equal(hook.bodies.length, 0, 'the destination of the project was reached')
    assert.deepEqual(await state(place), {})
    const again = await sluice(args)
    assert.match(again.stdout, /\+ 3 add[\s\S]*\nSandbox: sent to the connectors' fakes/)
  })

  test(`${engine}: nothing of the real ledger or of what is published changes, also when a sync fails`, async (context) => {
    const hook = await receiver(context)
    const place = await placeOn(engine, context, { url: hook.url })
    const real = await sluice(['-C', place.folder, 'sync', '-s', 'to_hook'])
    assert.equal(real.code, 0, real.stderr)
    const sent = hook.bodies.length
    const before = await state(place)
    assert.ok(Object.keys(before).includes('snapshot_to_hook'))
    await place.look((warehouse) =>
      warehouse.execute({
        step: 'test',
        sql: "insert into crm.contacts values (4, 'ken@example.com', 'Ken')",
      }),
    )

    const failed = await sluice(['-C', place.folder, 'sync', '--sandbox', '-o', 'json'])
    assert.equal(failed.code, 1, failed.stdout + failed.stderr)
    assert.deepEqual(
      figures(failed.json()).map((figure) => figure.slice(0, 4)),
      [
        ['to_hook', 'done', 4, 4],
        ['broken', 'failed', 0, 0],
        ['to_crm', 'done', 4, 4],
      ],
    )
    const published = await sluice([
      ...['-C', place.folder, 'sync', '--sandbox', '--no-build', '-s', 'to_hook', '-o', 'json'],
    ])
    assert.deepEqual(figures(published.json()), [['to_hook', 'done', 3, 3, 2]])
    assert.deepEqual(await state(place), before)
    assert.equal(hook.bodies.length, sent)
  })

  test(`${engine}: a target of "send: sandbox" never sends otherwise`, async (context) => {
    const hook = await receiver(context)
    const place = await placeOn(engine, context, { url: hook.url, send: 'sandbox' })
    for (const command of ['sync', 'run']) {
      const result = await sluice(['-C', place.folder, command, '-s', 'to_hook', '-o', 'json'])
      assert.equal(result.code, 0, result.stderr)
      assert.deepEqual(figures(result.json()), [['to_hook', 'done', 3, 3, 2]])
    }
    assert.equal(hook.bodies.length, 0)
    assert.deepEqual(await state(place), {})
  })
}

test('a destination that no fake stands for is told of before anything is sent, and nothing is left of the sandbox', async (context) => {
  const place = await placeOn('duckdb', context)
  const file = join(place.folder, 'ops.yml')
  writeFileSync(
    file,
    `destinations: [{name: ops, connector: postgres, settings: {host: db.example, user: u, database: d}}]
syncs: [{name: to_ops, segment: everyone, to: ops.customers, match: {email: email}, map: {name: name}}]
`,
  )
  const result = await sluice(['-C', place.folder, 'sync', '--sandbox', '-s', 'to_hook', '-s', 'to_ops'])
  assert.equal(result.code, 78, result.stdout + result.stderr)
  assert.match(
    result.stderr,
    /SLU5109[\s\S]*found postgres, which needs a real database \(destination "ops"\)[\s\S]*leave its syncs out/,
  )
  assert.deepEqual(await state(place), {})
})

test('what a killed sandbox left is dropped by the next one; a living one is waited for, then left alone', async (context) => {
  const place = await placeOn('postgres', context)
  const execute = (...statements: readonly string[]) =>
    place.look(async (warehouse) => {
      for (const sql of statements) await warehouse.execute({ step: 'test', sql })
    })
  const sandbox = () =>
    sluice(['-C', place.folder, 'sync', '--sandbox', '--wait', '0', '-s', 'to_hook', '-o', 'json'])
  // A whole ledger under the prefix, as a run leaves it that is killed in the middle.
  assert.equal((await sluice(['-C', place.folder, 'sync', '-s', 'to_crm'])).code, 78)
  const tables = Object.keys(await state(place)).filter((name) => !/^(?:customer|segment)/.test(name))
  const [{ engineRole } = { engineRole: '' }] = (await place.look((warehouse) =>
    allRows(
      warehouse,
      "select tableowner as \"engineRole\" from pg_tables where schemaname = 'sluice' and tablename = 'meta'",
    ),
  )) as readonly { readonly engineRole: string }[]
  await execute(
    ...tables.map((name) => `create table sluice.sandbox_${name} as select * from sluice.${name}`),
    // The run that was killed was the engine's.
    ...tables.map((name) => `alter table sluice.sandbox_${name} owner to ${engineRole}`),
    `insert into sluice.sandbox_leases (name, run_id, token, expires_at)
     values ('sandbox', 'other', 1, (now() at time zone 'utc') + interval '1 hour')`,
  )
  const left = await state(place)
  const busy = await sandbox()
  assert.equal(busy.code, 5, busy.stdout)
  assert.match(JSON.stringify(busy.json().error), /SLU5001.*run other/)
  assert.deepEqual(await state(place), left)

  await execute(
    "update sluice.sandbox_leases set expires_at = (now() at time zone 'utc') - interval '1 hour'",
  )
  assert.equal((await sandbox()).code, 0)
  assert.deepEqual(
    Object.keys(await state(place)).filter((name) => name.startsWith('sandbox_')),
    [],
  )
})

test('a target that refuses to send may still play', async (context) => {
  const place = await placeOn('duckdb', context, { send: 'refuse' })
  assert.equal((await sluice(['-C', place.folder, 'sync', '-s', 'to_hook'])).code, 4)
  assert.equal((await sluice(['-C', place.folder, 'sync', '--sandbox', '-s', 'to_hook'])).code, 0)
})
