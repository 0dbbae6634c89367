import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import { createHttpTools } from '../../src/connector/http-client.ts'
import { SalesforceApi } from './api.ts'
import { csvLines, csvOf } from './csv.ts'
import { type SalesforceFake, startFake } from './fake.ts'
import { readTicket, type Ticket, ticketText } from './ticket.ts'

async function rig(
  context: TestContext,
): Promise<{ readonly fake: SalesforceFake; readonly api: SalesforceApi }> {
  const fake = await startFake()
  const tools = createHttpTools({ clock: systemClock })
  context.after(async () => {
    await tools.close()
    await fake.close()
  })
  return { fake, api: new SalesforceApi(fake.settings, tools) }
}

const upsert = (api: SalesforceApi, keys: readonly string[]) =>
  api.send({
    method: 'PATCH',
    path: '/composite/sobjects/Contact/External_Id__c',
    json: {
      allOrNone: false,
      records: keys.map((key) => ({ attributes: { type: 'Contact' }, External_Id__c: key })),
    },
  })

test('no request lets the org hand a record to somebody by its assignment rules', async (context) => {
  const { fake, api } = await rig(context)
  await upsert(api, ['a'])
  await api.query('SELECT Id FROM Organization')
  const requests = (fake.server?.requests ?? []).filter(({ path }) => path.startsWith('/services/data/'))
  assert.equal(requests.length, 2)
  for (const { headers } of requests) assert.equal(headers['sforce-auto-assign'], 'FALSE')
})

test('a query is read to its last page', async (context) => {
  const { fake, api } = await rig(context)
  const keys = ['a', 'b', 'c', 'd', 'e']
  await upsert(api, keys)
  fake.page(2)
  const list = keys.map((key) => `'${key}'`).join(',')
  const records = await api.query(`SELECT Id, External_Id__c FROM Contact WHERE External_Id__c IN (${list})`)
  assert.deepEqual(
    records.map((record) => record.External_Id__c),
    keys,
  )
})

test('a refusal is what its code says, whatever its status', async (context) => {
  const { fake, api } = await rig(context)
  await api.query('SELECT Id FROM Organization')
  for (const [status, errorCode, message, action] of [
    [400, 'JSON_PARSER_ERROR', 'Cannot deserialize', 'split'],
    [400, 'INVALID_FIELD', "\nNo such column 'x' on entity 'Contact'", 'stop'],
    [400, 'INVALID_FIELD', 'Json Deserialization failed on token', 'split'],
    [400, 'MALFORMED_QUERY', 'unexpected token', 'stop'],
    [403, 'INVALID_SESSION_ID', 'Session expired', 'refresh'],
    [403, 'REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded', 'retry'],
    [403, 'INSUFFICIENT_ACCESS', 'no', 'stop'],
    [503, 'SERVER_UNAVAILABLE', 'busy', 'retry'],
  ] as const) {
    fake.server?.script({ kind: 'answer', status, body: JSON.stringify([{ errorCode, message }]) })
    const error = await upsert(api, ['a']).catch((thrown: unknown) => thrown)
    assert.ok(error instanceof DestinationError)
    assert.equal(error.action, action, `${status} ${errorCode}`)
    assert.ok(error.message.includes(errorCode), error.message)
  }
})

test('what is written as CSV is read as it was, and lines may end in either way', () => {
  const lines = [
    ['a,b', '"quoted"', 'two\nlines\r\n', ''],
    ['', ' spaced ', '#N/A', '😀'],
  ]
  const columns = ['Id', 'Name', 'About__c', 'City__c']
  const read = csvLines(csvOf(columns, lines))
  assert.deepEqual(
    read.map((line) => columns.map((name) => line.get(name.toLowerCase()))),
    lines,
  )
  assert.deepEqual(
    csvLines('Id,Name\r\n1,"x"\r\n').map((line) => [...line]),
    [
      [
        ['id', '1'],
        ['name', 'x'],
      ],
    ],
  )
  assert.deepEqual(csvLines(''), [])
})

test('a ticket is read as it was written, and thousands of rows in a row take a few letters', () => {
  const places = [3, 4, 5, 9, ...Array.from({ length: 5000 }, (_, index) => 100 + index)]
  const ticket: Ticket = {
    jobs: [{ operation: 'delete', id: '750000000000001AAA', sent: 12 }],
    told: new Map([
      ...places.map((place) => [place, 'missing'] as const),
      [7, 'several'] as const,
      [8, 'gone'] as const,
    ]),
  }
  const text = ticketText(ticket)
  assert.ok(text.length < 150, text)
  const read = readTicket(text)
  assert.deepEqual(read?.jobs, ticket.jobs)
  assert.deepEqual(new Map([...(read?.told ?? [])].toSorted()), new Map([...ticket.told].toSorted()))
  for (const strange of ['', 'job-999', '[]', '{"jobs":3}', 'null'])
    assert.equal(readTicket(strange), undefined)
})
