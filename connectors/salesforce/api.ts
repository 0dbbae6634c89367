import {
  type Api,
  type ApiAnswer,
  type ApiRequest,
  type Judgement,
  openApi,
} from '../../src/connector/api.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import { objectIn, objectsIn, textIn } from '../../src/connector/shapes.ts'
import type { Batch, ConnectorTools, Settings } from '../../src/connector/types.ts'
import { API_VERSION, SALESFORCE_MANIFEST } from './manifest.ts'

/** A record, or a line of any other list. */
export type SalesforceRecord = Readonly<Record<string, unknown>>

/** The REST API of one org. Paths begin after the version. */
export class SalesforceApi {
  readonly #api: Api

  constructor(settings: Settings, tools: ConnectorTools) {
    this.#api = openApi({
      manifest: SALESFORCE_MANIFEST,
      settings,
      tools,
      // Left out, every update of a lead, a case or an account would hand it to whom the org's rules name.
      headers: { 'sforce-auto-assign': 'FALSE' },
      judge,
      wordsOf,
    })
  }

  send(request: ApiRequest): Promise<ApiAnswer> {
    return this.#api.send({ ...request, path: `${ROOT}${request.path}` })
  }

  /** All records, page by page. `batch`: whose keys the query names. */
  async query(soql: string, batch?: Batch): Promise<readonly SalesforceRecord[]> {
    const records: SalesforceRecord[] = []
    let path: string | undefined = `${ROOT}/query?${new URLSearchParams({ q: soql })}`
    while (path !== undefined) {
      const page: SalesforceRecord = objectIn(
        (await this.#api.send({ method: 'GET', path, ...(batch === undefined ? {} : { batch }) })).json,
      )
      if (!Array.isArray(page.records)) throw broken('records')
      records.push(...objectsIn(page.records))
      path = nextPage(page)
    }
    return records
  }
}

/** An answer that is not of the described shape says nothing of what was asked. */
export function broken(what: string): DestinationError {
  return new DestinationError('retry', {
    message: `expected Salesforce to answer with ${what}, found none`,
    ambiguous: true,
  })
}

const ROOT = `/services/data/${API_VERSION}`

function nextPage({ nextRecordsUrl }: SalesforceRecord): string | undefined {
  const next = textIn(nextRecordsUrl)
  return next?.startsWith('/services/') === true ? next : undefined
}

/** Refusals of a whole request are a list of errors; what an item of a batch came to is none of them. */
function judge({ status, json }: ApiAnswer): Judgement | undefined {
  if (status < 400) return undefined
  const errors = objectsIn(json)
  const isSaid = (code: string) => errors.some(({ errorCode }) => errorCode === code)
  // Throttled, for seconds or until a day's quota frees itself: Salesforce says 403, and not when to come back.
  if (isSaid('REQUEST_LIMIT_EXCEEDED')) return { action: 'retry' }
  if (isSaid('INVALID_SESSION_ID')) return { action: 'refresh' }
  return errors.some(isAboutNames) ? { action: 'stop' } : undefined
}

/** A name of the project that the org does not know: no row is better than the others. */
function isAboutNames({ errorCode, message }: SalesforceRecord): boolean {
  const code = String(errorCode)
  return OF_NAMES.has(code) || (code === 'INVALID_FIELD' && /^no such column/i.test(String(message).trim()))
}

const OF_NAMES: ReadonlySet<string> = new Set(['INVALID_TYPE', 'MALFORMED_QUERY', 'INVALIDENTITY'])

function wordsOf(json: unknown): string | undefined {
  const [first] = objectsIn(json)
  return first === undefined ? undefined : `${first.errorCode ?? ''} ${first.message ?? ''}`.trim()
}
