import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Change } from '../../src/connector/types.ts'
import { batchOf } from '../../test/support/batches.ts'
import { APPLIED, account, add, refusalOf, remove } from '../../test/support/klaviyo.ts'

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
