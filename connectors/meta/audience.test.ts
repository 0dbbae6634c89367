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

const DEVICE = '6032d997-3ab0-4de0-aa16-8af0e5b482fb'

test('an audience that is missing is made of a list of customers, once, and not by a plan', async (context) => {
  const { connect, fake, bodies } = await opened(context)
  assert.equal(await connect({}, { looksOnly: true }).account(), 'ad account act_1')
  const account = await connect().account()
  assert.match(account, /^ad account act_1, audience \d+$/)
  assert.equal(await connect().account(), account)
  assert.deepEqual(bodies('POST'), [
    { name: 'Lapsing VIPs', subtype: 'CUSTOM', customer_file_source: 'USER_PROVIDED_ONLY' },
  ])
  const { id } = fake.audiences.all[0] ?? assert.fail('it was made')
  assert.equal(await connect({ audience: id }).account(), account)
})

test('an audience is found on a later page, by its name among those of customers', async (context) => {
  const { connect, fake } = await opened(context)
  fake.audiences.add('Lapsing VIPs', 'LOOKALIKE')
  for (let index = 0; index < 250; index += 1) fake.audiences.add(`Others ${index}`)
  const { id } = fake.audiences.add('Lapsing VIPs')
  assert.equal(await connect().account(), `ad account act_1, audience ${id}`)
  const paths = fake.server?.requests.map(({ path }) => path) ?? []
  assert.equal(paths.length, 3)
  assert.ok(
    paths.every((path) => path.startsWith('/v25.0/act_1/customaudiences?') && !path.includes('token')),
  )
})

test('two audiences of one name, one that Meta fills and one that it flagged end the sync with what to do', async (context) => {
  const { connect, fake } = await opened(context)
  const flagged = fake.audiences.add('Flagged')
  flagged.status = { code: 471, description: 'It suggests a health condition.' }
  const lookalike = fake.audiences.add('Like us', 'LOOKALIKE')
  fake.audiences.add('Twins')
  fake.audiences.add('Twins')
  const said = async (audience: string) => {
    const error = await connect({ audience })
      .account()
      .catch((thrown) => thrown)
    assert.ok(error instanceof DestinationError && error.action === 'stop')
    return error.message
  }
  assert.match(await said('Twins'), /found several: give its id/)
  assert.match(
    await said('Flagged'),
    /blocked: It suggests a health condition\.; see to it in Audience Manager/,
  )
  assert.match(await said(lookalike.id), /found LOOKALIKE/)
})

test('an audience that is flagged during a run ends it with the reason, and rejects no row', async (context) => {
  const { connect, fake } = await opened(context)
  const connection = connect()
  await connection.account()
  const audience = fake.audiences.all[0] ?? assert.fail('it was made')
  audience.status = { code: 471, description: 'Flagged' }
  const error = await connection.write(batchOf('audience', [add('a', tokens('a'))])).catch((thrown) => thrown)
  assert.ok(error instanceof DestinationError)
  assert.equal(error.action, 'stop')
  assert.match(error.message, /resolve the restrictions \(100\/1713230\)/)
})

test('a person is as many rows as there are values of one kind, with details and own id in each', async (context) => {
  const { connect, bodies } = await opened(context)
  const ada = tokens('ada', 'ada@work')
  const identifiers = `${ada} phone:${hash('41')} external_id:${hash('c-1')} mobile_id:${DEVICE}`
  const fields = { first_name: hash('ada'), country: null, zip: hash('8001') }
  await connect().write(batchOf('audience', [{ ...add('a', identifiers), fields }, add('b', tokens('bob'))]))
  const [, users] = bodies('POST') as [object, { session: object; payload: object }]
  assert.deepEqual(users.payload, {
    schema: ['EXTERN_ID', 'EMAIL', 'PHONE', 'MADID', 'FN', 'ZIP'],
    data: [
      [hash('c-1'), hash('ada'), hash('41'), DEVICE, hash('ada'), hash('8001')],
      [hash('c-1'), hash('ada@work'), '', '', hash('ada'), hash('8001')],
      ['', hash('bob'), '', '', '', ''],
    ],
  })
  assert.deepEqual(
    { ...users.session, session_id: 0 },
    { session_id: 0, batch_seq: 1, last_batch_flag: true },
  )
})

test('who leaves is taken out by each identifier alone, before others come in, and comes back by what stays', async (context) => {
  const { connect, fake, held, sent } = await opened(context)
  const connection = connect()
  const phone = `phone:${hash('41')}`
  await connection.write(
    batchOf('audience', [add('a', `${tokens('ada')} ${phone}`), add('b', tokens('bob'))]),
  )
  const before = fake.server?.requests.length ?? 0
  const receipts = await connection.write(
    batchOf('audience', [
      { ...add('a', phone), op: 'change', leaving: tokens('ada') },
      { op: 'remove', key: { id: 'b' }, fields: {}, leaving: `${tokens('bob')} external_id:${hash('c-2')}` },
      { op: 'remove', key: { id: 'c' }, fields: {}, leaving: '' },
    ]),
  )
  assert.deepEqual(
    receipts.map(({ status }) => status),
    ['applied', 'applied', 'applied'],
  )
  const [out, into] = sent(before)
  assert.deepEqual(out, [
    'DELETE',
    {
      payload: {
        schema: ['EXTERN_ID', 'EMAIL'],
        data: [
          ['', hash('ada')],
          ['', hash('bob')],
          [hash('c-2'), ''],
        ],
      },
    },
  ])
  assert.equal(into?.[0], 'POST')
  // By her address Meta took out all that it knew of her.
  assert.deepEqual(held(), [{ key: { phone: hash('41') }, fields: {} }])
})

test('rows that are no hashes are rejected before they are sent, and the others arrive', async (context) => {
  const { connect, held } = await opened(context)
  const receipts = await connect().write(
    batchOf('audience', [
      add('a', 'email:ada@example.com'),
      { ...add('b', tokens('bob')), fields: { city: 'Zürich' } },
      add('c', `mobile_id:${hash('device')}`),
      add('d', tokens('dora')),
    ]),
  )
  const error = 'expected identifiers as SHA-256 in hex, found something else'
  assert.deepEqual(receipts, [...[1, 2, 3].map(() => ({ status: 'rejected', error })), { status: 'applied' }])
  assert.deepEqual(held(), [{ key: { email: hash('dora') }, fields: {} }])
})

test('more rows than one request may have are halved before they are sent', async (context) => {
  const { connect, fake } = await opened(context)
  const connection = connect()
  await connection.account()
  const before = fake.server?.requests.length
  const many = Array.from({ length: 2001 }, (_, at) => add(`p${at}`, tokens(...fiveOf(at))))
  const error = await connection.write(batchOf('audience', many)).catch((thrown) => thrown)
  assert.ok(error instanceof DestinationError)
  assert.deepEqual([error.action, fake.server?.requests.length], ['split', before])
})

test('Limited Data Use is asked for of everybody who is put in, where the sync says so', async (context) => {
  const { connect, fake, bodies } = await opened(context)
  await connect({ limited_data_use: true }).write(batchOf('audience', [add('a', tokens('ada'))]))
  assert.equal(fake.audiences.all[0]?.limitedRows, 1)
  const [, { payload }] = bodies('POST') as [object, { payload: object }]
  assert.deepEqual(payload, { schema: ['EMAIL', 'DATA_PROCESSING_OPTIONS'], data: [[hash('ada'), ['LDU']]] })
})

test('the status is the size and what Meta says of the audience', async (context) => {
  const { connect, fake } = await opened(context)
  const connection = connect()
  await connection.write(batchOf('audience', [add('a', tokens('ada'))]))
  assert.deepEqual(await connection.audienceStatus?.(), {
    size: 1,
    state: 'operation 200: Normal; delivery 300: This audience is too small',
  })
  fake.server?.script({ kind: 'answer', status: 200, body: '{"approximate_count_lower_bound":-1}' })
  assert.deepEqual(await connection.audienceStatus?.(), {})
})

test('a setting that is no ad account is told before anything is asked', async (context) => {
  const { tools, fake } = await opened(context)
  const settings = { ...fake.settings, ad_account: '1234' }
  assert.throws(
    () => connector.connect(settings, tools, { object: 'audience', settings: {} }),
    /expected the setting "ad_account" of the destination for audiences, such as act_1234/,
  )
  assert.equal(await connector.connect(fake.settings, tools).account(), 'ad account act_1')
})

async function opened(context: TestContext) {
  const fake = await startFake()
  const tools = createHttpTools({ clock: systemClock })
  context.after(async () => {
    await tools.close()
    await fake.close()
  })
  const requests = fake.server?.requests ?? []
  const sent = (from = 0) =>
    requests
      .slice(from)
      .map(({ method, body }) => [method, body === '' ? undefined : JSON.parse(body)] as const)
  const usual = { audience: 'Lapsing VIPs', customer_file_source: 'USER_PROVIDED_ONLY' }
  return {
    ...{ fake, tools, sent },
    connect: (settings: Settings = {}, use: { readonly looksOnly?: boolean } = {}) =>
      connector.connect(fake.settings, tools, {
        ...{ object: 'audience', settings: { ...usual, ...settings } },
        ...use,
      }),
    bodies: (method: string) => sent().flatMap(([one, body]) => (one === method ? [body] : [])),
    held: () => fake.held('', 'audience'),
  }
}

function add(id: string, identifiers: string): Change {
  return { op: 'add', key: { id }, fields: {}, identifiers }
}

function tokens(...addresses: readonly string[]): string {
  return addresses.map((address) => `email:${hash(address)}`).join(' ')
}

function fiveOf(at: number): readonly string[] {
  return [1, 2, 3, 4, 5].map((one) => `${at} ${one}`)
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
