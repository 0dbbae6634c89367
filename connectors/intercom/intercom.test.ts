import assert from 'node:assert/strict'
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

interface Workspace {
  readonly server: FakeServer
  readonly contacts: Connection
  readonly companies: Connection
  open(settings: Settings): Connection
  write(changes: readonly Change[], mode?: ObjectMode): Promise<readonly Receipt[]>
  held(object: string): readonly HeldRow[]
  /** What was asked since the last time. */
  asked(): readonly string[]
}

async function workspace(context: TestContext): Promise<Workspace> {
  const fake = await startFake()
  const tools = createHttpTools({ clock: systemClock })
  context.after(async () => {
    await tools.close()
    await fake.close()
  })
  const server = fake.server ?? assert.fail()
  const open = (settings: Settings, object = 'contacts') =>
    connector.connect({ ...fake.settings, ...settings }, tools, { object, settings: {} })
  const contacts = open({})
  let read = 0
  return {
    ...{ server, contacts, open, companies: open({}, 'companies') },
    write: (changes, mode = 'upsert') => contacts.write(batchWith(changes, mode)),
    held: (object) => fake.held('', object),
    asked: () => {
      const all = server.requests.map(({ method, path }) => `${method} ${path}`)
      const latest = all.slice(read)
      read = all.length
      return latest
    },
  }
}

function batchWith(changes: readonly Change[], mode: ObjectMode = 'upsert'): Batch {
  return { ...batchOf('contacts', changes), mode }
}

const add = (key: Change['key'], fields: Change['fields'] = {}): Change => ({ op: 'add', key, fields })
const remove = (key: Change['key']): Change => ({ op: 'remove', key, fields: {} })
const id = (external_id: string) => ({ external_id })
const answer = (status: number, body: object, headers = {}) =>
  ({ kind: 'answer', status, headers, body: JSON.stringify(body) }) as const
const NOT_FOUND_YET = answer(200, { type: 'list', data: [] })
const APPLIED: Receipt = { status: 'applied' }
const bodies = (server: FakeServer) =>
  server.requests.map(({ body }) => (body === '' ? {} : JSON.parse(body)))

test('a batch is searched in one request, then each contact is created or updated', async (context) => {
  const { write, asked, server } = await workspace(context)
  await write([add(id('a'), { name: 'A' })])
  assert.deepEqual(await write([add(id('a'), { name: 'B' }), add(id('b'), { name: 'C' })]), [
    APPLIED,
    APPLIED,
  ])
  assert.deepEqual(asked(), [
    'POST /contacts/search',
    'POST /contacts',
    'POST /contacts/search',
    'PUT /contacts/64f0101',
    'POST /contacts',
  ])
  assert.deepEqual(bodies(server)[2], {
    query: { field: 'external_id', operator: 'IN', value: ['a', 'b'] },
    pagination: { per_page: 150 },
  })
})

test('what is no field of contacts is a custom attribute, and times are seconds', async (context) => {
  const { write, server } = await workspace(context)
  const fields = { name: 'A', signed_up_at: '2026-01-02T03:04:05Z', plan: ['a', 'b'], score: null }
  await write([add(id('a'), fields)])
  assert.deepEqual(bodies(server)[1], {
    role: 'user',
    name: 'A',
    signed_up_at: 1767323045,
    external_id: 'a',
    custom_attributes: { plan: 'a, b', score: null },
  })
})

test('a contact that search does not know yet is updated where the conflict says it is', async (context) => {
  const { write, held, server } = await workspace(context)
  await write([add(id('a'), { name: 'A' })])
  server.script(NOT_FOUND_YET)
  assert.deepEqual(await write([add(id('a'), { name: 'B' })]), [APPLIED])
  assert.deepEqual(held('contacts'), [{ key: id('a'), fields: { name: 'B' } }])
})

test('a contact with the address and no external id becomes the row', async (context) => {
  const { write, held } = await workspace(context)
  await write([add({ email: 'ada@example.com' }, { name: 'Ada' })])
  assert.deepEqual(await write([add(id('a'), { email: 'Ada@example.com' })]), [APPLIED])
  assert.deepEqual(
    held('contacts').map(({ key }) => key),
    [id('a')],
  )
})

test('a conflict with somebody else changes nothing of them, and the row is rejected', async (context) => {
  const { write, held, server } = await workspace(context)
  await write([add(id('a'), { name: 'A', email: 'ada@example.com' })])
  const conflict = {
    code: 'conflict',
    message: 'A contact matching those details already exists with id=64f0101',
  }
  server.script(NOT_FOUND_YET, answer(409, { type: 'error.list', errors: [conflict] }))
  const [receipt] = await write([add(id('b'), { name: 'B', email: 'ada@example.com' })])
  assert.equal(receipt?.status, 'rejected')
  assert.deepEqual(held('contacts'), [{ key: id('a'), fields: { name: 'A', email: 'ada@example.com' } }])
})

test('a removed contact is archived, and one that comes back is unarchived', async (context) => {
  const { write, held, asked } = await workspace(context)
  await write([add(id('a'), { name: 'A' })])
  asked()
  assert.deepEqual(await write([remove(id('a')), remove(id('nobody'))]), [APPLIED, APPLIED])
  assert.deepEqual(asked(), [
    'POST /contacts/search',
    'POST /contacts/64f0101/archive',
    'GET /contacts/find_by_external_id/nobody',
  ])
  assert.deepEqual(held('contacts'), [])
  assert.deepEqual(await write([add(id('a'), { name: 'B' })]), [APPLIED])
  assert.deepEqual(held('contacts'), [{ key: id('a'), fields: { name: 'B' } }])
})

test('a contact that search does not know yet is removed by its external id', async (context) => {
  const { write, held, server } = await workspace(context)
  await write([add(id('a'), { name: 'A' })])
  server.script(NOT_FOUND_YET)
  assert.deepEqual(await write([remove(id('a'))]), [APPLIED])
  assert.deepEqual(held('contacts'), [])
})

test('several users with one address are touched by no row, though they come on different pages', async (context) => {
  const { write, held, server } = await workspace(context)
  const email = 'ada@example.com'
  await write([add(id('a'), { email, name: 'A' }), add(id('b'), { email, name: 'B' })])
  const [first] = await write([add({ email }, { name: 'C' })])
  assert.ok(first?.status === 'rejected')
  assert.match(first.error, /found several/)
  assert.equal((await write([remove({ email })]))[0]?.status, 'rejected')
  assert.deepEqual(
    held('contacts').map(({ fields }) => fields.name),
    ['A', 'B'],
  )
  const lead = { id: '64f0101', role: 'lead', email }
  server.script(answer(200, { data: [lead, { id: '64f0102', role: 'user', email }] }))
  assert.deepEqual(await write([add({ email }, { name: 'C' })]), [APPLIED])
  assert.deepEqual(
    held('contacts').map(({ fields }) => fields.name),
    ['A', 'C'],
  )
})

test('update takes whom it finds and makes nobody', async (context) => {
  const { write, held } = await workspace(context)
  await write([add(id('a'), { name: 'A' })])
  const receipts = await write([add(id('a'), { name: 'B' }), add(id('b'), { name: 'C' })], 'update')
  assert.deepEqual(receipts, [
    APPLIED,
    { status: 'rejected', error: 'expected a user of Intercom, found none' },
  ])
  assert.equal(held('contacts').length, 1)
})

test('a row that is refused is rejected in words, without what it holds', async (context) => {
  const { write } = await workspace(context)
  assert.deepEqual(
    await write([add(id('a'), { email: 'nonsense' }), add(id('b'), { nope: 'x' }), add(id('c'))]),
    [
      { status: 'rejected', error: 'Intercom: email [value] is invalid' },
      { status: 'rejected', error: "Intercom: Custom attribute 'nope' does not exist" },
      APPLIED,
    ],
  )
})

test('when the quota ends in the middle, what was done keeps its receipts and the rest comes again after the window', async (context) => {
  const { write, server, held } = await workspace(context)
  const reset = String(Math.floor(Date.now() / 1000) + 9)
  server.script({ kind: 'none' }, { kind: 'none' }, answer(429, {}, { 'x-ratelimit-reset': reset }))
  const receipts = await write(['a', 'b', 'c'].map((one) => add(id(one), { name: one })))
  assert.deepEqual(
    receipts.map(({ status }) => status),
    ['applied', 'retry', 'retry'],
  )
  for (const receipt of receipts.slice(1)) {
    assert.ok(receipt.status === 'retry' && receipt.afterMs !== undefined && receipt.ambiguous === undefined)
    assert.ok(receipt.afterMs > 5000 && receipt.afterMs <= 9000, String(receipt.afterMs))
  }
  assert.equal(held('contacts').length, 1)
  server.script(answer(429, {}, { 'x-ratelimit-reset': reset }))
  const error = await write([add(id('b'))]).catch((thrown) => thrown)
  assert.ok(error instanceof DestinationError && error.action === 'retry' && Number(error.afterMs) > 5000)
})

test('erasing deletes for good, and whom it does not find it does not say to be erased', async (context) => {
  const { contacts, write, held } = await workspace(context)
  await write([add(id('a'), { name: 'A' }), add(id('b'), { name: 'B' })])
  const receipts = (await contacts.erase?.([id('nobody'), id('a')])) ?? []
  assert.deepEqual(
    receipts.map(({ status }) => status),
    ['rejected', 'applied'],
  )
  assert.deepEqual(
    held('contacts').map(({ key }) => key),
    [id('b')],
  )
})

test('companies are created and updated by their own id, and deleted by the one of Intercom', async (context) => {
  const { companies, held, server } = await workspace(context)
  const key = { company_id: 'c1' }
  const both = [add(key, { name: 'One', size: 5, tier: null }), remove({ company_id: 'c2' })]
  assert.deepEqual(await companies.write(batchWith(both)), [APPLIED, APPLIED])
  assert.deepEqual(bodies(server)[0], {
    name: 'One',
    size: 5,
    company_id: 'c1',
    custom_attributes: { tier: '' },
  })
  assert.deepEqual(await companies.write(batchWith([remove(key)])), [APPLIED])
  assert.deepEqual(held('companies'), [])
})

test('the account is the workspace, in one of three regions', async (context) => {
  const { contacts, open, server } = await workspace(context)
  assert.equal(await contacts.account(), 'abc123')
  assert.equal(server.requests[0]?.headers['intercom-version'], '2.15')
  await assert.rejects(open({ base_url: undefined, region: 'mars' }).account(), {
    action: 'stop',
    message: 'expected the setting region to be one of us, eu, au, found another',
  })
  const hosts: string[] = []
  const tools = createHttpTools({
    clock: systemClock,
    resolve: async (host) => {
      hosts.push(host)
      return []
    },
  })
  context.after(() => tools.close())
  for (const region of ['us', 'eu', 'au'])
    await assert.rejects(
      connector.connect({ access_token: 't', region, timeout_seconds: 5 }, tools).account(),
    )
  assert.deepEqual(hosts, ['api.intercom.io', 'api.eu.intercom.io', 'api.au.intercom.io'])
})

test('fields are those of contacts and the custom attributes, which may be read-only', async (context) => {
  const { contacts } = await workspace(context)
  const fields = new Map((await contacts.fields?.())?.map(({ name, writable }) => [name, writable]))
  assert.deepEqual(
    ['email', 'plan', 'computed', 'role'].map((name) => fields.get(name)),
    [true, true, false, undefined],
  )
})
