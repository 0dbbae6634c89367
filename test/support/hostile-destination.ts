import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createHttps, type Server as HttpsServer } from 'node:https'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import type { TestContext } from 'node:test'
import type { ServerIdentity } from './certificates.ts'
import type { Received, ReceivedChange } from './receiver.ts'

/** One request that is to be answered in some bad way. */
export interface Exchange {
  readonly request: Received
  readonly response: ServerResponse
  /** Below HTTP, for what is no answer at all. */
  readonly socket: Socket
}

/**
 * A receiver on one port of the loopback that keeps rows by key. Until it is healed it does what a test says, on each
 * request or on each connection; whether it took the rows all the same is the test's to say too.
 */
export class HostileDestination {
  /** Of the bodies that came, oldest first. */
  readonly texts: string[] = []
  readonly requests: Received[] = []
  readonly rows = new Map<string, Readonly<Record<string, unknown>>>()
  connections = 0
  onRequest: ((exchange: Exchange) => void) | undefined
  onConnection: ((socket: Socket) => void) | undefined
  /** What it shows; undefined: it speaks plain HTTP. */
  identity: ServerIdentity | undefined
  readonly #ownIdentity: ServerIdentity | undefined
  #port = 0
  #front: Server | undefined
  readonly #sockets = new Set<Socket>()
  readonly #http = createHttp((request, response) => void this.#serve(request, response))

  constructor(identity?: ServerIdentity) {
    this.#ownIdentity = identity
    this.identity = identity
  }

  url(scheme = 'http', host = '127.0.0.1'): string {
    return `${scheme}://${host}:${this.#port}/hook`
  }

  /** On the port that it had before, when it had one. */
  async listen(): Promise<void> {
    this.#front = createServer((socket) => this.#connected(socket))
    await new Promise<void>((resolve) => this.#front?.listen(this.#port, '127.0.0.1', resolve))
    this.#port = (this.#front.address() as AddressInfo).port
  }

  /** Nobody listens there any more. */
  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise<void>((resolve) => {
      if (this.#front === undefined) resolve()
      else this.#front.close(() => resolve())
    })
  }

  /** Takes everything from here on. What came so far is forgotten, but not the rows. */
  heal(): void {
    this.identity = this.#ownIdentity
    this.onRequest = undefined
    this.onConnection = undefined
    this.texts.length = 0
    this.requests.length = 0
    this.connections = 0
  }

  take(changes: readonly ReceivedChange[]): void {
    for (const { op, key, fields } of changes) {
      const id = Object.values(key).join('|')
      if (op === 'remove') this.rows.delete(id)
      else this.rows.set(id, { ...this.rows.get(id), ...fields })
    }
  }

  #connected(socket: Socket): void {
    this.connections += 1
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    // Who breaks connections is told so.
    socket.on('error', () => {})
    if (this.onConnection !== undefined) this.onConnection(socket)
    else if (this.identity === undefined) this.#http.emit('connection', socket)
    else this.#https(this.identity).emit('connection', socket)
  }

  #https(identity: ServerIdentity): HttpsServer {
    const server = createHttps(identity, (request, response) => void this.#serve(request, response))
    server.on('tlsClientError', () => {})
    return server
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await textOf(incoming)
    const request: Received = {
      ...JSON.parse(text),
      idempotencyKey: String(incoming.headers['idempotency-key']),
    }
    this.texts.push(text)
    this.requests.push(request)
    response.on('error', () => {})
    if (this.onRequest !== undefined) {
      this.onRequest({ request, response, socket: incoming.socket })
      return
    }
    this.take(request.changes)
    const results = request.changes.map(() => ({ status: 'applied' }))
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ results }))
  }
}

export async function startHostileDestination(
  context: TestContext,
  identity?: ServerIdentity,
): Promise<HostileDestination> {
  const destination = new HostileDestination(identity)
  await destination.listen()
  context.after(() => destination.close())
  return destination
}

async function textOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece as Buffer)
  return Buffer.concat(pieces).toString('utf8')
}
