import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import { type FakeAnswer, startFakeServer } from '../../src/connector/fake-server.ts'
import { createHttpTools } from '../../src/connector/http-client.ts'
import type { Batch, Change, Connection, Settings } from '../../src/connector/types.ts'
import { connector } from './index.ts'
import { HTTP_MANIFEST } from './manifest.ts'

const ADA: Change = {
  op: 'add',
  key: { email: 'ada/1@example.com' },
  fields: { name: 'Ada "L"', spent: 30.5, city: null },
}
const BOB: Change = {
  op: 'change',
  key: { email: 'bob@example.com' },
  fields: { name: 'Bob', spent: 1, city: 'Rome' },
}
const GONE: Change = { op: 'remove', key: { email: 'eve@example.com' }, fields: {} }

interface Asked {
  readonly connection: Connection
  /** `PUT /api/people/1 {"a":1}`. */
  readonly asked: string[]
  readonly keys: (string | undefined)[]
}

async function asking(
  context: TestContext,
  settings: Settings,
  answer: (asked: string) => FakeAnswer = () => ({ status: 200 }),
): Promise<Asked> {
  const asked: string[] = []
  const keys: (string | undefined)[] = []
  const server = await startFakeServer(({ method, path, body, headers }) => {
    asked.push(`${method} ${path}${body === '' ? '' : ` ${body}`}`)
    keys.push(headers['idempotency-key'])
    return answer(asked.at(-1) ?? '')
  })
  const tools = createHttpTools({ clock: systemClock })
  context.after(async () => {
    await tools.close()
    await server.close()
  })
  const defaults = Object.entries(HTTP_MANIFEST.objects.requests?.settings ?? {}).flatMap(([name, one]) =>
    one.default === undefined ? [] : [[name, one.default] as const],
  )
  const connection = connector.connect(
    { url: `${server.origin}/api/`, allow_private_network: true, timeout_seconds: 5 },
    tools,
    { object: 'requests', settings: { ...Object.fromEntries(defaults), ...settings } },
  )
  return { connection, asked, keys }
}

function batch(...changes: readonly Change[]): Batch {
  return {
    ...{ sync: 'people', runId: 'r1', object: 'requests', mode: 'mirror', batch: 1, idempotencyKey: 'k' },
    ...{ count: changes.length, changesJson: JSON.stringify(changes), changes: () => changes },
  }
}

async function errorOf(work: Promise<unknown>): Promise<DestinationError> {
  const error = await work.catch((thrown: unknown) => thrown)
  assert.ok(error instanceof DestinationError, String(error))
  return error
}

const PER_ROW: Settings = {
  per: 'row',
  method: 'put',
  path: '/people/{key.email}',
  body: '{"name": "{{field.name}}", "spent": "{{field.spent}}", "note": "{{ op }} in {{field.city}}", "n": [1, null]}',
  remove_path: '/people/{key.email}',
}

test('one request a row has its values in path and body, with their types, and removals go their own way', async (context) => {
  const { connection, asked, keys } = await asking(context, PER_ROW)
  assert.deepEqual(await connection.write(batch(ADA, GONE, BOB)), new Array(3).fill({ status: 'applied' }))
  assert.deepEqual(asked.sort(), [
    'DELETE /api/people/eve%40example.com',
    'PUT /api/people/ada%2F1%40example.com {"name":"Ada \\"L\\"","spent":30.5,"note":"add in ","n":[1,null]}',
    'PUT /api/people/bob%40example.com {"name":"Bob","spent":1,"note":"change in Rome","n":[1,null]}',
  ])
  assert.deepEqual(keys.sort(), ['k-0', 'k-1', 'k-2'])
  assert.match(await connection.account(), /^http:\/\/127\.0\.0\.1:\d+\/api\/people\/\{key\.email\}$/)
})

test('what is wrong with one row rejects it, without its values; a removal of what is not there is applied', async (context) => {
  const { connection } = await asking(context, PER_ROW, (asked) => {
    if (asked.startsWith('DELETE')) return { status: 404 }
    return asked.includes('bob')
      ? { status: 422, body: 'Bob is not welcome in Rome' }
      : { status: 204, body: '' }
  })
  assert.deepEqual(await connection.write(batch(ADA, BOB, GONE)), [
    { status: 'applied' },
    { status: 'rejected', error: 'answered with 422: [value] is not welcome in [value]' },
    { status: 'applied' },
  ])
})

test('a server that breaks off between rows leaves the rest to be sent again', async (context) => {
  const { connection } = await asking(context, PER_ROW, (asked) => ({
    status: asked.includes('bob') ? 503 : 200,
  }))
  const [first, second, third] = await connection.write(
    batch(ADA, BOB, { ...ADA, key: { email: 'c@example.com' } }),
  )
  assert.equal(first?.status, 'applied')
  assert.deepEqual([second?.status, third?.status], ['retry', 'retry'])
  assert.equal(second?.status === 'retry' && second.ambiguous, true)
  assert.equal(third?.status === 'retry' && third.ambiguous, undefined)
  assert.equal((await errorOf(connection.write(batch(BOB)))).action, 'retry')
})

test('404 for a row that is written says to look at the path', async (context) => {
  const { connection } = await asking(context, PER_ROW, () => ({ status: 404 }))
  const error = await errorOf(connection.write(batch(ADA)))
  assert.deepEqual(
    [error.action, error.message],
    ['stop', 'expected the path to be there, found 404: check the settings url and path'],
  )
})

const PER_BATCH: Settings = {
  path: '/batch',
  headers: { 'x-form': 'ours' },
  body: '{"of": "{{sync}}", "people": "{{rows}}", "raw": "{{changes}}"}',
  row: '{"id": "{{key.email}}", "values": "{{fields}}"}',
  results: '/out/0/rows',
  result_status: '/state',
  result_applied: 'true',
  result_error: '/why',
}

const results = (...rows: readonly unknown[]): FakeAnswer => ({
  status: 200,
  body: JSON.stringify({ out: [{ rows }] }),
})

test('one request a batch has each row in the form that is told, and a result for each where it is told', async (context) => {
  const { connection, asked } = await asking(context, PER_BATCH, () =>
    results({ state: true }, { state: 'no', why: 'Bob again' }),
  )
  assert.deepEqual(await connection.write(batch(ADA, BOB)), [
    { status: 'applied' },
    { status: 'rejected', error: '[value] again' },
  ])
  const people = [ADA, BOB].map(({ key, fields }) => ({ id: key.email, values: fields }))
  assert.equal(asked[0], `POST /api/batch ${JSON.stringify({ of: 'people', people, raw: [ADA, BOB] })}`)
})

test('results that are not there, or of another number, leave the rows to be sent again', async (context) => {
  const answers = [results({ state: true }), { status: 200, body: 'ok' }, results({ state: true }, {})]
  const { connection } = await asking(context, PER_BATCH, () => answers.shift() ?? { status: 500 })
  const statuses = async () => (await connection.write(batch(ADA, BOB))).map(({ status }) => status)
  assert.deepEqual(await statuses(), ['retry', 'retry'])
  assert.deepEqual(await statuses(), ['retry', 'retry'])
  assert.deepEqual(await statuses(), ['applied', 'retry'])
})

test('a setting that cannot be meant is named before anything is sent', async (context) => {
  const wrong: readonly (readonly [Settings, RegExp])[] = [
    [{ body: '{{rows}}' }, /the setting body to be JSON/],
    [{ row: '{"a": ' }, /the setting row to be JSON/],
    [{ per: 'page' }, /the setting per to be batch, row/],
    [{ method: 'GET' }, /the setting method to be POST, PUT, PATCH, DELETE/],
    [{ results: 'rows' }, /the setting results to be a JSON pointer/],
  ]
  for (const [settings, message] of wrong) {
    const { connection, asked } = await asking(context, settings)
    const error = await errorOf(connection.account())
    assert.equal(error.action, 'stop')
    assert.match(error.message, message)
    assert.deepEqual(asked, [])
  }
})

test('a name that stands for nothing stops the run and is told with its setting', async (context) => {
  const wrong: readonly (readonly [Settings, RegExp, Change])[] = [
    [{ ...PER_ROW, body: '"{{field.town}}"' }, /the setting body .* found "field\.town"/, ADA],
    [{ ...PER_ROW, path: '/{key.id}' }, /the setting path .* found "key\.id"/, ADA],
    [{ path: '/{key.email}' }, /the setting path .* found "key\.email"/, ADA],
    [{ body: '"{{fields}}"' }, /the setting body .* found "fields"/, ADA],
    [{ ...PER_BATCH, row: '"{{changes}}"' }, /the setting row .* found "changes"/, ADA],
    [PER_BATCH, /the setting remove_path for rows that are removed, found none/, GONE],
  ]
  for (const [settings, message, change] of wrong) {
    const { connection, asked } = await asking(context, settings)
    const error = await errorOf(connection.write(batch(change)))
    assert.equal(error.action, 'stop')
    assert.match(error.message, message)
    assert.deepEqual(asked, [])
  }
})
