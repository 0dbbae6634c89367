import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startFake } from '../../connectors/meta/fake.ts'
import { openWarehouse } from '../../src/warehouse/open.ts'
import { projectFolder, sluice } from '../support/cli.ts'
import { allRows } from '../support/model.ts'

/** Addresses and numbers that stand nowhere but in the sources and profiles of the project. */
const CANARIES = /kanari|612345|687654/i

const project = (settings: string) => `version: 1
name: shop
targets:
  dev: {type: duckdb, path: warehouse.duckdb}
sources:
  - {name: contacts, file: contacts.csv, primary_key: id}
  - {name: orders, file: orders.csv, primary_key: id, occurred_at: ordered_at, belongs_to: {contacts: contact}}
entities:
  - name: customer
    identity:
      from: [{source: contacts, ids: {email: {any: [mail, work_mail]}, phone: phone}}]
      identifiers: {email: {normalize: email}, phone: {normalize: phone, default_country: FR}}
    profile: {first_name: {from: [contacts.first_name]}}
segments:
  - {name: everyone, entity: customer, where: {all: []}}
destinations:
  - {name: meta, connector: meta, settings: ${settings}}
syncs:
  - name: all_to_meta
    segment: everyone
    to: meta.audience
    mode: mirror
    match: {id: customer_id}
    identifiers: {email: email, phone: phone, first_name: first_name}
    settings: {audience: Everyone}
  - name: orders_to_meta
    source: orders
    to: meta.events
    mode: insert
    match: {event_id: id}
    map: {event_name: {value: Purchase}, event_time: ordered_at, value: total, currency: {value: EUR}}
    identifiers: {email: customer.email}
    settings: {action_source: physical_store}
`

const CONTACTS = `id,mail,work_mail,phone,first_name
1,Kanari.One@example.com,kanari.work@example.com,06 12 34 56 78,Kanariann
2,kanari.two@example.com,,+33687654321,Kanaribob
3,not an address kanari,,,Kanaricem
`

const ORDERS = `id,contact,total,ordered_at
o1,1,12.50,2026-01-30T10:00:00Z
o2,3,9.99,2026-01-30T11:00:00Z
`

test('no address, number or name is on the screen, in logs, plans, snapshots or receipts of audiences and events', async (context) => {
  const fake = await startFake()
  context.after(() => fake.close())
  const folder = projectFolder(context, {
    'sluice.yml': project(JSON.stringify(fake.settings)),
    'contacts.csv': CONTACTS,
    'orders.csv': ORDERS,
  })
  const told: string[] = []
  const run = async (...args: readonly string[]) => {
    const { stdout, stderr, code } = await sluice(['-C', folder, ...args])
    told.push(stdout, stderr)
    return { stdout, code }
  }
  const asOf = ['--as-of', '2026-01-31']
  const planned = await run('plan', '--sample', '5', ...asOf)
  assert.equal(planned.code, 0, told.join('\n'))
  assert.match(planned.stdout, /\+ 2 add/)
  assert.match(planned.stdout, /1 no_identifier/)
  assert.equal((await run('sync', '-o', 'json', ...asOf)).code, 0, told.join('\n'))
  assert.equal((await run('sync', ...asOf)).code, 0, told.join('\n'))
  await run('runs', 'ls')
  await run('explain', 'everyone')
  told.push(...(fake.server?.requests.map(({ path, body }) => `${path} ${body}`) ?? []))
  assert.match(told.join('\n'), /[0-9a-f]{64}/)
  assert.doesNotMatch(told.join('\n'), CANARIES)

  const settings = new Map([['path', 'warehouse.duckdb']])
  const warehouse = await openWarehouse({ type: 'duckdb', directory: folder, settings, runId: 'test' })
  try {
    const tables = await allRows(
      warehouse,
      `select table_name as name from information_schema.tables where table_schema = 'sluice' and table_name not like 'customer%'`,
    )
    assert.ok(tables.length > 10, 'the ledger is there')
    for (const { name } of tables) {
      const rows = await allRows(warehouse, `select * from sluice."${name}"`)
      const text = JSON.stringify(rows, (_, value) => (typeof value === 'bigint' ? String(value) : value))
      assert.doesNotMatch(text, CANARIES, String(name))
    }
  } finally {
    await warehouse.close()
  }
})
