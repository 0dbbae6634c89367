import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import type { FakeServer } from '../../src/connector/fake-server.ts'
import { createHttpTools } from '../../src/connector/http-client.ts'
import type {
  Batch,
  Change,
  Connection,
  HeldRow,
  ObjectMode,
  Receipt,
  Settings,
} from '../../src/connector/types.ts'
import { batchOf } from '../../test/support/batches.ts'
import { startFake } from './fake.ts'
import { connector } from './index.ts'

interface Account {
  readonly server: FakeServer
  readonly connection: Connection
  open(settings: Settings, use?: Settings): Connection
  write(changes: readonly Change[], mode?: ObjectMode): Promise<readonly Receipt[]>
  held(): readonly HeldRow[]
  /** As somebody else does it, in Mailchimp: what the contact is then. */
  ask(method: string, email: string, body?: object): Promise<Readonly<Record<string, unknown>>>
}

async function account(context: TestContext, use: Settings = {}): Promise<Account> {
  const fake = await startFake()
  const tools = createHttpTools({ clock: systemClock })
  context.after(async () => {
    await tools.close()
    await fake.close()
  })
  const server = fake.server ?? assert.fail()
  const open = (settings: Settings, own: Settings = {}) =>
    connector.connect({ ...fake.settings, ...settings }, tools, {
      object: 'members',
      settings: { ...fake.useOf?.('members'), ...own },
    })
  const connection = open({}, use)
  return {
    server,
    connection,
    open,
    write: (changes, mode = 'upsert') => connection.write(batchWith(changes, mode)),
    held: () => fake.held('', 'members'),
    ask: async (method, email, body) => {
      const hash = createHash('md5').update(email).digest('hex')
      const answer = await fetch(`${fake.settings.base_url}/lists/a1b2c3d4e5/members/${hash}`, {
        method,
        headers: { authorization: `Basic ${btoa(`any:${fake.settings.api_key}`)}` },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      return answer.status === 204 ? {} : ((await answer.json()) as Record<string, unknown>)
    },
  }
}

function batchWith(changes: readonly Change[], mode: ObjectMode): Batch {
  return { ...batchOf('members', changes), mode }
}

const ADA = 'ada@example.com'
const add = (email: string, fields: Change['fields'] = {}): Change => ({
  op: 'add',
  key: { email_address: email },
  fields,
})
const remove = (email: string): Change => ({ op: 'remove', key: { email_address: email }, fields: {} })
const APPLIED: Receipt = { status: 'applied' }

test('a new contact is not subscribed unless the sync says so', async (context) => {
  const { write, ask } = await account(context)
  await write([add(ADA)])
  assert.equal((await ask('GET', ADA)).status, 'transactional')
  const other = await account(context, { status_if_new: 'subscribed' })
  await other.write([add(ADA)])
  assert.equal((await other.ask('GET', ADA)).status, 'subscribed')
})

for (const status of ['unsubscribed', 'cleaned', 'pending', 'transactional', 'subscribed'])
  test(`a contact that is ${status} stays so, whatever is written of it, and though new ones are subscribed`, async (context) => {
    const { write, ask, server } = await account(context, { status_if_new: 'subscribed' })
    await write([add(ADA)])
    await ask('PATCH', ADA, { status })
    for (const mode of ['upsert', 'mirror', 'update'] as const)
      assert.deepEqual(await write([add(ADA, { FNAME: mode })], mode), [APPLIED])
    const { status: now, merge_fields: merge } = await ask('GET', ADA)
    assert.deepEqual([now, merge], [status, { FNAME: 'update' }])
    const bodies = server.requests
      .filter(({ method }) => method === 'PUT')
      .map(({ body }) => JSON.parse(body))
    assert.ok(bodies.length > 0)
    for (const body of bodies) assert.ok(!('status' in body))
  })

test('a contact that unsubscribed, was removed and comes back is there again and not subscribed', async (context) => {
  const { write, ask, held } = await account(context, { status_if_new: 'subscribed' })
  await write([add(ADA)])
  await ask('PATCH', ADA, { status: 'unsubscribed' })
  assert.deepEqual(await write([remove(ADA)]), [APPLIED])
  assert.deepEqual(held(), [])
  assert.deepEqual(await write([add(ADA, { FNAME: 'Ada' })]), [APPLIED])
  assert.equal((await ask('GET', ADA)).status, 'transactional')
  assert.deepEqual(held(), [{ key: { email_address: ADA }, fields: { FNAME: 'Ada' } }])
})

test('subscribed is no status for contacts that come back, and no other word is one', async (context) => {
  const { open } = await account(context)
  for (const use of [
    { status_if_archived: 'subscribed' },
    { status_if_new: 'cleaned' },
    { status_if_new: 'Subscribed' },
  ])
    await assert.rejects(open({}, use).account(), {
      action: 'stop',
      message: new RegExp(`expected the sync's setting ${Object.keys(use)[0]} to be one of transactional`),
    })
})

test('a contact that is archived already is removed, and one that Mailchimp does not let go is rejected', async (context) => {
  const { write, server } = await account(context)
  await write([add(ADA)])
  for (const _ of [1, 2]) assert.deepEqual(await write([remove(ADA)]), [APPLIED])
  await write([add(ADA)])
  server.script({ kind: 'answer', status: 405, body: JSON.stringify({ detail: 'Please contact support.' }) })
  assert.deepEqual(await write([remove(ADA)]), [
    { status: 'rejected', error: 'Mailchimp: Please contact support.' },
  ])
})

test('update takes who is there and rejects the rest, without making a contact', async (context) => {
  const { write, held } = await account(context)
  await write([add(ADA)])
  const receipts = await write([add('Ada@Example.com', { FNAME: 'Ada' }), add('grace@example.com')], 'update')
  assert.deepEqual(receipts, [
    APPLIED,
    { status: 'rejected', error: 'expected a contact of the audience, found none' },
  ])
  assert.equal(held().length, 1)
})

test('fields are merge tags, and those that a contact has beside them', async (context) => {
  const { write, server, ask } = await account(context)
  const address = { addr1: '1 Main St', city: 'Paris', state: 'IDF', zip: '75001' }
  const fields = { FNAME: 'Ada', LNAME: null, AGE: 36, OK: true, ALL: ['a', 'b'], ADDRESS: address }
  await write([
    add(ADA, { ...fields, language: 'fr', vip: true, email_type: 'text', tags: ['vip', 'vip 2'] }),
  ])
  const [put, tags] = server.requests.map(({ body }) => JSON.parse(body))
  assert.deepEqual(put, {
    email_address: ADA,
    status_if_new: 'transactional',
    language: 'fr',
    email_type: 'text',
    vip: true,
    merge_fields: { FNAME: 'Ada', LNAME: '', AGE: 36, OK: 'true', ALL: 'a, b', ADDRESS: address },
  })
  assert.deepEqual(tags, {
    tags: [
      { name: 'vip', status: 'active' },
      { name: 'vip 2', status: 'active' },
    ],
  })
  await write([add(ADA, { tags: 'third' })])
  assert.deepEqual((await ask('GET', ADA)).tags, [{ name: 'vip' }, { name: 'vip 2' }, { name: 'third' }])
})

test('a row that Mailchimp refuses is rejected in its words, without the address, and the others are taken', async (context) => {
  const { write, held } = await account(context)
  const receipts = await write([add('nonsense'), add(ADA)])
  assert.deepEqual(receipts, [
    {
      status: 'rejected',
      error: 'Mailchimp: [value] looks fake or invalid, please enter a real address.',
    },
    APPLIED,
  ])
  assert.equal(held().length, 1)
})

test('no error names the hash of an address', async (context) => {
  const { write, server } = await account(context)
  const hash = createHash('md5').update(ADA).digest('hex')
  for (const fault of [
    { kind: 'answer', status: 429 },
    { kind: 'answer', status: 404 },
    { kind: 'reset' },
  ] as const) {
    server.script(fault)
    const error = await write([add(ADA)]).catch((thrown) => thrown)
    assert.ok(error instanceof DestinationError)
    assert.ok(!error.message.includes(hash), error.message)
    assert.match(error.message, /\/lists\/a1b2c3d4e5\/members\/\(hash\)/)
  }
})

test('403 in a page of the network before Mailchimp passes, and one of Mailchimp itself does not', async (context) => {
  const { write, server } = await account(context)
  server.script({ kind: 'answer', status: 403, body: '<html>denied</html>' })
  await assert.rejects(write([add(ADA)]), { action: 'retry' })
  server.script({ kind: 'answer', status: 403, body: '{"title":"User Disabled"}' })
  await assert.rejects(write([add(ADA)]), { action: 'stop' })
})

test('the account names the audience, which must be there', async (context) => {
  const { connection, open } = await account(context)
  assert.equal(await connection.account(), '8d3a3db4d97663a9074efcc16, audience a1b2c3d4e5')
  await assert.rejects(
    open({}, { audience: 'zzz' }).account(),
    /setting audience to be the id of an audience/,
  )
})

test('the data center is what the key ends in, and a key without one is said to be so', async (context) => {
  const { open } = await account(context)
  const refused = { base_url: undefined, allow_private_network: false, timeout_seconds: 1 }
  for (const key of ['0123456789abcdef', 'abc-', 'abc-us21/evil.example'])
    await assert.rejects(open({ ...refused, api_key: key }).account(), {
      action: 'stop',
      message: /expected an api_key that ends in its data center, as in -us21, or the setting data_center/,
    })
})

test('the address is that of the data center, of the key or as it is set', async (context) => {
  const hosts: string[] = []
  const tools = createHttpTools({
    clock: systemClock,
    resolve: async (host) => {
      hosts.push(host)
      return []
    },
  })
  context.after(() => tools.close())
  for (const settings of [{ api_key: 'abc-us21' }, { access_token: 'abc', data_center: 'us7' }])
    await assert.rejects(connector.connect({ ...settings, timeout_seconds: 5 }, tools).account())
  assert.deepEqual(hosts, ['us21.api.mailchimp.com', 'us7.api.mailchimp.com'])
})

test('the fields of the audience are its merge tags and those of every contact', async (context) => {
  const { connection } = await account(context)
  const names = (await connection.fields?.())?.map(({ name }) => name)
  assert.ok(names?.includes('FNAME') && names.includes('tags') && !names.includes('status'))
})

test('erasing deletes contacts for good: Mailchimp takes the address in no more', async (context) => {
  const { connection, write, held } = await account(context)
  await write([add(ADA), add('grace@example.com')])
  const keys = [ADA, 'nobody@example.com'].map((email_address) => ({ email_address }))
  assert.deepEqual(await connection.erase?.(keys), [APPLIED, APPLIED])
  assert.deepEqual(
    held().map(({ key }) => key.email_address),
    ['grace@example.com'],
  )
  const [again] = await write([add(ADA)])
  assert.equal(again?.status, 'rejected')
})
