import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import { createHttpTools } from '../../src/connector/http-client.ts'
import type { Batch, Change, Settings } from '../../src/connector/types.ts'
import { batchOf } from '../../test/support/batches.ts'
import { startFake } from './fake.ts'
import { connector } from './index.ts'

test('users are created by upsert and only changed by update, by each kind of id', async (context) => {
  const { write, fake } = await opened(context)
  const changed = { op: 'change', key: { email: 'a@example.com' }, fields: { tier: 'gold' } } as const
  await write({ ...batchOf('users', [changed]), mode: 'update' })
  assert.deepEqual(fake.held('', 'users'), [])
  await write(batchOf('users', [changed]))
  await write(batchOf('users', [{ op: 'add', key: { phone: '+15043277269' }, fields: { tier: 'tin' } }]))
  await write({ ...batchOf('users', [{ ...changed, fields: { tier: null } }]), mode: 'update' })
  assert.deepEqual(fake.held('', 'users'), [
    { key: { email: 'a@example.com' }, fields: { tier: null } },
    { key: { phone: '+15043277269' }, fields: { tier: 'tin' } },
  ])
})

test('more than 50 users are deleted in several requests, each with one kind of id', async (context) => {
  const { connection, write, fake } = await opened(context)
  const ids = Array.from({ length: 75 }, (_, index) => `user-${index}`)
  await write(
    batchOf(
      'users',
      ids.map((id): Change => ({ op: 'add', key: { external_id: id }, fields: {} })),
    ),
  )
  const receipts = await write(
    batchOf(
      'users',
      ids.map((id): Change => ({ op: 'remove', key: { external_id: id }, fields: {} })),
    ),
  )
  assert.ok(receipts.every(({ status }) => status === 'applied'))
  assert.deepEqual(fake.held('', 'users'), [])
  const keys = [
    { email: 'a@example.com' },
    { external_id: 'x' },
    { phone: '+15043277269' },
    { braze_id: 'b' },
  ]
  assert.deepEqual(
    await connection.erase?.(keys),
    keys.map(() => ({ status: 'applied' })),
  )
  const bodies = fake.server?.requests.map(({ path, body }) => [path, Object.keys(JSON.parse(body))])
  assert.deepEqual(bodies, [
    ['/users/track', ['attributes']],
    ['/users/delete', ['external_ids']],
    ['/users/delete', ['external_ids']],
    ['/users/delete', ['email_addresses']],
    ['/users/delete', ['external_ids']],
    ['/users/delete', ['phone_numbers']],
    ['/users/delete', ['braze_ids']],
  ])
})

test('a field by which Braze would find another user stops the sync', async (context) => {
  const { write, fake } = await opened(context)
  const cases: readonly Partial<Change>[] = [
    { key: { email: 'a@example.com' }, fields: { external_id: '1' } },
    { key: { phone: '+15043277269' }, fields: { email: 'a@example.com' } },
    { key: { external_id: '1', email: 'a@example.com' }, fields: {} },
  ]
  for (const one of cases) {
    const error = await failing(write(batchOf('users', [{ op: 'add', key: {}, fields: {}, ...one }])))
    assert.equal(error.action, 'stop')
  }
  assert.equal(fake.server?.requests.length, 0)
})

test('what is queued during maintenance is taken, and an error that names no row leaves all open', async (context) => {
  const { write, fake } = await opened(context)
  const changes = ['1', '2'].map((id): Change => ({ op: 'add', key: { external_id: id }, fields: {} }))
  fake.server?.script({ kind: 'answer', status: 202, body: '{"message":"queued"}' })
  assert.deepEqual(await write(batchOf('users', changes)), [{ status: 'applied' }, { status: 'applied' }])
  const errors = [{ type: 'bad', input_array: 'attributes', index: 1 }, 'something else']
  fake.server?.script({ kind: 'answer', status: 201, body: JSON.stringify({ message: 'success', errors }) })
  const [first, second] = await write(batchOf('users', changes))
  assert.deepEqual([first?.status, second], ['retry', { status: 'rejected', error: 'Braze: bad' }])
  const nowhere = [{ type: 'bad', input_array: 'attributes', index: null }]
  fake.server?.script({
    kind: 'answer',
    status: 201,
    body: JSON.stringify({ message: 'success', errors: nowhere }),
  })
  assert.deepEqual(
    (await write(batchOf('users', changes))).map(({ status }) => status),
    ['retry', 'retry'],
  )
})

test('429 says when to ask again in headers of its own', async (context) => {
  const { write, fake } = await opened(context)
  const batch = batchOf('users', [{ op: 'add', key: { external_id: '1' }, fields: {} }])
  const inAMinute = String(Math.ceil(systemClock.nowMs() / 1000) + 60)
  fake.server?.script(
    { kind: 'answer', status: 429, headers: { 'x-ratelimit-reset': inAMinute } },
    {
      kind: 'answer',
      status: 429,
      headers: { 'x-ratelimit-reset': inAMinute, 'x-ratelimit-retry-after': '7' },
    },
  )
  const { afterMs = 0 } = await failing(write(batch))
  assert.ok(afterMs > 50_000 && afterMs <= 61_000, String(afterMs))
  assert.equal((await failing(write(batch))).afterMs, 7000)
})

test('an event has its own fields, properties and its key among them', async (context) => {
  const { write, fake } = await opened(context)
  const event: Change = {
    op: 'add',
    key: { event_id: 'e1' },
    fields: {
      name: 'bought',
      time: '2026-01-31T08:00:00.000Z',
      email: 'a@example.com',
      properties: { sum: 3 },
      shop: null,
    },
  }
  assert.deepEqual(await write({ ...batchOf('events', [event]), mode: 'insert' }), [{ status: 'applied' }])
  assert.deepEqual(JSON.parse(fake.server?.requests[0]?.body ?? ''), {
    events: [
      {
        name: 'bought',
        time: '2026-01-31T08:00:00.000Z',
        email: 'a@example.com',
        properties: { sum: 3, shop: null, event_id: 'e1' },
      },
    ],
  })
})

test('the account is the host and the name that the workspace was given', async (context) => {
  const plain = await opened(context)
  const named = await opened(context, { workspace: 'Shop EU' })
  assert.match(await plain.connection.account(), /^127\.0\.0\.1:\d+$/)
  assert.match(await named.connection.account(), /^127\.0\.0\.1:\d+, workspace Shop EU$/)
  plain.fake.server?.script({ kind: 'answer', status: 401 })
  assert.equal((await failing(plain.connection.account())).action, 'refresh')
})

async function opened(context: TestContext, settings: Settings = {}) {
  const fake = await startFake()
  const tools = createHttpTools({ clock: systemClock })
  context.after(async () => {
    await tools.close()
    await fake.close()
  })
  const use = { object: 'users', settings: {} }
  const connection = connector.connect({ ...fake.settings, ...settings }, tools, use)
  return { fake, connection, write: (batch: Batch) => connection.write(batch) }
}

async function failing(work: Promise<unknown>): Promise<DestinationError> {
  const outcome = await work.catch((error) => error)
  assert.ok(outcome instanceof DestinationError, String(outcome))
  return outcome
}
