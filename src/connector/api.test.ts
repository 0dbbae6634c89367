import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { batchOf } from '../../test/support/batches.ts'
import { type Clock, systemClock } from '../base/clock.ts'
import { type Api, type ApiOptions, type ApiRequest, afterWindow, openApi, untilWindow } from './api.ts'
import { DestinationError } from './errors.ts'
import { type FakeServer, type Fault, startFakeServer } from './fake-server.ts'
import { createHttpTools } from './http-client.ts'
import type { Change, Manifest } from './types.ts'

const MANIFEST: Manifest = {
  name: 'crm',
  title: 'A CRM',
  verification: 'generic',
  settings: {},
  objects: {},
  auth: [{ kind: 'header', needs: ['api_key'], name: 'x-key', value: 'Key {api_key}' }],
}

interface Rig {
  readonly api: Api
  readonly server: FakeServer
}

async function rig(context: TestContext, more: Partial<ApiOptions> = {}): Promise<Rig> {
  const server = await startFakeServer(() => ({ status: 200, body: '{"id":7}' }))
  const clock: Clock = { ...systemClock, nowMs: () => 1_000_000 }
  const tools = createHttpTools({ clock })
  context.after(async () => {
    await tools.close()
    await server.close()
  })
  const settings = {
    api_key: 'key-canary',
    base_url: `${server.origin}/`,
    allow_private_network: true,
    timeout_seconds: 5,
  }
  const wordsOf = (json: unknown) => (json as { message?: unknown } | undefined)?.message
  return { server, api: openApi({ manifest: MANIFEST, settings, tools, wordsOf, ...more }) }
}

const POST: ApiRequest = { method: 'POST', path: '/things', json: { name: 'ü' } }

async function errorOf({ api }: Rig, request: ApiRequest = POST): Promise<DestinationError> {
  const outcome = await api.send(request).catch((error: unknown) => error)
  assert.ok(outcome instanceof DestinationError)
  return outcome
}

const answered = (status: number, body: object = {}): Fault => ({
  kind: 'answer',
  status,
  body: JSON.stringify(body),
})

test('a request has the address, the key, the headers of all, its own, and its body in JSON', async (context) => {
  const { api, server } = await rig(context, { headers: { revision: '2026-07-15', 'x-own': 'all' } })
  const answer = await api.send({
    ...POST,
    query: { limit: 5, after: 'a&b', none: undefined },
    headers: { 'x-own': 'this' },
  })
  assert.deepEqual([answer.status, answer.json], [200, { id: 7 }])
  const [request] = server.requests
  assert.equal(request?.path, '/things?limit=5&after=a%26b')
  assert.equal(request?.body, '{"name":"ü"}')
  const { 'x-key': key, revision, 'x-own': own, 'content-type': type } = request?.headers ?? {}
  assert.deepEqual([key, revision, own, type], ['Key key-canary', '2026-07-15', 'this', 'application/json'])
})

test('a body of another type is sent as it stands, one without a body has no type', async (context) => {
  const { api, server } = await rig(context, { contentType: 'application/vnd.api+json' })
  await api.send({ method: 'PUT', path: '/file', body: { type: 'text/csv', text: 'a\nb' } })
  await api.send({ method: 'GET', path: '/things' })
  await api.send(POST)
  assert.deepEqual(
    server.requests.map(({ headers, body }) => [headers['content-type'], body]),
    [
      ['text/csv', 'a\nb'],
      [undefined, ''],
      ['application/vnd.api+json', '{"name":"ü"}'],
    ],
  )
})

test('what is no JSON is a text, and an empty answer is nothing', async (context) => {
  const one = await rig(context)
  one.server.script({ kind: 'answer', status: 200, body: 'a,b' }, { kind: 'answer', status: 204, body: '' })
  assert.deepEqual((await one.api.send(POST)).json, undefined)
  assert.deepEqual((await one.api.send(POST)).text, '')
})

test('a body above the cap is not sent, and is to be halved', async (context) => {
  const one = await rig(context)
  const bytes = Buffer.byteLength('{"name":"ü"}')
  await one.api.send({ ...POST, maxBytes: bytes })
  assert.equal((await errorOf(one, { ...POST, maxBytes: bytes - 1 })).action, 'split')
  assert.equal(one.server.requests.length, 1)
})

test('a refusal says what the API said, without values of the rows that were sent', async (context) => {
  const one = await rig(context)
  const change: Change = { op: 'add', key: { email: 'ada@canary.example' }, fields: { city: 'Canaryville' } }
  one.server.script(answered(400, { message: 'Canaryville is no city of ada@canary.example' }))
  const error = await errorOf(one, { ...POST, batch: batchOf('things', [change]) })
  assert.equal(error.action, 'split')
  assert.match(
    error.message,
    /^POST http.*\/things was answered with 400: \[value\] is no city of \[value\]$/,
  )
})

test('who is not let in is told which settings to look at', async (context) => {
  const one = await rig(context)
  for (const [status, action, hint] of [
    [401, 'refresh', '; check api_key'],
    [403, 'stop', '; check the scopes and rights of api_key'],
    [404, 'stop', ''],
  ] as const) {
    one.server.script(answered(status, { message: 'no' }))
    const error = await errorOf(one)
    assert.equal(error.action, action)
    assert.ok(error.message.endsWith(`was answered with ${status}: no${hint}`), error.message)
    assert.ok(!error.message.includes('key-canary'))
  }
})

test('who asks for a version that is withdrawn is told which one it was', async (context) => {
  const manifest: Manifest = { ...MANIFEST, apiVersion: '2026-07-15' }
  const one = await rig(context, { manifest })
  for (const status of [410, 426]) {
    one.server.script(answered(status))
    const error = await errorOf(one)
    assert.equal(error.action, 'stop')
    assert.match(error.message, /requests name version 2026-07-15 of the API, which it may have withdrawn/)
  }
})

test('statuses that a connector reads come back, others are judged by the engine', async (context) => {
  const one = await rig(context)
  one.server.script(answered(409, { id: 3 }))
  assert.deepEqual((await one.api.send({ ...POST, answers: [409] })).json, { id: 3 })
  one.server.script({ kind: 'answer', status: 429, headers: { 'retry-after': '7' } })
  const error = await errorOf(one, { ...POST, answers: [409] })
  assert.deepEqual([error.action, error.afterMs, error.ambiguous], ['retry', 7000, false])
})

test('an answer whose status lies is judged by what it says', async (context) => {
  const one = await rig(context, {
    judge: ({ json }) =>
      (json as { ok?: boolean } | undefined)?.ok === false ? { action: 'retry', afterMs: 50 } : undefined,
  })
  await one.api.send(POST)
  for (const status of [200, 403]) {
    one.server.script(answered(status, { ok: false, message: 'slow down' }))
    const error = await errorOf(one)
    assert.deepEqual([error.action, error.afterMs, error.status], ['retry', 50, status])
    assert.match(error.message, /slow down$/)
  }
})

test('a header says how long a window lasts, in seconds or until a second since 1970', () => {
  const answer = (header: string) => ({ status: 429, headers: { reset: header }, text: '', json: undefined })
  assert.equal(afterWindow(answer('2.5'), 'reset'), 2500)
  assert.equal(untilWindow(answer('1003'), 'reset', 1_000_000), 3000)
  for (const header of ['', 'soon', '-5'])
    assert.equal(afterWindow(answer(header || 'x'), 'reset'), undefined)
  assert.equal(untilWindow(answer('1'), 'reset', 1_000_000), undefined)
  assert.equal(afterWindow(answer('99999999'), 'reset'), 24 * 60 * 60 * 1000)
  assert.equal(afterWindow(answer('5'), 'other'), undefined)
})
