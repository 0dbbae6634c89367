import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type CliShop, cliShop, PEOPLE } from '../support/cli-shop.ts'
import type { EngineName } from '../support/engines.ts'
import { ENGINES } from '../support/engines.ts'
import { type Receiver, startReceiver } from '../support/receiver.ts'

type Facts = Readonly<Record<string, unknown>>

/** A sync of an entity that sends its id, and one of a source with a key of two fields. */
function project(url: string): string {
  return `sources:
  - {name: people, table: people, primary_key: id}
entities:
  - name: customer
    identity:
      from: [{source: people, ids: {email: id}}]
    profile:
      email: {from: [people.id], pick: most_recent}
      city: {from: [people.city], pick: most_recent}
destinations:
  - {name: hook, connector: http, settings: {url: "${url}", allow_private_network: true, batch_size: 2}}
syncs:
  - {name: customers, entity: customer, to: hook.rows, mode: mirror, match: {email: email}, map: {id: customer_id, city: city}, guard: {max_rejected: 100%}}
  - {name: people_out, source: people, to: hook.rows, match: {id: id, place: city}, map: {city: city}, guard: {max_rejected: 100%}}
`
}

/** Two builds, so that one id is of the second; the last person is rejected by both syncs. */
async function sentShop(context: TestContext, engine: EngineName, receiver: Receiver): Promise<CliShop> {
  const shop = await cliShop(context, engine, { yaml: project(receiver.url) })
  await shop.sql(...PEOPLE)
  receiver.reply = ({ changes }) => ({
    status: 200,
    body: {
      results: changes.map(({ key }) =>
        Object.values(key).includes('d@x.example')
          ? { status: 'rejected', error: 'bad' }
          : { status: 'applied' },
      ),
    },
  })
  assert.equal((await shop.run('sync')).code, 0)
  await shop.sql("insert into people values ('e@x.example', 'Ee')")
  assert.equal((await shop.run('sync')).code, 0)
  receiver.clear()
  return shop
}

/** The same project and data in another warehouse that knows nothing yet. */
async function otherShop(context: TestContext, engine: EngineName, receiver: Receiver): Promise<CliShop> {
  const shop = await cliShop(context, engine, { yaml: project(receiver.url) })
  await shop.sql(...PEOPLE, "insert into people values ('e@x.example', 'Ee')")
  return shop
}

const LATER = "update sluice.receipts set attempts = 9, next_try_at = timestamp '2999-01-01 00:00:00'"

async function tablesIn(shop: CliShop): Promise<readonly unknown[]> {
  const rows = await shop.sql(
    "select table_name as name from information_schema.tables where table_schema = 'sluice' order by 1",
  )
  return rows.map(({ name }) => name)
}

async function hasSchema(shop: CliShop): Promise<boolean> {
  const rows = await shop.sql(
    "select schema_name from information_schema.schemata where schema_name = 'sluice'",
  )
  return rows.length > 0
}

for (const engine of ENGINES) {
  const name = (sentence: string) => `${engine}: ${sentence}`

  test(
    name('a state goes on in another warehouse: nothing is sent, ids and history are kept'),
    async (context) => {
      const receiver = await startReceiver(context)
      const shop = await sentShop(context, engine, receiver)
      await shop.sql(LATER)
      const ids = await shop.sql('select email, customer_id from sluice.customer order by email')
      const file = join(shop.folder, 'state.ndjson')
      const exported = await shop.answer('state', 'export', file)
      assert.equal(exported.snapshots, 2)
      assert.equal(statSync(file).mode & 0o777, 0o600)

      const other = await otherShop(context, engine, receiver)
      const imported = await other.answer('state', 'import', file)
      assert.deepEqual([imported.rows, imported.tables, imported.dirty], [exported.rows, exported.tables, 0])
      const synced = (await other.answer('sync')).syncs as readonly Facts[]
      assert.deepEqual(
        synced.map((one) => [one.name, one.status, one.unchanged, one.held, one.sent_rows]),
        [
          ['customers', 'done', 4, 1, 0],
          ['people_out', 'done', 4, 1, 0],
        ],
      )
      assert.equal(receiver.requests.length, 0)
      assert.deepEqual(await other.sql('select email, customer_id from sluice.customer order by email'), ids)
      assert.equal(((await other.answer('runs', 'ls')).runs as readonly unknown[]).length, 3)
      const retried = await other.answer('retry')
      assert.deepEqual(retried.retried, [
        { name: 'customers', rows: 1, waited: 1 },
        { name: 'people_out', rows: 1, waited: 1 },
      ])
      assert.deepEqual(receiver.changes.length, 2)
      await other.sql("delete from people where id = 'a@x.example'")
      receiver.clear()
      const [customers] = (await other.answer('sync', '-s', 'customers')).syncs as readonly Facts[]
      assert.deepEqual([customers?.remove, customers?.applied], [1, 1])
      assert.deepEqual(
        receiver.changes.map(({ op, key }) => [op, key]),
        [['remove', { email: 'a@x.example' }]],
      )
    },
  )

  test(name('a plan that was interrupted is finished where its state went'), async (context) => {
    const receiver = await startReceiver(context)
    const shop = await cliShop(context, engine, { yaml: project(receiver.url) })
    await shop.sql(...PEOPLE, "insert into people values ('e@x.example', 'Ee')")
    receiver.reply = ({ batch }) => (batch > 1 ? { status: 403 } : undefined)
    assert.equal((await shop.run('sync', '-s', 'people_out')).code, 6)
    assert.equal(receiver.rows.size, 2)
    const file = join(shop.folder, 'state.ndjson')
    await shop.answer('state', 'export', file)
    const other = await otherShop(context, engine, receiver)
    await other.answer('state', 'import', file)
    receiver.clear()
    const [one] = (await other.answer('sync', '-s', 'people_out')).syncs as readonly Facts[]
    assert.deepEqual([one?.resumed, one?.applied, one?.sent_rows], [true, 5, 3])
    assert.equal(receiver.rows.size, 5)
  })

  test(name('an export overwrites nothing unless told to, and leaves no half file'), async (context) => {
    const receiver = await startReceiver(context)
    const shop = await sentShop(context, engine, receiver)
    const folder = join(shop.folder, 'data')
    const file = join(shop.folder, 'state.ndjson')
    writeFileSync(file, 'mine')
    const refused = await shop.run('state', 'export', file, '-o', 'json')
    assert.deepEqual([refused.code, (refused.json().error as Facts).code], [64, 'SLU7012'])
    assert.equal(readFileSync(file, 'utf8'), 'mine')
    const text = await shop.run('state', 'export', file, '--yes')
    assert.equal(text.code, 0)
    assert.match(text.stdout, /names customers/)
    assert.match(readFileSync(file, 'utf8'), /^\{"sluice_state":1,/)
    assert.equal((await shop.run('state', 'export', join(folder, 'no', 'such'))).code, 64)
    assert.deepEqual(
      readdirSync(shop.folder).filter((one) => one.includes('partial')),
      [],
    )
  })

  test(
    name('an import that does not fit, or is not whole, is refused and writes nothing'),
    async (context) => {
      const receiver = await startReceiver(context)
      const shop = await sentShop(context, engine, receiver)
      const file = join(shop.folder, 'state.ndjson')
      await shop.answer('state', 'export', file)
      const other = await otherShop(context, engine, receiver)
      const whole = readFileSync(file, 'utf8')
      const lines = whole.trimEnd().split('\n')
      const first = lines[0] ?? ''
      const bad: readonly (readonly [string, string])[] = [
        ['', 'SLU5008'],
        ['{"a":1}\n', 'SLU5008'],
        [`${lines.slice(0, -1).join('\n')}\n`, 'SLU5008'],
        [whole.slice(0, whole.length / 2), 'SLU5008'],
        [whole.replace(/"rows":\d+/, '"rows":1'), 'SLU5008'],
        [`${whole}["more"]\n`, 'SLU5008'],
        [whole.replace(first, first.replace('cli_shop', 'another')), 'SLU5009'],
        [whole.replace(first, first.replace(/"schema_version":\d+/, '"schema_version":99')), 'SLU5009'],
        [whole.replace('["run_id","text"]', '["strange","text"]'), 'SLU5009'],
      ]
      for (const [text, code] of bad) {
        const path = join(shop.folder, 'bad.ndjson')
        writeFileSync(path, text)
        const result = await other.run('state', 'import', path, '-o', 'json')
        const error = result.json().error as Facts
        assert.deepEqual([result.code, error.code], [64, code], text.slice(0, 80))
        assert.doesNotMatch(String(error.message), /@/)
      }
      assert.equal((await other.run('state', 'import', join(shop.folder, 'nothing'))).code, 64)
      assert.deepEqual((await other.answer('state', 'ls')).snapshots, [])
      assert.deepEqual((await other.answer('runs', 'ls')).runs, [])
      await other.answer('state', 'import', file)
      const again = await other.run('state', 'import', file, '-o', 'json')
      assert.deepEqual([again.code, (again.json().error as Facts).code], [64, 'SLU5010'])
    },
  )

  test(name('destroy keeps snapshots unless they are given up, then leaves no trace'), async (context) => {
    const receiver = await startReceiver(context)
    const shop = await sentShop(context, engine, receiver)
    const refused = await shop.run('state', 'destroy', '--yes', '-o', 'json')
    const error = refused.json().error as Facts
    assert.deepEqual([refused.code, error.code], [4, 'SLU5007'])
    assert.match(String(error.message), /4 rows of customers at hook \(http:\/\/127\.0\.0\.1:\d+/)
    const unasked = await shop.run('state', 'destroy', '--abandon', '-o', 'json')
    assert.deepEqual([unasked.code, (unasked.json().error as Facts).code], [64, 'SLU7018'])
    assert.ok((await tablesIn(shop)).length > 10)
    const destroyed = await shop.answer('state', 'destroy', '--abandon', '--yes')
    assert.equal(destroyed.schema_dropped, true)
    assert.deepEqual(
      (destroyed.left as readonly Facts[]).map((one) => [one.sync, one.destination, one.rows]),
      [
        ['customers', 'hook', 4],
        ['people_out', 'hook', 4],
      ],
    )
    assert.equal(await hasSchema(shop), false)
    assert.equal((await shop.sql('select id from people')).length, 5)
    const nothing = await shop.run('state', 'destroy', '--yes')
    assert.match(nothing.stdout, /Nothing of Sluice is in "sluice"/)
    assert.equal(await hasSchema(shop), false)
    // The rights on the state schema went with it.
    await shop.grant()
    assert.equal((await shop.run('sync')).code, 0, 'a new life begins')
  })

  test(name('destroy never touches what is not of Sluice, and then leaves the schema'), async (context) => {
    const receiver = await startReceiver(context)
    const shop = await sentShop(context, engine, receiver)
    await shop.sql(
      'create table sluice.notes as select 1 as a',
      'create table sluice.snapshot_of_mine as select 1 as a',
      'create table sluice.customer__new as select 1 as a',
      'create table sluice.sandbox_runs as select 1 as a',
    )
    const text = await shop.run('state', 'destroy', '--abandon', '--yes')
    assert.equal(text.code, 0, text.stderr)
    assert.match(text.stdout, /the schema "sluice" stays/)
    assert.match(text.stdout, /no run will change or remove it/)
    assert.deepEqual(await tablesIn(shop), ['notes', 'snapshot_of_mine'])
  })
}

test('postgres: destroy and export wait for no run: one that holds a lease refuses them', async (context) => {
  const receiver = await startReceiver(context)
  const shop = await sentShop(context, 'postgres', receiver)
  await shop.sql(
    "update sluice.leases set run_id = 'other', expires_at = timestamp '2999-01-01 00:00:00' where name = 'sync:people_out'",
  )
  const before = await tablesIn(shop)
  for (const args of [
    ['destroy', '--abandon', '--yes'],
    ['export', join(shop.folder, 'state.ndjson')],
  ]) {
    const result = await shop.run('state', ...args, '-o', 'json')
    assert.deepEqual([result.code, (result.json().error as Facts).code], [5, 'SLU5001'])
  }
  assert.deepEqual(await tablesIn(shop), before)
})

test('postgres: destroy names the views that read a table of ours, and drops nothing', async (context) => {
  const receiver = await startReceiver(context)
  const shop = await sentShop(context, 'postgres', receiver)
  await shop.sql('create view mine as select email from sluice.customer')
  const before = await tablesIn(shop)
  const result = await shop.run('state', 'destroy', '--abandon', '--yes', '-o', 'json')
  const error = result.json().error as Facts
  assert.deepEqual([result.code, error.code], [78, 'SLU5011'])
  assert.match(String(error.message), /mine/)
  assert.deepEqual(await tablesIn(shop), before)
})

for (const [from, to] of [
  ['duckdb', 'postgres'],
  ['postgres', 'duckdb'],
] as const)
  test(`from ${from} to ${to} every row is sent once more, ids stay, and who left is removed`, async (context) => {
    const receiver = await startReceiver(context)
    const shop = await sentShop(context, from, receiver)
    const ids = await shop.sql('select email, customer_id from sluice.customer order by email')
    const file = join(shop.folder, 'state.ndjson')
    await shop.answer('state', 'export', file)
    const other = await otherShop(context, to, receiver)
    await other.sql("delete from people where id = 'a@x.example'")
    const text = await other.run('state', 'import', file)
    assert.equal(text.code, 0, text.stderr)
    assert.match(text.stdout, new RegExp(`8 rows are dirty: hashes of ${from} mean nothing on ${to}`))
    const [customers] = (await other.answer('sync')).syncs as readonly Facts[]
    assert.deepEqual([customers?.change, customers?.add, customers?.remove], [3, 1, 1])
    assert.equal(receiver.changes.filter(({ op }) => op === 'remove').length, 1)
    const kept = ids.filter(({ email }) => email !== 'a@x.example')
    assert.deepEqual(await other.sql('select email, customer_id from sluice.customer order by email'), kept)
    receiver.clear()
    await other.answer('sync')
    assert.equal(receiver.requests.length, 0, 'once')
  })
