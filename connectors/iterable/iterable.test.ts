import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import { createHttpTools } from '../../src/connector/http-client.ts'
import type { Batch, Change, ObjectUse, Settings } from '../../src/connector/types.ts'
import { batchOf } from '../../test/support/batches.ts'
import { startFake } from './fake.ts'
import { connector } from './index.ts'

test('users are made by e-mail or by userId, which says that it may make one', async (context) => {
  const { write, bodies } = await opened(context)
  await write(batchOf('users', [add({ email: 'a@example.com' }, { tier: 'gold' })]))
  await write(batchOf('users', [add({ userId: 'u1' }, { tier: 'gold' })]))
  assert.deepEqual(bodies(), [
    { users: [{ email: 'a@example.com', dataFields: { tier: 'gold' } }] },
    { users: [{ userId: 'u1', preferUserId: true, dataFields: { tier: 'gold' } }] },
  ])
})

test('nested objects are merged only where the destination says so', async (context) => {
  const { write, bodies } = await opened(context, { settings: { merge_nested_objects: true } })
  await write(batchOf('users', [add({ email: 'a@example.com' }, { address: { city: 'Rome' } })]))
  assert.deepEqual(bodies(), [
    {
      users: [
        { email: 'a@example.com', dataFields: { address: { city: 'Rome' } }, mergeNestedObjects: true },
      ],
    },
  ])
})

test('each reason for which Iterable did not take a user is told, and the others are applied', async (context) => {
  const { write, connection } = await opened(context)
  await write(batchOf('users', [add({ email: 'first@example.com' }, { age: 1 })]))
  assert.deepEqual(await connection.erase?.([{ email: 'gone@example.com' }]), [{ status: 'applied' }])
  const receipts = await write(
    batchOf('users', [
      add({ email: 'a@example.com' }, { age: 2 }),
      add({ email: 'no address' }, { age: 3 }),
      add({ email: 'b@example.com' }, { age: 'four' }),
      add({ email: 'gone@example.com' }, { age: 5 }),
    ]),
  )
  assert.deepEqual(
    receipts.map((one) => (one.status === 'applied' ? 'applied' : one.error)),
    [
      'applied',
      'Iterable: the e-mail address or user id is malformed',
      'Iterable: a field has a value of another type than the project has for it, or one that it cannot take',
      'Iterable: the user was forgotten, and is not taken again',
    ],
  )
})

test('addresses are told apart without their case, user ids with it', async (context) => {
  const { write, answers } = await opened(context)
  answers(200, { successCount: 0, failCount: 1, failedUpdates: { invalidEmails: ['A@Example.com'] } })
  const [byEmail] = await write(batchOf('users', [add({ email: 'a@example.com' })]))
  answers(200, { successCount: 1, failCount: 1, failedUpdates: { invalidUserIds: ['U1'] } })
  const byUserId = await write(batchOf('users', [add({ userId: 'u1' }), add({ userId: 'U1' })]))
  assert.deepEqual(
    [byEmail?.status, ...byUserId.map(({ status }) => status)],
    ['rejected', 'applied', 'rejected'],
  )
})

test('more failures than names, or a reason that nobody knows, leave rows open', async (context) => {
  const { write, answers } = await opened(context)
  const batch = batchOf('users', [add({ email: 'a@example.com' }), add({ email: 'b@example.com' })])
  answers(200, { successCount: 0, failCount: 2, failedUpdates: { invalidEmails: ['a@example.com'] } })
  assert.deepEqual(
    (await write(batch)).map(({ status }) => status),
    ['rejected', 'retry'],
  )
  answers(200, { successCount: 1, failCount: 1, failedUpdates: { oddEmails: ['a@example.com'] } })
  const [odd, other] = await write(batch)
  assert.deepEqual([odd?.status === 'retry' && odd.ambiguous, other?.status], [true, 'applied'])
  answers(200, { successCount: 1, failCount: 1, failedUpdates: { failedEmails: ['a@example.com'] } })
  const [failed] = await write(batch)
  assert.deepEqual(failed, { status: 'retry', error: 'Iterable: the user could not be updated now' })
})

test('fields that the project drops stop the sync, by their names', async (context) => {
  const { write, answers } = await opened(context)
  answers(200, { successCount: 1, failCount: 0, filteredOutFields: ['tier', 'something'] })
  const error = await failing(write(batchOf('users', [add({ email: 'a@example.com' }, { tier: 'gold' })])))
  assert.equal(error.action, 'stop')
  assert.match(error.message, /found that it drops tier: /)
})

test('users are deleted one a request, and those who are not there are gone already', async (context) => {
  const { write, fake } = await opened(context)
  const people = [{ email: 'a+b@example.com' }, { userId: 'u/1' }]
  for (const key of people) await write(batchOf('users', [add(key)]))
  const removals = [...people, { email: 'nobody@example.com' }].map(remove)
  assert.deepEqual(
    await write(batchOf('users', removals)),
    removals.map(() => ({ status: 'applied' })),
  )
  assert.deepEqual(fake.held('', 'users'), [])
  assert.deepEqual(
    fake.server?.requests.slice(2).map(({ method, path }) => `${method} ${path}`),
    [
      'DELETE /api/users/a%2Bb%40example.com',
      'DELETE /api/users/byUserId/u%2F1',
      'DELETE /api/users/nobody%40example.com',
    ],
  )
})

test('a deletion that is refused is the row’s own, and an address that nobody knows stops', async (context) => {
  const { write, answers } = await opened(context)
  const removals = batchOf('users', [remove({ email: 'a@example.com' })])
  answers(400, { code: 'InvalidEmailAddressError', msg: 'a@example.com is invalid' })
  assert.deepEqual(await write(removals), [
    { status: 'rejected', error: 'Iterable: InvalidEmailAddressError: [value] is invalid' },
  ])
  answers(404, {})
  assert.equal((await failing(write(removals))).action, 'stop')
})

test('a list is found by its name or id, and made only where the sync says so', async (context) => {
  const account = async (use: Settings) => {
    const { connection } = await opened(context, { use: { object: 'list_members', settings: use } })
    return (await connection.account()).replace(/^127\.0\.0\.1:\d+/, 'host')
  }
  assert.equal(await account({ list: 'VIPs' }), 'host, list 17')
  assert.equal(await account({ list: '17' }), 'host, list 17')
  const { connection } = await opened(context, {
    use: { object: 'list_members', settings: { list: 'New', create_list: true }, looksOnly: true },
  })
  assert.match(await connection.account(), /^127\.0\.0\.1:\d+$/)
  assert.equal(await account({ list: 'New', create_list: true }), 'host, list 21')
  const wrong: readonly (readonly [string, RegExp])[] = [
    ['New', /found none of this name or id/],
    ['Twins', /found several: give its id/],
    ['Everyone', /to be a static list/],
  ]
  for (const [list, words] of wrong) {
    const error = await failing(account({ list }))
    assert.equal(error.action, 'stop')
    assert.match(error.message, words)
  }
})

test('members join and leave one list, found once; who is no user is on none', async (context) => {
  const { write, fake } = await opened(context, {
    use: { object: 'list_members', settings: { list: 'VIPs' } },
  })
  const keys = [{ email: 'a@example.com' }, { email: 'b@example.com' }]
  await write(
    batchOf(
      'list_members',
      keys.map((key) => add(key)),
    ),
  )
  const removals = [{ email: 'a@example.com' }, { email: 'nobody@example.com' }].map(remove)
  assert.deepEqual(
    await write(batchOf('list_members', removals)),
    removals.map(() => ({ status: 'applied' })),
  )
  assert.deepEqual(fake.held('', 'list_members'), [{ key: { email: 'b@example.com' }, fields: {} }])
  assert.equal(fake.server?.requests.filter(({ path }) => path === '/api/lists').length, 1)
})

test('an event goes by its id, with one of the two ids of its user, and its time in seconds', async (context) => {
  const { write, bodies, fake } = await opened(context)
  const fields = {
    eventName: 'bought',
    createdAt: '2026-01-31T08:00:00.500Z',
    email: null,
    userId: 7,
    campaignId: 3,
    sum: 4,
  }
  const batch = batchOf('events', [add({ id: 'e1' }, fields)])
  await write(batch)
  await write(batch)
  assert.deepEqual(bodies()[1], {
    events: [
      {
        id: 'e1',
        userId: '7',
        eventName: 'bought',
        createdAt: 1_769_846_400,
        campaignId: 3,
        dataFields: { sum: 4 },
      },
    ],
  })
  assert.equal(fake.held('', 'events').length, 1)
})

test('events without a user, a name or a time that is one are rejected while the others are sent', async (context) => {
  const { write, answers } = await opened(context)
  const good = { eventName: 'bought', email: 'a@example.com' }
  const rows: readonly (readonly [string, Change['fields']])[] = [
    ['1', { ...good, email: '' }],
    ['2', { ...good, eventName: null }],
    ['3', { ...good, createdAt: 'yesterday' }],
    ['x'.repeat(513), good],
    ['5', good],
  ]
  const receipts = await write(
    batchOf(
      'events',
      rows.map(([id, fields]) => add({ id }, fields)),
    ),
  )
  assert.deepEqual(
    receipts.map(({ status }) => status),
    ['rejected', 'rejected', 'rejected', 'rejected', 'applied'],
  )
  answers(200, { successCount: 0, failCount: 1, disallowedEventNames: ['bought'] })
  const [disallowed] = await write(batchOf('events', [add({ id: '6' }, good)]))
  assert.deepEqual(disallowed, {
    status: 'rejected',
    error: 'Iterable: the project does not take events of this name',
  })
})

test('429 says when to ask again in its body, and a project that is full of fields stops', async (context) => {
  const { write, answers } = await opened(context)
  const batch = batchOf('users', [add({ email: 'a@example.com' }, { tier: 'gold' })])
  answers(429, { code: 'RateLimitExceeded', msg: 'slow down', params: { rateLimitReset: 7 } })
  const slow = await failing(write(batch))
  assert.deepEqual([slow.action, slow.afterMs], ['retry', 7000])
  answers(400, { code: 'UniqueFieldsLimitExceeded', msg: 'full' })
  assert.equal((await failing(write(batch))).action, 'stop')
  answers(400, { code: 'BatchTooLarge', msg: 'too large' })
  assert.equal((await failing(write(batch))).action, 'split')
})

test('the account names the project where it was given a name, and tries the key', async (context) => {
  const { connection } = await opened(context, { settings: { project: 'Shop' } })
  assert.match(await connection.account(), /^127\.0\.0\.1:\d+, project Shop$/)
  const other = await opened(context)
  other.answers(401, { code: 'BadApiKey', msg: 'no' })
  assert.equal((await failing(other.connection.account())).action, 'refresh')
})

function add(key: Change['key'], fields: Change['fields'] = {}): Change {
  return { op: 'add', key, fields }
}

function remove(key: Change['key']): Change {
  return { op: 'remove', key, fields: {} }
}

async function opened(
  context: TestContext,
  {
    settings = {},
    use = { object: 'users', settings: {} },
  }: { readonly settings?: Settings; readonly use?: ObjectUse } = {},
) {
  const fake = await startFake()
  const tools = createHttpTools({ clock: systemClock })
  context.after(async () => {
    await tools.close()
    await fake.close()
  })
  const connection = connector.connect({ ...fake.settings, ...settings }, tools, use)
  return {
    fake,
    connection,
    write: (batch: Batch) => connection.write(batch),
    /** Of the requests so far. */
    bodies: () => (fake.server?.requests ?? []).map(({ body }) => JSON.parse(body)),
    /** To the next request. */
    answers: (status: number, body: object) =>
      fake.server?.script({ kind: 'answer', status, body: JSON.stringify(body) }),
  }
}

async function failing(work: Promise<unknown>): Promise<DestinationError> {
  const outcome = await work.catch((error) => error)
  assert.ok(outcome instanceof DestinationError, String(outcome))
  return outcome
}
