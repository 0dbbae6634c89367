import type { Axios } from 'axios'
import { Agent } from 'undici'
import type { Clock } from '../base/clock.ts'
import { errorOfAnswer, errorOfPage, requestName } from './answers.ts'
import { DestinationError } from './errors.ts'
import type { HttpAnswer, HttpClient, HttpOptions, HttpRequest } from './http.ts'
import { CheckedAgent } from './last-check.ts'
import { errorOfGivingUp, errorOfNetwork, errorOfTimeout } from './network-errors.ts'
import { redirectOf } from './redirects.ts'
import { type GuardRules, guardedConnector, guardedUrl, type Resolve } from './request-guard.ts'
import { GuardedSockets } from './sockets.ts'
import { axiosOver } from './transport.ts'
import type { ConnectorTools } from './types.ts'

/** One request as it leaves; a redirect that is followed is one more. */
export interface SentRequest {
  readonly method: HttpRequest['method']
  readonly origin: string
  /** Of the body. */
  readonly bytes: number
}

export interface HttpToolsParts {
  readonly clock: Clock
  readonly onRequest?: (request: SentRequest) => void
  /** Aborted: requests in flight are given up, and no other starts. */
  readonly signal?: AbortSignal | undefined
  /** Asked when the bytes of a request are about to go out; what it throws, the request throws, and nothing is sent. */
  readonly mayStart?: (() => void) | undefined
  /** The project's folder. */
  readonly directory?: string
  /** Tests answer for the resolver. */
  readonly resolve?: Resolve
}

/** What connectors are given: clients that share their connections. `close` ends the connections. */
export function createHttpTools(parts: HttpToolsParts): ConnectorTools & { close(): Promise<void> } {
  const pools = new Map<boolean, Pool>()
  const given = new GivenUp(parts.signal)
  const sockets = new GuardedSockets(parts)
  const poolOf = (allowPrivateNetwork: boolean): Pool => {
    const pool =
      pools.get(allowPrivateNetwork) ??
      newPool({ allowPrivateNetwork, resolve: parts.resolve }, parts.mayStart)
    pools.set(allowPrivateNetwork, pool)
    return pool
  }
  return {
    ...(parts.directory === undefined ? {} : { directory: parts.directory }),
    clock: parts.clock,
    http: (options = {}) => clientOf(poolOf(options.allowPrivateNetwork ?? false), options, parts, given),
    openSocket: (options) => sockets.open(options),
    close: async () => {
      sockets.close()
      await Promise.all([...pools.values()].map(({ agent }) => agent.destroy()))
    },
  }
}

/** Connections opened under different rules are never shared. */
interface Pool {
  readonly rules: GuardRules
  readonly agent: Agent
  readonly axios: Axios
}

/** A connection stands within seconds or not at all; the rest of a request's time is for the answer. */
const CONNECT_TIMEOUT_MS = 10_000

const DEFAULT_TIMEOUT_MS = 30_000

/** More is a circle. */
const MOST_REDIRECTS = 5

function newPool(rules: GuardRules, mayStart: (() => void) | undefined): Pool {
  const connect = guardedConnector(rules, CONNECT_TIMEOUT_MS)
  const agent = mayStart === undefined ? new Agent({ connect }) : new CheckedAgent({ connect }, mayStart)
  return { rules, agent, axios: axiosOver(agent) }
}

function clientOf(pool: Pool, options: HttpOptions, parts: HttpToolsParts, given: GivenUp): HttpClient {
  return {
    request: async (request) => {
      const url = guardedUrl(request.url, pool.rules)
      const timeoutMs = request.timeoutMs ?? options.timeoutMs ?? DEFAULT_TIMEOUT_MS
      const timeout = new AbortController()
      const timer = setTimeout(() => timeout.abort(), timeoutMs)
      given.add(timeout)
      try {
        return await answered(pool, { request, url, body: bodyOf(request) }, parts, timeout.signal)
      } catch (error) {
        const name = requestName(request.method, url)
        if (given.isUp) throw errorOfGivingUp(name)
        throw timeout.signal.aborted ? errorOfTimeout(name, timeoutMs) : errorOfNetwork(error, name)
      } finally {
        clearTimeout(timer)
        given.delete(timeout)
      }
    },
  }
}

/** Requests in flight, to be aborted together: one listener for all, since each would cost as much as a header. */
class GivenUp {
  readonly #signal: AbortSignal | undefined
  readonly #inFlight = new Set<AbortController>()

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal
    signal?.addEventListener('abort', () => this.#abortAll(), { once: true })
  }

  get isUp(): boolean {
    return this.#signal?.aborted === true
  }

  add(request: AbortController): void {
    this.#inFlight.add(request)
    if (this.isUp) request.abort()
  }

  delete(request: AbortController): void {
    this.#inFlight.delete(request)
  }

  #abortAll(): void {
    for (const request of this.#inFlight) request.abort()
  }
}

/** One request, with its URL as the guard let it through. */
interface Outgoing {
  readonly request: HttpRequest
  readonly url: URL
  readonly body: Buffer | undefined
}

/** Sends, follows what may be followed, and gives a success; anything else is thrown. */
async function answered(
  pool: Pool,
  first: Outgoing,
  parts: HttpToolsParts,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const { body } = first
  let { request, url } = first
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
    const answer = await sentOnce(pool, { request, url, body }, parts, signal)
    if (answer.status >= 200 && answer.status < 300)
      return understood(answer, requestName(request.method, url))
    const { answers } = first.request
    if (answers !== 'all' && answers?.includes(answer.status)) return answer
    const next = redirectOf(request, url, answer)
    if (next === undefined && answers === 'all') return answer
    if (next === undefined)
      throw errorOfAnswer({ ...answer, request: requestName(request.method, url) }, parts.clock)
    request = next
    url = guardedUrl(next.url, pool.rules)
  }
  throw new DestinationError('stop', {
    message: `${requestName(first.request.method, first.url)} was redirected more than ${MOST_REDIRECTS} times`,
  })
}

function understood(answer: HttpAnswer, request: string): HttpAnswer {
  const error = errorOfPage(answer, request)
  if (error !== undefined) throw error
  return answer
}

async function sentOnce(
  pool: Pool,
  { request, url, body }: Outgoing,
  parts: HttpToolsParts,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const { method, headers } = request
  parts.onRequest?.({ method, origin: url.origin, bytes: body === undefined ? 0 : body.length })
  const answer = await pool.axios.request<string>({
    url: url.href,
    method,
    headers: { ...DEFAULT_HEADERS, ...(body === undefined ? {} : JSON_BODY), ...headers },
    data: body,
    signal,
  })
  return { status: answer.status, headers: headersOf(answer.headers), text: answer.data }
}

/** As bytes, once: it is counted, sent, and sent again where a redirect asks for it. */
function bodyOf({ body }: HttpRequest): Buffer | undefined {
  if (body === undefined) return undefined
  return typeof body === 'string' ? Buffer.from(body) : joined(body)
}

/**
 * To ask each text for its length in bytes costs as much as to write it. Most have one byte a character, so room is
 * made for that, and asked for only where a text might not fit.
 */
function joined(parts: readonly (string | Uint8Array)[]): Buffer {
  const longest = parts.reduce((most, part) => Math.max(most, part.length), 0)
  let bytes: Buffer = Buffer.allocUnsafe(
    parts.reduce((sum, part) => sum + part.length, 0) + (MOST_BYTES_A_CHARACTER - 1) * longest,
  )
  let at = 0
  for (const part of parts) {
    if (bytes.length - at < MOST_BYTES_A_CHARACTER * part.length) bytes = withRoom(bytes, at, part)
    if (typeof part === 'string') at += bytes.write(part, at)
    else {
      bytes.set(part, at)
      at += part.length
    }
  }
  return bytes.subarray(0, at)
}

/** Of UTF-8 beside one character of JavaScript, which is a pair where it takes four. */
const MOST_BYTES_A_CHARACTER = 3

function withRoom(bytes: Buffer, used: number, part: string | Uint8Array): Buffer {
  const needed = used + (typeof part === 'string' ? Buffer.byteLength(part) : part.length)
  if (needed <= bytes.length) return bytes
  const larger = Buffer.allocUnsafe(2 * needed)
  bytes.copy(larger, 0, 0, used)
  return larger
}

/** An answer is read as it comes, so it must not be packed. */
const DEFAULT_HEADERS = { accept: 'application/json', 'accept-encoding': 'identity', 'user-agent': 'sluice' }
const JSON_BODY = { 'content-type': 'application/json' }

/** Lower-case names; a header that came several times is joined as HTTP says. */
function headersOf(headers: object): Readonly<Record<string, string>> {
  const all: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers))
    all[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : String(value)
  return all
}
