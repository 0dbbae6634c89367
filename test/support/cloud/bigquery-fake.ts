import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { BigqueryEngine, type EngineSession } from './bigquery-engine.ts'
import { type Configuration, FakeJob } from './bigquery-job.ts'
import { BigqueryRefusal } from './bigquery-refusal.ts'
import { DEFAULT_DATASET, type GoogleSql } from './google-sql.ts'

/** What goes wrong with a request: before the service looks at it, or after it did what was asked. */
export interface Fault {
  readonly method: string
  readonly path: RegExp
  readonly when: 'before' | 'after'
  /** An HTTP status with the service's word for it, or a connection that is cut. */
  readonly as: 'reset' | { readonly status: number; readonly reason: string }
}

export interface SeenJob {
  readonly jobId: string
  readonly configuration: Configuration
  readonly dryRun: boolean
}

/** The token that the service lets in. */
export const TOKEN = 'fake-token'

/**
 * BigQuery's interface on loopback, as far as the client library is used: jobs with the client's ids, sessions, dry
 * runs, pages, cancelling, labels and limits. It runs GoogleSQL on DuckDB, after the analyser let it pass.
 */
export class BigqueryFake {
  readonly #server: Server
  readonly #engine: BigqueryEngine
  readonly #jobs = new Map<string, FakeJob>()
  readonly #sessions = new Map<string, EngineSession>()
  readonly faults: Fault[] = []
  readonly seen: SeenJob[] = []
  /** Sessions that were ended by their client. */
  ended = 0

  private constructor(server: Server, engine: BigqueryEngine) {
    this.#server = server
    this.#engine = engine
  }

  static async start(analyser?: GoogleSql): Promise<BigqueryFake> {
    const server = createServer()
    const fake = new BigqueryFake(server, await BigqueryEngine.start(analyser))
    server.on('request', (request, response) => void fake.#answer(request, response))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return fake
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Of a target of type bigquery. */
  get settings(): ReadonlyMap<string, string> {
    return new Map([
      ['project', 'shop-1'],
      ['dataset', DEFAULT_DATASET],
      ['location', 'EU'],
      ['api_endpoint', this.url],
      ['token', TOKEN],
    ])
  }

  get sessions(): number {
    return this.#sessions.size
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
    for (const session of this.#sessions.values()) session.end()
    this.#engine.close()
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url)
    const path = url.pathname.replace(/^\/bigquery\/v2\/projects\/[^/]+/, '')
    const body = await bodyOf(request)
    try {
      if (this.#failed(request, response, path, 'before')) return
      if (request.headers.authorization !== `Bearer ${TOKEN}`)
        throw new HttpRefusal(401, 'authError', 'Request had invalid authentication credentials.')
      const answer = await this.#route(request.method ?? '', path, url, body)
      if (this.#failed(request, response, path, 'after')) return
      send(response, 200, answer)
    } catch (error) {
      const { status, reason, message } = httpRefusal(error)
      send(response, status, {
        error: { code: status, message, errors: [{ reason, message, domain: 'global' }] },
      })
    }
  }

  #failed(request: IncomingMessage, response: ServerResponse, path: string, when: Fault['when']): boolean {
    const at = this.faults.findIndex(
      (one) => one.when === when && one.method === request.method && one.path.test(path),
    )
    const [fault] = at === -1 ? [] : this.faults.splice(at, 1)
    if (fault === undefined) return false
    if (fault.as === 'reset') request.socket.destroy()
    else {
      const { status, reason } = fault.as
      send(response, status, {
        error: { code: status, message: 'try again', errors: [{ reason, message: 'try again' }] },
      })
    }
    return true
  }

  async #route(method: string, path: string, url: URL, body: unknown): Promise<object> {
    const [, kind, id = '', verb] = path.split('/')
    if (method === 'POST' && kind === 'jobs' && id === '') return this.#insert(body as JobBody)
    const job = this.#jobs.get(id)
    if (job === undefined) throw new HttpRefusal(404, 'notFound', `Not found: Job shop-1:${id}`)
    if (method === 'POST' && verb === 'cancel') return { job: job.cancelled() }
    if (method === 'GET' && kind === 'jobs') return job.resource()
    if (method === 'GET' && kind === 'queries') return job.results(url.searchParams)
    throw new HttpRefusal(404, 'notFound', `Not found: ${method} ${path}`)
  }

  async #insert({ configuration, jobReference: { jobId } }: JobBody): Promise<object> {
    const dryRun = configuration.dryRun === true
    this.seen.push({ jobId, configuration, dryRun })
    if (this.#jobs.has(jobId))
      throw new HttpRefusal(409, 'duplicate', `Already Exists: Job shop-1:EU.${jobId}`)
    checkLabels(configuration.labels ?? {})
    const sessionId = await this.#sessionOf(configuration)
    const session = this.#sessions.get(sessionId)
    if (session === undefined) throw new HttpRefusal(400, 'invalid', `Session ${sessionId} has expired`)
    if (dryRun) return FakeJob.dryRun(jobId, configuration, session)
    if ([...this.#jobs.values()].some((job) => job.sessionId === sessionId && job.runs))
      throw new HttpRefusal(400, 'invalid', `Session ${sessionId} is in use by another job`)
    const job = new FakeJob(jobId, configuration, session, sessionId)
    this.#jobs.set(jobId, job)
    if (/call bq\.abort_session\(\)/i.test(configuration.query.query)) this.#end(sessionId)
    return job.resource()
  }

  async #sessionOf({ query }: Configuration): Promise<string> {
    const known = query.connectionProperties?.find(({ key }) => key === 'session_id')?.value
    if (known !== undefined) return known
    const id = randomUUID()
    this.#sessions.set(id, await this.#engine.openSession('shop-1'))
    return id
  }

  #end(sessionId: string): void {
    this.#sessions.get(sessionId)?.end()
    this.#sessions.delete(sessionId)
    this.ended += 1
  }
}

interface JobBody {
  readonly configuration: Configuration
  readonly jobReference: { readonly jobId: string }
}

class HttpRefusal extends Error {
  readonly status: number
  readonly reason: string

  constructor(status: number, reason: string, message: string) {
    super(message)
    this.status = status
    this.reason = reason
  }
}

function httpRefusal(error: unknown): {
  readonly status: number
  readonly reason: string
  readonly message: string
} {
  if (error instanceof HttpRefusal || error instanceof BigqueryRefusal) return error
  return { status: 500, reason: 'internalError', message: `the fake failed: ${String(error)}` }
}

/** The service takes no others. */
function checkLabels(labels: Readonly<Record<string, string>>): void {
  for (const text of [...Object.keys(labels), ...Object.values(labels)])
    if (!/^[\p{Ll}\p{Lo}\p{N}_-]{0,63}$/u.test(text))
      throw new HttpRefusal(400, 'invalid', `Label "${text}" has invalid characters`)
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return text === '' ? undefined : JSON.parse(text)
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}
