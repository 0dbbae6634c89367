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
  ConnectorFake,
  HeldRow,
  JobAnswer,
  Receipt,
  Settings,
} from '../../src/connector/types.ts'
import { startFake } from './fake.ts'
import { connector } from './index.ts'

interface Account {
  readonly fake: ConnectorFake
  readonly server: FakeServer
  readonly connection: Connection
  open(settings: Settings): Connection
  write(changes: readonly Change[]): Promise<readonly Receipt[]>
  held(): readonly HeldRow[]
  /** `METHOD /path` of each request, without the query. */
  asked(): readonly string[]
  bodies(path: string): readonly string[]
}

async function account(
  context: TestContext,
  object: string,
  use?: Settings,
  more: Settings = {},
): Promise<Account> {
  const fake = await startFake()
  const server = fake.server ?? assert.fail()
  const tools = createHttpTools({ clock: systemClock })
  context.after(async () => {
    await tools.close()
    await fake.close()
  })
  const open = (settings: Settings) =>
    connector.connect(settings, tools, { object, settings: use ?? fake.useOf?.(object) ?? {} })
  const connection = open({ ...fake.settings, ...more })
  return {
    ...{ fake, server, connection, open },
    write: (changes) => written(connection, batchOf(object, changes)),
    held: () => fake.held('', object),
    asked: () => server.requests.map(({ method, path }) => `${method} ${path.replace(/\?.*/, '')}`),
    bodies: (path) =>
      server.requests.filter((request) => request.path.startsWith(path)).map(({ body }) => body),
  }
}

function batchOf(object: string, changes: readonly Change[]): Batch {
  const changesJson = JSON.stringify(changes)
  return {
    ...{ sync: 'vips', runId: '0123456789abcdef', object, mode: 'upsert', batch: 1 },
    ...{ count: changes.length, changesJson, idempotencyKey: changesJson },
    changes: () => JSON.parse(changesJson),
  }
}

async function written(connection: Connection, batch: Batch): Promise<readonly Receipt[]> {
  if (batch.object === 'events') return connection.write(batch)
  const started = await connection.start?.(batch)
  if (started === undefined || 'receipts' in started) return started?.receipts ?? []
  const answer = await polled(connection, started.jobId, batch)
  assert.ok(answer.status === 'done', answer.status)
  return answer.receipts
}

async function polled(connection: Connection, jobId: string, batch: Batch): Promise<JobAnswer> {
  const answer = await connection.poll?.(jobId, { ...batch, changes: async () => batch.changes() })
  return answer ?? assert.fail()
}

const IMPORT = 'POST /api/profile-bulk-import-jobs'
const add = (email: string, fields: Change['fields'] = {}): Change => ({ op: 'add', key: { email }, fields })
const change = (email: string, fields: Change['fields']): Change => ({ op: 'change', key: { email }, fields })
const remove = (email: string): Change => ({ op: 'remove', key: { email }, fields: {} })
const APPLIED: Receipt = { status: 'applied' }
const statuses = (receipts: readonly Receipt[]) => receipts.map(({ status }) => status)
const refusalOf = async (work: Promise<unknown> | undefined): Promise<DestinationError> => {
  const error = await work?.catch((thrown: unknown) => thrown)
  assert.ok(error instanceof DestinationError, String(error))
  return error
}

test('attributes stand apart from custom properties, parts of the location in an object, numbers as texts', async (context) => {
  const { write, bodies } = await account(context, 'profiles')
  const fields = { first_name: 'Ada', title: 7, 'location.city': 'London', spent: 12.5, tags: ['a', 'b'] }
  assert.deepEqual(await write([add('ada@example.com', fields)]), [APPLIED])
  const [body = ''] = bodies('/api/profile-bulk-import-jobs')
  assert.deepEqual(JSON.parse(body).data.attributes.profiles.data, [
    {
      type: 'profile',
      attributes: {
        email: 'ada@example.com',
        first_name: 'Ada',
        title: '7',
        location: { city: 'London' },
        properties: { spent: 12.5, tags: ['a', 'b'] },
      },
    },
  ])
})

test('a part of the location that there is none of stops, and names the field and those that there are', async (context) => {
  const { connection, asked } = await account(context, 'profiles')
  const error = await refusalOf(
    connection.start?.(batchOf('profiles', [add('a@example.com', { 'location.planet': 'Mars' })])),
  )
  assert.equal(error.action, 'stop')
  assert.match(error.message, /location\.city.*found the field "location\.planet" in the map/)
  assert.deepEqual(asked(), [])
})

test('null clears attributes, parts of the location and custom properties that Klaviyo holds', async (context) => {
  const { write, held, asked } = await account(context, 'profiles')
  const full = {
    first_name: 'Ada',
    last_name: 'L',
    'location.city': 'London',
    'location.zip': 'E1',
    plan: 'pro',
  }
  await write([add('ada@example.com', full)])
  const none = { first_name: null, 'location.city': null, plan: null }
  assert.deepEqual(await write([change('Ada@example.com', { ...full, ...none })]), [APPLIED])
  assert.deepEqual(held(), [
    {
      key: { email: 'Ada@example.com' },
      fields: { last_name: 'L', first_name: null, 'location.city': null, 'location.zip': 'E1' },
    },
  ])
  assert.deepEqual(asked().slice(-4, -2), ['PATCH /api/profiles/01PROFILE1', IMPORT])
})

test('what Klaviyo does not hold is not cleared: 250 new profiles without a name cost three look-ups', async (context) => {
  const { write, asked } = await account(context, 'profiles')
  const people = Array.from({ length: 250 }, (_, index) => add(`p${index}@example.com`, { first_name: null }))
  assert.ok((await write(people)).every(({ status }) => status === 'applied'))
  const counts = asked().filter((one) => one === 'GET /api/profiles').length
  assert.deepEqual([counts, asked().some((one) => one.startsWith('PATCH'))], [3, false])
})

test('a batch that would clear more than a hundred profiles is halved before anything is sent', async (context) => {
  const { write, connection, asked } = await account(context, 'profiles')
  const people = (fields: Change['fields']) =>
    Array.from({ length: 101 }, (_, index) => change(`p${index}@example.com`, fields))
  await write(people({ first_name: 'Ada' }))
  const before = asked().length
  const error = await refusalOf(connection.start?.(batchOf('profiles', people({ first_name: null }))))
  assert.equal(error.action, 'split')
  assert.deepEqual([...new Set(asked().slice(before))], ['GET /api/profiles'])
})

test('a profile that Klaviyo refuses to clear is rejected, also to another process that asks for the job', async (context) => {
  const { write, fake, connection, open } = await account(context, 'profiles')
  await write([add('ada@example.com', { external_id: 'a1' })])
  const batch = batchOf('profiles', [
    { op: 'change', key: { external_id: 'a1' }, fields: { email: null } },
    add('bob@example.com'),
  ])
  const started = await connection.start?.(batch)
  assert.ok(started !== undefined && 'jobId' in started)
  const answer = await polled(open(fake.settings), started.jobId, batch)
  assert.deepEqual(answer, {
    status: 'done',
    receipts: [
      { status: 'rejected', error: 'Klaviyo: it refused to clear fields of this profile (invalid)' },
      APPLIED,
    ],
  })
})

test('a profile that is longer than Klaviyo takes is rejected by itself, and alone costs no request', async (context) => {
  const { write, held, asked } = await account(context, 'profiles')
  const long = add('long@example.com', { about: 'x'.repeat(100 * 1024) })
  assert.deepEqual(statuses(await write([long])), ['rejected'])
  assert.deepEqual(asked(), [])
  assert.deepEqual(statuses(await write([add('a@example.com'), long, add('b@example.com')])), [
    'applied',
    'rejected',
    'applied',
  ])
  assert.equal(held().length, 2)
})

test('every import error is told of its row, over as many pages as there are, without a value of the row', async (context) => {
  const { write, asked } = await account(context, 'profiles')
  const people = Array.from({ length: 300 }, (_, index) =>
    add(index % 5 === 0 ? `fine-${index}@example.com` : `canary-${index}`),
  )
  const receipts = await write(people)
  for (const [index, receipt] of receipts.entries())
    assert.deepEqual(
      receipt,
      index % 5 === 0 ? APPLIED : { status: 'rejected', error: 'Klaviyo: Invalid email address "[value]"' },
    )
  assert.equal(asked().filter((one) => one.endsWith('/import-errors')).length, 3)
})

test('a job that counts more failures than it names is halved, not taken for a success', async (context) => {
  const { connection, server } = await account(context, 'profiles')
  const batch = batchOf('profiles', [add('a@example.com'), add('b@example.com')])
  const started = await connection.start?.(batch)
  assert.ok(started !== undefined && 'jobId' in started)
  const data = { attributes: { status: 'complete', failed_count: 1 } }
  server.script({ kind: 'answer', status: 200, body: JSON.stringify({ data }) })
  const answer = await polled(connection, started.jobId, batch)
  assert.deepEqual(answer, {
    status: 'failed',
    error: 'Klaviyo: it refused more profiles than it names',
    retry: false,
  })
})

test('an answer about a job that is none says nothing of it', async (context) => {
  const { connection, server } = await account(context, 'profiles')
  const batch = batchOf('profiles', [add('a@example.com')])
  const started = await connection.start?.(batch)
  assert.ok(started !== undefined && 'jobId' in started)
  const complete = JSON.stringify({ data: { attributes: { status: 'complete' } } })
  server.script({ kind: 'answer', status: 200, body: '{}' })
  assert.equal((await refusalOf(polled(connection, started.jobId, batch))).action, 'retry')
  server.script({ kind: 'answer', status: 200, body: complete }, { kind: 'answer', status: 200, body: '{}' })
  assert.equal((await refusalOf(polled(connection, started.jobId, batch))).action, 'retry')
  assert.deepEqual(await polled(connection, started.jobId, batch), { status: 'done', receipts: [APPLIED] })
})

test('the next page is asked for where the account is, wherever an answer points to', async (context) => {
  const { connection, server, asked } = await account(context, 'profiles')
  const batch = batchOf('profiles', [add('canary-1'), add('canary-2')])
  const started = await connection.start?.(batch)
  assert.ok(started !== undefined && 'jobId' in started)
  const page = { data: [], links: { next: 'https://elsewhere.example/steal?page[cursor]=0' } }
  server.script({ kind: 'none' }, { kind: 'answer', status: 200, body: JSON.stringify(page) })
  const answer = await polled(connection, started.jobId, batch)
  assert.ok(answer.status === 'done')
  assert.deepEqual(statuses(answer.receipts), ['rejected', 'rejected'])
  assert.equal(asked().filter((one) => one.endsWith('/import-errors')).length, 2)
})

test('a list is known by its name and by its id, and one that is not there stops and names the setting', async (context) => {
  for (const list of ['VIPs', 'VipLst']) {
    const { connection } = await account(context, 'list_members', { list })
    assert.equal(await connection.account(), 'account AccFak, list VipLst')
  }
  const { connection } = await account(context, 'list_members', { list: 'Gone' })
  const error = await refusalOf(connection.account())
  assert.equal(error.action, 'stop')
  assert.match(error.message, /the name or id "Gone", found none: .* correct the setting list/)
})

test('two lists of one name stop, and ask for an id', async (context) => {
  const { connection, server } = await account(context, 'list_members')
  const data = [{ id: 'One' }, { id: 'Two' }]
  server.script({ kind: 'none' }, { kind: 'answer', status: 200, body: JSON.stringify({ data }) })
  assert.match((await refusalOf(connection.account())).message, /found 2: give the setting list its id/)
})

test('members are added by a job and removed at once, profiles and consent stay as they are', async (context) => {
  const { write, held, fake, server, asked } = await account(context, 'list_members')
  await write([add('a@example.com'), add('b@example.com')])
  const mixed = [remove('A@example.com'), add('c@example.com'), remove('stranger@example.com')]
  assert.deepEqual(await write(mixed), [APPLIED, APPLIED, APPLIED])
  assert.deepEqual(
    held().map(({ key }) => key.email),
    ['b@example.com', 'c@example.com'],
  )
  assert.equal(fake.held('', 'profiles').length, 3)
  const before = asked().length
  assert.deepEqual(await write([remove('b@example.com')]), [APPLIED])
  assert.deepEqual(asked().slice(before), [
    'GET /api/profiles',
    'DELETE /api/lists/VipLst/relationships/profiles',
  ])
  for (const { path, body } of server.requests) assert.doesNotMatch(`${path} ${body}`, /consent|subscri/i)
})

test('2,100 members are looked up a hundred at a time and removed a thousand at a time', async (context) => {
  const { write, held, asked } = await account(context, 'list_members')
  const emails = Array.from({ length: 2100 }, (_, index) => `p${index}@example.com`)
  await write(emails.map((email) => add(email)))
  const receipts = await write(emails.map(remove))
  assert.deepEqual([receipts.length, held().length], [2100, 0])
  const counts = (what: string) => asked().filter((one) => one.startsWith(what)).length
  assert.deepEqual([counts('GET /api/profiles'), counts('DELETE')], [21, 3])
})

test('an event carries its profile, metric, time and value; everything else is a property', async (context) => {
  const { write, bodies } = await account(context, 'events', { metric: 'Visited Shop', backfill: true })
  const fields = {
    email: 'a@example.com',
    time: '2026-11-20T08:00:00.000Z',
    value: '12.50',
    sku: 'X',
    note: null,
  }
  assert.deepEqual(await write([{ op: 'add', key: { unique_id: 9 }, fields }]), [APPLIED])
  const [body = ''] = bodies('/api/event-bulk-create-jobs')
  assert.deepEqual(JSON.parse(body).data.attributes['events-bulk-create'].data, [
    {
      type: 'event-bulk-create',
      attributes: {
        profile: { data: { type: 'profile', attributes: { email: 'a@example.com' } } },
        events: {
          data: [
            {
              type: 'event',
              attributes: {
                metric: { data: { type: 'metric', attributes: { name: 'Visited Shop' } } },
                properties: { sku: 'X', note: null },
                unique_id: '9',
                time: '2026-11-20T08:00:00.000Z',
                value: 12.5,
                backfill: true,
              },
            },
          ],
        },
      },
    },
  ])
})

test('an event that Klaviyo would drop is rejected by itself, with what is wrong and no value of it', async (context) => {
  const { write, held } = await account(context, 'events', {})
  const event = (id: string, fields: Change['fields']): Change => ({
    op: 'add',
    key: { unique_id: id },
    fields,
  })
  const whole = { metric: 'Paid', email: 'a@example.com' }
  const many = Object.fromEntries(Array.from({ length: 401 }, (_, index) => [`p${index}`, index]))
  const receipts = await write([
    event('1', whole),
    event('2', { email: 'a@example.com' }),
    event('3', { metric: 'Paid' }),
    event('4', { ...whole, value: 'canary' }),
    event('5', { ...whole, ...many }),
    event('6', { ...whole, deep: { text: 'x'.repeat(100 * 1024 + 1) } }),
    event('7', { ...whole, metric: 'x'.repeat(128) }),
  ])
  const reasons = receipts.map((receipt) => ('error' in receipt ? receipt.error : receipt.status))
  assert.deepEqual(reasons, [
    'applied',
    'expected a metric, by the map or by the setting metric, found none',
    'expected one of email, phone_number, external_id to tell whose event it is, found none',
    'expected a number as value, found none',
    'expected at most 400 properties, found 401',
    'expected texts of at most 102400 bytes, found a longer one',
    'expected a metric of at most 127 characters, found a longer one',
  ])
  assert.equal(held().length, 1)
})

test('people are erased by one identifier each; an external id is looked up first, and a stranger is gone already', async (context) => {
  const { write, held, fake, connection, asked } = await account(context, 'profiles')
  await write([
    add('ada@example.com'),
    { op: 'add', key: { external_id: 'b2' }, fields: {} },
    add('c@example.com'),
  ])
  const keys = [
    { email: 'ADA@example.com' },
    { external_id: 'b2' },
    { external_id: 'zz' },
    { email: 'x@example.com' },
  ]
  assert.deepEqual(await connection.erase?.(keys), [APPLIED, APPLIED, APPLIED, APPLIED])
  assert.deepEqual(fake.erased?.('profiles'), [{ email: 'ada@example.com' }, { external_id: 'b2' }])
  assert.deepEqual(held(), [{ key: { email: 'c@example.com' }, fields: {} }])
  assert.equal(asked().filter((one) => one === 'POST /api/data-privacy-deletion-jobs').length, 3)
})

test('an OAuth app asks for a token with its id and secret in the header, and for another when that is refused', async (context) => {
  const { open, fake, server } = await account(context, 'profiles')
  const { api_key: _, ...others } = fake.settings
  const app = {
    ...others,
    ...{ client_id: 'app-canary', client_secret: 'app-secret-canary', refresh_token: 'refresh-canary' },
  }
  const connection = open(app)
  assert.equal(await connection.account(), 'account AccFak')
  server.script({ kind: 'answer', status: 401 })
  assert.equal((await refusalOf(connection.account())).action, 'refresh')
  assert.equal(await open(app).account(), 'account AccFak')
  const tokens = server.requests.map(({ headers }) => headers.authorization)
  assert.deepEqual(
    tokens.filter((one) => one?.startsWith('Bearer')),
    ['Bearer token-canary-1', 'Bearer token-canary-1', 'Bearer token-canary-2'],
  )
  const wrong = await refusalOf(open({ ...app, client_secret: 'wrong-canary' }).account())
  assert.equal(wrong.action, 'stop')
  assert.match(wrong.message, /client_id, client_secret, refresh_token.*\(invalid_client\)/)
})

test('a key that Klaviyo calls wrong with 400 is no word about the rows', async (context) => {
  const { connection, server } = await account(context, 'profiles')
  const refuse = (code: string) =>
    server.script({ kind: 'answer', status: 400, body: JSON.stringify({ errors: [{ code }] }) })
  const batch = batchOf('profiles', [add('a@example.com')])
  for (const [code, action] of [
    ['authentication_failed', 'refresh'],
    ['not_authenticated', 'refresh'],
    ['permission_denied', 'stop'],
    ['invalid', 'split'],
  ] as const) {
    refuse(code)
    assert.equal((await refusalOf(connection.start?.(batch))).action, action, code)
  }
})
