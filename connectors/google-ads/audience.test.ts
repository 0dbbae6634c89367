import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import type { Change, Receipt } from '../../src/connector/types.ts'
import { batchOf } from '../../test/support/batches.ts'
import {
  errorOf,
  type GoogleAdsRig,
  googleAdsRig,
  hashed,
  pollOnce,
  send,
  sha256,
  startJob,
} from '../../test/support/google-ads.ts'

const rig = (context: TestContext) => googleAdsRig(context, 'audience')

function add(id: string, identifiers: string, fields: Change['fields'] = {}): Change {
  return { op: 'add', key: { id }, fields, identifiers }
}

function gone(id: string, leaving: string): Change {
  return { op: 'remove', key: { id }, fields: {}, leaving }
}

const email = (name: string) => hashed('email', `${name}@x.example`)
const phone = (number: string) => hashed('phone', number)
const address = (name: string) => `address:${sha256(name)}|${sha256('last')}|FR|75%20001`

const APPLIED: Receipt = { status: 'applied' }

/** `email:<hash>`, in the order of arrival. */
function held({ fake }: GoogleAdsRig): readonly string[] {
  return fake
    .held('', 'audience')
    .flatMap(({ key }) => Object.entries(key).map(([kind, value]) => `${kind}:${value}`))
}

test('people are put into a list that is made for them, each as one member with all that finds them', async (context) => {
  const one = await rig(context)
  const ada = add('1', `${email('ada')} ${email('ada2')} ${phone('+33612345678')} ${address('ada')}`)
  assert.deepEqual(await send(one, [ada, add('2', email('bob'))]), [APPLIED, APPLIED])
  const [list] = one.sent('/userLists')
  assert.deepEqual(list, {
    displayName: 'Lapsing "VIPs"',
    membershipDuration: '46656000s',
    ingestedUserListInfo: { uploadKeyTypes: ['CONTACT_ID'] },
  })
  const [request] = one.sent('audienceMembers:ingest')
  assert.deepEqual(request, {
    destinations: [
      {
        operatingAccount: { accountType: 'GOOGLE_ADS', accountId: '1234567890' },
        productDestinationId: '7000000001',
      },
    ],
    audienceMembers: [
      {
        userData: {
          userIdentifiers: [
            { emailAddress: sha256('ada@x.example') },
            { emailAddress: sha256('ada2@x.example') },
            { phoneNumber: sha256('+33612345678') },
            {
              address: {
                givenName: sha256('ada'),
                familyName: sha256('last'),
                regionCode: 'FR',
                postalCode: '75 001',
              },
            },
          ],
        },
      },
      { userData: { userIdentifiers: [{ emailAddress: sha256('bob@x.example') }] } },
    ],
    consent: { adUserData: 'CONSENT_GRANTED', adPersonalization: 'CONSENT_GRANTED' },
    encoding: 'HEX',
    termsOfService: { customerMatchTermsOfServiceStatus: 'ACCEPTED' },
  })
})

test('a person with more identifiers than one member may have is several members, and leaves with all of them', async (context) => {
  const one = await rig(context)
  const many = Array.from({ length: 23 }, (_, index) => email(`many${index}`)).join(' ')
  await send(one, [add('1', many)])
  const [request] = one.sent('audienceMembers:ingest')
  const sizes = request?.audienceMembers?.map(({ userData }) => userData?.userIdentifiers.length)
  assert.deepEqual(sizes, [10, 10, 3])
  assert.equal(held(one).length, 23)
  assert.deepEqual(await send(one, [gone('1', many)]), [APPLIED])
  assert.deepEqual(held(one), [])
})

test('a removal names no consent and no terms, and one of which nothing is left to take out is no request', async (context) => {
  const one = await rig(context)
  await send(one, [add('1', email('ada')), add('2', email('bob'))])
  assert.deepEqual(await send(one, [gone('1', email('ada')), gone('2', '')]), [APPLIED, APPLIED])
  const [request] = one.sent('audienceMembers:remove')
  assert.deepEqual(Object.keys(request ?? {}), ['destinations', 'audienceMembers', 'encoding'])
  assert.deepEqual(held(one), [email('bob')])
  const started = await one.connection.start?.(batchOf('audience', [gone('3', '')]))
  assert.deepEqual(started, { receipts: [APPLIED] })
})

test('what leaves is out before the rest of the batch is put in, though Google works in an order of its own', async (context) => {
  const one = await rig(context)
  await send(one, [add('1', email('old'))])
  const moved: Change = { ...add('1', email('new')), op: 'change', leaving: email('old') }
  const other = add('2', email('other'))
  const rows = [moved, other]
  const removal = await startJob(one, one.connection, rows)
  assert.deepEqual(held(one), [email('old')])
  assert.equal(one.sent('audienceMembers:ingest').length, 1)
  const answer = await pollOnce(one, one.connection, removal, rows)
  assert.ok(answer.status === 'done')
  assert.deepEqual(
    answer.receipts.map(({ status }) => status),
    ['retry', 'retry'],
  )
  assert.ok(answer.receipts.every((receipt) => receipt.status === 'retry' && receipt.ambiguous === true))
  assert.deepEqual(held(one), [])
  const next = await startJob(one, one.connection, rows)
  assert.deepEqual(await pollOnce(one, one.connection, next, rows), {
    status: 'done',
    receipts: [APPLIED, APPLIED],
  })
  assert.equal(one.sent('audienceMembers:remove').length, 1)
  assert.deepEqual(held(one), [email('new'), email('other')])
})

test('a process that knows nothing of what was taken out takes it out once more, and ends in the same state', async (context) => {
  const one = await rig(context)
  await send(one, [add('1', email('old'))])
  const rows: Change[] = [{ ...add('1', email('new')), op: 'change', leaving: email('old') }]
  const removal = await startJob(one, one.connection, rows)
  await pollOnce(one, one.connection, removal, rows)
  const later = one.connect()
  assert.deepEqual(await send(one, rows, later), [APPLIED])
  assert.equal(one.sent('audienceMembers:remove').length, 2)
  assert.deepEqual(held(one), [email('new')])
})

test('what another plan took out is taken out anew: it may have come back', async (context) => {
  const one = await rig(context)
  const rows: Change[] = [{ ...add('1', email('new')), op: 'change', leaving: email('old') }]
  const removal = await startJob(one, one.connection, rows)
  await pollOnce(one, one.connection, removal, rows)
  const started = await one.connection.start?.({ ...batchOf('audience', rows), runId: 'another' })
  assert.ok(started !== undefined && 'jobId' in started)
  assert.equal(one.sent('audienceMembers:remove').length, 2)
  assert.equal(one.sent('audienceMembers:ingest').length, 0)
})

test('a removal that Google refused whole rejects who leaves, and puts in the others', async (context) => {
  const one = await rig(context)
  await send(one, [add('1', email('old'))])
  one.fake.jobs.script({ kind: 'failed', retry: false, error: 'no' })
  const rows: Change[] = [gone('1', email('old')), add('2', email('other'))]
  assert.deepEqual(await send(one, rows), [{ status: 'rejected', error: 'Google: INVALID_FORMAT' }, APPLIED])
  assert.deepEqual(held(one), [email('old'), email('other')])
})

test('records that Google did not take are told as a count, and their rows are applied', async (context) => {
  const one = await rig(context)
  one.fake.endWith({ DENIED_CONSENT: 2, INVALID_FORMAT: 3, DUPLICATE_GCLID: 7 })
  assert.deepEqual(await send(one, [add('1', email('ada'))]), [APPLIED])
  assert.deepEqual(one.invalid, [5])
})

test('a request that Google refused whole rejects each row by its reason, and none is tried again', async (context) => {
  const one = await rig(context)
  one.fake.jobs.script({ kind: 'failed', retry: false, error: 'no' })
  one.fake.endWith({ NO_CONSENT: 2 })
  const error = 'Google: NO_CONSENT'
  assert.deepEqual(await send(one, [add('1', email('ada')), add('2', email('bob'))]), [
    { status: 'rejected', error },
    { status: 'rejected', error },
  ])
  assert.deepEqual(one.invalid, [])
})

test('what broke at Google as a whole is started again', async (context) => {
  const one = await rig(context)
  const rows = [add('1', email('ada'))]
  one.fake.jobs.script({ kind: 'failed', retry: true, error: 'broke' })
  const answer = await pollOnce(one, one.connection, await startJob(one, one.connection, rows), rows)
  assert.deepEqual(answer, {
    status: 'failed',
    error: 'Google could not process the request: INTERNAL_ERROR',
    retry: true,
  })
})

test('some records that broke are sent twice more, and then they are counted', async (context) => {
  const one = await rig(context)
  const rows = [add('1', email('ada'))]
  const said: unknown[] = []
  for (const attempt of [1, 2, 3]) {
    one.fake.endWith({ INTERNAL_ERROR: 2, INVALID_FORMAT: 1 })
    const started = await one.connection.start?.({ ...batchOf('audience', rows), attempt })
    assert.ok(started !== undefined && 'jobId' in started)
    said.push(await pollOnce(one, one.connection, started.jobId, rows))
  }
  const again = { status: 'failed', error: 'Google could not process 2 records', retry: true }
  assert.deepEqual(said, [again, again, { status: 'done', receipts: [APPLIED] }])
  assert.deepEqual(one.invalid, [3])
})

test('a job is asked for more and more seldom, at least every ten minutes', async (context) => {
  let nowMs = systemClock.nowMs()
  const clock = { ...systemClock, nowMs: () => nowMs }
  const one = await googleAdsRig(context, 'audience', { clock })
  const rows = [add('1', email('ada'))]
  one.fake.jobs.script({ kind: 'slow', polls: 3 })
  const job = await startJob(one, one.connection, rows)
  const waits: (number | undefined)[] = []
  for (const afterMs of [2000, 60_000, 3_600_000]) {
    nowMs += afterMs
    const answer = await pollOnce(one, one.connection, job, rows)
    waits.push(answer.status === 'running' ? answer.afterMs : undefined)
  }
  assert.deepEqual(waits, [2000, 62_000, 600_000])
})

test('what a row says of consent goes with its member, and what it does not say is what the settings say', async (context) => {
  const one = await rig(context)
  const rows = [
    add('1', email('a'), { ad_user_data: true, ad_personalization: 'granted' }),
    add('2', email('b'), { ad_user_data: null, ad_personalization: 'unspecified' }),
  ]
  const unspecified = one.connect({}, { ad_user_data: 'unspecified', ad_personalization: 'Granted' })
  await send(one, rows, unspecified)
  const [request] = one.sent('audienceMembers:ingest')
  assert.deepEqual(request?.consent, { adPersonalization: 'CONSENT_GRANTED' })
  assert.deepEqual(
    request?.audienceMembers?.map(({ consent }) => consent),
    [{ adUserData: 'CONSENT_GRANTED', adPersonalization: 'CONSENT_GRANTED' }, undefined],
  )
})

test('whoever denied their data or personalised ads is taken out, and never sent as a member', async (context) => {
  const one = await rig(context)
  await send(one, [add('1', email('a')), add('2', email('b')), add('3', email('c'))])
  const denied = (id: string, identifiers: string, fields: Change['fields']): Change => ({
    ...add(id, identifiers, fields),
    op: 'change',
  })
  const rows = [
    denied('1', email('a'), { ad_user_data: false }),
    denied('2', email('b'), { ad_personalization: 'denied' }),
    denied('3', email('c'), { ad_user_data: true }),
  ]
  assert.deepEqual(await send(one, rows), [APPLIED, APPLIED, APPLIED])
  assert.deepEqual(held(one), [email('c')])
  const [, last] = one.sent('audienceMembers:ingest')
  assert.equal(last?.audienceMembers?.length, 1)
})

test('a word for consent that means nothing rejects its row, and in the settings it stops the sync', async (context) => {
  const one = await rig(context)
  const rows = [add('1', email('a'), { ad_user_data: 'perhaps' }), add('2', email('b'))]
  assert.deepEqual(await send(one, rows), [
    {
      status: 'rejected',
      error: 'expected ad_user_data to be true, false, granted, denied or unspecified, found another word',
    },
    APPLIED,
  ])
  const error = await errorOf(send(one, rows, one.connect({}, { ad_user_data: 'perhaps' })))
  assert.equal(error.action, 'stop')
  assert.match(error.message, /expected ad_user_data to be granted, denied or unspecified, found "perhaps"/)
})

test('an identifier that is no hash rejects its row before Google would refuse all of them', async (context) => {
  const one = await rig(context)
  const receipts = await send(one, [
    add('1', `email:ada%40x.example`),
    add('2', `address:${sha256('a')}|${sha256('b')}|France|75001`),
    add('3', `address:${sha256('a')}|${sha256('b')}|FR|`),
    add('4', email('d')),
  ])
  assert.deepEqual(
    receipts.map((receipt) => (receipt.status === 'rejected' ? receipt.error : receipt.status)),
    [
      'expected email as SHA-256 in 64 hexadecimal digits, found something else',
      'expected the country of an address in two letters, found something else',
      'expected the postal code of an address, found none',
      'applied',
    ],
  )
})

test('nobody is sent before the terms are accepted, and the error says where they are', async (context) => {
  const one = await rig(context)
  const connection = one.connect({ accept_customer_match_terms: false })
  for (const work of [connection.account(), send(one, [add('1', email('a'))], connection)]) {
    const error = await errorOf(work)
    assert.equal(error.action, 'stop')
    assert.match(error.message, /accept_customer_match_terms: true.*support\.google\.com/)
  }
  assert.equal(one.sent('').length, 0)
})

test('a request with more members than Google takes is halved', async (context) => {
  const one = await rig(context)
  const devices = (from: number) =>
    Array.from({ length: 11 }, (_, at) => `external_id:u${from + at}`).join(' ')
  const rows = Array.from({ length: 910 }, (_, index) => add(String(index), devices(index * 11)))
  const error = await errorOf(send(one, rows, one.connect({}, { kind: 'user_id' })))
  assert.equal(error.action, 'split')
  assert.match(error.message, /at most 10000 members, found 10010/)
})

test('a refusal of the whole is told by its codes and places, and one about the account stops', async (context) => {
  const one = await rig(context)
  await send(one, [add('1', email('a'))])
  const violation = {
    field: 'audience_members.audience_members[0].consent',
    reason: 'INVALID_ENUM_VALUE',
    description: 'quotes canary',
  }
  const body = (details: readonly object[]) =>
    JSON.stringify({ error: { code: 400, message: 'quotes canary', details } })
  one.fake.server?.script({
    kind: 'answer',
    status: 400,
    body: body([{ reason: 'INVALID_ARGUMENT' }, { fieldViolations: [violation] }]),
  })
  const split = await errorOf(send(one, [add('2', email('b'))]))
  assert.equal(split.action, 'split')
  assert.match(split.message, /INVALID_ENUM_VALUE at audience_members\.audience_members\[0\]\.consent$/)
  one.fake.server?.script({ kind: 'answer', status: 400, body: body([{ reason: 'NOT_ALLOWLISTED' }]) })
  const stopped = await errorOf(send(one, [add('2', email('b'))]))
  assert.equal(stopped.action, 'stop')
  assert.doesNotMatch(stopped.message, /canary/)
})

test('the quota of a day asks to wait for an hour, and that of a minute for what Google says', async (context) => {
  const one = await rig(context)
  await send(one, [add('1', email('a'))])
  for (const [quota, afterMs] of [
    ['IngestionMutateRequestsPerDayPerProject', 3_600_000],
    ['IngestionMutateRequestsPerMinutePerProject', 7000],
  ] as const) {
    const details = [{ reason: 'RATE_LIMIT_EXCEEDED', metadata: { quota_limit: quota } }]
    one.fake.server?.script({
      ...{ kind: 'answer', status: 429, headers: { 'retry-after': '7' } },
      body: JSON.stringify({ error: { status: 'RESOURCE_EXHAUSTED', details } }),
    })
    const error = await errorOf(send(one, [add('2', email('b'))]))
    assert.deepEqual([error.action, error.afterMs, error.ambiguous], ['retry', afterMs, false])
  }
})
