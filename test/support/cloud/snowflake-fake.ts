import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { StatementError } from './snowflake-errors.ts'
import { CATALOG, FUNCTIONS } from './snowflake-functions.ts'
import { newQueryId } from './snowflake-ids.ts'
import { type FakeUser, type LoginData, loggedIn } from './snowflake-login.ts'
import { FakeSession, type StatementResult } from './snowflake-session.ts'
import { encodedName } from './snowflake-text.ts'

export interface FakeOptions {
  readonly users: Readonly<Record<string, FakeUser>>
  readonly databases?: readonly string[]
  readonly warehouses?: readonly string[]
  /** Statements that run longer are asked for again, as those of more than 45 seconds are by the real one. */
  readonly detachAfterMs?: number
  /** How many rows stand in the answer itself; the others are fetched in pieces of that many. */
  readonly rowsInline?: number
}

/**
 * A server of Snowflake's protocol on this machine, which runs what it is sent on DuckDB: for its own client, so that
 * all between our statements and the wire is the real thing.
 */
export interface SnowflakeFake {
  readonly url: string
  readonly sessions: readonly FakeSession[]
  /** Every path that was asked for, in order. */
  readonly paths: readonly string[]
  /** Bodies of log-ins, without what proves them. */
  readonly logins: readonly Readonly<Record<string, unknown>>[]
  /** Straight into its database, past protocol and translation. */
  readonly duckdb: DuckDBConnection
  /** Session tokens are refused until they are renewed. */
  expireTokens(): void
  /** Takes no more connections, and cuts those that there are. */
  drop(): Promise<void>
  close(): Promise<void>
}

export async function startSnowflake(options: FakeOptions): Promise<SnowflakeFake> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' })
  const duckdb = await instance.connect()
  await duckdb.run("attach ':memory:' as sfx")
  for (const text of [...FUNCTIONS, ...CATALOG]) await duckdb.run(text)
  for (const database of options.databases ?? ['SHOP']) {
    await duckdb.run(`attach ':memory:' as "${encodedName(database)}"`)
    await duckdb.run(`create schema "${encodedName(database)}"."PUBLIC"`)
  }
  const fake = new Fake(instance, options)
  const server = createServer((request, response) => {
    fake.answer(request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const drop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  fake.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url: fake.url,
    sessions: fake.sessions,
    paths: fake.paths,
    logins: fake.logins,
    duckdb,
    expireTokens: () => fake.expireTokens(),
    drop,
    close: async () => {
      await drop()
      await fake.close()
      duckdb.closeSync()
      instance.closeSync()
    },
  }
}

/** A statement that was taken: its answer, when there is one. */
interface Running {
  readonly requestId: string
  readonly queryId: string
  readonly session: FakeSession
  readonly result: Promise<StatementResult | StatementError>
}

class Fake {
  url = ''
  readonly sessions: FakeSession[] = []
  readonly paths: string[] = []
  readonly logins: Record<string, unknown>[] = []
  readonly #instance: DuckDBInstance
  readonly #options: FakeOptions
  readonly #users: ReadonlyMap<string, FakeUser>
  /** Sessions by token; of those that were let go, none. */
  readonly #tokens = new Map<string, FakeSession>()
  readonly #masters = new Map<string, FakeSession>()
  readonly #expired = new Set<string>()
  readonly #running = new Map<string, Running>()
  readonly #chunks = new Map<string, Buffer>()

  constructor(instance: DuckDBInstance, options: FakeOptions) {
    this.#instance = instance
    this.#options = options
    this.#users = new Map(Object.entries(options.users))
  }

  expireTokens(): void {
    for (const token of this.#tokens.keys()) this.#expired.add(token)
  }

  async close(): Promise<void> {
    for (const { connection } of this.sessions) connection.interrupt()
    await Promise.allSettled([...this.#running.values()].map(({ result }) => result))
    for (const { connection } of this.sessions) connection.closeSync()
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url)
    this.paths.push(`${request.method} ${url.pathname}`)
    const chunk = this.#chunks.get(url.pathname)
    if (chunk !== undefined) {
      response.writeHead(200, { 'content-type': 'binary/octet-stream', 'content-encoding': 'gzip' })
      response.end(chunk)
      return
    }
    if (url.pathname === '/oauth/token-request') return this.#grantToken(await bodyOf(request), response)
    const body = JSON.parse((await bodyOf(request)) || '{}')
    const json = await this.#answered(url, request, body)
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(json))
  }

  async #answered(url: URL, request: IncomingMessage, body: Record<string, unknown>): Promise<unknown> {
    if (url.pathname === '/session/v1/login-request') return this.#login(url, body.data as LoginData)
    if (url.pathname === '/telemetry/send') return { success: true, data: null }
    if (url.pathname === '/session/token-request') return this.#renew(request)
    const token = /Token="([^"]+)"/.exec(String(request.headers.authorization))?.[1] ?? ''
    const session = this.#tokens.get(token)
    if (session === undefined) return refused('390104', 'Session token is invalid.')
    if (this.#expired.has(token)) return refused('390112', 'Session token expired.')
    return this.#inSession(url, session, body)
  }

  #inSession(url: URL, session: FakeSession, body: Record<string, unknown>): Promise<unknown> | unknown {
    const path = url.pathname
    if (path === '/queries/v1/query-request') return this.#query(url, session, body)
    if (path === '/queries/v1/abort-request') return this.#abort((one) => one.requestId === body.requestId)
    const [, queryId = '', action] = /^\/queries\/([^/]+)\/(result|abort-request)$/.exec(path) ?? []
    const running = this.#running.get(queryId)
    if (action === 'abort-request') return this.#abort((one) => one.queryId === queryId)
    if (running !== undefined) return this.#awaited(running)
    if (path === '/session') return this.#delete(session)
    if (path === '/session/heartbeat') return { success: true, data: null }
    return refused('390000', `the fake has no ${path}`)
  }

  async #login(url: URL, data: LoginData): Promise<unknown> {
    const { PASSWORD, TOKEN, ...told } = data as Record<string, unknown>
    this.logins.push(told)
    const proven = loggedIn(data, this.#users, Date.now())
    if ('code' in proven) return refused(proven.code, proven.message)
    const asked = (name: string) => url.searchParams.get(name)?.toUpperCase()
    const session = new FakeSession(await this.#instance.connect(), asked('roleName') ?? 'PUBLIC')
    await session.connection.run(`set variable role = '${session.role}'`)
    const warehouse = asked('warehouse')
    if ((this.#options.warehouses ?? ['WH']).includes(warehouse ?? '')) session.warehouse = warehouse
    const database = asked('databaseName')
    if (database !== undefined && (this.#options.databases ?? ['SHOP']).includes(database))
      await session
        .use(database, asked('schemaName') ?? 'PUBLIC')
        .catch(() => session.use(database, 'PUBLIC'))
    const given = (told.SESSION_PARAMETERS ?? {}) as Record<string, string>
    for (const [name, value] of Object.entries(given)) session.parameters.set(name, value)
    this.sessions.push(session)
    const [token, master] = [randomUUID(), randomUUID()]
    this.#tokens.set(token, session)
    this.#masters.set(master, session)
    return {
      success: true,
      code: null,
      data: {
        token,
        masterToken: master,
        validityInSeconds: 3600,
        masterValidityInSeconds: 14_400,
        sessionId: session.id,
        parameters: parametersOf(session),
        sessionInfo: { databaseName: session.database, roleName: session.role },
      },
    }
  }

  /** For the credentials of a client: a token of the user that it stands for. */
  #grantToken(body: string, response: ServerResponse): void {
    const asked = new URLSearchParams(body)
    const user = [...this.#users.values()].find(({ client }) => client?.id === asked.get('client_id'))
    const isRight = user?.client?.secret === asked.get('client_secret')
    response.writeHead(isRight ? 200 : 401, { 'content-type': 'application/json' })
    const token = { access_token: user?.oauthTokens?.[0], token_type: 'Bearer', expires_in: 600 }
    response.end(JSON.stringify(isRight ? token : { error: 'invalid_client' }))
  }

  #renew(request: IncomingMessage): unknown {
    const master = /Token="([^"]+)"/.exec(String(request.headers.authorization))?.[1] ?? ''
    const session = this.#masters.get(master)
    if (session === undefined) return refused('390114', 'Authentication token has expired.')
    const token = randomUUID()
    this.#tokens.set(token, session)
    return {
      success: true,
      data: {
        sessionToken: token,
        masterToken: master,
        validityInSecondsST: 3600,
        validityInSecondsMT: 14_400,
      },
    }
  }

  async #query(url: URL, session: FakeSession, body: Record<string, unknown>): Promise<unknown> {
    const given = new Map(Object.entries((body.parameters ?? {}) as Record<string, unknown>))
    const queryId = newQueryId()
    const result = session
      .execute(String(body.sqlText), given, body.describeOnly === true)
      .catch((error: unknown) => error as StatementError)
    const running = { requestId: url.searchParams.get('requestId') ?? '', queryId, session, result }
    this.#running.set(queryId, running)
    return this.#awaited(running)
  }

  /** The answer, or where to ask for it. */
  async #awaited(running: Running): Promise<unknown> {
    const { detachAfterMs } = this.#options
    const later = Symbol('later')
    const result =
      detachAfterMs === undefined
        ? await running.result
        : await Promise.race([running.result, sleep(detachAfterMs).then(() => later)])
    if (typeof result === 'symbol')
      return {
        success: true,
        code: '333334',
        message: 'Query execution in progress.',
        data: { queryId: running.queryId, getResultUrl: `/queries/${running.queryId}/result` },
      }
    if (result instanceof Error) return failed(result, running.queryId)
    return this.#resultData(running, result as StatementResult)
  }

  #resultData(running: Running, result: StatementResult): unknown {
    const { session, queryId } = running
    if (result.children !== undefined) {
      for (const child of result.children)
        this.#running.set(child.queryId, {
          ...running,
          queryId: child.queryId,
          result: Promise.resolve(child),
        })
      const resultIds = result.children.map((child) => child.queryId).join(',')
      return { success: true, data: { queryId, resultIds, rowtype: [], rowset: [], parameters: [] } }
    }
    const size = this.#options.rowsInline ?? 1000
    const chunks: { url: string; rowCount: number }[] = []
    for (let from = size; from < result.rows.length; from += size) {
      const rows = result.rows.slice(from, from + size)
      const path = `/chunks/${queryId}/${chunks.length}`
      this.#chunks.set(path, gzipSync(rows.map((row) => JSON.stringify(row)).join(',')))
      chunks.push({ url: `${this.url}${path}`, rowCount: rows.length })
    }
    return {
      success: true,
      code: null,
      message: null,
      data: {
        queryId,
        rowtype: result.columns,
        rowset: result.rows.slice(0, size),
        total: result.rows.length,
        returned: result.rows.length,
        chunks,
        chunkHeaders: {},
        statementTypeId: result.statementTypeId,
        queryResultFormat: 'json',
        version: 1,
        parameters: parametersOf(session),
        finalDatabaseName: session.database,
        finalSchemaName: session.schema,
        finalWarehouseName: session.warehouse,
        finalRoleName: session.role,
      },
    }
  }

  /** Again and again: what is between two of its steps does not hear it. */
  async #abort(wanted: (running: Running) => boolean): Promise<unknown> {
    const found = [...this.#running.values()].findLast(wanted)
    if (found === undefined) return refused('000605', 'Identified SQL statement is not currently executing.')
    let isDone = false
    const done = found.result.finally(() => {
      isDone = true
    })
    while (!isDone) {
      found.session.connection.interrupt()
      await Promise.race([done, sleep(10)])
    }
    return { success: true, data: null }
  }

  #delete(session: FakeSession): unknown {
    for (const [token, one] of this.#tokens) if (one === session) this.#tokens.delete(token)
    for (const [master, one] of this.#masters) if (one === session) this.#masters.delete(master)
    if (session.inTransaction) void session.connection.run('rollback').catch(() => {})
    session.inTransaction = false
    return { success: true, data: null }
  }
}

function parametersOf(session: FakeSession): readonly { readonly name: string; readonly value: unknown }[] {
  return [...session.parameters].map(([name, value]) => ({ name, value }))
}

function refused(code: string, message: string): unknown {
  return { success: false, code, message, data: { errorCode: code, sqlState: '08001' } }
}

function failed(error: Error, queryId: string): unknown {
  const { code, sqlState, message } =
    error instanceof StatementError ? error : new StatementError('000603', 'XX000', error.message)
  return { success: false, code, message, data: { errorCode: code, sqlState, queryId, internalError: false } }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece as Buffer)
  return Buffer.concat(pieces).toString()
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
