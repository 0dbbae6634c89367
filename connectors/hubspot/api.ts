import { type Api, type ApiAnswer, type ApiRequest, openApi } from '../../src/connector/api.ts'
import { idIn, objectIn, objectsIn } from '../../src/connector/shapes.ts'
import type { Batch, ConnectorTools, Settings } from '../../src/connector/types.ts'
import { judgeWith } from './judge.ts'
import { HUBSPOT_MANIFEST } from './manifest.ts'

/** What its answers about records hold, as far as it is used; anything may be missing. */
export interface RecordsAnswer {
  readonly results?: readonly HubspotRecord[]
  readonly errors?: readonly HubspotError[]
}

export interface HubspotRecord {
  readonly id?: string
  readonly objectWriteTraceId?: string
  readonly properties?: Readonly<Record<string, unknown>>
}

export interface HubspotError {
  readonly category?: string
  readonly message?: string
  readonly context?: Readonly<Record<string, readonly string[]>>
}

/** The API with its address and its token. Throws DestinationErrors as the client does. */
export class HubspotApi {
  readonly #api: Api
  /** The portal's day, once it was told; quotas end with it. */
  #utcOffsetMs: number | undefined

  constructor(settings: Settings, tools: ConnectorTools) {
    this.#api = openApi({
      manifest: HUBSPOT_MANIFEST,
      settings,
      tools,
      judge: (answer) => judgeWith(answer, tools.clock.nowMs(), this.#utcOffsetMs),
      wordsOf: saidIn,
    })
  }

  send(request: ApiRequest): Promise<ApiAnswer> {
    return this.#api.send(request)
  }

  /** `batch`: whose rows the body holds. */
  async records(object: string, operation: string, json: object, batch: Batch): Promise<RecordsAnswer> {
    const path = `/crm/v3/objects/${encodeURIComponent(object)}/batch/${operation}`
    return recordsIn(await this.send({ method: 'POST', path, json, batch }))
  }

  /** Undefined: the answer does not tell. */
  async portal(): Promise<string | undefined> {
    const { json } = await this.send({ method: 'GET', path: '/account-info/v3/details' })
    const { portalId, utcOffsetMilliseconds: offset } = objectIn(json)
    if (typeof offset === 'number' && Number.isFinite(offset)) this.#utcOffsetMs = offset
    return idIn(portalId)
  }
}

/** What it says of a refusal. */
export function saidIn(json: unknown): unknown {
  return objectIn(json).message
}

/** What is not as described counts as missing. */
function recordsIn({ json }: ApiAnswer): RecordsAnswer {
  const { results, errors } = objectIn(json)
  return {
    ...(isOfObjects(results) ? { results: objectsIn(results) } : {}),
    ...(isOfObjects(errors) ? { errors: objectsIn(errors) } : {}),
  }
}

function isOfObjects(value: unknown): boolean {
  return Array.isArray(value) && objectsIn(value).length === value.length
}
