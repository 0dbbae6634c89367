import { createHmac } from 'node:crypto'
import {
  type Api,
  type ApiAnswer,
  type ApiRequest,
  type Judgement,
  openApi,
} from '../../src/connector/api.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import { objectIn, objectsIn } from '../../src/connector/shapes.ts'
import type { ConnectorTools, Settings } from '../../src/connector/types.ts'
import { META_MANIFEST, VERSION } from './manifest.ts'

/** Meta's Graph API: paths are below the version. */
export function openGraph(settings: Settings, tools: ConnectorTools): Api {
  const api = openApi({ manifest: META_MANIFEST, settings, tools, judge, wordsOf })
  const proof = proofOf(settings)
  return {
    send: ({ path, query, ...request }) =>
      api.send({ ...request, path: `/${VERSION}${path}`, query: { ...query, appsecret_proof: proof } }),
  }
}

/** For what no row can mend: where other requests are halved, this one ends the sync. */
export async function ask(graph: Api, request: ApiRequest): Promise<ApiAnswer> {
  try {
    return await graph.send(request)
  } catch (error) {
    if (!(error instanceof DestinationError) || error.action !== 'split') throw error
    const { message, status, cause } = error
    throw new DestinationError('stop', { message, status, cause })
  }
}

/** It says that who holds the token holds the app's secret too. */
function proofOf({ access_token: token, app_secret: secret }: Settings): string | undefined {
  if (secret === undefined) return undefined
  return createHmac('sha256', String(secret)).update(String(token)).digest('hex')
}

/** Meta answers with 400 to most that goes wrong; what it was is in the code. */
function judge({ json, headers }: ApiAnswer): Judgement | undefined {
  const { code, error_subcode: subcode, is_transient: isTransient, message } = errorIn(json)
  if (typeof code !== 'number') return undefined
  if (code === TOKEN_REFUSED) return { action: 'refresh' }
  if (isThrottled(code)) return { action: 'retry', afterMs: regainMs(headers) ?? BLOCKED_MS }
  if (STOPS.has(code) || (code >= 200 && code < 300)) return { action: 'stop' }
  if (code === INVALID_PARAMETER && STOPS_OF_INVALID.has(subcode)) return { action: 'stop' }
  if (code === UNKNOWN && typeof message === 'string' && TOO_MUCH.test(message)) return { action: 'split' }
  if (code === UNKNOWN || code === UNAVAILABLE || isTransient === true)
    return { action: 'retry', ambiguous: true }
  return undefined
}

const UNKNOWN = 1
const UNAVAILABLE = 2
const INVALID_PARAMETER = 100
const TOKEN_REFUSED = 190

const TOO_MUCH = /reduce the amount of data/i

/** Of the app, the user, the page, the ad account; from 80000 on of a business use case, 80003 that of audiences. */
function isThrottled(code: number): boolean {
  return [4, 17, 32, 341, 613].includes(code) || (code >= 80_000 && code <= 80_014)
}

/** No right for it; taken for abuse; a version of the API that is gone; an object that is not there. */
const STOPS: ReadonlySet<number> = new Set([3, 10, 368, 803, 2635])

/** There is no such object for this token; the audience is flagged, and takes no changes. */
const STOPS_OF_INVALID: ReadonlySet<unknown> = new Set([33, 1713228, 1713230, 1713231])

/** How long an app with full access is blocked, where no header tells. */
const BLOCKED_MS = 60_000

/** Of all use cases of all accounts that the header tells of, the longest. */
function regainMs(headers: ApiAnswer['headers']): number | undefined {
  const minutes = Object.values(objectIn(parsed(headers['x-business-use-case-usage'])))
    .flatMap(objectsIn)
    .map(({ estimated_time_to_regain_access: time }) => Number(time))
    .filter((time) => time > 0)
  return minutes.length === 0 ? undefined : Math.min(Math.max(...minutes), A_DAY_MINUTES) * 60_000
}

/** No window lasts longer. */
const A_DAY_MINUTES = 24 * 60

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? 'null')
  } catch {
    return undefined
  }
}

/** What it says for developers, and then for people. */
function wordsOf(json: unknown): string {
  const {
    code,
    error_subcode: subcode,
    message,
    error_user_title: title,
    error_user_msg: told,
  } = errorIn(json)
  if (code === TOKEN_REFUSED) return `${message ?? 'the token is refused'} (190): make a new one`
  const number = subcode === undefined ? code : `${code}/${subcode}`
  const words = [told ?? title ?? message].filter((word) => typeof word === 'string')
  return [...words, ...(typeof code === 'number' ? [`(${number})`] : [])].join(' ')
}

function errorIn(json: unknown): Readonly<Record<string, unknown>> {
  return objectIn(objectIn(json).error)
}
