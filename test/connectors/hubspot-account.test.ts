import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { add, answer, asked, errorOf, type Portal, portal, remove, statuses } from '../support/hubspot.ts'

const ADA = { email: 'ada@example.com' }

/** A clock that stands still, in the way of the test's choice. */
function clockAt(nowMs: number) {
  let passedMs = 0
  return {
    clock: { ...systemClock, nowMs: () => nowMs + passedMs, monotonicMs: () => passedMs },
    pass: (ms: number) => {
      passedMs += ms
    },
  }
}

test('an installed app is let in with a token that is renewed before its half hour is over, and after a refusal', async (context) => {
  const { clock, pass } = clockAt(0)
  const { connect, server, fake } = await portal(context, { isInstalled: true, clock })
  const { connection, write } = connect('contacts')
  assert.equal(await connection.account(), '4242')
  await write([add(ADA)])
  const tokens = () => asked(server).filter((path) => path === 'token').length
  assert.equal(tokens(), 1)
  const [first] = server.requests
  assert.equal(first?.headers['content-type'], 'application/x-www-form-urlencoded')
  assert.deepEqual(Object.fromEntries(new URLSearchParams(first?.body)), {
    grant_type: 'refresh_token',
    client_id: 'fake-client',
    client_secret: 'fake-canary-client-secret',
    refresh_token: 'fake-canary-refresh-token',
  })
  pass(29 * 60_000 + 1)
  await write([add(ADA)])
  assert.equal(tokens(), 2)
  fake.forgetTokens()
  assert.equal((await errorOf(write([add(ADA)]))).action, 'refresh')
  // As the engine does: it opens another connection.
  assert.deepEqual(statuses(await connect('contacts').write([add(ADA)])), ['applied'])
})

test('an app that may not come in any more is told by its settings, without their values', async (context) => {
  const { connect, server } = await portal(context, { isInstalled: true })
  server.script(answer(400, { error: 'invalid_grant', error_description: 'fake-canary-refresh-token' }))
  const error = await errorOf(connect('contacts').write([add(ADA)]))
  assert.equal(error.action, 'stop')
  assert.match(error.message, /client_id, client_secret, refresh_token, found 400 \(invalid_grant\)/)
  assert.ok(!error.message.includes('canary'))
})

const DAILY = answer(429, { errorType: 'RATE_LIMIT', policyName: 'DAILY', message: 'daily limit' })

test("the daily quota waits for the portal's midnight, once the portal's time is known", async (context) => {
  // The fake's portal is an hour behind Greenwich: there it is 21:30.
  const { clock } = clockAt(Date.UTC(2026, 10, 26, 22, 30))
  const { connect, server } = await portal(context, { clock })
  const { connection, write } = connect('contacts')
  server.script(DAILY)
  const before = await errorOf(write([add(ADA)]))
  assert.deepEqual([before.action, before.afterMs, before.ambiguous], ['retry', undefined, false])
  await connection.account()
  server.script(DAILY)
  const after = await errorOf(write([add(ADA)]))
  assert.deepEqual([after.action, after.afterMs, after.ambiguous], ['retry', 2.5 * 3_600_000, false])
})

test('a quota that names its own wait is taken by its word, and that of ten seconds is none of a day', async (context) => {
  const { connect, server } = await portal(context)
  const { connection, write } = connect('contacts')
  await connection.account()
  const rolling = { errorType: 'RATE_LIMIT', policyName: 'TEN_SECONDLY_ROLLING' }
  server.script(answer(429, { policyName: 'DAILY' }, { 'retry-after': '7' }), answer(429, rolling))
  assert.equal((await errorOf(write([add(ADA)]))).afterMs, 7000)
  const { action, afterMs } = await errorOf(write([add(ADA)]))
  assert.deepEqual([action, afterMs], ['retry', undefined])
})

test('fields are the properties of the object, and what HubSpot computes is not for writing', async (context) => {
  const { connect, server } = await portal(context)
  const { connection } = connect('companies')
  server.script(
    answer(200, {
      results: [
        { name: 'domain', modificationMetadata: { readOnlyValue: false } },
        { name: 'createdate', modificationMetadata: { readOnlyValue: true } },
        { name: 'total', calculated: true },
        { name: 'plain' },
        { label: 'nameless' },
      ],
    }),
  )
  assert.deepEqual(await connection.fields?.(), [
    { name: 'domain', writable: true },
    { name: 'createdate', writable: false },
    { name: 'total', writable: false },
    { name: 'plain', writable: true },
  ])
  assert.equal(server.requests.at(-1)?.path, '/crm/v3/properties/companies')
  const names = (await connection.fields?.())?.map(({ name }) => name)
  assert.ok(names?.includes('company_key') && names.includes('hs_object_id'))
  server.script(answer(200, {}))
  const untold = await errorOf(connection.fields?.() ?? assert.fail())
  assert.match(untold.message, /expected HubSpot to list the properties of companies/)
  const cars = await errorOf(connect('cars').connection.fields?.() ?? assert.fail())
  assert.deepEqual([cars.action, cars.status], ['stop', 400])
  assert.equal(connect('list_members', { list: 'VIPs' }).connection.fields, undefined)
})

test('people are erased for good one by one, and one who is not there is block-listed', async (context) => {
  const all = await portal(context)
  const { connection, write, held } = all.connect('contacts')
  await write([add(ADA), add({ email: 'grace@example.com' })])
  const nobody = { email: 'nobody@example.com' }
  assert.deepEqual(statuses((await connection.erase?.([ADA, nobody])) ?? []), ['applied', 'applied'])
  assert.deepEqual(all.fake.erased?.('contacts'), [ADA, nobody])
  assert.deepEqual(
    held().map(({ key }) => key.email),
    ['grace@example.com'],
  )
  assert.deepEqual(bodiesOf(all), [
    { objectId: 'ada@example.com', idProperty: 'email' },
    { objectId: 'nobody@example.com', idProperty: 'email' },
  ])
  assert.deepEqual(statuses(await write([add(ADA), add(nobody)])), ['rejected', 'rejected'])
})

test('an erasure by another key takes who is not there as erased, and a refusal quotes nobody', async (context) => {
  const { connect, server } = await portal(context)
  const { connection } = connect('contacts')
  const erase = connection.erase ?? assert.fail()
  assert.deepEqual(await erase([{ customer_id: 'c-9' }]), [{ status: 'applied' }])
  server.script(answer(400, { message: 'Invalid: ada@example.com' }))
  assert.deepEqual(await erase([ADA]), [{ status: 'rejected', error: 'HubSpot refused to delete it (400)' }])
  server.script(answer(403, { category: 'MISSING_SCOPES', message: 'needs more' }))
  const error = await errorOf(erase([ADA]))
  assert.equal(error.action, 'stop')
  assert.match(error.message, /needs more; check the scopes and rights of access_token/)
})

test('members of lists can be erased as contacts can, and records of other types cannot', async (context) => {
  const { connect, fake } = await portal(context)
  const members = connect('list_members', { list: 'VIPs', create_list: true })
  await members.write([add(ADA)])
  assert.deepEqual(statuses((await members.connection.erase?.([ADA])) ?? []), ['applied'])
  assert.deepEqual([members.held(), fake.held('', 'contacts')], [[], []])
  assert.deepEqual(statuses(await members.write([remove(ADA)])), ['applied'])
  assert.equal(connect('companies').connection.erase, undefined)
})

function bodiesOf({ server }: Portal): readonly unknown[] {
  return server.requests
    .filter(({ path }) => path.endsWith('/gdpr-delete'))
    .map(({ body }) => JSON.parse(body))
}
