import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import { createHttpTools } from '../../src/connector/http-client.ts'
import type { Batch, Change, Settings } from '../../src/connector/types.ts'
import { batchOf } from '../../test/support/batches.ts'
import { startFake } from './fake.ts'
import { connector } from './index.ts'
import { ulidOf } from './ulid.ts'

test('people are made by upsert and only changed by update', async (context) => {
  const { write, fake } = await opened(context)
  const batch = batchOf('people', [{ op: 'add', key: { email: 'a@example.com' }, fields: { tier: 'gold' } }])
  assert.deepEqual(await write({ ...batch, mode: 'update' }), [{ status: 'applied' }])
  assert.deepEqual(fake.held('', 'people'), [])
  await write(batch)
  assert.deepEqual(fake.held('', 'people'), [{ key: { email: 'a@example.com' }, fields: { tier: 'gold' } }])
})

test('a person who was erased is not taken again', async (context) => {
  const { connection, write, fake } = await opened(context)
  const batch = batchOf('people', [{ op: 'add', key: { id: '1' }, fields: { tier: 'gold' } }])
  await write(batch)
  assert.deepEqual(await connection.erase?.([{ id: '1' }]), [{ status: 'applied' }])
  await write(batch)
  assert.deepEqual([fake.held('', 'people'), fake.erased?.('people')], [[], [{ id: '1' }]])
})

test('a row that is too long is rejected without being sent, and one that is invalid by what the API says', async (context) => {
  const { write, fake } = await opened(context)
  const change = (id: string, note: string): Change => ({ op: 'add', key: { id }, fields: { note } })
  const changes = [change('1', 'x'.repeat(40_000)), change('2', 'good'), change('3', 'y'.repeat(1001))]
  const [long, good, invalid] = await write(batchOf('people', changes))
  assert.deepEqual(good, { status: 'applied' })
  assert.match(String(long?.status === 'rejected' && long.error), /at most 32000 bytes/)
  assert.deepEqual(invalid, {
    status: 'rejected',
    error: 'Customer.io: invalid attributes.note: value [value]',
  })
  const { batch } = JSON.parse(fake.server?.requests[0]?.body ?? '{}')
  assert.deepEqual(
    batch.map((item: { readonly identifiers: object }) => item.identifiers),
    [{ id: '2' }, { id: '3' }],
  )
})

test('a 207 that names no row leaves all open', async (context) => {
  const { write, fake } = await opened(context)
  for (const body of [
    '{}',
    '{"errors":[{"message":"bad"}]}',
    '{"errors":[{"batch_index":null}]}',
    '{"errors":"bad"}',
  ]) {
    fake.server?.script({ kind: 'answer', status: 207, body })
    const [receipt] = await write(batchOf('people', [{ op: 'add', key: { id: '1' }, fields: {} }]))
    assert.equal(receipt?.status, 'retry', body)
  }
})

test('an event goes with its person, its time in seconds and an id that is the same every time', async (context) => {
  const { write, fake } = await opened(context)
  const fields = {
    name: 'bought',
    timestamp: '2026-01-31T08:00:00.500Z',
    person_id: '7',
    phone: null,
    sum: 3,
  }
  const batch = batchOf('events', [{ op: 'add', key: { event_id: 'e1' }, fields }])
  await write(batch)
  await write(batch)
  const id = ulidOf('e1', 'bought', 1_769_846_400_000)
  assert.deepEqual(JSON.parse(fake.server?.requests[1]?.body ?? '{}'), {
    batch: [
      {
        type: 'person',
        action: 'event',
        identifiers: { id: '7' },
        id,
        name: 'bought',
        timestamp: 1_769_846_400,
        attributes: { sum: 3, event_id: 'e1' },
      },
    ],
  })
  assert.equal(fake.held('', 'events').length, 1)
})

test('events without a person, or at no time, are rejected while the others are sent', async (context) => {
  const { write } = await opened(context)
  const event = (id: string, more: Change['fields']): Change => ({
    op: 'add',
    key: { event_id: id },
    fields: { name: 'bought', ...more },
  })
  const receipts = await write(
    batchOf('events', [
      event('1', {}),
      event('2', { email: 'a@example.com', timestamp: 'yesterday' }),
      event('3', { email: 'a@example.com', timestamp: 1_769_846_400 }),
    ]),
  )
  assert.deepEqual(
    receipts.map(({ status }) => status),
    ['rejected', 'rejected', 'applied'],
  )
})

test('an id of an event is a ULID with its time, and a key that is one is taken as it is', () => {
  assert.equal(ulidOf('01arz3ndektsv4rrffq69g5fav', 'x', 0), '01ARZ3NDEKTSV4RRFFQ69G5FAV')
  assert.match(ulidOf('e1', 'x', 1_469_918_176_385), /^01ARYZ6S41[0-9A-HJKMNP-TV-Z]{16}$/)
  assert.notEqual(ulidOf('e1', 'x', 0), ulidOf('e1', 'y', 0))
  assert.notEqual(ulidOf('e1', 'x', 0), ulidOf('e2', 'x', 0))
})

test('the account is the workspace, and a region that is not its own stops', async (context) => {
  const { connection } = await opened(context)
  assert.equal(await connection.account(), 'workspace 4242')
  const elsewhere = await opened(context, { region: 'eu' })
  const error = await elsewhere.connection.account().catch((caught) => caught)
  assert.ok(error instanceof DestinationError)
  assert.deepEqual(
    [error.action, error.message],
    ['stop', 'expected region to be us, where the account is, found eu'],
  )
})

test('without a base_url the region says where the API is, and no other region is known', () => {
  const tools = createHttpTools({ clock: systemClock })
  const settings = { site_id: 's', api_key: 'k', timeout_seconds: 1 }
  assert.doesNotThrow(() => connector.connect({ ...settings, region: 'eu' }, tools))
  assert.throws(
    () => connector.connect({ ...settings, region: 'mars' }, tools),
    /expected region to be us or eu/,
  )
})

async function opened(context: TestContext, settings: Settings = {}) {
  const fake = await startFake()
  const tools = createHttpTools({ clock: systemClock })
  context.after(async () => {
    await tools.close()
    await fake.close()
  })
  const use = { object: 'people', settings: {} }
  const connection = connector.connect({ ...fake.settings, ...settings }, tools, use)
  return { fake, connection, write: (batch: Batch) => connection.write(batch) }
}
