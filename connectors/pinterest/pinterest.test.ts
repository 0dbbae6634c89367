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

test('all addresses of all people are one text of records, each once', async (context) => {
  const { write, bodies } = await opened(context)
  const receipts = await write([add(`${email('ada')} ${email('lovelace')}`), add(email('ada'))])
  assert.deepEqual(statuses(receipts), ['applied', 'applied'])
  assert.deepEqual(bodies('PATCH'), [
    { operation_type: 'ADD', records: `${hash('ada')},${hash('lovelace')}` },
  ])
})

test('what leaves is taken out before anything is put in', async (context) => {
  const { write, bodies, held } = await opened(context)
  await write([add(`${email('ada')} ${email('lovelace')}`), add(email('bob'))])
  const receipts = await write([
    { ...add(email('countess')), op: 'change', leaving: email('ada') },
    { op: 'remove', key: { id: 2 }, fields: {}, leaving: email('bob') },
    { op: 'remove', key: { id: 3 }, fields: {} },
  ])
  assert.deepEqual(statuses(receipts), ['applied', 'applied', 'applied'])
  assert.deepEqual(
    bodies('PATCH')
      .slice(1)
      .map(({ operation_type: operation }) => operation),
    ['REMOVE', 'ADD'],
  )
  assert.deepEqual(
    held(),
    ['lovelace', 'countess'].map((one) => ({ key: { email: hash(one) }, fields: {} })),
  )
})

test('a list that is not there is made by the first people, with its audience, and grows from there', async (context) => {
  const { connect, bodies, fake } = await opened(context)
  const connection = connect({ audience: 'Lapsing' })
  const before = await connection.account()
  assert.equal(before, 'ad account 549755885175, audience Lapsing')
  assert.deepEqual(bodies('POST'), [])
  await connection.write(batchOf('audience', [add(email('ada'))]))
  await connection.write(batchOf('audience', [add(email('bob'))]))
  assert.deepEqual(bodies('POST'), [
    { name: 'Lapsing', list_type: 'EMAIL', records: hash('ada') },
    {
      ad_account_id: '549755885175',
      name: 'Lapsing',
      audience_type: 'CUSTOMER_LIST',
      rule: { customer_list_id: '649' },
    },
  ])
  const changed = (fake.server?.requests ?? []).find(({ method }) => method === 'PATCH')
  assert.match(changed?.path ?? '', /customer_lists\/649$/)
  assert.deepEqual(
    [await connection.account(), await connect({ audience: 'Lapsing' }).account()],
    [before, before],
  )
})

test('who leaves a list that is not there has left, without a request', async (context) => {
  const { connect, bodies } = await opened(context)
  const connection = connect({ audience: 'Lapsing' })
  const change: Change = { op: 'remove', key: { id: 1 }, fields: {}, leaving: email('ada') }
  assert.deepEqual(statuses(await connection.write(batchOf('audience', [change]))), ['applied'])
  assert.deepEqual([...bodies('POST'), ...bodies('PATCH')], [])
})

test('a list of which nobody knows whether it was made is looked for before it is made again', async (context) => {
  const { connect, fake, bodies } = await opened(context)
  const connection = connect({ audience: 'Lapsing' })
  await connection.account()
  fake.server?.script({ kind: 'none' }, { kind: 'reset', applied: true })
  const batch = batchOf('audience', [add(email('ada'))])
  assert.equal((await failing(connection.write(batch))).action, 'retry')
  assert.deepEqual(statuses(await connection.write(batch)), ['applied'])
  assert.equal(bodies('POST').filter(({ records }) => records !== undefined).length, 1)
})

test('an audience that Pinterest does not make yet is asked for by the next run', async (context) => {
  const { connect, fake, bodies } = await opened(context)
  const connection = connect({ audience: 'Lapsing' })
  await connection.account()
  const refusal = { kind: 'answer', status: 400, body: '{"code":1,"message":"too small"}' } as const
  // To the making of the audience: before it, the list and the audiences are looked for and the list is made.
  fake.server?.script({ kind: 'none' }, { kind: 'none' }, { kind: 'none' }, refusal)
  const people = batchOf('audience', [add(email('ada'))])
  assert.deepEqual(statuses(await connection.write(people)), ['applied'])
  await connection.write(people)
  assert.equal(audiencesIn(bodies('POST')), 1)
  const next = connect({ audience: 'Lapsing' })
  assert.deepEqual(await next.audienceStatus?.(), { state: 'TOO_SMALL' })
  await next.write(people)
  assert.equal(audiencesIn(bodies('POST')), 2)
  assert.deepEqual(await next.audienceStatus?.(), { size: 1, state: 'TOO_SMALL' })
})

test('what Pinterest counts as invalid is told as a count, and nobody is rejected for it', async (context) => {
  const { write, fake, answers, invalid } = await opened(context)
  fake.countInvalid?.(3)
  assert.deepEqual(statuses(await write([add(email('ada'))])), ['applied'])
  await write([add(email('bob'))])
  assert.deepEqual(invalid, [3])
  for (const exceptions of [{ bad: ['a', 'b'], code: 7 }, { code: 2, message: 'odd' }, { code: 0 }]) {
    answers(200, { id: '643', exceptions })
    await write([add(email('eve'))])
  }
  assert.deepEqual(invalid, [3, 2, 1])
})

test('an answer of another list says nothing of anybody', async (context) => {
  const { write, answers } = await opened(context)
  answers(200, { id: '644', exceptions: {} })
  const [receipt] = await write([add(email('ada'))])
  assert.ok(receipt?.status === 'retry' && receipt.ambiguous === true)
})

test('what is no hash never leaves', async (context) => {
  const { write, bodies } = await opened(context)
  const receipts = await write([add('email:ada@example.com'), add(email('bob'))])
  assert.deepEqual(statuses(receipts), ['rejected', 'applied'])
  assert.deepEqual(
    bodies('PATCH').map(({ records }) => records),
    [hash('bob')],
  )
})

test('a list holds one kind of identifier, and a sync with another one ends', async (context) => {
  const { connect, bodies } = await opened(context)
  const devices = connect({ audience: 'Devices', list_type: 'MAID' })
  await devices.write(batchOf('audience', [add(`mobile_id:${hash('device')}`)]))
  assert.deepEqual(bodies('POST')[0], { name: 'Devices', list_type: 'MAID', records: hash('device') })
  const mixed = await failing(devices.write(batchOf('audience', [add(email('ada'))])))
  assert.equal(mixed.action, 'stop')
  assert.match(mixed.message, /identifiers of mobile_id only, because the list holds MAID, found email/)
  const odd = await failing(
    connect({ audience: 'VIPs', list_type: 'PHONE' }).write(batchOf('audience', [add(email('ada'))])),
  )
  assert.match(odd.message, /list_type to be one of EMAIL, MAID, IDFA, found "PHONE"/)
})

test('more than a request holds is for two of them', async (context) => {
  const { write, bodies } = await opened(context)
  const many = Array.from({ length: 8000 }, (_, index) => add(`${email(`a${index}`)} ${email(`b${index}`)}`))
  assert.equal((await failing(write(many))).action, 'split')
  assert.deepEqual(bodies('PATCH'), [])
})

test('a list is found by its id on any page, and a name of two lists or an id of none ends the sync', async (context) => {
  const { connect, answers, fake } = await opened(context)
  assert.equal(await connect({ audience: '643' }).account(), 'ad account 549755885175, audience 643')
  const connection = connect({ audience: 'Later' })
  await connect({ audience: 'VIPs' }).account()
  fake.server?.script({ kind: 'none' })
  answers(200, { items: [{ id: '1', name: 'Sooner' }], bookmark: 'next' })
  answers(200, { items: [{ id: '2', name: 'Later' }], bookmark: null })
  answers(200, { id: '2', exceptions: {} })
  assert.deepEqual(statuses(await connection.write(batchOf('audience', [add(email('ada'))]))), ['applied'])
  assert.match(
    (await failing(connect({ audience: 'Twins' }).account())).message,
    /found several: give its id/,
  )
  assert.match((await failing(connect({ audience: '999' }).account())).message, /the id 999, found none/)
})

test('the size and the state of the audience are read back', async (context) => {
  const { connect, write } = await opened(context)
  await write(Array.from({ length: 100 }, (_, index) => add(email(`a${index}`))))
  assert.deepEqual(await connect({ audience: 'VIPs' }).audienceStatus?.(), { size: 100, state: 'READY' })
})

test('a token is enough, and an account of others says who may not see it', async (context) => {
  const { fake, connect } = await opened(context)
  const [token = ''] = (fake.server?.requests ?? []).flatMap(({ headers }) =>
    headers.authorization?.startsWith('Bearer ') === true
      ? headers.authorization.slice('Bearer '.length)
      : [],
  )
  const own = { client_id: undefined, refresh_token: undefined, access_token: token }
  assert.match(await connect({ audience: 'VIPs' }, {}, own).account(), /audience VIPs$/)
  const other = await failing(connect({ audience: 'VIPs' }, {}, { ad_account: '1' }).account())
  assert.equal(other.action, 'stop')
  assert.match(other.message, /You are not permitted/)
})

function audiencesIn(bodies: readonly { readonly audience_type?: string }[]): number {
  return bodies.filter(({ audience_type: type }) => type !== undefined).length
}

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
  const invalid: number[] = []
  const told = { ...tools, onInvalid: (entries: number) => void invalid.push(entries) }
  const connect = (settings: Settings, use: Partial<ObjectUse> = {}, own: Settings = {}) =>
    connector.connect({ ...fake.settings, ...own }, told, {
      object: 'audience',
      settings: { list_type: 'EMAIL', ...settings },
      ...use,
    })
  const vips = connect({ audience: 'VIPs' })
  // As the engine does before it writes.
  await vips.account()
  return {
    fake,
    connect,
    invalid,
    write: (changes: readonly Change[]) => vips.write(batchOf('audience', changes)),
    held: () => fake.held('', 'audience'),
    /** Of the requests so far but those for tokens. */
    bodies: (method: string) =>
      (fake.server?.requests ?? [])
        .filter((request) => request.method === method && !request.path.endsWith('/token'))
        .map(({ body }) => JSON.parse(body)),
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
