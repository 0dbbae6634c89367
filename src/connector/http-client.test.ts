import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { type TestContext, test } from 'node:test'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { type Clock, systemClock } from '../base/clock.ts'
import { DestinationError } from './errors.ts'
import { type FakeAnswer, type FakeRequest, type FakeServer, startFakeServer } from './fake-server.ts'
import type { HttpOptions, HttpRequest } from './http.ts'
import { createHttpTools, type HttpToolsParts, type SentRequest } from './http-client.ts'
import type { Resolve } from './request-guard.ts'

const NOW = Date.parse('2026-02-01T12:00:00Z')
const clock: Clock = { ...systemClock, nowMs: () => NOW }
const PRIVATE: HttpOptions = { allowPrivateNetwork: true }

async function api(
  context: TestContext,
  answer: (request: FakeRequest) => FakeAnswer = () => ({ status: 200 }),
): Promise<FakeServer> {
  const server = await startFakeServer(answer)
  context.after(() => server.close())
  return server
}

interface RawAnswer {
  readonly status: number
  readonly encoding: string
  readonly body: Buffer
}

/** Answers with bytes, which need be no text. */
async function rawApi(
  context: TestContext,
): Promise<{ readonly origin: string; next: RawAnswer | undefined }> {
  const state = { origin: '', next: undefined as RawAnswer | undefined }
  const server = createServer((_, response) => {
    const { status, encoding, body } = state.next ?? assert.fail('no answer was given')
    response.writeHead(status, { 'content-encoding': encoding }).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  context.after(() => {
    server.closeAllConnections()
    server.close()
  })
  state.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return state
}

function client(context: TestContext, options: HttpOptions = PRIVATE, parts: Partial<HttpToolsParts> = {}) {
  const tools = createHttpTools({ clock, ...parts })
  context.after(() => tools.close())
  return tools.http(options)
}

const post = (url: string, more: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'POST',
  url,
  body: '[1]',
  ...more,
})

async function errorOf(work: Promise<unknown>): Promise<DestinationError> {
  const error = await work.then(
    () => assert.fail('it was answered'),
    (reason) => reason,
  )
  assert.ok(error instanceof DestinationError, String(error))
  return error
}

test('a body goes out byte for byte, and the answer comes back as text', async (context) => {
  const server = await api(context, () => ({
    status: 207,
    headers: { 'X-Some': 'a' },
    body: '\u{feff}{"é": 1 }',
  }))
  const sent: SentRequest[] = []
  const body = '{"b":1.0,  "a":"é😀\\u0000","n":12345678901234567890}'
  const http = client(context, PRIVATE, { onRequest: (request) => sent.push(request) })
  const answer = await http.request(
    post(`${server.origin}/a?b=c`, { body, headers: { 'X-Key': 'k', 'Content-Type': 'text/x' } }),
  )
  assert.deepEqual([answer.status, answer.text, answer.headers['x-some']], [207, '{"é": 1 }', 'a'])
  const [request] = server.requests
  assert.deepEqual([request?.method, request?.path, request?.body], ['POST', '/a?b=c', body])
  assert.deepEqual([request?.headers['x-key'], request?.headers['content-type']], ['k', 'text/x'])
  assert.deepEqual(sent, [{ method: 'POST', origin: server.origin, bytes: Buffer.byteLength(body) }])
})

test('a body in parts goes out whole, whatever its characters take in bytes', async (context) => {
  const server = await api(context, () => ({ status: 200 }))
  const http = client(context)
  const bodies = ['a', 'é', '€', '😀'].map((letter) =>
    Array.from({ length: 9 }, (_, n) => letter.repeat(n * 400)),
  )
  const mixed = bodies.flatMap((parts) => parts.slice(0, 4))
  for (const body of [...bodies, mixed, [], ['']]) {
    await http.request(post(`${server.origin}/`, { body }))
    assert.equal(server.requests.at(-1)?.body, body.join(''))
  }
})

test('a body in parts, texts and bytes, goes out as one, also when a redirect asks for it again', async (context) => {
  const server = await api(context, ({ path }) =>
    path === '/moved' ? { status: 200 } : { status: 307, headers: { location: '/moved' } },
  )
  const sent: SentRequest[] = []
  const http = client(context, PRIVATE, { onRequest: (request) => sent.push(request) })
  const parts = ['{"a":"é', Buffer.from('😀'), '', new TextEncoder().encode('€"'), '}']
  await http.request(post(`${server.origin}/old`, { body: parts }))
  const whole = '{"a":"é😀€"}'
  assert.deepEqual(
    server.requests.map(({ path, body }) => [path, body]),
    [
      ['/old', whole],
      ['/moved', whole],
    ],
  )
  assert.deepEqual(
    sent.map(({ bytes }) => bytes),
    [Buffer.byteLength(whole), Buffer.byteLength(whole)],
  )
})

test('a request without a body says nothing about one', async (context) => {
  const server = await api(context)
  const http = client(context)
  for (const method of ['GET', 'DELETE'] as const) await http.request({ method, url: server.origin })
  for (const { headers } of server.requests) assert.equal(headers['content-type'], undefined)
})

const ACTIONS: Readonly<Record<DestinationError['action'], readonly number[]>> = {
  retry: [408, 425, 429, 500, 501, 502, 503, 504, 529, 599],
  split: [400, 409, 413, 422],
  refresh: [401],
  stop: [304, 402, 403, 404, 405, 406, 410, 415, 418, 451],
}

for (const [action, statuses] of Object.entries(ACTIONS))
  test(`${statuses.join(', ')} mean ${action}, and the error says nothing of query, headers or body`, async (context) => {
    const server = await api(context, ({ headers }) => ({
      status: Number(headers['x-status']),
      body: 'canary-body',
    }))
    const http = client(context)
    for (const status of statuses) {
      const headers = { 'x-status': String(status), authorization: 'canary-token' }
      const error = await errorOf(http.request(post(`${server.origin}/rows?key=canary-query`, { headers })))
      assert.deepEqual([error.action, error.status], [action, status])
      assert.equal(error.message, `POST ${server.origin}/rows was answered with ${status}`)
      assert.doesNotMatch(JSON.stringify([error, error.stack, error.cause]), /canary/)
      assert.equal(error.ambiguous, action === 'retry' && status !== 429 && status !== 425)
    }
  })

test('an answer that is packed, though nobody asked for it, is unpacked', async (context) => {
  const server = await rawApi(context)
  const http = client(context)
  const text = '{"é":1}'
  for (const [encoding, body] of [
    ['gzip', gzipSync(text)],
    ['x-gzip', gzipSync(text)],
    ['deflate', deflateSync(text)],
    ['br', brotliCompressSync(text)],
    ['gzip, br', brotliCompressSync(gzipSync(text))],
    ['identity', Buffer.from(text)],
    ['', Buffer.from(text)],
  ] as const) {
    server.next = { status: 200, encoding, body }
    assert.equal((await http.request(post(server.origin))).text, text, encoding)
  }
  server.next = { status: 200, encoding: 'gzip', body: Buffer.alloc(0) }
  assert.equal((await http.request(post(server.origin))).text, '')
})

test('a success that cannot be unpacked may have been applied; of a refusal the status is enough', async (context) => {
  const server = await rawApi(context)
  const http = client(context)
  const packed = gzipSync('{"results":[]}')
  const broken: readonly (readonly [string, Buffer])[] = [
    ['gzip', Buffer.from('canary, not gzip')],
    ['gzip', packed.subarray(0, 20)],
    ['zstd', packed],
    ['none-we-know', packed],
  ]
  for (const [encoding, body] of broken) {
    server.next = { status: 200, encoding, body }
    const error = await errorOf(http.request(post(server.origin)))
    assert.deepEqual([error.action, error.ambiguous], ['retry', true], encoding)
    assert.match(error.message, /^POST http:\S+ was answered with 200 and a body that is packed/)
    assert.doesNotMatch(error.message, /canary/)
    server.next = { status: 422, encoding, body }
    assert.equal((await errorOf(http.request(post(server.origin)))).action, 'split')
  }
})

test('an answer that is small until it is unpacked is not unpacked beyond what may be', async (context) => {
  const server = await rawApi(context)
  server.next = { status: 200, encoding: 'gzip', body: gzipSync(Buffer.alloc(64 * 1024 * 1024)) }
  const before = process.memoryUsage().arrayBuffers
  const error = await errorOf(client(context).request(post(server.origin)))
  assert.deepEqual([error.action, error.ambiguous], ['stop', true])
  assert.match(error.message, /more than the 10 MB that an answer may have/)
  assert.ok(process.memoryUsage().arrayBuffers - before < 32 * 1024 * 1024)
})

test('an HTML page is no answer of an API, whatever it calls itself', async (context) => {
  const server = await api(context)
  const http = client(context)
  for (const body of ['<!DOCTYPE html><p>canary', '\n <html lang="en">canary', '<HTML>']) {
    server.script({ kind: 'answer', status: 200, body })
    const error = await errorOf(http.request(post(server.origin)))
    assert.deepEqual([error.action, error.ambiguous, error.status], ['retry', true, 200])
    assert.match(error.message, /^POST http:\S+ was answered with 200 and an HTML page: a proxy or a login/)
    assert.doesNotMatch(error.message, /canary/)
  }
  for (const body of ['ok', '<ok/>', '<htmlish>', '{"a":"<html>"}']) {
    server.script({ kind: 'answer', status: 200, headers: { 'content-type': 'text/html' }, body })
    assert.equal((await http.request(post(server.origin))).text, body)
  }
})

test('of a refusal that does not end, the status is enough', async (context) => {
  const server = await rawApi(context)
  server.next = { status: 429, encoding: 'identity', body: Buffer.alloc(11 * 1024 * 1024, 32) }
  assert.deepEqual(
    (({ action, ambiguous }) => [action, ambiguous])(
      await errorOf(client(context).request(post(server.origin))),
    ),
    ['retry', false],
  )
})

test('where a redirect leads is said only as far as it is plain', async (context) => {
  const server = await api(context)
  const http = client(context)
  for (const [location, shown] of [
    ['https://b.example/login', 'https://b.example/login'],
    ['https://b.example/u/canary%40x.example', 'https://b.example'],
    ['https://b.example/u/canary@x.example?t=canary#canary', 'https://b.example'],
    [`https://b.example/${'canary'.repeat(100)}`, 'https://b.example'],
  ] as const) {
    server.script({ kind: 'answer', status: 302, headers: { location } })
    const { message } = await errorOf(http.request(post(server.origin)))
    assert.ok(message.includes(`a redirect to ${shown}, which is not followed`), message)
    assert.doesNotMatch(message, /canary/)
  }
})

test('Retry-After is read in seconds and as a date, by the clock', async (context) => {
  const server = await api(context)
  const http = client(context)
  const cases: readonly (readonly [string | undefined, number | undefined])[] = [
    ['7', 7000],
    ['0', 0],
    ['1.5', 1500],
    [' 3 ', 3000],
    ['Sun, 01 Feb 2026 12:00:30 GMT', 30_000],
    ['Sunday, 01-Feb-26 12:00:30 GMT', 30_000],
    ['Sun Feb  1 12:00:30 2026', 30_000],
    ['Sun, 01 Feb 2026 11:00:00 GMT', 0],
    ['99999999', 24 * 60 * 60 * 1000],
    ['-5', undefined],
    ['soon', undefined],
    [undefined, undefined],
  ]
  for (const [header, expected] of cases) {
    server.script({
      kind: 'answer',
      status: 429,
      headers: header === undefined ? {} : { 'retry-after': header },
    })
    assert.equal((await errorOf(http.request(post(server.origin)))).afterMs, expected, header)
  }
  server.script({ kind: 'answer', status: 400, headers: { 'retry-after': '7' } })
  assert.equal((await errorOf(http.request(post(server.origin)))).afterMs, undefined)
})

test('a status that the connector reads itself comes back as an answer', async (context) => {
  const server = await api(context, () => ({ status: 409, body: 'known' }))
  const answer = await client(context).request(post(server.origin, { answers: [409] }))
  assert.deepEqual([answer.status, answer.text], [409, 'known'])
})

test('a destination that cannot be reached was sent nothing', async (context) => {
  const server = await startFakeServer(() => ({ status: 200 }))
  await server.close()
  const http = client(context)
  for (const url of [server.origin, 'http://nobody.invalid/']) {
    const error = await errorOf(http.request(post(url)))
    assert.deepEqual([error.action, error.ambiguous], ['retry', false])
    assert.match(error.message, /could not connect \(E\w+\)/)
  }
})

test('a name without an address was sent nothing either', async (context) => {
  const http = client(context, {}, { resolve: async () => [] })
  const error = await errorOf(http.request(post('https://empty.example/')))
  assert.deepEqual([error.action, error.ambiguous], ['retry', false])
})

test('a peer that does not speak TLS is not reached: nothing was sent', async (context) => {
  const server = await api(context)
  const error = await errorOf(client(context).request(post(server.origin.replace('http:', 'https:'))))
  assert.deepEqual([error.action, error.ambiguous], ['retry', false])
  assert.equal(server.requests.length, 0)
})

for (const kind of ['hang', 'endless'] as const)
  test(`an answer that does ${kind === 'hang' ? 'not come' : 'not end'} is cut off, and may have been applied`, async (context) => {
    const server = await api(context)
    server.script({ kind })
    const error = await errorOf(
      client(context).request(post(server.origin, { timeoutMs: kind === 'hang' ? 300 : 20_000 })),
    )
    if (kind === 'hang') assert.match(error.message, /was not answered within 0\.3 s/)
    assert.deepEqual([error.action, error.ambiguous], [kind === 'hang' ? 'retry' : 'stop', true])
  })

test('an answer that drips is cut off when the time is over, body or not', async (context) => {
  const server = await api(context)
  server.script({ kind: 'drip' })
  const error = await errorOf(client(context).request(post(server.origin, { timeoutMs: 400 })))
  assert.deepEqual([error.action, error.ambiguous], ['retry', true])
  assert.match(error.message, /was not answered within 0\.4 s/)
})

for (const kind of ['reset', 'cut'] as const)
  test(`a connection that breaks (${kind}) may have been applied`, async (context) => {
    const server = await api(context)
    server.script({ kind })
    const error = await errorOf(client(context).request(post(server.origin)))
    assert.deepEqual([error.action, error.ambiguous], ['retry', true])
    assert.match(error.message, /broke off/)
  })

test('an answer that is no HTTP may have been applied, and is not quoted', async (context) => {
  for (const said of [
    '220 canary ESMTP\r\n',
    'HTTP/1.1 canary\r\n\r\n',
    'HTTP/1.1 200 OK\r\ncanary\r\n\r\n',
  ]) {
    const server = createTcpServer((socket) =>
      socket.on('error', () => {}).once('data', () => socket.end(said)),
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    context.after(() => server.close())
    const { port } = server.address() as AddressInfo
    const error = await errorOf(client(context).request(post(`http://127.0.0.1:${port}/`)))
    assert.deepEqual([error.action, error.ambiguous], ['retry', true], said)
    assert.match(error.message, /broke off \((?:it is no HTTP|HPE_\w+)\)/)
    assert.doesNotMatch(JSON.stringify([error.message, error.stack, { ...error }]), /canary/)
  }
})

test('connections are kept, and used again', async (context) => {
  const server = await api(context)
  const http = client(context)
  for (let index = 0; index < 20; index += 1) await http.request(post(server.origin))
  // The pool may open a second one when the first has only just answered.
  assert.ok(new Set(server.requests.map(({ port }) => port)).size <= 2)
})

test('a header that no header may be stops, and is not quoted', async (context) => {
  const server = await api(context)
  const error = await errorOf(
    client(context).request(post(server.origin, { headers: { 'bad name': 'canary' } })),
  )
  assert.equal(error.action, 'stop')
  assert.doesNotMatch(error.message, /canary/)
})

test('a write follows 307 and 308 on the same origin with its body, and no other redirect', async (context) => {
  const server = await api(context, ({ path, headers }) =>
    path === '/end?a=b'
      ? { status: 200 }
      : { status: Number(headers['x-status']), headers: { location: '/end?a=b' } },
  )
  const other = await api(context)
  const http = client(context)
  for (const status of ['307', '308']) {
    await http.request(post(`${server.origin}/start`, { headers: { 'x-status': status } }))
    const end = server.requests.at(-1)
    assert.deepEqual(
      [end?.method, end?.path, end?.body, end?.headers['x-status']],
      ['POST', '/end?a=b', '[1]', status],
    )
  }
  for (const status of ['301', '302', '303']) {
    const error = await errorOf(
      http.request(post(`${server.origin}/start`, { headers: { 'x-status': status } })),
    )
    assert.equal(error.action, 'stop')
    assert.match(error.message, /a redirect to http:\/\/127\.0\.0\.1:\d+\/end, which is not followed/)
  }
  server.script({ kind: 'answer', status: 307, headers: { location: `${other.origin}/x` } })
  assert.equal((await errorOf(http.request(post(`${server.origin}/start`)))).action, 'stop')
  assert.equal(other.requests.length, 0)
})

test('a read follows redirects, and leaves the caller’s headers behind at another origin', async (context) => {
  const other = await api(context)
  const server = await api(context, ({ path }) =>
    path === '/start'
      ? { status: 302, headers: { location: '/next' } }
      : { status: 301, headers: { location: `${other.origin}/end` } },
  )
  const headers = { authorization: 'Bearer canary', 'X-Api-Key': 'canary', cookie: 'canary' }
  await client(context).request({ method: 'GET', url: `${server.origin}/start`, headers })
  assert.deepEqual(
    server.requests.map((request) => request.headers['x-api-key']),
    ['canary', 'canary'],
  )
  assert.doesNotMatch(JSON.stringify(other.requests), /canary/)
})

test('a redirect to where no request may go is refused, and one in a circle ends', async (context) => {
  const server = await api(context, ({ path }) => ({
    status: 302,
    headers: { location: path === '/circle' ? '/circle' : 'http://169.254.169.254/latest/meta-data' },
  }))
  const http = client(context)
  const refused = await errorOf(http.request({ method: 'GET', url: server.origin }))
  assert.match(refused.message, /169\.254\.169\.254/)
  const circle = await errorOf(http.request({ method: 'GET', url: `${server.origin}/circle` }))
  assert.deepEqual([refused.action, circle.action], ['stop', 'stop'])
  assert.match(circle.message, /redirected more than 5 times/)
})

function resolver(...answers: readonly (readonly string[])[]): Resolve {
  const left = [...answers]
  return async () =>
    (left.shift() ?? []).map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
}

test('a name that resolves to a private address is refused before anything is sent', async (context) => {
  const server = await api(context)
  const { port } = new URL(server.origin)
  for (const addresses of [
    ['127.0.0.1'],
    ['8.8.8.8', '127.0.0.1'],
    ['::1'],
    ['::ffff:127.0.0.1'],
    ['64:ff9b::7f00:1'],
  ]) {
    const http = client(context, {}, { resolve: resolver(addresses) })
    const error = await errorOf(http.request(post(`https://innocent.example:${port}/`)))
    assert.deepEqual([error.action, error.ambiguous], ['stop', false])
    assert.match(error.message, /innocent\.example, which resolves to/)
  }
  assert.equal(server.requests.length, 0)
})

test('a name is connected to at the address that was checked, though it would resolve to another a moment later', async (context) => {
  const server = await api(context)
  const { port } = new URL(server.origin)
  let asked = 0
  const answers = resolver(['127.0.0.1'], ['169.254.169.254'])
  const http = client(context, PRIVATE, {
    resolve: (host) => {
      asked += 1
      return answers(host)
    },
  })
  await http.request(post(`http://rebinding.example:${port}/`))
  assert.deepEqual([asked, server.requests.length], [1, 1])
  assert.equal(server.requests[0]?.headers.host, `rebinding.example:${port}`)
})

test('plain http to a name that resolves to a public address is refused though the private network is allowed', async (context) => {
  const http = client(context, PRIVATE, { resolve: resolver(['8.8.8.8']) })
  assert.match(
    (await errorOf(http.request(post('http://public.example/')))).message,
    /expected https to a public address/,
  )
})

test('a connection that the private network allows is not lent to a destination that does not', async (context) => {
  const server = await api(context)
  const { port } = new URL(server.origin)
  const tools = createHttpTools({ clock, resolve: async () => [{ address: '127.0.0.1', family: 4 }] })
  context.after(() => tools.close())
  await tools.http(PRIVATE).request(post(`http://one.example:${port}/`))
  await errorOf(tools.http().request(post(`https://one.example:${port}/`)))
  assert.equal(server.requests.length, 1)
})

test('a request that may start no more when its connection stands is not sent, and the next one uses the connection', async (context) => {
  const server = await api(context)
  const asked: string[] = []
  let may = false
  const mayStart = () => {
    asked.push(may ? 'yes' : 'no')
    if (!may) throw new DestinationError('retry', { message: 'too late' })
  }
  const http = client(context, PRIVATE, { mayStart })
  const error = await errorOf(http.request(post(`${server.origin}/a`)))
  assert.deepEqual([error.message, error.ambiguous, server.requests.length], ['too late', false, 0])
  may = true
  assert.equal((await http.request(post(`${server.origin}/a`))).status, 200)
  assert.deepEqual([asked, server.requests.length], [['no', 'yes'], 1])
})
