import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'

/** What one request of the generic HTTP connector carried. */
export interface Received {
  readonly sync: string
  readonly run_id: string
  readonly batch: number
  readonly changes: readonly ReceivedChange[]
  readonly idempotencyKey: string
}

export interface ReceivedChange {
  readonly op: 'add' | 'change' | 'remove'
  readonly key: Readonly<Record<string, string>>
  readonly fields: Readonly<Record<string, unknown>>
}

export interface Reply {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** A loopback receiver that holds what it was sent: rows by key, as the design says a destination does. */
export class Receiver {
  readonly url: string
  readonly requests: Received[] = []
  /** Of all bodies ever. */
  bytes = 0
  /** By the key's values, joined. */
  readonly rows = new Map<string, Readonly<Record<string, unknown>>>()
  /** Asked first; undefined: take everything. Rows are not kept when it replies. */
  reply: (request: Received) => Reply | undefined | Promise<Reply | undefined> = () => undefined

  constructor(url: string) {
    this.url = url
  }

  get changes(): readonly ReceivedChange[] {
    return this.requests.flatMap((request) => request.changes)
  }

  clear(): void {
    this.requests.length = 0
    this.reply = () => undefined
  }

  take(changes: readonly ReceivedChange[]): void {
    for (const { op, key, fields } of changes) {
      const id = Object.values(key).join('|')
      if (op === 'remove') this.rows.delete(id)
      else this.rows.set(id, { ...this.rows.get(id), ...fields })
    }
  }
}

export async function startReceiver(context: TestContext): Promise<Receiver> {
  const server = createServer((request, response) => {
    void handle(request).then(({ status, body, headers }) => {
      response.writeHead(status, headers).end(body === undefined ? '' : JSON.stringify(body))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  context.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const receiver = new Receiver(`http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`)
  return receiver

  async function handle(request: IncomingMessage): Promise<Reply> {
    const text = await textOf(request)
    receiver.bytes += Buffer.byteLength(text)
    const received: Received = {
      ...JSON.parse(text),
      idempotencyKey: String(request.headers['idempotency-key']),
    }
    receiver.requests.push(received)
    const reply = await receiver.reply(received)
    if (reply !== undefined) return reply
    receiver.take(received.changes)
    return { status: 200 }
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece as Buffer)
  return Buffer.concat(pieces).toString('utf8')
}
