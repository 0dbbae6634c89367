import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import { createHttpTools } from '../../src/connector/http-client.ts'
import type { Change, ObjectUse, Receipt, Settings } from '../../src/connector/types.ts'
import { batchOf } from '../../test/support/batches.ts'
import { startFake } from './fake.ts'
import { connector } from './index.ts'

const VIPS = '813000000000000001'

test('each kind of identifier is a request, and a value that two people share is sent once', async (context) => {
  const { write, sent } = await opened(context)
  const receipts = await write([
    add(`${email('ada')} ${email('lovelace')} phone:${hash('1')} external_id:crm-7`),
    add(`${email('ada')} phone:${hash('2')}`),
  ])
  assert.deepEqual(statuses(receipts), ['applied', 'applied'])
  const data = { AudienceId: VIPS, AcceptCustomerMatchTerm: true, ActionType: 'Add' }
  assert.deepEqual(sent(), [
    { ...data, CustomerListItemSubType: 'Email', CustomerListItems: [hash('ada'), hash('lovelace')] },
    { ...data, CustomerListItemSubType: 'Phone', CustomerListItems: [hash('1'), hash('2')] },
    { ...data, CustomerListItemSubType: 'CRM', CustomerListItems: ['crm-7'] },
  ])
})

test('all that leaves is taken out before anything is put in', async (context) => {
  const { write, sent, held } = await opened(context)
  await write([add(`${email('ada')} phone:${hash('1')}`), add(email('bob'))])
  const receipts = await write([
    { ...add(email('countess')), op: 'change', leaving: `${email('ada')} phone:${hash('1')}` },
    { op: 'remove', key: { id: 2 }, fields: {}, leaving: email('bob') },
    { op: 'remove', key: { id: 3 }, fields: {} },
  ])
  assert.deepEqual(statuses(receipts), ['applied', 'applied', 'applied'])
  assert.deepEqual(
    sent()
      .slice(2)
      .map(({ ActionType, CustomerListItemSubType: type }) => `${ActionType} ${type}`),
    ['Remove Email', 'Remove Phone', 'Add Email'],
  )
  assert.deepEqual(held(), [{ key: { email: hash('countess') }, fields: {} }])
})

test('refusals name the place of a value: all who have it are rejected, the others arrive', async (context) => {
  const { write, answers } = await opened(context)
  const refusal = { Index: 1, Code: 4106, ErrorCode: 'CustomerListItemInvalid', Message: 'not so' }
  answers(200, { PartialErrors: [refusal] })
  assert.deepEqual(
    await write([add(email('ada')), add(email('bob')), add(`${email('eve')} ${email('bob')}`)]),
    [
      { status: 'applied' },
      { status: 'rejected', error: 'Microsoft: CustomerListItemInvalid: not so' },
      { status: 'rejected', error: 'Microsoft: CustomerListItemInvalid: not so' },
    ],
  )
  answers(200, { PartialErrors: [{ ...refusal, Code: 0 }] })
  assert.deepEqual(statuses(await write([add(email('ada')), add(email('bob'))])), ['applied', 'retry'])
})

test('a refusal without a place is found by sending fewer, and an answer that is no JSON says nothing', async (context) => {
  const { write, answers, fake } = await opened(context)
  answers(200, { PartialErrors: [{ Index: null, Code: 4106, ErrorCode: 'Odd', Message: 'no' }] })
  const odd = await failing(write([add(email('ada')), add(email('bob'))]))
  assert.deepEqual([odd.action, odd.ambiguous], ['split', true])
  fake.server?.script({ kind: 'answer', status: 200, body: 'fine' })
  const unread = await failing(write([add(email('ada'))]))
  assert.deepEqual([unread.action, unread.ambiguous], ['retry', true])
})

test('what is no hash never leaves', async (context) => {
  const { write, sent } = await opened(context)
  const receipts = await write([add('email:ada@example.com'), add('phone:+43123456'), add(email('bob'))])
  assert.deepEqual(statuses(receipts), ['rejected', 'rejected', 'applied'])
  assert.deepEqual(
    sent().flatMap(({ CustomerListItems }) => CustomerListItems),
    [hash('bob')],
  )
})

test('more values of a kind than a request holds are for two of them', async (context) => {
  const { write, sent } = await opened(context)
  const many = Array.from({ length: 501 }, (_, index) => add(`${email(`a${index}`)} ${email(`b${index}`)}`))
  assert.equal((await failing(write(many))).action, 'split')
  assert.deepEqual(sent(), [])
  assert.deepEqual(new Set(statuses(await write(many.slice(1)))), new Set(['applied']))
})

test('a list is found by its name or id, and made without an end where it is missing', async (context) => {
  const { connect, fake } = await opened(context)
  assert.equal(await connect({ audience: 'VIPs' }).account(), `ad account 111000111, audience ${VIPS}`)
  const byId = connect({ audience: '813000000000000003' })
  assert.equal(await byId.account(), 'ad account 111000111, audience 813000000000000003')
  const looking = connect({ audience: 'Lapsing' }, { looksOnly: true })
  assert.equal(await looking.account(), 'ad account 111000111')
  const made = await connect({ audience: 'Lapsing' }).account()
  assert.equal(made, 'ad account 111000111, audience 813000000000000004')
  assert.deepEqual(
    (fake.server?.requests ?? [])
      .filter(({ path }) => path.endsWith('/Audiences'))
      .map(({ body }) => JSON.parse(body)),
    [{ Audiences: [{ Type: 'CustomerList', Name: 'Lapsing', Scope: 'Customer', MembershipDuration: -1 }] }],
  )
  assert.equal(await looking.account(), made)
})

test('a name that two lists have, and one that no list may have, end the sync with their reasons', async (context) => {
  const { connect } = await opened(context)
  const twins = await failing(connect({ audience: 'Twins' }).account())
  assert.deepEqual([twins.action, /found several: give its id/.test(twins.message)], ['stop', true])
  const long = await failing(connect({ audience: 'x'.repeat(129) }).account())
  assert.equal(long.action, 'stop')
  assert.match(long.message, /found it refused: AudienceNameInvalid: The name is not valid/)
})

test('terms that nobody accepted end the sync and name the setting', async (context) => {
  const { connect } = await opened(context)
  const connection = connect({ audience: 'VIPs' }, {}, { accept_customer_match_terms: false })
  const error = await failing(connection.write(batchOf('audience', [add(email('ada'))])))
  assert.equal(error.action, 'stop')
  assert.match(error.message, /set accept_customer_match_terms/)
})

test('codes tell what is to be done, whatever the status', async (context) => {
  const { write, answers } = await opened(context)
  for (const [status, Code, expected] of [
    [500, 109, 'refresh'],
    [400, '105', 'refresh'],
    [401, 106, 'stop'],
    [400, 117, 'retry'],
    [400, 118, 'retry'],
    [400, 0, 'retry'],
    [400, 4104, 'split'],
  ] as const) {
    answers(status, { OperationErrors: [{ Code, ErrorCode: 'Odd', Message: 'no' }] })
    const error = await failing(write([add(email('ada'))]))
    assert.deepEqual([Code, error.action], [Code, expected])
    assert.equal(error.afterMs, Code === 117 ? 60_000 : undefined)
  }
  answers(200, { PartialErrors: [{ Index: 0, Code: 109, ErrorCode: 'AuthenticationTokenExpired' }] })
  assert.equal((await failing(write([add(email('ada'))]))).action, 'refresh')
})

test('an app without a secret gets a token too', async (context) => {
  const { connect, fake } = await opened(context)
  const own = { client_secret: undefined }
  assert.match(await connect({ audience: 'VIPs' }, {}, own).account(), /audience/)
  const asked = (fake.server?.requests ?? []).filter(({ path }) => path.endsWith('/token'))
  assert.equal(new URLSearchParams(asked.at(-1)?.body).has('client_secret'), false)
})

test('the size is read back as soon as there is one', async (context) => {
  const { connect, write } = await opened(context)
  await write([add(email('ada'))])
  assert.deepEqual(await connect({ audience: 'VIPs' }).audienceStatus?.(), {})
  await write(Array.from({ length: 499 }, (_, index) => add(email(`a${index}`))))
  assert.deepEqual(await connect({ audience: 'VIPs' }).audienceStatus?.(), { size: 400 })
})

function hash(name: string): string {
  return createHash('sha256').update(`${name}@example.com`).digest('hex')
}

function email(name: string): string {
  return `email:${hash(name)}`
}

function add(identifiers: string): Change {
  return { op: 'add', key: { id: identifiers.length }, fields: {}, identifiers }
}

function statuses(receipts: readonly Receipt[]): readonly string[] {
  return receipts.map(({ status }) => status)
}

async function opened(context: TestContext) {
  const fake = await startFake()
  const tools = createHttpTools({ clock: systemClock })
  context.after(async () => {
    await tools.close()
    await fake.close()
  })
  const connect = (settings: Settings, use: Partial<ObjectUse> = {}, own: Settings = {}) =>
    connector.connect({ ...fake.settings, ...own }, tools, { object: 'audience', settings, ...use })
  const vips = connect({ audience: 'VIPs' })
  // As the engine does before it writes.
  await vips.account()
  return {
    fake,
    connect,
    write: (changes: readonly Change[]) => vips.write(batchOf('audience', changes)),
    held: () => fake.held('', 'audience'),
    /** Of the requests with user data so far. */
    sent: () =>
      (fake.server?.requests ?? [])
        .filter(({ path }) => path.endsWith('/CustomerListUserData/Apply'))
        .map(({ body }) => JSON.parse(body).CustomerListUserData),
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
