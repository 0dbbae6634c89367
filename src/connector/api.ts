import { answerWords, cleanWords } from './answer-words.ts'
import { errorOfAnswer, requestName } from './answers.ts'
import { type Credentials, credentialsOf } from './auth.ts'
import { DestinationError } from './errors.ts'
import type { HttpClient, HttpRequest } from './http.ts'
import type { Batch, ConnectorTools, Manifest, Settings } from './types.ts'

/** A JSON API of a vendor: its address, who asks, and what its refusals mean. Made by `openApi`. */
export interface Api {
  /**
   * A 2xx answer, or one of the request's `answers`. Throws a DestinationError for anything else, with what the API said
   * in one clean line, and with the settings to look at where it let nobody in.
   */
  send(request: ApiRequest): Promise<ApiAnswer>
}

export interface ApiRequest {
  readonly method: HttpRequest['method']
  /** After the base URL; or a whole URL, of an upload or a next page. */
  readonly path: string
  /** Entries that are undefined are left out. */
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>
  readonly json?: unknown
  /** Instead of `json`. */
  readonly body?: { readonly type: string; readonly text: string }
  readonly headers?: Readonly<Record<string, string>>
  /** Statuses that the connector reads itself. */
  readonly answers?: readonly number[]
  /** Larger bodies are not sent: the engine halves the batch. */
  readonly maxBytes?: number
  /** Whose rows the request holds: none of their values is in what is said of a refusal. */
  readonly batch?: Batch
}

export interface ApiAnswer {
  readonly status: number
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  /** Undefined when the text is no JSON. */
  readonly json: unknown
}

/** What an answer says about the whole request, where its status does not. */
export interface Judgement {
  readonly action: DestinationError['action']
  readonly afterMs?: number | undefined
  /** It may have been applied. Default false. */
  readonly ambiguous?: boolean
}

export interface ApiOptions {
  readonly manifest: Manifest
  readonly settings: Settings
  readonly tools: ConnectorTools
  /** Of every request. */
  readonly headers?: Readonly<Record<string, string>>
  /** Default `application/json`. */
  readonly contentType?: string
  /**
   * Asked of every answer, those with 2xx too, before anything else is made of it. Undefined: its status says all. An
   * answer whose status is one of the request's `answers` is judged too.
   */
  readonly judge?: (answer: ApiAnswer) => Judgement | undefined
  /** The API's own words about a refusal; undefined: it says none. */
  readonly wordsOf?: (json: unknown) => unknown
}

/** Over a client of `tools`. `settings` has those of `httpSettings`. */
export function openApi(options: ApiOptions): Api {
  const { settings, tools, manifest } = options
  const client = tools.http({
    allowPrivateNetwork: settings.allow_private_network === true,
    timeoutMs: Number(settings.timeout_seconds) * 1000,
  })
  const credentials = credentialsOf(manifest, settings, { clock: tools.clock, client })
  return { send: (request) => send(request, { ...options, client, credentials }) }
}

interface Open extends ApiOptions {
  readonly client: HttpClient
  readonly credentials: Credentials
}

async function send(request: ApiRequest, open: Open): Promise<ApiAnswer> {
  const body = bodyOf(request)
  const { headers, baseUrl } = await open.credentials.pass()
  const url = urlOf(request, baseUrl ?? String(open.settings.base_url))
  const {
    status,
    headers: answered,
    text,
  } = await open.client.request({
    method: request.method,
    url,
    headers: { ...typeOf(request, open), ...open.headers, ...headers, ...request.headers },
    ...(body === undefined ? {} : { body }),
    answers: 'all',
  })
  const answer = { status, headers: answered, text, json: parsed(text) }
  const judgement = open.judge?.(answer)
  if (judgement !== undefined) throw judged(judgement, answer, request, url, open)
  if ((status >= 200 && status < 300) || request.answers?.includes(status) === true) return answer
  throw refused(answer, request, url, open)
}

function bodyOf({ json, body, maxBytes }: ApiRequest): string | undefined {
  const text = body?.text ?? (json === undefined ? undefined : JSON.stringify(json))
  if (text === undefined || maxBytes === undefined) return text
  const bytes = Buffer.byteLength(text)
  if (bytes <= maxBytes) return text
  throw new DestinationError('split', {
    message: `expected a request of at most ${maxBytes} bytes, found ${bytes}`,
  })
}

function typeOf({ json, body }: ApiRequest, { contentType = 'application/json' }: Open) {
  if (json === undefined && body === undefined) return {}
  return { 'content-type': body?.type ?? contentType }
}

function urlOf({ path, query = {} }: ApiRequest, baseUrl: string): string {
  const url = /^https?:\/\//.test(path) ? path : `${baseUrl.replace(/\/+$/, '')}${path}`
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as [string, string]],
  )
  return pairs.length === 0 ? url : `${url}?${new URLSearchParams(pairs)}`
}

function parsed(text: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function judged(
  { action, afterMs, ambiguous = false }: Judgement,
  answer: ApiAnswer,
  request: ApiRequest,
  url: string,
  open: Open,
): DestinationError {
  const { status } = answer
  const message = `${nameOf(request, url)} was answered with ${status}`
  return new DestinationError(action, {
    message: `${message}${whatItSaid(answer, request, open)}${toLookAt(action, status, open)}`,
    ...{ status, afterMs, ambiguous },
  })
}

function refused(answer: ApiAnswer, request: ApiRequest, url: string, open: Open): DestinationError {
  const usual = errorOfAnswer({ ...answer, request: nameOf(request, url) }, open.tools.clock)
  const { action, status, afterMs, ambiguous } = usual
  const said = whatItSaid(answer, request, open)
  return new DestinationError(action, {
    message: `${usual.message}${said}${toLookAt(action, answer.status, open)}`,
    ...{ status, afterMs, ambiguous },
  })
}

function nameOf({ method }: ApiRequest, url: string): string {
  return requestName(method, new URL(url))
}

/** Nothing where values of rows could not be taken out of it. */
function whatItSaid({ json }: ApiAnswer, { batch }: ApiRequest, { wordsOf }: Open): string {
  const said = wordsOf?.(json)
  if (typeof said !== 'string' || said.trim() === '') return ''
  const words = batch === undefined ? cleanWords(said) : answerWords(batch)(ANY_ROW, said)
  return words === undefined || words === '' ? '' : `: ${words}`
}

/** No row in particular. */
const ANY_ROW = -1

/** What a person is to do about a refusal, where the status tells. */
function toLookAt(
  action: DestinationError['action'],
  status: number,
  { credentials, manifest }: Open,
): string {
  const { needs } = credentials
  if (action === 'stop' && WITHDRAWN.has(status) && manifest.apiVersion !== undefined)
    return `; requests name version ${manifest.apiVersion} of the API, which it may have withdrawn: a newer Sluice is needed then`
  if (needs.length === 0) return ''
  if (action === 'refresh') return `; check ${needs.join(', ')}`
  return action === 'stop' && status === 403 ? `; check the scopes and rights of ${needs.join(', ')}` : ''
}

/** Gone, and to be upgraded: how APIs answer for versions that they no longer serve. */
const WITHDRAWN: ReadonlySet<number> = new Set([410, 426])

/** When to ask again by a header that says how long a window still lasts; undefined when it does not. */
export function afterWindow(answer: ApiAnswer, header: string): number | undefined {
  return positiveMs(Number(answer.headers[header] ?? Number.NaN) * 1000)
}

/** The same where the header names the second since 1970 at which the window ends. */
export function untilWindow(answer: ApiAnswer, header: string, nowMs: number): number | undefined {
  return positiveMs(Number(answer.headers[header] ?? Number.NaN) * 1000 - nowMs)
}

/** Some second more than a day away is no window's end. */
const LONGEST_WINDOW_MS = 24 * 60 * 60 * 1000

function positiveMs(ms: number): number | undefined {
  return Number.isFinite(ms) && ms >= 0 ? Math.min(Math.ceil(ms), LONGEST_WINDOW_MS) : undefined
}
