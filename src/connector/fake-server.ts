import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { systemClock } from '../base/clock.ts'

export interface FakeRequest {
  readonly method: string
  /** With its query. */
  readonly path: string
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Of the caller: the same for requests of one connection. */
  readonly port: number
}

export interface FakeAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/**
 * What goes wrong with one request. `applied` says whether the API does its work all the same: the hard cases are
 * those where it did and the caller cannot know.
 * - `answer`: this instead of what the API would say.
 * - `hang`: no answer ever; `reset`: the connection breaks instead of an answer.
 * - `cut`: half of the answer, then the connection breaks; `endless`: an answer that does not end; `drip`: the
 *   same, a byte at a time. All of them applied.
 */
export type Fault =
  | ({ readonly kind: 'answer'; readonly applied?: boolean } & FakeAnswer)
  | { readonly kind: 'hang' | 'reset'; readonly applied?: boolean }
  | { readonly kind: 'cut' | 'endless' | 'drip' | 'none' }

export interface FakeServer {
  /** `http://127.0.0.1:PORT`, without a path. */
  readonly origin: string
  /** The latest requests, oldest first. */
  readonly requests: readonly FakeRequest[]
  /** The next requests meet these faults, one each in this order; after them all is well. */
  script(...faults: readonly Fault[]): void
  /** When it was started: samples of events must be recent, and the same each time. */
  readonly startedAtMs: number
  close(): Promise<void>
}

/** A loopback server that answers as `api` says; what it holds is `api`'s own business. For fakes and tests. */
export async function startFakeServer(
  api: (request: FakeRequest) => FakeAnswer | Promise<FakeAnswer>,
): Promise<FakeServer> {
  const requests: FakeRequest[] = []
  const faults: Fault[] = []
  const server = createServer((incoming, response) => {
    void requestOf(incoming)
      .then(async (request) => {
        requests.push(request)
        if (requests.length > MOST_KEPT) requests.shift()
        await meet(faults.shift() ?? { kind: 'none' }, () => api(request), response)
      })
      .catch(() => response.destroy())
  })
  // On a busy machine five seconds pass between two requests, and one that meets the closing of its connection breaks.
  server.keepAliveTimeout = KEEP_ALIVE_MS
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    startedAtMs: systemClock.nowMs(),
    script: (...more) => void faults.push(...more),
    close: () => closed(server),
  }
}

const KEEP_ALIVE_MS = 120_000

/** A fake may take a whole table in; it is a server, not a copy of it. */
const MOST_KEPT = 1000

async function requestOf(incoming: IncomingMessage): Promise<FakeRequest> {
  const parts: Buffer[] = []
  for await (const part of incoming) parts.push(part as Buffer)
  return {
    method: incoming.method ?? '',
    path: incoming.url ?? '',
    headers: Object.fromEntries(
      Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
    ),
    body: Buffer.concat(parts).toString(),
    port: incoming.socket.remotePort ?? 0,
  }
}

async function meet(
  fault: Fault,
  work: () => FakeAnswer | Promise<FakeAnswer>,
  response: ServerResponse,
): Promise<void> {
  switch (fault.kind) {
    case 'none':
      return send(response, await work())
    case 'answer':
      if (fault.applied === true) await work()
      return send(response, fault)
    case 'hang':
    case 'reset':
      if (fault.applied === true) await work()
      if (fault.kind === 'reset') response.socket?.resetAndDestroy()
      return
    case 'cut':
      return sendHalf(response, await work())
    case 'endless':
      await work()
      return sendForever(response)
    case 'drip':
      await work()
      return drip(response)
  }
}

function send(response: ServerResponse, { status, headers, body }: FakeAnswer): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(body ?? '{}')
}

function sendHalf(response: ServerResponse, { status, body = '{"results":[]}' }: FakeAnswer): void {
  // Of an answer without a body, half of its head.
  if (body === '') {
    response.socket?.end(`HTTP/1.1 ${status}`)
    return
  }
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  })
  response.write(body.slice(0, body.length / 2), () => response.socket?.destroy())
}

function sendForever(response: ServerResponse): void {
  const part = ' '.repeat(64 * 1024)
  response.writeHead(200, { 'content-type': 'application/json' })
  const more = () => {
    while (response.writable && response.write(part));
    if (response.writable) response.once('drain', more)
  }
  more()
}

function drip(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' })
  const timer = setInterval(() => response.write(' '), DRIP_MS)
  response.on('close', () => clearInterval(timer))
}

const DRIP_MS = 20

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
