import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import type { FakeServer } from '../../src/connector/fake-server.ts'
import { createHttpTools } from '../../src/connector/http-client.ts'
import type {
  Batch,
  Change,
  Connection,
  HeldRow,
  JobAnswer,
  Receipt,
  Settings,
} from '../../src/connector/types.ts'
import { batchOf } from '../../test/support/batches.ts'
import { startFake } from './fake.ts'
import { connector } from './index.ts'

interface Account {
  readonly server: FakeServer
  readonly users: Connection
  readonly organizations: Connection
  open(settings: Settings): Connection
  /** Starts the jobs of a batch and asks for them. */
  work(changes: readonly Change[]): Promise<JobAnswer>
  held(object: string): readonly HeldRow[]
}

async function account(context: TestContext): Promise<Account> {
  const fake = await startFake()
  const tools = createHttpTools({ clock: systemClock })
  context.after(async () => {
    await tools.close()
    await fake.close()
  })
  const open = (settings: Settings, object = 'users') =>
    connector.connect({ ...fake.settings, ...settings }, tools, { object, settings: {} })
  const users = open({})
  return {
    server: fake.server ?? assert.fail(),
    users,
    organizations: open({}, 'organizations'),
    open,
    work: async (changes) => {
      const batch = batchWith(changes)
      const started = await users.start?.(batch)
      assert.ok(started !== undefined)
      return 'jobId' in started ? asked(users, started.jobId, batch) : { status: 'done', ...started }
    },
    held: (object) => fake.held('', object),
  }
}

async function asked(connection: Connection, jobId: string, batch: Batch): Promise<JobAnswer> {
  const { changesJson: _, changes, ...known } = batch
  return (await connection.poll?.(jobId, { ...known, changes: async () => changes() })) ?? assert.fail()
}

function batchWith(changes: readonly Change[]): Batch {
  return { ...batchOf('users', changes), mode: 'mirror' }
}

const add = (key: Change['key'], fields: Change['fields'] = {}): Change => ({ op: 'add', key, fields })
const remove = (key: Change['key']): Change => ({ op: 'remove', key, fields: {} })
const id = (external_id: string) => ({ external_id })
const answer = (status: number, body: object) =>
  ({ kind: 'answer', status, body: JSON.stringify(body) }) as const
const job = (body: object) => answer(200, { job_status: { id: 'job-1', ...body } })
const done = (...receipts: readonly Receipt[]): JobAnswer => ({ status: 'done', receipts })
const APPLIED: Receipt = { status: 'applied' }

test('users are sent with their own fields, custom ones beside them, and are not asked to verify', async (context) => {
  const { work, server } = await account(context)
  await work([add(id('a1'), { name: 'Ada', tags: ['vip'], plan: 'pro', score: null })])
  assert.deepEqual(JSON.parse(server.requests[0]?.body ?? ''), {
    users: [
      {
        name: 'Ada',
        tags: ['vip'],
        external_id: 'a1',
        user_fields: { plan: 'pro', score: null },
        skip_verify_email: true,
      },
    ],
  })
})

test('one batch writes and deletes, in two jobs, with a receipt a row in its order', async (context) => {
  const { work, held } = await account(context)
  await work([add(id('a'), { name: 'A' }), add(id('b'), { name: 'B' })])
  const all = [remove(id('b')), add(id('c'), { name: 'C' }), remove(id('nobody')), add(id('d'), { name: '' })]
  assert.deepEqual(
    await work(all),
    done(APPLIED, APPLIED, APPLIED, {
      status: 'rejected',
      error: 'Zendesk: Name: is too short (minimum is 1 characters)',
    }),
  )
  assert.deepEqual(
    held('users').map(({ key }) => key.external_id),
    ['a', 'c'],
  )
})

test('nothing to delete that is there is no job', async (context) => {
  const { work, server } = await account(context)
  assert.deepEqual(await work([remove(id('x')), remove(id('y'))]), done(APPLIED, APPLIED))
  assert.equal(server.requests.length, 1)
})

test('results that name a place are those of that row, whatever their order, and a row that none names is sent again', async (context) => {
  const { users, server } = await account(context)
  const batch = batchWith(['a', 'b', 'c'].map((one) => add(id(one), { name: one })))
  const started = await users.start?.(batch)
  assert.ok(started !== undefined && 'jobId' in started)
  const statusesFor = async (results: unknown) => {
    server.script(job({ status: 'completed', results }))
    const said = await asked(users, started.jobId, batch)
    assert.ok(said.status === 'done')
    return said.receipts.map((one) => ('ambiguous' in one ? 'unknown' : one.status))
  }
  const fine = { id: 5, action: 'update', status: 'Updated', success: true }
  const wrong = { error: 'RecordInvalid', details: 'no' }
  assert.deepEqual(await statusesFor([fine, wrong, fine]), ['applied', 'rejected', 'applied'])
  assert.deepEqual(
    await statusesFor([
      { ...wrong, index: 2 },
      { ...fine, index: 0 },
    ]),
    ['applied', 'unknown', 'rejected'],
  )
  for (const results of [null, {}, [], [fine, wrong]])
    assert.deepEqual(await statusesFor(results), ['unknown', 'unknown', 'unknown'])
  assert.deepEqual(await statusesFor([fine, {}, fine]), ['applied', 'unknown', 'applied'])
})

test('a user whom Zendesk deleted meanwhile is removed, and one that it does not let go is rejected', async (context) => {
  const { work, users, server } = await account(context)
  await work([add(id('a'), { name: 'A' }), add(id('b'), { name: 'B' })])
  const batch = batchWith([remove(id('a')), remove(id('b'))])
  const started = await users.start?.(batch)
  assert.ok(started !== undefined && 'jobId' in started)
  const results = [
    { id: 1001, error: 'RecordNotFound', details: 'User not found' },
    { id: 1002, error: 'PermissionDenied', details: 'The owner cannot be deleted' },
  ]
  server.script(job({ status: 'completed', results }))
  assert.deepEqual(
    await asked(users, started.jobId, batch),
    done(APPLIED, { status: 'rejected', error: 'Zendesk: The owner cannot be deleted' }),
  )
})

test('a job that is queued or working is running, and one that failed or was killed is started again', async (context) => {
  const { users, server } = await account(context)
  const batch = batchWith([add(id('a'), { name: 'A' })])
  const started = await users.start?.(batch)
  assert.ok(started !== undefined && 'jobId' in started)
  for (const [status, expected] of [
    ['queued', { status: 'running' }],
    ['working', { status: 'running' }],
    ['failed', { status: 'failed', error: "Zendesk's job failed: broke", retry: true }],
    ['killed', { status: 'failed', error: "Zendesk's job failed: broke", retry: true }],
  ] as const) {
    server.script(job({ status, message: 'broke' }))
    assert.deepEqual(await asked(users, started.jobId, batch), expected)
  }
  server.script(job({ status: 'unheard of' }))
  await assert.rejects(asked(users, started.jobId, batch), { action: 'retry' })
})

test('an account without bulk imports is told whom to ask for them', async (context) => {
  const { work, server } = await account(context)
  server.script(answer(403, { error: 'Forbidden' }))
  await assert.rejects(work([add(id('a'), { name: 'A' })]), {
    action: 'stop',
    message: /Zendesk Customer Support to enable "bulk user imports"/,
  })
})

test('users are found by exactly their address, or their external id, to be deleted', async (context) => {
  const { work, held } = await account(context)
  const emails = ['ada@example.com', 'ada@example.com.au', 'la-ada@example.com']
  await work([...emails.map((email) => add({ email }, { name: email })), add(id('a,b'), { name: 'comma' })])
  await work([remove({ email: 'Ada@Example.com' }), remove(id('A,B'))])
  assert.deepEqual(
    held('users').map(({ key }) => key.email),
    emails.slice(1),
  )
})

test('whom the account does not have is not said to be erased', async (context) => {
  const { work, users } = await account(context)
  await work([add(id('a'), { name: 'A' })])
  const [first, second] = (await users.erase?.([id('nobody'), id('a')])) ?? []
  assert.ok(first?.status === 'rejected')
  assert.match(first.error, /among the deleted users/)
  assert.deepEqual(second, APPLIED)
})

test('organizations are written by external id, one a request, and one that is refused is rejected in words', async (context) => {
  const { organizations, server, held } = await account(context)
  const receipts = await organizations.write(
    batchWith([add(id('o1'), { name: 'One', plan: 'pro' }), add(id('o2'), { name: '' }), remove(id('o3'))]),
  )
  assert.deepEqual(
    receipts.map(({ status }) => status),
    ['applied', 'rejected', 'applied'],
  )
  assert.match(JSON.stringify(receipts[1]), /Name: is too short/)
  assert.deepEqual(JSON.parse(server.requests[1]?.body ?? ''), {
    organization: { name: 'One', external_id: 'o1', organization_fields: { plan: 'pro' } },
  })
  assert.deepEqual(held('organizations'), [{ key: id('o1'), fields: { name: 'One', plan: 'pro' } }])
})

test('the account is the subdomain, asked by an admin or an agent', async (context) => {
  const { users, server, open } = await account(context)
  assert.equal(await users.account(), 'acme')
  server.script(answer(200, { user: { id: null, name: 'Anonymous user', role: 'end-user' } }))
  await assert.rejects(users.account(), /expected the credentials of an admin or an agent/)
  for (const subdomain of ['acme.zendesk.com', 'a/b', ''])
    await assert.rejects(open({ base_url: undefined, subdomain }).account(), {
      action: 'stop',
      message: /expected the setting subdomain to be one word/,
    })
})

test('fields are those of users and all pages of the custom ones', async (context) => {
  const { users, organizations } = await account(context)
  const names = (await users.fields?.())?.map(({ name }) => name) ?? []
  for (const name of ['email', 'tags', 'plan', 'score']) assert.ok(names.includes(name), name)
  const others = (await organizations.fields?.())?.map(({ name }) => name) ?? []
  assert.ok(others.includes('plan') && !others.includes('score') && !others.includes('email'))
})
