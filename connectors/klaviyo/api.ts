import {
  type Api,
  type ApiAnswer,
  type ApiRequest,
  type Judgement,
  openApi,
} from '../../src/connector/api.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import { objectIn, objectsIn, textIn } from '../../src/connector/shapes.ts'
import type { ConnectorTools, Settings } from '../../src/connector/types.ts'
import { KLAVIYO_MANIFEST } from './manifest.ts'

export function openKlaviyo(settings: Settings, tools: ConnectorTools): Api {
  return openApi({
    manifest: KLAVIYO_MANIFEST,
    settings,
    tools,
    headers: { revision: String(KLAVIYO_MANIFEST.apiVersion), accept: JSON_API },
    contentType: JSON_API,
    judge,
    wordsOf: (json) => firstError(json).detail,
  })
}

const JSON_API = 'application/vnd.api+json'

/** Longer request lines are refused by many a server; texts of a filter grow when they are encoded. */
export const FILTER_LENGTH = 3000

/** Most that a page has, and most texts that a filter is given. */
export const PAGE = 100

/** Every entry of a list, page by page. The next page is asked for here and not where the answer points to. */
export async function allPages(
  api: Api,
  request: ApiRequest,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const found: Readonly<Record<string, unknown>>[] = []
  let cursor: string | undefined
  do {
    const query = { ...request.query, 'page[cursor]': cursor }
    const { json } = await api.send({ ...request, query })
    found.push(...entriesOf(json))
    cursor = nextCursor(json, cursor)
  } while (cursor !== undefined)
  return found
}

/** An answer that is no list at all says nothing of what there is. */
function entriesOf(json: unknown): readonly Readonly<Record<string, unknown>>[] {
  const { data } = objectIn(json)
  if (Array.isArray(data)) return objectsIn(data)
  throw new DestinationError('retry', {
    message: 'expected Klaviyo to answer with a list, found an answer without one',
  })
}

function nextCursor(json: unknown, before: string | undefined): string | undefined {
  const next = URL.parse(textIn(objectIn(objectIn(json).links).next) ?? '')
  const cursor = next?.searchParams.get('page[cursor]') ?? undefined
  // A page that names itself as the next one would never end.
  return cursor === before ? undefined : cursor
}

/** The code of what is wrong, when it is a code and no sentence. */
export function codeOf({ json }: ApiAnswer): string {
  const { code } = firstError(json)
  return typeof code === 'string' && /^[a-z_]{1,40}$/.test(code) ? code : 'refused'
}

/** Older revisions answer a key that is wrong with 400, which says something of rows elsewhere. */
function judge({ status, json }: ApiAnswer): Judgement | undefined {
  if (status < 400 || status >= 500) return undefined
  const { code } = firstError(json)
  if (code === 'not_authenticated' || code === 'authentication_failed') return { action: 'refresh' }
  return code === 'permission_denied' ? { action: 'stop' } : undefined
}

function firstError(json: unknown): Readonly<Record<string, unknown>> {
  return objectsIn(objectIn(json).errors)[0] ?? {}
}
