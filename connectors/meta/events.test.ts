import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import { createHttpTools } from '../../src/connector/http-client.ts'
import type { Change, Settings } from '../../src/connector/types.ts'
import { batchOf } from '../../test/support/batches.ts'
import { startFake } from './fake.ts'
import { connector } from './index.ts'

const HOUR_MS = 60 * 60 * 1000
const ADA = `email:${hash('ada')} email:${hash('ada@work')} phone:${hash('41')} external_id:${hash('c-1')}`

test('an event has its parts where Meta wants them, and all values of a person', async (context) => {
  const { write, fake } = await opened(context)
  const at = new Date(Date.now() - HOUR_MS).toISOString()
  const device = '6032d997-3ab0-4de0-aa16-8af0e5b482fb'
  const fields = {
    ...{
      event_name: 'Purchase',
      event_time: at,
      action_source: 'website',
      event_source_url: 'https://x.example',
    },
    ...{
      value: '129.90',
      currency: 'EUR',
      order_id: 42,
      contents: '[{"id":"sku","quantity":1}]',
      num_items: 2,
    },
    ...{ fbp: 'fb.1.1.2', fbc: null, client_user_agent: 'Mozilla' },
    ...{ first_name: hash('ada'), birth_date: hash('18151210'), city: null },
  }
  const [receipt] = await write([{ ...event('e1', fields), identifiers: `${ADA} mobile_id:${device}` }])
  assert.equal(receipt?.status, 'applied')
  assert.deepEqual(fake.events.events(), [
    {
      ...{ event_name: 'Purchase', event_time: Math.floor(Date.parse(at) / 1000), event_id: 'e1' },
      ...{ action_source: 'website', event_source_url: 'https://x.example' },
      user_data: {
        ...{
          em: [hash('ada'), hash('ada@work')],
          ph: [hash('41')],
          external_id: [hash('c-1')],
          madid: device,
        },
        ...{ fn: hash('ada'), db: hash('18151210'), fbp: 'fb.1.1.2', client_user_agent: 'Mozilla' },
      },
      custom_data: {
        ...{ value: 129.9, currency: 'EUR', order_id: '42', num_items: 2 },
        contents: [{ id: 'sku', quantity: 1 }],
      },
    },
  ])
})

test('what would fail a whole request is rejected before it is sent, each with its reason', async (context) => {
  const { write, fake } = await opened(context)
  const old = new Date(Date.now() - 7 * 24 * HOUR_MS - HOUR_MS).toISOString()
  const wrong: readonly (readonly [fields: Change['fields'], reason: RegExp])[] = [
    [{ event_name: '' }, /expected "event_name"/],
    [{ event_time: 'yesterday' }, /expected "event_time" to be a time/],
    [{ event_time: old }, /expected an event of the last 7 days/],
    [{ action_source: 'app' }, /expected "action_source" to be one of website/],
    [{ value: 'much' }, /expected "value" to be a number/],
    [{ currency: 'euros' }, /expected "currency" to be three letters/],
    [{ event_name: 'Purchase', value: 1 }, /expected "value" and "currency" of a Purchase/],
    [{ contents: '{"id":1}' }, /expected "contents" to be a JSON list/],
    [{ city: 'Zürich' }, /expected identifiers as SHA-256/],
  ]
  const receipts = await write([
    ...wrong.map(([fields], at) => event(`w${at}`, fields)),
    { ...event('nobody', {}), identifiers: '' },
    event('good', {}),
  ])
  wrong.forEach(([, reason], at) => {
    const receipt = receipts[at]
    assert.match(receipt?.status === 'rejected' ? receipt.error : '', reason)
  })
  assert.deepEqual(
    receipts.slice(-2).map((one) => (one.status === 'rejected' ? one.error : one.status)),
    ['expected an identifier, fbc, fbp, or client_ip_address with client_user_agent, found none', 'applied'],
  )
  assert.deepEqual(
    fake.events.events().map(({ event_id: id }) => id),
    ['good'],
  )
})

test('a click, or a browser with its address, finds somebody; an address alone does not', async (context) => {
  const { write } = await opened(context)
  const browser = { client_ip_address: '203.0.113.7', client_user_agent: 'Mozilla' }
  const receipts = await write(
    [{ fbc: 'fb.1.1.c' }, browser, { client_ip_address: '203.0.113.7' }].map((fields, at) => ({
      ...event(`e${at}`, fields),
      identifiers: '',
    })),
  )
  assert.deepEqual(
    receipts.map(({ status }) => status),
    ['applied', 'applied', 'rejected'],
  )
})

test('settings of a sync say where events happened, that data use is limited, and that this is a test', async (context) => {
  const { write, fake } = await opened(context, {
    ...{ action_source: 'physical_store', limited_data_use: true, test_event_code: 'TEST1' },
  })
  await write([event('e1', {}), event('e2', { action_source: 'email' })])
  assert.deepEqual(fake.events.testCodes, ['TEST1'])
  const [first, second] = fake.events.events()
  assert.deepEqual(
    [first?.action_source, first?.data_processing_options, first?.data_processing_options_country],
    ['physical_store', ['LDU'], 0],
  )
  assert.equal(second?.action_source, 'email')
})

test('a request that is refused as a whole is halved, and the code that says "later" is waited for', async (context) => {
  const { write, answers } = await opened(context)
  const fault = async (code: number, more: object = {}, headers = {}) => {
    answers({ error: { message: 'no', code, ...more } }, headers)
    const error = await write([event('e1', {})]).catch((thrown) => thrown)
    assert.ok(error instanceof DestinationError)
    return [error.action, error.afterMs, error.ambiguous]
  }
  assert.deepEqual(await fault(100, { error_subcode: 2804050 }), ['split', undefined, false])
  for (const code of [4, 17, 32, 613, 80003]) assert.deepEqual(await fault(code), ['retry', 60_000, false])
  const usage = { 1: [{ type: 'custom_audience', estimated_time_to_regain_access: 7 }], 2: [{ type: 'x' }] }
  const header = { 'x-business-use-case-usage': JSON.stringify(usage) }
  assert.deepEqual(await fault(613, { error_subcode: 1487742 }, header), ['retry', 7 * 60_000, false])
  assert.deepEqual(await fault(613, {}, { 'x-business-use-case-usage': 'no JSON' }), ['retry', 60_000, false])
  assert.deepEqual(await fault(1), ['retry', undefined, true])
  assert.deepEqual(await fault(1, { message: 'Please reduce the amount of data' }), [
    'split',
    undefined,
    false,
  ])
  assert.deepEqual(await fault(100, { is_transient: true }), ['retry', undefined, true])
  for (const code of [10, 200, 294, 368, 2635]) assert.equal((await fault(code))[0], 'stop')
  assert.equal((await fault(100, { error_subcode: 33 }))[0], 'stop')
})

test('a token that is refused says that a new one is needed', async (context) => {
  const { write, answers } = await opened(context)
  answers({ error: { message: 'Session has expired', code: 190 } })
  const error = await write([event('e1', {})]).catch((thrown) => thrown)
  assert.ok(error instanceof DestinationError)
  assert.equal(error.action, 'refresh')
  assert.match(error.message, /Session has expired \(190\): make a new one; check access_token/)
})

test('requests are signed where the secret of the app is given, and only there', async (context) => {
  const signed = await opened(context)
  assert.equal((await signed.write([event('e1', {})]))[0]?.status, 'applied')
  assert.match(signed.paths()[0] ?? '', /\?appsecret_proof=[0-9a-f]{64}$/)
  const wrong = await opened(context, {}, { app_secret: 'another-canary-secret' })
  await assert.rejects(wrong.write([event('e1', {})]), /Invalid appsecret_proof/)
  const plain = await opened(context, {}, { app_secret: undefined })
  assert.equal((await plain.write([event('e1', {})]))[0]?.status, 'applied')
  assert.deepEqual(plain.paths(), ['/v25.0/4711/events'])
})

test('an answer that counts fewer events than were sent leaves their fate open', async (context) => {
  const { write, answers } = await opened(context)
  answers({ events_received: 1, messages: [] }, {}, 200)
  const receipts = await write([event('e1', {}), event('e2', {})])
  for (const receipt of receipts) assert.ok(receipt.status === 'retry' && receipt.ambiguous === true)
})

async function opened(context: TestContext, use: Settings = {}, given: Settings = {}) {
  const fake = await startFake()
  const tools = createHttpTools({ clock: systemClock })
  context.after(async () => {
    await tools.close()
    await fake.close()
  })
  const settings = { action_source: 'other', ...use }
  const connection = connector.connect({ ...fake.settings, ...given }, tools, { object: 'events', settings })
  return {
    fake,
    write: (changes: readonly Change[]) => connection.write(batchOf('events', changes)),
    paths: () => fake.server?.requests.map(({ path }) => path) ?? [],
    answers: (body: object, headers: Readonly<Record<string, string>> = {}, status = 400) =>
      fake.server?.script({ kind: 'answer', status, headers, body: JSON.stringify(body) }),
  }
}

function event(id: string, fields: Change['fields']): Change {
  const usual = { event_name: 'Lead', event_time: new Date(Date.now() - HOUR_MS).toISOString() }
  return { op: 'add', key: { event_id: id }, fields: { ...usual, ...fields }, identifiers: ADA }
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
