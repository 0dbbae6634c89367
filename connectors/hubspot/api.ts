import { type Api, type ApiAnswer, openApi } from '../../src/connector/api.ts'
import { idIn, objectIn, objectsIn } from '../../src/connector/shapes.ts'
import type { Batch, ConnectorTools, Settings } from '../../src/connector/types.ts'
import { HUBSPOT_MANIFEST } from './manifest.ts'

/** What its answers hold, as far as it is used; anything may be missing. */
export interface HubspotAnswer {
  readonly portalId?: string
  readonly results?: readonly HubspotContact[]
  readonly errors?: readonly HubspotError[]
}

export interface HubspotContact {
  readonly id?: string
  readonly objectWriteTraceId?: string
  readonly properties?: Readonly<Record<string, string | null>>
}

export interface HubspotError {
  readonly category?: string
  readonly message?: string
  readonly context?: Readonly<Record<string, readonly string[]>>
}

/** The API with its address and its token. Throws DestinationErrors as the client does. */
export class HubspotApi {
  readonly #api: Api

  constructor(settings: Settings, tools: ConnectorTools) {
    this.#api = openApi({
      manifest: HUBSPOT_MANIFEST,
      settings,
      tools,
      wordsOf: (json) => objectIn(json).message,
    })
  }

  async get(path: string): Promise<HubspotAnswer> {
    return answerOf(await this.#api.send({ method: 'GET', path }))
  }

  /** `batch`: whose rows the body holds. */
  async post(path: string, json: object, batch: Batch): Promise<HubspotAnswer> {
    return answerOf(await this.#api.send({ method: 'POST', path, json, batch }))
  }
}

/** What is not as described counts as missing. */
function answerOf({ json }: ApiAnswer): HubspotAnswer {
  const { portalId, results, errors } = objectIn(json)
  const portal = idIn(portalId)
  return {
    ...(portal === undefined ? {} : { portalId: portal }),
    ...(Array.isArray(results) ? { results: objectsIn(results) } : {}),
    ...(Array.isArray(errors) ? { errors: objectsIn(errors) } : {}),
  }
}
