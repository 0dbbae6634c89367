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
import { MAILCHIMP_MANIFEST } from './manifest.ts'

/** The API at the account's data center. Throws DestinationErrors, none of which holds the hash of an address. */
export function openMailchimp(settings: Settings, tools: ConnectorTools): Api {
  let api: Api | undefined
  return {
    send: async (request: ApiRequest): Promise<ApiAnswer> => {
      api ??= openApi({
        manifest: MAILCHIMP_MANIFEST,
        settings: { ...settings, base_url: baseUrlOf(settings) },
        tools,
        judge,
        wordsOf,
      })
      try {
        return await api.send(request)
      } catch (error) {
        throw error instanceof DestinationError ? withoutHash(error) : error
      }
    },
  }
}

/** What it says of a refusal: what is wrong, then which field. */
export function wordsOf(json: unknown): string | undefined {
  const { detail, errors } = objectIn(json)
  const said = [
    textIn(detail),
    ...objectsIn(errors).map(({ field, message }) => `${textIn(field) ?? ''}: ${textIn(message) ?? ''}`),
  ]
  return said.filter((part) => part !== undefined).join(' ')
}

function baseUrlOf({ base_url: given, data_center: center, api_key: key }: Settings): string {
  if (given !== undefined) return String(given)
  const found = center ?? DATA_CENTER_OF_KEY.exec(String(key ?? ''))?.[1]
  if (found !== undefined && DATA_CENTER.test(String(found))) return `https://${found}.api.mailchimp.com/3.0`
  throw new DestinationError('stop', {
    message:
      'expected an api_key that ends in its data center, as in -us21, or the setting data_center, found neither',
  })
}

const DATA_CENTER_OF_KEY = /-([a-z]{2,5}\d{1,4})$/
const DATA_CENTER = /^[a-z]{2,5}\d{1,4}$/

/** Its network's protection says 403 in a page of its own, before the API sees the request: it passes. */
function judge({ status, json }: ApiAnswer): Judgement | undefined {
  return status === 403 && json === undefined ? { action: 'retry' } : undefined
}

/** Members are addressed by the MD5 of their e-mail address, by which anyone who has the address knows it again. */
function withoutHash(error: DestinationError): DestinationError {
  const { action, status, afterMs, ambiguous, cause } = error
  const message = error.message.replace(/\/members\/[0-9a-f]{32}/, '/members/(hash)')
  return new DestinationError(action, { message, status, afterMs, ambiguous, cause })
}
