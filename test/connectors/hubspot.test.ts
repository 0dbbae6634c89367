import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { FakeServer } from '../../src/connector/fake-server.ts'
import type { Change, HeldRow, ObjectMode, Receipt } from '../../src/connector/types.ts'
import { answer, asked, portal as portalOf, statuses } from '../support/hubspot.ts'

interface Contacts {
  readonly server: FakeServer
  write(changes: readonly Change[], mode?: ObjectMode): Promise<readonly Receipt[]>
  held(): readonly HeldRow[]
  account(): Promise<string>
}

async function portal(context: TestContext): Promise<Contacts> {
  const { server, connect } = await portalOf(context)
  const { connection, write, held } = connect('contacts')
  return { server, write, held, account: () => connection.account() }
}

const add = (email: string, fields: Change['fields'] = {}): Change => ({ op: 'add', key: { email }, fields })
const remove = (email: string): Change => ({ op: 'remove', key: { email }, fields: {} })

test('values are sent as the texts that properties are, and null clears', async (context) => {
  const { write, held, server } = await portal(context)
  await write([add('ada@example.com', { a: 1.5, b: true, c: null, d: ['x', 'y'], e: { f: 1 }, g: 'ü' })])
  const [input] = JSON.parse(server.requests[0]?.body ?? '').inputs
  assert.deepEqual(input, {
    id: 'ada@example.com',
    idProperty: 'email',
    objectWriteTraceId: '0',
    properties: { a: '1.5', b: 'true', c: '', d: 'x;y', e: '{"f":1}', g: 'ü' },
  })
  assert.equal(held()[0]?.fields.c, null)
})

test('the account is the portal', async (context) => {
  const { account, server } = await portal(context)
  assert.equal(await account(), '4242')
  server.script(answer(200, {}))
  await assert.rejects(account(), /expected HubSpot to name its portal/)
})

test('a partial answer rejects the rows that it names, and takes the others', async (context) => {
  const { write, held } = await portal(context)
  const receipts = await write([add('ada@example.com'), add('nonsense'), add('grace@example.com')])
  assert.deepEqual(receipts, [
    { status: 'applied' },
    { status: 'rejected', error: 'HubSpot: Email address [value] is invalid' },
    { status: 'applied' },
  ])
  assert.equal(held().length, 2)
})

test('update takes what is there, by its record id, and rejects the rest', async (context) => {
  const { write, held, server } = await portal(context)
  await write([add('ada@example.com')])
  const receipts = await write(
    [add('Ada@example.com', { city: 'Paris' }), add('grace@example.com')],
    'update',
  )
  assert.deepEqual(receipts, [
    { status: 'applied' },
    { status: 'rejected', error: 'HubSpot has no record with this key' },
  ])
  assert.deepEqual(held(), [{ key: { email: 'ada@example.com' }, fields: { city: 'Paris' } }])
  assert.deepEqual(asked(server), ['upsert', 'read', 'update'])
  assert.deepEqual(JSON.parse(server.requests.at(-1)?.body ?? ''), {
    inputs: [{ id: '101', objectWriteTraceId: '0', properties: { city: 'Paris' } }],
  })
  assert.deepEqual(statuses(await write([add('linus@example.com')], 'update')), ['rejected'])
  assert.deepEqual(asked(server).slice(3), ['read'])
})

test('an error that passes by itself is tried again; a row that is named nowhere too', async (context) => {
  const { write, server } = await portal(context)
  const changes = ['a@example.com', 'b@example.com', 'c@example.com', 'd@example.com'].map((email) =>
    add(email),
  )
  server.script(
    answer(207, {
      results: [{ id: '1', properties: { email: 'A@example.com' } }],
      errors: [
        { category: 'RATE_LIMITS', message: 'slow down', context: { ids: ['b@example.com'] } },
        { category: 'VALIDATION_ERROR', context: { objectWriteTraceId: ['2'] } },
      ],
    }),
  )
  assert.deepEqual(await write(changes), [
    { status: 'applied' },
    { status: 'retry', error: 'HubSpot: slow down' },
    { status: 'rejected', error: 'HubSpot: no reason given' },
    {
      status: 'retry',
      error: 'expected an answer for every row, found none for this one',
      ambiguous: true,
    },
  ])
})

test('as many results as rows take them all only when they are not of others, and none comes twice', async (context) => {
  const { write, server } = await portal(context)
  const changes = ['a@example.com', 'b@example.com'].map((email) => add(email))
  const cases: readonly (readonly [object[], readonly string[]])[] = [
    [
      [{ id: '1' }, { id: '2' }],
      ['applied', 'applied'],
    ],
    [
      [{ objectWriteTraceId: '1' }, { objectWriteTraceId: '0' }],
      ['applied', 'applied'],
    ],
    [
      [{ objectWriteTraceId: '0' }, { objectWriteTraceId: '0' }],
      ['applied', 'retry'],
    ],
    [
      [{ objectWriteTraceId: '0' }, { objectWriteTraceId: '-1' }],
      ['applied', 'retry'],
    ],
    [
      [{ objectWriteTraceId: '7' }, { objectWriteTraceId: '1' }],
      ['retry', 'applied'],
    ],
    [
      [{ properties: { email: 'x@example.com' } }, { properties: { email: 'A@example.com' } }],
      ['applied', 'retry'],
    ],
    [
      [{ id: '1' }, { id: '2' }, { id: '3' }],
      ['retry', 'retry'],
    ],
  ]
  for (const [results, expected] of cases) {
    server.script(answer(200, { results }))
    assert.deepEqual(statuses(await write(changes)), expected, JSON.stringify(results))
  }
})

test('an answer that is not as described takes nothing', async (context) => {
  const { write, server } = await portal(context)
  for (const body of [[], {}, { results: {} }, { results: [] }, { results: [null, 3] }]) {
    server.script(answer(200, body))
    assert.deepEqual(statuses(await write([add('a@example.com')])), ['retry'])
  }
})

test('a removal archives who is there by record id, and takes who is gone as gone', async (context) => {
  const { write, held, server } = await portal(context)
  await write([add('ada@example.com'), add('grace@example.com')])
  const receipts = await write([remove('ADA@example.com'), remove('nobody@example.com')])
  assert.deepEqual(statuses(receipts), ['applied', 'applied'])
  assert.deepEqual(
    held().map(({ key }) => key.email),
    ['grace@example.com'],
  )
  assert.deepEqual(JSON.parse(server.requests.at(-1)?.body ?? ''), { inputs: [{ id: '101' }] })
})

test('a contact that was merged into another is not archived', async (context) => {
  const { write, server } = await portal(context)
  server.script(
    answer(207, {
      results: [{ id: '7', properties: { email: 'main@example.com' } }],
      errors: [{ category: 'OBJECT_NOT_FOUND', context: { ids: ['gone@example.com'] } }],
    }),
  )
  const receipts = await write([remove('second@example.com'), remove('gone@example.com')])
  assert.deepEqual(statuses(receipts), ['rejected', 'applied'])
  assert.equal(server.requests.length, 1)
})

test('a read that did not tell archives nothing and takes nothing as gone', async (context) => {
  const { write, server } = await portal(context)
  for (const body of [{}, { results: [], errors: [{ category: 'INTERNAL_ERROR' }] }]) {
    server.script(answer(200, body))
    assert.deepEqual(statuses(await write([remove('a@example.com')])), ['retry'])
  }
  assert.equal(server.requests.length, 2)
})

test('a batch over the cap is refused by the fake, as the API does', async (context) => {
  const { write } = await portal(context)
  const changes = Array.from({ length: 101 }, (_, index) => add(`${index}@example.com`))
  await assert.rejects(write(changes), /was answered with 400/)
  assert.equal(statuses(await write(changes.slice(1))).length, 100)
})
