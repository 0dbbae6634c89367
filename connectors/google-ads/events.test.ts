import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import type { Change, Receipt } from '../../src/connector/types.ts'
import {
  errorOf,
  googleAdsRig,
  hashed,
  pollOnce,
  send,
  sha256,
  startJob,
} from '../../test/support/google-ads.ts'

const NOW = Date.parse('2026-11-26T12:00:00.000Z')
const WHEN = '2026-11-25T08:00:00.000Z'

function rig(context: TestContext) {
  return googleAdsRig(context, 'events', { clock: { ...systemClock, nowMs: () => NOW } })
}

function event(id: string, fields: Change['fields'] = {}, identifiers = email('ada')): Change {
  return { op: 'add', key: { event_id: id }, fields: { event_time: WHEN, ...fields }, identifiers }
}

const email = (name: string) => hashed('email', `${name}@x.example`)
const APPLIED: Receipt = { status: 'applied' }
const reasonsOf = (receipts: readonly Receipt[]) =>
  receipts.map((receipt) => (receipt.status === 'applied' ? 'applied' : receipt.error))

test('an event goes to its conversion action with its time, worth, click and people, and counts once', async (context) => {
  const one = await rig(context)
  const whole = event('order-1', {
    ...{ value: '12.50', currency: 'eur', event_source: 'in_store', event_name: 'Purchase' },
    ...{ gclid: 'click-1', gbraid: null, wbraid: '', ad_user_data: true },
  })
  const rows = [whole, event('order-2', { event_time: '2026-11-25', value: 0 })]
  assert.deepEqual(await send(one, rows), [APPLIED, APPLIED])
  await send(one, [event('order-1', { value: 99 })])
  const [request] = one.sent('events:ingest') as readonly {
    readonly destinations?: unknown
    readonly encoding?: unknown
  }[]
  assert.deepEqual(request, {
    destinations: [
      {
        operatingAccount: { accountType: 'GOOGLE_ADS', accountId: '1234567890' },
        productDestinationId: '987654321',
      },
    ],
    events: [
      {
        transactionId: 'order-1',
        eventTimestamp: WHEN,
        eventSource: 'IN_STORE',
        adIdentifiers: { gclid: 'click-1' },
        userData: { userIdentifiers: [{ emailAddress: sha256('ada@x.example') }] },
        conversionValue: 12.5,
        currency: 'EUR',
        eventName: 'Purchase',
        consent: { adUserData: 'CONSENT_GRANTED' },
      },
      {
        transactionId: 'order-2',
        eventTimestamp: '2026-11-25T00:00:00.000Z',
        eventSource: 'WEB',
        userData: { userIdentifiers: [{ emailAddress: sha256('ada@x.example') }] },
        conversionValue: 0,
      },
    ],
    consent: { adUserData: 'CONSENT_GRANTED', adPersonalization: 'CONSENT_GRANTED' },
    encoding: 'HEX',
  })
  assert.deepEqual(
    one.fake.held('', 'events').map(({ key, fields }) => [key.event_id, fields.value]),
    [
      ['order-1', 12.5],
      ['order-2', 0],
    ],
  )
})

test('an event that Google would not count is rejected with the reason, and the others are sent', async (context) => {
  const one = await rig(context)
  const rows = [
    event('1', { event_time: '2026-08-28T11:59:59.000Z' }),
    event('2', { event_time: '2026-08-28T12:00:00.000Z' }),
    event('3', { event_time: '2026-11-26T12:06:00.000Z' }),
    event('4', { event_time: '2026-11-25 08:00:00' }),
    event('5', { event_time: null }),
    event('6', { value: 'many' }),
    event('7', { event_source: 'television' }),
    event('8', {}, ''),
    event('9', { gclid: 'click' }, ''),
    event('10', {}, 'email:plain'),
    event('11', { ad_user_data: 'perhaps' }),
  ]
  assert.deepEqual(reasonsOf(await send(one, rows)), [
    'expected event_time of the last 90 days, found an older one, which Google does not count',
    'applied',
    'expected event_time in the past, found one that is still to come',
    'expected event_time to be a time with its zone, found none',
    'expected event_time to be a time with its zone, found none',
    'expected value to be a number, found something else',
    'expected event_source to be WEB, APP, IN_STORE, PHONE, MESSAGE or OTHER, found another',
    'expected identifiers or one of gclid, gbraid, wbraid, found none',
    'applied',
    'expected email as SHA-256 in 64 hexadecimal digits, found something else',
    'expected ad_user_data to be true, false, granted, denied or unspecified, found another',
  ])
  assert.equal(one.sent('events:ingest').length, 1)
  assert.deepEqual(
    one.fake.held('', 'events').map(({ key }) => key.event_id),
    ['2', '9'],
  )
})

test('what was young enough when it was sent is so when the job is asked for', async (context) => {
  let nowMs = NOW
  const one = await googleAdsRig(context, 'events', { clock: { ...systemClock, nowMs: () => nowMs } })
  const rows = [event('1', { event_time: '2026-08-28T12:00:00.000Z' })]
  const job = await startJob(one, one.connection, rows)
  nowMs += 3_600_000
  assert.deepEqual(await pollOnce(one, one.connect(), job, rows), { status: 'done', receipts: [APPLIED] })
})

test('of a person who denied ad_user_data only the click is sent, and without one nothing', async (context) => {
  const one = await rig(context)
  const denied = { ad_user_data: false }
  const rows = [event('1', { ...denied, gclid: 'click' }), event('2', denied)]
  assert.deepEqual(reasonsOf(await send(one, rows)), [
    'applied',
    'expected identifiers or one of gclid, gbraid, wbraid, found that the person denied ad_user_data, and no click',
  ])
  const [request] = one.sent('events:ingest')
  assert.deepEqual(request?.events, [
    {
      transactionId: '1',
      eventTimestamp: WHEN,
      eventSource: 'WEB',
      adIdentifiers: { gclid: 'click' },
      consent: { adUserData: 'CONSENT_DENIED' },
    },
  ])
})

test('of more identifiers than an event may have the first ten are sent', async (context) => {
  const one = await rig(context)
  const many = Array.from({ length: 12 }, (_, index) => email(`many${index}`))
  await send(one, [event('1', {}, many.join(' '))])
  const [request] = one.sent('events:ingest') as readonly {
    readonly events?: readonly { readonly userData?: unknown }[]
  }[]
  assert.deepEqual(request?.events?.[0]?.userData, {
    userIdentifiers: many.slice(0, 10).map((one) => ({ emailAddress: one.slice('email:'.length) })),
  })
})

test('events that Google has already, or that no ad led to, are no mistakes, though all of a request are such', async (context) => {
  const one = await rig(context)
  one.fake.jobs.script({ kind: 'failed', retry: false, error: 'no' })
  one.fake.endWith({ DUPLICATE_TRANSACTION_ID: 1, CLICK_NOT_FOUND: 1, USER_ID_NOT_FOUND_FOR_GCLID: 1 })
  assert.deepEqual(await send(one, [event('1'), event('2'), event('3')]), [APPLIED, APPLIED, APPLIED])
  assert.deepEqual(one.invalid, [])
})

test('events that Google refused whole are rejected with its reasons', async (context) => {
  const one = await rig(context)
  one.fake.jobs.script({ kind: 'failed', retry: false, error: 'no' })
  one.fake.endWith({ EVENT_TOO_OLD: 1, INVALID_GCLID: 1 })
  assert.deepEqual(reasonsOf(await send(one, [event('1'), event('2')])), [
    'Google: EVENT_TOO_OLD, INVALID_GCLID',
    'Google: EVENT_TOO_OLD, INVALID_GCLID',
  ])
})

test('a batch of which no event can be sent is no request', async (context) => {
  const one = await rig(context)
  assert.deepEqual(reasonsOf(await send(one, [event('1', {}, '')])), [
    'expected identifiers or one of gclid, gbraid, wbraid, found none',
  ])
  assert.equal(one.sent('events:ingest').length, 0)
})

test('the account is the conversion action, and settings that mean nothing stop the sync', async (context) => {
  const one = await rig(context)
  assert.equal(
    await one.connection.account(),
    'ad account GOOGLE_ADS/1234567890, conversion action 987654321',
  )
  const action = await errorOf(send(one, [event('1')], one.connect({}, { conversion_action: 'Purchase' })))
  assert.match(action.message, /expected conversion_action to be the id of one, a number, found "Purchase"/)
  const source = await errorOf(send(one, [event('1')], one.connect({}, { event_source: 'tv' })))
  assert.match(source.message, /expected event_source to be WEB.*found "tv"/)
  assert.deepEqual([action.action, source.action], ['stop', 'stop'])
})

test('a conversion action that the account does not have stops the sync, and rejects nothing', async (context) => {
  const one = await rig(context)
  const error = await errorOf(send(one, [event('1')], one.connect({}, { conversion_action: '1' })))
  assert.equal(error.action, 'stop')
  assert.match(error.message, /INVALID_CONVERSION_ACTION_ID/)
})
