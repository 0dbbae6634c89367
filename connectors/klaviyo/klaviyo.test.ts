import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Change } from '../../src/connector/types.ts'
import { batchOf } from '../../test/support/batches.ts'
import {
  APPLIED,
  account,
  add,
  change,
  IMPORT,
  polled,
  refusalOf,
  statuses,
} from '../../test/support/klaviyo.ts'

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
