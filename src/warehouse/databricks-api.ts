import type { Clock } from '../base/clock.ts'
import { SluiceError } from '../base/errors.ts'
import { type Login, loginOf } from './databricks-auth.ts'
import { databricksProblem } from './databricks-errors.ts'
import { type HttpAnswer, type HttpRequest, NoAnswer, sendHttp } from './databricks-http.ts'
import type { DatabricksSettings } from './databricks-settings.ts'
import { firstLine, warehouseError } from './problem.ts'

/** What the service says of a statement; fields that are not read are left out. */
export interface StatementAnswer {
  readonly statement_id: string
  readonly status: {
    readonly state: 'PENDING' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELED' | 'CLOSED'
    readonly error?: { readonly error_code?: string; readonly message?: string }
    readonly sql_state?: string
  }
  readonly manifest?: Manifest
  readonly result?: ResultChunk
}

interface Manifest {
  /** The result was cut at the most that the service keeps. */
  readonly truncated?: boolean
  readonly schema: { readonly columns?: readonly ManifestColumn[] }
}

export interface ManifestColumn {
  readonly name: string
  /** As SQL writes it: `DECIMAL(10,2)`. */
  readonly type_text: string
}

export type Cells = readonly (string | null)[]

/** Rows, or where they are. */
export interface ResultChunk {
  readonly data_array?: readonly Cells[]
  readonly external_links?: readonly ExternalLink[]
  readonly next_chunk_internal_link?: string
}

export interface ExternalLink {
  readonly external_link: string
  readonly expiration?: string
  readonly chunk_index: number
  readonly next_chunk_internal_link?: string
}

export interface StatementRequest {
  readonly statement: string
  readonly disposition: 'INLINE' | 'EXTERNAL_LINKS'
  readonly row_limit?: number
  readonly query_tags: readonly { readonly key: string; readonly value: string }[]
}

/** The statements of one workspace's SQL warehouse. Everything throws SLU3xxx. */
export interface StatementApi {
  /** `repeatable`: a statement that may run twice, should nobody know whether it arrived. */
  submit(request: StatementRequest, repeatable: boolean): Promise<StatementAnswer>
  ask(statementId: string): Promise<StatementAnswer>
  chunk(path: string): Promise<ResultChunk>
  chunkAt(statementId: string, index: number): Promise<ResultChunk>
  cancel(statementId: string): Promise<void>
  /** What stands at a link of a result, undefined where the link is taken no longer. */
  download(link: string): Promise<string | undefined>
}

/**
 * A short statement is answered at once, a long one after this time with its id: only then it can be cancelled. The
 * shortest that there is.
 */
const WAIT_SECONDS = 5

const STATEMENTS = '/api/2.0/sql/statements'

export function statementApi(settings: DatabricksSettings, clock: Clock): StatementApi {
  const login = loginOf(settings, clock)
  const call = (method: 'GET' | 'POST', path: string, repeatable: boolean, body?: object) =>
    authorized(settings, login, clock, repeatable, {
      ...{ method, url: `${settings.origin}${path}`, headers: {} },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  const { warehouseId, catalog, schema } = settings
  return {
    submit: (request, repeatable) =>
      call('POST', `${STATEMENTS}/`, repeatable, {
        ...request,
        warehouse_id: warehouseId,
        ...(catalog === undefined ? {} : { catalog }),
        ...(schema === undefined ? {} : { schema }),
        wait_timeout: `${WAIT_SECONDS}s`,
        on_wait_timeout: 'CONTINUE',
        format: 'JSON_ARRAY',
      }) as Promise<StatementAnswer>,
    ask: (id) => call('GET', `${STATEMENTS}/${id}`, true) as Promise<StatementAnswer>,
    chunk: (path) => call('GET', path, true) as Promise<ResultChunk>,
    chunkAt: (id, index) =>
      call('GET', `${STATEMENTS}/${id}/result/chunks/${index}`, true) as Promise<ResultChunk>,
    cancel: async (id) => {
      await call('POST', `${STATEMENTS}/${id}/cancel`, true)
    },
    download: (link) => download(link, clock),
  }
}

/** How often a request is tried, and how long between: some half a minute, in which a gateway comes back. */
const TRIES = 7
const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 30_000

async function authorized(
  settings: DatabricksSettings,
  login: Login,
  clock: Clock,
  repeatable: boolean,
  request: HttpRequest,
): Promise<object> {
  let answer = await loggedIn(login, clock, request)
  for (let tried = 1; !isDone(answer); tried += 1) {
    if (tried === TRIES || !mayTryAgain(answer, repeatable))
      throw isGone(answer, request) ? resultGone() : problemOf(answer, settings, repeatable)
    await clock.sleep(pauseAfter(answer, tried))
    answer = await loggedIn(login, clock, request)
  }
  return parsed(answer)
}

/** A log-in that has ended is renewed once: what was refused for want of it did nothing. */
async function loggedIn(login: Login, clock: Clock, request: HttpRequest): Promise<HttpAnswer | NoAnswer> {
  const tryWith = (authorization: string) =>
    tryOnce(
      {
        ...request,
        headers: { authorization, 'content-type': 'application/json', 'user-agent': 'sluice' },
      },
      clock,
    )
  const header = await login.header()
  const answer = await tryWith(header)
  const isRefused = !(answer instanceof NoAnswer) && answer.status === 401
  return isRefused && login.refused(header) ? tryWith(await login.header()) : answer
}

/** The service forgets a statement and its result an hour after it ended. */
function isGone(answer: HttpAnswer | NoAnswer, { url }: HttpRequest): boolean {
  return !(answer instanceof NoAnswer) && answer.status === 404 && !url.endsWith(`${STATEMENTS}/`)
}

function isDone(answer: HttpAnswer | NoAnswer): answer is HttpAnswer {
  return !(answer instanceof NoAnswer) && answer.status < 300
}

async function tryOnce(request: HttpRequest, clock: Clock): Promise<HttpAnswer | NoAnswer> {
  try {
    return await sendHttp(request, clock.nowMs())
  } catch (error) {
    if (error instanceof NoAnswer) return error
    throw error
  }
}

/**
 * A statement that may not run twice is only sent again where it surely was not taken: without a connection, beyond the
 * rate that is allowed, and where a gateway that names a time to come back turned it away.
 */
function mayTryAgain(answer: HttpAnswer | NoAnswer, repeatable: boolean): boolean {
  if (answer instanceof NoAnswer) return repeatable || !answer.mayHaveArrived
  if (answer.status === 429) return true
  if (answer.status === 503 && answer.retryAfterMs !== undefined) return true
  return repeatable && answer.status >= 500
}

function pauseAfter(answer: HttpAnswer | NoAnswer, tried: number): number {
  const told = answer instanceof NoAnswer ? undefined : answer.retryAfterMs
  return Math.min(told ?? FIRST_PAUSE_MS * 2 ** (tried - 1), LONGEST_PAUSE_MS)
}

async function download(link: string, clock: Clock): Promise<string | undefined> {
  for (let tried = 1; ; tried += 1) {
    // No header of ours: the link itself is the right to read, and the storage is not the workspace.
    const answer = await tryOnce({ method: 'GET', url: link, headers: {} }, clock)
    if (!(answer instanceof NoAnswer)) {
      if (answer.status < 300) return answer.text
      if (answer.status < 500 && answer.status !== 429) return undefined
    }
    if (tried === TRIES) throw lost(answer instanceof NoAnswer ? answer.message : `status ${answer.status}`)
    await clock.sleep(pauseAfter(answer, tried))
  }
}

function parsed({ text }: HttpAnswer): object {
  try {
    const value: unknown = text === '' ? {} : JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value
  } catch {
    // told below
  }
  throw new SluiceError('SLU3001', {
    message: 'expected a workspace of Databricks to answer with JSON, found another answer',
    hint: 'look at host of the target',
  })
}

function problemOf(
  answer: HttpAnswer | NoAnswer,
  { origin, warehouseId }: DatabricksSettings,
  repeatable: boolean,
): SluiceError {
  if (answer instanceof NoAnswer) return problemOfNoAnswer(answer, origin, repeatable)
  const { error_code, message } = told(answer)
  if (answer.status === 401 || answer.status === 403)
    return new SluiceError('SLU3002', {
      message: `expected Databricks to let the user of the target in, found status ${answer.status}${error_code === undefined ? '' : ` (${error_code})`}`,
      hint: 'look at its token, and at its right to use the SQL warehouse (CAN USE)',
    })
  if (answer.status === 404)
    return new SluiceError('SLU3013', {
      message: `expected the SQL warehouse ${warehouseId}, found ${message === undefined ? 'none' : firstLine(message)}`,
      hint: 'look at http_path or warehouse_id of the target',
    })
  if (answer.status >= 500 && !repeatable) return unknownFate(`status ${answer.status}`)
  if (answer.status === 429 || answer.status >= 500)
    return new SluiceError('SLU3001', {
      message: `expected the SQL warehouse to take statements, found status ${answer.status} after ${TRIES} tries`,
    })
  return warehouseError(databricksProblem({ error_code, message }), undefined)
}

function problemOfNoAnswer(
  { message, mayHaveArrived }: NoAnswer,
  origin: string,
  repeatable: boolean,
): SluiceError {
  if (mayHaveArrived) return repeatable ? lost(message) : unknownFate(message)
  return new SluiceError('SLU3001', {
    message: `expected the workspace ${new URL(origin).host}, found that it does not answer (${message})`,
    hint: 'look at host of the target, and at the network',
  })
}

function resultGone(): SluiceError {
  return new SluiceError('SLU3011', {
    message: 'expected the result of the statement to be there still, found that Databricks has let it go',
    hint: 'it is kept for an hour after the statement ended: run it again',
  })
}

function lost(what: string): SluiceError {
  return new SluiceError('SLU3011', {
    message: `expected the connection to Databricks to last until the answer, found it closed (${what})`,
    hint: 'run it again',
  })
}

/** It has no key by which a second one would be taken for the first. */
function unknownFate(what: string): SluiceError {
  return new SluiceError('SLU3011', {
    message: `expected an answer to a statement that writes, found none (${what}): nobody knows whether it ran`,
    hint: 'run it again: it goes on from what the warehouse then holds',
  })
}

function told({ text }: HttpAnswer): { readonly error_code?: string; readonly message?: string } {
  try {
    const value = JSON.parse(text) as { error_code?: unknown; message?: unknown } | null
    return {
      ...(typeof value?.error_code === 'string' ? { error_code: value.error_code } : {}),
      ...(typeof value?.message === 'string' ? { message: value.message } : {}),
    }
  } catch {
    return {}
  }
}
