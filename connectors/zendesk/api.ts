import { type Api, openApi } from '../../src/connector/api.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import { objectIn, objectsIn, textIn } from '../../src/connector/shapes.ts'
import type { ConnectorTools, Settings } from '../../src/connector/types.ts'
import { ZENDESK_MANIFEST } from './manifest.ts'

/** The API of one account. Throws DestinationErrors. */
export function openZendesk(settings: Settings, tools: ConnectorTools): Api {
  let api: Api | undefined
  return {
    send: async (request) => {
      api ??= openApi({
        manifest: ZENDESK_MANIFEST,
        settings: { ...settings, base_url: baseUrlOf(settings) },
        tools,
        wordsOf,
      })
      return api.send(request)
    },
  }
}

/** What it says of a refusal: a description, then that of each property. */
function wordsOf(json: unknown): string | undefined {
  const { error, description, details } = objectIn(json)
  const properties = Object.values(objectIn(details)).flatMap((all) =>
    objectsIn(all).map((one) => textIn(one.description)),
  )
  const said = [textIn(description) ?? textIn(objectIn(error).message) ?? textIn(error), ...properties]
  return said.filter((part) => part !== undefined).join('; ')
}

function baseUrlOf({ base_url: given, subdomain }: Settings): string {
  if (given !== undefined) return String(given)
  if (SUBDOMAIN.test(String(subdomain))) return `https://${subdomain}.zendesk.com`
  throw new DestinationError('stop', {
    message:
      'expected the setting subdomain to be one word, as acme for acme.zendesk.com, found another text',
  })
}

const SUBDOMAIN = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/i
