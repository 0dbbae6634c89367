import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import { type Clock, systemClock } from '../../src/base/clock.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import { createHttpTools } from '../../src/connector/http-client.ts'
import type { Change, ObjectUse, Receipt, Settings } from '../../src/connector/types.ts'
import { batchOf } from '../../test/support/batches.ts'
import { VirtualClock } from '../../test/support/virtual-clock.ts'
import { startFake } from './fake.ts'
import { connector } from './index.ts'

const DEVICE = '38400000-8cf0-11bd-b23e-10b96e40000d'

test('each identifier of a person is put in by itself, with the names that are there', async (context) => {
  const { write, elements } = await opened(context)
  const identifiers = `${email('ada')} ${email('lovelace')} mobile_id:${DEVICE}`
  const names = { first_name: 'Ada', last_name: null, country: 'GB' }
  assert.deepEqual(await write([{ ...add(identifiers), fields: names }]), [{ status: 'applied' }])
  const id = (idType: string, idValue: string) => ({
    action: 'ADD',
    userIds: [{ idType, idValue }],
    firstName: 'Ada',
    country: 'GB',
  })
  assert.deepEqual(elements(), [
    [id('SHA256_EMAIL', hash('ada')), id('SHA256_EMAIL', hash('lovelace')), id('GOOGLE_AID', DEVICE)],
  ])
})

test('who has another address loses the old one before the new one is put in, and who leaves loses all', async (context) => {
  const { write, elements, held } = await opened(context)
  await write([add(`${email('ada')} ${email('lovelace')}`), add(email('bob')), add(email('eve'))])
  assert.equal(held().length, 4)
  const receipts = await write([
    { ...add(email('countess')), op: 'change', leaving: email('ada') },
    { ...add(email('bob')), op: 'remove', identifiers: '', leaving: `${email('bob')}` },
    { op: 'remove', key: { id: 9 }, fields: {} },
  ])
  assert.deepEqual(statuses(receipts), ['applied', 'applied', 'applied'])
  assert.deepEqual(
    elements()
      .slice(1)
      .map((sent) => sent.map(({ action }: { readonly action: string }) => action)),
    [['REMOVE', 'REMOVE'], ['ADD']],
  )
  assert.deepEqual(
    held(),
    ['lovelace', 'eve', 'countess'].map((one) => ({ key: { email: hash(one) }, fields: {} })),
  )
})

test('putting in who is in, and taking out who is not, is applied', async (context) => {
  const { write, held } = await opened(context)
  await write([add(email('ada'))])
  const receipts = await write([
    add(email('ada')),
    { op: 'remove', key: { id: 2 }, fields: {}, leaving: email('bob') },
  ])
  assert.deepEqual(statuses(receipts), ['applied', 'applied'])
  assert.equal(held().length, 1)
})

test('a person of whom one identifier is refused is rejected with the reason, and the others arrive', async (context) => {
  const { write, answers, held } = await opened(context)
  answers(200, {
    elements: [{ status: 201 }, { status: 422, message: 'is of no use' }, { status: 201 }],
  })
  assert.deepEqual(await write([add(`${email('ada')} ${email('lovelace')}`), add(email('bob'))]), [
    { status: 'rejected', error: 'LinkedIn: is of no use' },
    { status: 'applied' },
  ])
  answers(200, { elements: [{ status: 503 }] })
  assert.deepEqual(statuses(await write([add(email('ada'))])), ['retry'])
  assert.deepEqual(held(), [])
})

test('answers for another number of people say nothing of anybody', async (context) => {
  const { write, answers } = await opened(context)
  answers(200, { elements: [{ status: 201 }] })
  const receipts = await write([add(email('ada')), add(email('bob'))])
  assert.ok(receipts.every((one) => one.status === 'retry' && one.ambiguous === true))
})

test('what is no hash and no advertising id never leaves', async (context) => {
  const { write, elements } = await opened(context)
  const receipts = await write([add('email:ada@example.com'), add('mobile_id:42'), add(email('bob'))])
  assert.deepEqual(receipts, [
    {
      status: 'rejected',
      error: 'expected email to be a SHA-256 hash in lower-case hex, found something else',
    },
    {
      status: 'rejected',
      error: 'expected mobile_id to be an advertising id, which is a UUID, found something else',
    },
    { status: 'applied' },
  ])
  assert.equal(elements().flat().length, 1)
})

test('more identifiers than a request holds are for two of them', async (context) => {
  const { write, elements } = await opened(context)
  const many = Array.from({ length: 2501 }, (_, index) => add(`${email(`a${index}`)} ${email(`b${index}`)}`))
  const error = await failing(write(many))
  assert.equal(error.action, 'split')
  assert.deepEqual(elements(), [])
})

test('an audience is found by its name or id, and made where it is missing', async (context) => {
  const { connect } = await opened(context)
  assert.equal(await connect({ audience: 'VIPs' }).account(), 'ad account 512345678, audience 9821736')
  assert.equal(await connect({ audience: '9821738' }).account(), 'ad account 512345678, audience 9821738')
  const looking = connect({ audience: 'Lapsing' }, { looksOnly: true })
  assert.equal(await looking.account(), 'ad account 512345678')
  assert.equal(await connect({ audience: 'Lapsing' }).account(), 'ad account 512345678, audience 9821741')
  assert.equal(await looking.account(), 'ad account 512345678, audience 9821741')
})

test('an audience that is not one of users, or whose name two have, is not filled', async (context) => {
  const { connect } = await opened(context)
  for (const [audience, expected] of [
    ['Companies', /to be of users, found one of the type COMPANY/],
    ['Twins', /to be the name of one audience, found several: give its id/],
  ] as const) {
    const error = await failing(connect({ audience }).account())
    assert.equal(error.action, 'stop')
    assert.match(error.message, expected)
  }
})

test('a new audience is given its five seconds, and one that is not everywhere yet is asked again', async (context) => {
  const clock = new VirtualClock()
  const { connect } = await opened(context, { clock })
  const connection = connect({ audience: 'Lapsing' })
  await connection.account()
  const batch = batchOf('audience', [add(email('ada'))])
  for (const early of [connection, connect({ audience: 'Lapsing' })]) {
    const error = await failing(early.write(batch))
    assert.deepEqual([error.action, error.afterMs], ['retry', 5000])
  }
  await clock.pass(5000)
  const nowhere = await failing(connection.write(batch))
  assert.deepEqual([nowhere.action, nowhere.status, nowhere.afterMs], ['retry', 404, 5000])
  assert.deepEqual(statuses(await connection.write(batch)), ['applied'])
})

test('an audience that is long there and then is not ends the sync', async (context) => {
  const { write, answers } = await opened(context)
  await write([add(email('ada'))])
  answers(404, { status: 404, message: 'gone' })
  const error = await failing(write([add(email('bob'))]))
  assert.equal(error.action, 'stop')
  assert.match(error.message, /audience 9821736, found none \(404\): it was deleted there/)
})

test('the size, what was found lately and the state are read back', async (context) => {
  const { connect, write } = await opened(context)
  await write(Array.from({ length: 10 }, (_, index) => add(email(`a${index}`))))
  assert.deepEqual(await connect({ audience: 'VIPs' }).audienceStatus?.(), {
    size: 8,
    matchRate: 0.8,
    state: 'BUILDING',
  })
})

test('a token is enough, too many requests wait, and a version that has ended says which setting to change', async (context) => {
  const { fake, connect, answers } = await opened(context)
  const whole = connect({ audience: 'VIPs' })
  await whole.account()
  const [token = ''] = (fake.server?.requests ?? []).flatMap(
    ({ headers }) => headers.authorization?.replace('Bearer ', '') ?? [],
  )
  const own = { client_id: undefined, refresh_token: undefined, access_token: token }
  assert.match(await connect({ audience: 'VIPs' }, {}, own).account(), /audience 9821736$/)
  answers(429, { status: 429, code: 'QUOTA_EXCEEDED', message: 'slow down' })
  const slow = await failing(whole.audienceStatus?.() ?? Promise.resolve())
  assert.deepEqual([slow.action, slow.afterMs], ['retry', undefined])
  const old = await failing(connect({ audience: 'VIPs' }, {}, { api_version: '202401' }).account())
  assert.equal(old.action, 'stop')
  assert.match(old.message, /set api_version to one that LinkedIn serves/)
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

async function opened(context: TestContext, { clock = systemClock }: { readonly clock?: Clock } = {}) {
  const fake = await startFake()
  const tools = createHttpTools({ clock })
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
    /** Of the requests so far. */
    elements: () =>
      (fake.server?.requests ?? [])
        .filter(({ path }) => path.endsWith('/users'))
        .map(({ body }) => JSON.parse(body).elements),
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
