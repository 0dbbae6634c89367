import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import { type Clock, systemClock } from '../../src/base/clock.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import { createHttpTools } from '../../src/connector/http-client.ts'
import type { Change, Settings } from '../../src/connector/types.ts'
import { batchOf } from '../../test/support/batches.ts'
import { startFake } from './fake.ts'
import { connector } from './index.ts'

test('an event goes to its pixel with everything in the part that TikTok has for it', async (context) => {
  const { write, bodies } = await opened(context)
  const fields = {
    event_name: 'Purchase',
    event_time: '2026-01-31T08:00:00.500Z',
    value: '19.90',
    currency: 'EUR',
    order_id: 'o1',
    num_items: 2,
    contents: '[{"content_id":"sku1","price":9.95,"quantity":2}]',
    content_type: 'product',
    ttclid: 'E.C.P.x',
    ttp: null,
    ip: '203.0.113.1',
    url: 'https://shop.example/thanks',
    limited_data_use: true,
  }
  const identifiers = `email:${hash('a')} email:${hash('b')} external_id:${hash('7')}`
  assert.deepEqual(await write([{ ...event('e1', fields), identifiers }]), [{ status: 'applied' }])
  assert.deepEqual(bodies(), [
    {
      event_source: 'web',
      event_source_id: 'CFAKE',
      data: [
        {
          event: 'Purchase',
          event_time: 1_769_846_400,
          event_id: 'e1',
          user: {
            email: [hash('a'), hash('b')],
            external_id: [hash('7')],
            ttclid: 'E.C.P.x',
            ip: '203.0.113.1',
          },
          properties: {
            currency: 'EUR',
            order_id: 'o1',
            content_type: 'product',
            value: 19.9,
            num_items: 2,
            contents: [{ content_id: 'sku1', price: 9.95, quantity: 2 }],
          },
          page: { url: 'https://shop.example/thanks' },
          limited_data_use: true,
        },
      ],
    },
  ])
})

test('an event with nothing but what it must have, has no empty parts', async (context) => {
  const { write, bodies } = await opened(context)
  await write([event('e1', { event_name: 'Lead', event_time: RECENT, value: null, currency: '' })])
  assert.deepEqual(bodies()[0].data, [{ event: 'Lead', event_time: 1_769_846_400, event_id: 'e1' }])
})

test('what TikTok would not take is rejected with its reason, and the rest is sent', async (context) => {
  const { write, fake } = await opened(context)
  const good = { event_name: 'Purchase', event_time: RECENT }
  const receipts = await write([
    event('1', { ...good, event_name: '' }),
    event('2', { ...good, event_time: 'yesterday' }),
    event('3', { ...good, event_time: '2025-12-01T00:00:00.000Z' }),
    event('4', { ...good, value: 'much' }),
    event('5', { ...good, contents: 'shoes' }),
    { ...event('6', good), identifiers: 'email:canary@example.com' },
    event('7', good),
  ])
  assert.deepEqual(
    receipts.map((one) => (one.status === 'applied' ? 'applied' : one.error)),
    [
      'expected event_name, found none',
      'expected event_time to be a time, found something else',
      'expected an event of the last 28 days, found an older one, which TikTok attributes to no ad',
      'expected value to be a number, found something else',
      'expected contents to be a JSON list, found something else',
      'expected email to be a SHA-256 hash in lower-case hex, found something else',
      'applied',
    ],
  )
  assert.deepEqual(
    fake.held('', 'events').map(({ key }) => key),
    [{ event_id: '7' }],
  )
})

test('an event that comes twice counts once, and one more name of the same id is another event', async (context) => {
  const { write, fake } = await opened(context)
  const fields = { event_name: 'Purchase', event_time: RECENT }
  for (const name of ['Purchase', 'Purchase', 'Subscribe'])
    await write([event('e1', { ...fields, event_name: name })])
  assert.equal(fake.held('', 'events').length, 2)
})

test('a batch in which TikTok finds something wrong is halved, and its words are told without values', async (context) => {
  const { write } = await opened(context)
  const fields = { event_name: 'Purchase', event_time: RECENT, currency: 'canary' }
  const error = await failing(write([event('e1', fields)]))
  assert.equal(error.action, 'split')
  assert.match(error.message, /40002: properties\.currency: \[value\] is not supported$/)
})

test('an event of a CRM needs the lead that TikTok knows', async (context) => {
  const { write, bodies } = await opened(context, { event_source: 'crm', event_source_id: '42' })
  const fields = { event_name: 'Qualified', event_time: RECENT }
  const [without, withLead] = await write([
    event('1', fields),
    event('2', { ...fields, lead_id: 'lead1', lead_event_source: 'HubSpot' }),
  ])
  assert.deepEqual([without?.status, withLead?.status], ['rejected', 'applied'])
  const [{ lead }] = bodies()[0].data
  assert.deepEqual(lead, { lead_id: 'lead1', lead_event_source: 'HubSpot' })
})

test('tests are told as tests, and count for nothing', async (context) => {
  const { write, bodies, fake } = await opened(context, { test_event_code: 'TEST1' })
  await write([event('e1', { event_name: 'Purchase', event_time: RECENT })])
  assert.equal(bodies()[0].test_event_code, 'TEST1')
  assert.deepEqual(fake.held('', 'events'), [])
})

test('the account names the advertiser and where events go, and another source stops the sync', async (context) => {
  const { account } = await opened(context)
  assert.equal(await account(), 'advertiser 7000000000000000001, web CFAKE')
  const { write } = await opened(context, { event_source: 'app' })
  const error = await failing(write([event('e1', { event_name: 'Purchase', event_time: RECENT })]))
  assert.equal(error.action, 'stop')
  assert.match(error.message, /event_source to be one of web, offline, crm/)
})

/** A day before the clock of these tests. */
const RECENT = '2026-01-31T08:00:00.000Z'
const CLOCK: Clock = { ...systemClock, nowMs: () => Date.parse('2026-02-01T08:00:00.000Z') }

function hash(value: string): string {
  return createHash('sha256').update(value).digest('hex')
}

function event(id: string, fields: Change['fields']): Change {
  return { op: 'add', key: { event_id: id }, fields, identifiers: '' }
}

async function opened(context: TestContext, settings: Settings = {}) {
  const fake = await startFake()
  const tools = createHttpTools({ clock: CLOCK })
  context.after(async () => {
    await tools.close()
    await fake.close()
  })
  const connection = connector.connect(fake.settings, tools, {
    object: 'events',
    settings: { event_source: 'web', event_source_id: 'CFAKE', ...settings },
  })
  return {
    fake,
    account: () => connection.account(),
    write: (changes: readonly Change[]) => connection.write(batchOf('events', changes)),
    /** Of the requests so far. */
    bodies: () => (fake.server?.requests ?? []).map(({ body }) => JSON.parse(body)),
  }
}

async function failing(work: Promise<unknown>): Promise<DestinationError> {
  const outcome = await work.catch((error) => error)
  assert.ok(outcome instanceof DestinationError, String(outcome))
  return outcome
}
