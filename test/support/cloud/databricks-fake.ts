import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Warehouse } from '../../../src/warehouse/warehouse.ts'
import { CATALOG_NAME, DatabricksEngine } from './databricks-engine.ts'
import { type Answer, FakeStatements, type StatementBody } from './databricks-statements.ts'
import { FakeTokens } from './databricks-tokens.ts'

export interface FakeOptions {
  /** That of the SQL warehouse. */
  readonly timezone?: string
  /** Rows a chunk of a result. */
  readonly chunkRows?: number
}

/** How a request is answered instead, as often as `times` says. */
export interface Fault {
  /** Of method and path: `POST /api/2.0/sql/statements/`. */
  readonly request: RegExp
  /** Undefined: the connection breaks off. */
  readonly status?: number
  readonly retryAfter?: string
  readonly body?: object
  /** The request is carried out all the same, and only its answer is lost. */
  readonly carriedOut?: boolean
  times: number
}

export interface Asked {
  readonly request: string
  readonly authorization: string | undefined
  readonly body: unknown
}

export const WAREHOUSE_ID = 'abc123def4567890'

/** A workspace of Databricks on this machine: statements over HTTP, log-ins, and the storage of results. */
export class DatabricksFake {
  readonly tokens = new FakeTokens()
  readonly asked: Asked[] = []
  readonly faults: Fault[] = []
  /** Who is connected. */
  readonly opened: Warehouse[] = []
  readonly engine: DatabricksEngine
  readonly statements: FakeStatements
  readonly #server: Server

  private constructor(engine: DatabricksEngine, server: Server, statements: FakeStatements) {
    this.engine = engine
    this.statements = statements
    this.#server = server
    server.on('request', (request, response) => void this.#serve(request, response))
  }

  static async open({ timezone = 'UTC', chunkRows = 10_000 }: FakeOptions = {}): Promise<DatabricksFake> {
    const engine = await DatabricksEngine.open(timezone)
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return new DatabricksFake(engine, server, new FakeStatements(engine, chunkRows, hostOf(server)))
  }

  get host(): string {
    return hostOf(this.#server)
  }

  /** The settings of a target that connects to it with a token. */
  get settings(): Map<string, string> {
    return new Map([
      ['host', this.host],
      ['http_path', `/sql/1.0/warehouses/${WAREHOUSE_ID}`],
      ['catalog', CATALOG_NAME],
      ['token', this.tokens.personal],
    ])
  }

  async close(): Promise<void> {
    for (const one of this.opened) await one.close()
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
    await this.statements.settled()
    this.engine.close()
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await textOf(request)
    const name = `${request.method} ${request.url}`
    this.asked.push({ request: name, authorization: request.headers.authorization, body: bodyOf(text) })
    const fault = this.faults.find((one) => one.times > 0 && one.request.test(name))
    if (fault !== undefined) {
      fault.times -= 1
      if (fault.carriedOut === true) await this.#answer(name, request, text)
      if (fault.status === undefined) request.socket.destroy()
      else send(response, { status: fault.status, body: fault.body ?? {} }, fault.retryAfter)
      return
    }
    send(response, await this.#answer(name, request, text))
  }

  async #answer(name: string, request: IncomingMessage, text: string): Promise<Answer> {
    const { authorization } = request.headers
    if (name.startsWith('GET /storage/')) return this.statements.stored(name, authorization)
    if (name === 'POST /oidc/v1/token') return this.tokens.grant(authorization, text)
    if (!this.tokens.holds(authorization))
      return {
        status: 401,
        body: {
          error_code: 'UNAUTHENTICATED',
          message: 'Credential was not sent or was of an unsupported type for this API.',
        },
      }
    const [, id = '', rest = ''] = /^\w+ \/api\/2\.0\/sql\/statements\/?([^/]*)(.*)$/.exec(name) ?? []
    if (request.method === 'POST' && id === '') return this.#submit(bodyOf(text) as StatementBody)
    if (request.method === 'POST' && rest === '/cancel') return this.statements.cancel(id)
    const chunk = /^\/result\/chunks\/(\d+)/.exec(rest)?.[1]
    return chunk === undefined ? this.statements.status(id) : this.statements.chunk(id, Number(chunk))
  }

  async #submit(body: StatementBody): Promise<Answer> {
    if (body.warehouse_id !== WAREHOUSE_ID)
      return {
        status: 404,
        body: { error_code: 'NOT_FOUND', message: `SQL warehouse ${body.warehouse_id} does not exist` },
      }
    return this.statements.submit(body)
  }
}

function hostOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts).toString('utf8')
}

function bodyOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function send(response: ServerResponse, { status, body }: Answer, retryAfter?: string): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
  })
  response.end(typeof body === 'string' ? body : JSON.stringify(body))
}
