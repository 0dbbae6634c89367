import type { HttpClient, HttpRequest } from '../../src/connector/http.ts'
import type { ConnectorTools, Settings } from '../../src/connector/types.ts'

/** What its answers hold, as far as it is used; anything may be missing. */
export interface HubspotAnswer {
  readonly portalId?: number | string
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
  readonly #client: HttpClient
  readonly #base: string
  readonly #headers: Readonly<Record<string, string>>

  constructor(settings: Settings, tools: ConnectorTools) {
    this.#base = String(settings.base_url).replace(/\/+$/, '')
    this.#headers = { authorization: `Bearer ${settings.access_token}` }
    this.#client = tools.http({
      allowPrivateNetwork: settings.allow_private_network === true,
      timeoutMs: (settings.timeout_seconds as number) * 1000,
    })
  }

  get(path: string): Promise<HubspotAnswer> {
    return this.#request({ method: 'GET', url: this.#base + path })
  }

  post(path: string, body: object): Promise<HubspotAnswer> {
    return this.#request({ method: 'POST', url: this.#base + path, body: JSON.stringify(body) })
  }

  async #request(request: HttpRequest): Promise<HubspotAnswer> {
    const answer = await this.#client.request({ ...request, headers: this.#headers })
    return answerOf(answer.text)
  }
}

/** A proxy in between may answer anything: what is not as described counts as missing. */
function answerOf(text: string): HubspotAnswer {
  const parsed = parsedObject(text)
  const { portalId } = parsed
  return {
    ...(typeof portalId === 'number' || typeof portalId === 'string' ? { portalId } : {}),
    ...(Array.isArray(parsed.results) ? { results: parsed.results.filter(isObject) } : {}),
    ...(Array.isArray(parsed.errors) ? { errors: parsed.errors.filter(isObject) } : {}),
  }
}

function parsedObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(text)
    return isObject(parsed) ? parsed : {}
  } catch {
    return {}
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
