import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import tls from 'node:tls'
import { brotliCompressSync, deflateRawSync, gzipSync } from 'node:zlib'
import { type ServerIdentity, selfSigned, testAuthority } from '../support/certificates.ts'
import type { HostileDestination } from '../support/hostile-destination.ts'
import {
  APPLIED,
  always,
  answering,
  assertEnd,
  assertHolds,
  away,
  type Badly,
  CANARY,
  type Case,
  doing,
  type Fate,
  inTurn,
  NO_JSON,
  NO_RESULT,
  ONE_TRY,
  project,
  ROWS,
  resulting,
  scene,
  stopped,
  TRIES,
  together,
  unknown,
} from '../support/hostile-scene.ts'
import type { LabOptions } from '../support/sync-lab.ts'

test('200 with nonsense: each row has its receipt, and was perhaps applied', async (context) => {
  const results = JSON.stringify({ results: new Array(ROWS).fill(APPLIED) })
  await together(context, {
    'JSON that is cut off': [answering(200, results.slice(0, -5)), unknown(NO_JSON)],
    'text that begins as JSON': [answering(200, `{${CANARY}}`), unknown(NO_JSON)],
    'a part of the results, as 206 says': [
      answering(206, results.slice(0, 30), { 'content-range': 'bytes 0-30/400' }),
      unknown(NO_JSON),
    ],
    'results that are no list': [
      answering(200, `{"results":{"${CANARY}":1}}`),
      unknown('expected results to be a list, found something else'),
    ],
    'results without a status': [
      resulting((changes) => changes.map(() => CANARY)),
      unknown('expected a result with a status, found one without'),
    ],
    'a status that nobody knows': [
      resulting((changes) => changes.map(() => ({ status: CANARY }))),
      unknown('expected the status applied, rejected or retry, found another'),
    ],
    // What most receivers say, and the contract of the connector: it took them all.
    'no body at all': [answering(200, ''), {}],
    '204': [answering(204, ''), {}],
    'a text': [answering(200, `ok ${CANARY}`, { 'content-type': 'text/plain' }), {}],
    'JSON of another shape': [answering(200, `[{"${CANARY}":1}]`), {}],
  })
})

test('results are read whatever the answer calls itself, packed or not', async (context) => {
  const reading = (
    headers: Readonly<Record<string, string>>,
    pack = (text: string): string | Buffer => text,
  ): [Badly, Fate] => {
    const badly: Badly = ({ request, response }, there) => {
      there.take(request.changes.filter((_, at) => at !== 1))
      const results = request.changes.map((_, at) =>
        at === 1 ? { status: 'rejected', error: `no such city for ${request.changes[1]?.key.id}` } : APPLIED,
      )
      response.writeHead(200, headers).end(pack(JSON.stringify({ results })))
    }
    return [badly, { rejected: 1, reason: 'no such city for [value]' }]
  }
  await together(context, {
    'as a picture': reading({ 'content-type': 'image/png' }),
    'as nothing': reading({ 'content-type': '' }),
    'in another charset': reading({ 'content-type': 'application/json; charset=utf-16' }),
    'with a byte order mark': reading({}, (text) => `\u{feff}${text}`),
    'in gzip': reading({ 'content-encoding': 'gzip' }, gzipSync),
    'in brotli': reading({ 'content-encoding': 'br' }, brotliCompressSync),
  })
})

test('more results than rows, fewer, and results of others', async (context) => {
  await together(context, {
    'one more': [
      resulting((changes) => [...changes, 1].map(() => APPLIED)),
      unknown(`expected results for ${ROWS} changes, found ${ROWS + 1}`),
    ],
    'a million more': [
      resulting(() => new Array(1_000_000).fill(1)),
      unknown(`expected results for ${ROWS} changes, found 1000000`),
    ],
    'all but the last, which has none when it is asked for alone': [
      resulting((changes) => changes.slice(1).map(() => APPLIED)),
      { rejected: 1, reason: NO_RESULT, dirty: 1 },
    ],
    none: [resulting(() => []), unknown(NO_RESULT)],
    'results that name the same row each, which is not asked': [
      resulting((changes) => changes.map(() => ({ ...APPLIED, index: 0, key: { id: CANARY } }))),
      {},
    ],
    'an index below zero, and one beyond the end, which are not asked': [
      resulting((changes) => changes.map((_, at) => ({ ...APPLIED, index: at === 0 ? -1 : 1e9 }))),
      {},
    ],
  })
})

test('twenty rows that no answer tells of, before any is taken, are about the destination', async (context) => {
  const { there, sync, ...one } = await scene(context, { cases: 5 })
  await one.move('B')
  always(resulting(() => ({ [CANARY]: 1 })))(there)
  const result = await sync({ delivery: { ...TRIES, window: 1 } })
  await assertEnd(
    { there, sync, ...one },
    result,
    stopped(/found 20 rejected .*: expected results to be a list/),
  )
  there.heal()
  await one.move('A')
  assert.equal((await sync()).status, 'done')
  assertHolds({ there, sync, ...one }, 'A')
})

test('200 with what is no answer at all: exit code 6, and nothing is rejected', async (context) => {
  const results = JSON.stringify({ results: new Array(ROWS).fill(APPLIED) })
  const PACKED = away(
    /^.* POST http:\S+\/hook was answered with 200 and a body that is packed and cannot be unpacked/,
  )
  await inTurn(context, await scene(context), {
    'an HTML page': [
      always(answering(200, `<!doctype html><title>${CANARY}</title>`, { 'content-type': 'text/html' })),
      away(/POST http:\S+\/hook was answered with 200 and an HTML page: .*; correct the URL/),
    ],
    'gzip that is cut off': [
      always(answering(200, gzipSync(results).subarray(0, 30), { 'content-encoding': 'gzip' })),
      PACKED,
    ],
    'gzip that is none': [always(answering(200, results, { 'content-encoding': 'gzip' })), PACKED],
    'deflate without its head': [
      always(answering(200, deflateRawSync(results), { 'content-encoding': 'deflate' })),
      PACKED,
    ],
    'what nobody can unpack': [always(answering(200, results, { 'content-encoding': CANARY })), PACKED],
  })
})

test('an answer that does not end is cut at 10 MB or at the deadline, and was perhaps applied', async (context) => {
  const one = await scene(context)
  let written = 0
  const forever = (head: string, part: Buffer) =>
    always(
      doing((socket) => {
        const more = () => {
          while (socket.writable) {
            written += part.length
            if (!socket.write(part)) break
          }
        }
        socket.on('drain', more)
        socket.write(head)
        more()
      }),
    )
  const slowly = (head: string, piece: string) =>
    always(
      doing((socket) => {
        socket.write(head)
        const timer = setInterval(() => socket.write(piece), 200)
        socket.on('close', () => clearInterval(timer))
      }),
    )
  const head = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n'
  const chunked = `${head}transfer-encoding: chunked\r\n\r\n`
  const chunk = Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(0x10000, 32), Buffer.from('\r\n')])
  const LARGE = stopped(
    /POST http:\S+\/hook was answered with 200 and more than the 10 MB that an answer may have/,
  )
  const LATE = away(/POST http:\S+\/hook was not answered within 1 s/)
  const slow: LabOptions = { delivery: ONE_TRY }
  const before = process.memoryUsage().rss
  await inTurn(context, one, {
    'a body in chunks': [forever(chunked, chunk), LARGE],
    'a body that ends with the connection': [forever(`${head}connection: close\r\n\r\n`, chunk), LARGE],
    'a body of a length that nobody has': [
      forever(`${head}content-length: 9007199254740991\r\n\r\n`, chunk),
      LARGE,
    ],
    'a small body that unpacks to a gigabyte': [
      always(answering(200, BOMB, { 'content-encoding': 'gzip' })),
      LARGE,
    ],
    headers: [
      forever(head, Buffer.from(`x-more: ${'x'.repeat(1000)}\r\n`)),
      away(/broke off \(UND_ERR_HEADERS_OVERFLOW\)/),
    ],
    'a body byte by byte': [slowly(chunked, '1\r\n \r\n'), LATE, slow],
    'headers byte by byte': [slowly(head, 'x'), LATE, slow],
    'first answers': [forever('', Buffer.from('HTTP/1.1 103 Early Hints\r\n\r\n')), LATE, slow],
  })
  // First answers are read and thrown away for as long as the deadline lets them come.
  assert.ok(written < 1024 * 1024 * 1024, `${written} bytes were read or lie in the system's buffers`)
  const grown = process.memoryUsage().rss - before
  assert.ok(grown < 200 * 1024 * 1024, `memory grew by ${grown} bytes`)
})

/** 1 GiB of zeros, as members of 16 MiB each. */
const BOMB = Buffer.concat(new Array<Buffer>(64).fill(gzipSync(Buffer.alloc(16 * 1024 * 1024))))

test('a write that is redirected is followed nowhere but on the same origin, and not in a circle', async (context) => {
  const to = (location: string, status = 307) => always(answering(status, CANARY, { location }))
  const NOT = (shown: string) =>
    stopped(
      new RegExp(
        String.raw`POST http://127\.0\.0\.1:\d+/hook was answered with 30\d, a redirect to ${shown}\S*, which is not followed: set the final URL`,
      ),
    )
  await inTurn(context, await scene(context), {
    'to a metadata service': [
      to('http://169.254.169.254/latest'),
      NOT(String.raw`http://169\.254\.169\.254`),
    ],
    'to the loopback by a number': [to('http://2130706433:9/'), NOT(String.raw`http://127\.0\.0\.1:9`)],
    'to the loopback of IPv6': [to('http://[::1]:9/'), NOT(String.raw`http://\[::1\]:9`)],
    'to a private network': [to('https://10.1.2.3/'), NOT(String.raw`https://10\.1\.2\.3`)],
    'to NAT64': [to('https://[64:ff9b::a9fe:a9fe]/'), NOT(String.raw`https://\[64:ff9b::a9fe:a9fe\]`)],
    'to 6to4': [to('https://[2002:a9fe:a9fe::]/'), NOT(String.raw`https://\[2002:a9fe:a9fe::\]`)],
    'to another protocol': [to(`file:///etc/${CANARY}`), NOT('a URL of the protocol "file:"')],
    'to no URL': [to('http://['), NOT('no URL')],
    'to nowhere': [always(answering(302, CANARY)), NOT('no URL')],
    'as a read': [to('/other', 302), NOT(String.raw`http://127\.0\.0\.1`)],
    'with somebody’s address in it': [
      to(`https://x.example/${CANARY}@x.example`, 308),
      NOT(String.raw`https://x\.example`),
    ],
    'in a circle': [to('/hook'), stopped(/POST http:\S+ was redirected more than 5 times/)],
    'perhaps, to multiple choices': [to('/other', 300), stopped(/was answered with 300$/)],
    'not, as nothing is modified': [always(answering(304, '')), stopped(/was answered with 304$/)],
  })
})

test('where no request may go, none goes: nothing is even connected', async (context) => {
  const { lab, there, move, ...one } = await scene(context)
  const refused: readonly (readonly [url: string, settings: string, says: RegExp])[] = [
    [there.url('https'), '', /expected a public address, found the address 127\.0\.0\.1/],
    [there.url('https', 'localhost'), '', /expected a public address, found localhost, which resolves to/],
    [there.url('https', '2130706433'), '', /expected a public address, found the address 127\.0\.0\.1/],
    [there.url('https', '[::ffff:127.0.0.1]'), '', /expected a public address/],
    [there.url('http'), '', /expected an https URL, found a plain http one/],
    ['https://169.254.169.254/', ALLOWED, /expected an address that requests may go to/],
    ['https://[64:ff9b::7f00:1]/', ALLOWED, /expected an address that requests may go to/],
    ['https://[2002:7f00:1::]/', ALLOWED, /expected an address that requests may go to/],
    ['http://8.8.8.8/', ALLOWED, /expected https to a public address/],
  ]
  for (const [url, settings, says] of refused)
    await context.test(`${url.replace(/:\d+\//, '/')}${settings}`, async () => {
      lab.use(project(url, settings))
      const result = await one.sync({ fullResync: true })
      await assertEnd({ lab, there, move, ...one }, result, stopped(says))
      assert.equal(there.connections, 0)
    })
  lab.use(project(there.url()))
  assert.equal((await one.sync({ fullResync: true })).status, 'done')
  assertHolds({ lab, there, move, ...one }, 'A')
})

const ALLOWED = ', allow_private_network: true'

test('to a certificate that is not trusted nothing is sent', async (context) => {
  const authority = testAuthority('Sluice test authority')
  const trusted = tls.getCACertificates('default')
  tls.setDefaultCACertificates([...trusted, authority.cert])
  context.after(() => tls.setDefaultCACertificates(trusted))
  const hosts = ['127.0.0.1']
  const one = await scene(context, { scheme: 'https', identity: authority.issue({ hosts }) })
  const BAD: readonly (readonly [name: string, ServerIdentity, why: string])[] = [
    ['self-signed', selfSigned({ hosts }), 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['expired', authority.issue({ hosts, notAfter: new Date('2021-01-01') }), 'CERT_HAS_EXPIRED'],
    ['of another host', authority.issue({ hosts: ['other.example'] }), 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['of a stranger', testAuthority('Another').issue({ hosts }), 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ]
  const cases = BAD.map(([name, identity, why]): [string, Case] => {
    const says = `POST https:\\S+ was not sent: the certificate is not trusted \\(${why}\\): renew it there, or tell`
    const shown = (there: HostileDestination) => {
      there.identity = identity
    }
    return [name, [shown, stopped(new RegExp(says))]]
  })
  const plain = one.there.url('http')
  cases.push([
    'a redirect from there to plain HTTP',
    [
      always(answering(307, CANARY, { location: plain })),
      stopped(/answered with 307, a redirect to http:\S+, which is not followed/),
    ],
  ])
  const requests = () => one.there.requests.length
  await inTurn(context, one, Object.fromEntries(cases))
  assert.equal(requests(), 2, 'of the healthy runs: a B that was planned, and the A after it')
})

test('statuses that nobody expects', async (context) => {
  const raw = (answer: string) => always(doing((socket) => socket.end(answer)))
  const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}'
  const one = await scene(context)
  const said = (code: number) => new RegExp(`POST http:\\S+/hook was answered with ${code}$`)
  await inTurn(context, one, {
    418: [always(answering(418, CANARY)), stopped(said(418))],
    499: [always(answering(499, CANARY)), stopped(said(499))],
    529: [always(answering(529, CANARY)), away(said(529))],
    599: [always(answering(599, CANARY)), away(said(599))],
    999: [always(answering(999, CANARY)), away(said(999))],
    '101, another protocol': [
      raw('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
      away(/broke off \(\w+\)/),
    ],
    '100, and no more': [raw('HTTP/1.1 100 Continue\r\n\r\n'), away(/broke off \(\w+\)/)],
    'no number': [raw('HTTP/1.1 abc\r\n\r\n'), away(/broke off \(it is no HTTP\)/)],
  })
  await together(context, {
    '103, then the answer': [doing((socket) => socket.end(`HTTP/1.1 103 Early Hints\r\n\r\n${OK}`)), {}],
    '102, then the answer': [doing((socket) => socket.end(`HTTP/1.1 102 Processing\r\n\r\n${OK}`)), {}],
  })
})

test('Retry-After is taken for what it can mean', async (context) => {
  const asking =
    (retryAfter: string): Badly =>
    ({ response, request }, there) => {
      if (request.changes.some(({ key }) => asked.has(String(key.id))))
        answering(200, '{}')({ request, response, socket: response.socket as Socket }, there)
      else response.writeHead(429, { 'retry-after': retryAfter }).end(CANARY)
      for (const { key } of request.changes) asked.add(String(key.id))
    }
  const asked = new Set<string>()
  const started = performance.now()
  await together(context, {
    'nonsense is no wait': [asking(CANARY), {}],
    'nor is a number below zero': [asking('-5'), {}],
    'nor a date in the past': [asking('Sun, 01 Feb 2015 12:00:00 GMT'), {}],
    'nor what is no number of seconds': [asking('1e9'), {}],
    'nor nothing': [asking(''), {}],
  })
  assert.ok(performance.now() - started < 20_000, 'nobody waited')
  asked.clear()
  const DAY = away(/answered with 429, which asks to wait 86400 s/)
  const year = 365 * 86_400
  const always429 = (retryAfter: string) =>
    always(({ response }) => response.writeHead(429, { 'retry-after': retryAfter }).end(CANARY))
  await inTurn(context, await scene(context), {
    'a year ahead is a day, for which nobody waits': [always429(String(year)), DAY],
    'a date a year ahead too': [always429(new Date(Date.now() + year * 1000).toUTCString()), DAY],
    'a number without end too': [always429('9'.repeat(400)), DAY],
  })
})

test('connections that break, hang, or speak something else', async (context) => {
  const head = 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"results":['
  const BROKEN = away(/POST http:\S+\/hook broke off \(\w+\)/)
  const breaking = (what: (socket: Socket) => void) => always(doing(what))
  const one = await scene(context)
  await inTurn(context, one, {
    'reset before the headers': [breaking((socket) => socket.resetAndDestroy()), BROKEN],
    'closed before the headers': [breaking((socket) => socket.destroy()), BROKEN],
    'closed within the headers': [breaking((socket) => socket.end('HTTP/1.1 200 OK\r\nx: ')), BROKEN],
    'reset within the body': [
      breaking((socket) => socket.write(head, () => socket.resetAndDestroy())),
      BROKEN,
    ],
    'closed within the body': [breaking((socket) => socket.end(head)), BROKEN],
    'with two lengths': [
      breaking((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}')),
      BROKEN,
    ],
    'of mail': [
      breaking((socket) => socket.end(`220 ${CANARY} ESMTP\r\n`)),
      away(/broke off \(it is no HTTP\)/),
    ],
    'of TLS where plain HTTP was': [
      (there) => {
        there.identity = selfSigned({ hosts: ['127.0.0.1'] })
      },
      BROKEN,
    ],
    'accepted, and never answered': [
      (there) => {
        there.onConnection = () => {}
      },
      away(/was not answered within 1 s/),
      { delivery: ONE_TRY },
    ],
  })
  await together(context, {
    'HTTP/1.0, which ends with the connection': [
      doing((socket) => socket.end('HTTP/1.0 200 OK\r\n\r\n{"results":[]}')),
      unknown(NO_RESULT),
    ],
    'two answers to one request': [
      doing((socket) => {
        socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}HTTP/1.1 500 No\r\n\r\n')
      }),
      {},
    ],
    'closed as soon as it is answered, while the next request is on its way': [
      doing((socket) => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}', () => socket.destroy())
      }),
      {},
    ],
  })
})

test('plain HTTP where TLS is spoken was sent nothing, and neither was a port that nobody listens at', async (context) => {
  const one = await scene(context)
  const { there, move, sync } = one
  await move('B')
  await there.close()
  const gone = await sync()
  await assertEnd(one, gone, away(/POST http:\S+\/hook could not connect \(ECONNREFUSED\)/))
  await there.listen()
  assert.equal((await sync()).status, 'done')
  assertHolds(one, 'B')
  one.lab.use(project(there.url('https')))
  const plain = await sync({ fullResync: true })
  await assertEnd(one, plain, away(/POST https:\S+\/hook could not connect \(\w+\)/))
  assert.equal(there.requests.length, 1)
})
