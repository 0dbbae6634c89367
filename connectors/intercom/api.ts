import { type Api, openApi, untilWindow } from '../../src/connector/api.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import { objectIn, objectsIn, textIn } from '../../src/connector/shapes.ts'
import type { ConnectorTools, Settings } from '../../src/connector/types.ts'
import { INTERCOM_MANIFEST } from './manifest.ts'

/** The API of one workspace, in the version that this was written for. Throws DestinationErrors. */
export function openIntercom(settings: Settings, tools: ConnectorTools): Api {
  let api: Api | undefined
  return {
    send: async (request) => {
      api ??= openApi({
        manifest: INTERCOM_MANIFEST,
        settings: { ...settings, base_url: baseUrlOf(settings) },
        tools,
        headers: { 'intercom-version': String(INTERCOM_MANIFEST.apiVersion) },
        wordsOf,
        judge: (answer) => {
          // It says when its window of ten seconds ends, as a second since 1970.
          const afterMs =
            answer.status === 429 ? untilWindow(answer, 'x-ratelimit-reset', tools.clock.nowMs()) : undefined
          return afterMs === undefined ? undefined : { action: 'retry', afterMs }
        },
      })
      return api.send(request)
    },
  }
}

/** What it says of a refusal. */
export function wordsOf(json: unknown): string | undefined {
  const said = objectsIn(objectIn(json).errors).flatMap(
    ({ message, code }) => textIn(message) ?? textIn(code) ?? [],
  )
  return said.length === 0 ? undefined : said.join('; ')
}

const HOSTS: ReadonlyMap<unknown, string> = new Map([
  ['us', 'https://api.intercom.io'],
  ['eu', 'https://api.eu.intercom.io'],
  ['au', 'https://api.au.intercom.io'],
])

function baseUrlOf({ base_url: given, region = 'us' }: Settings): string {
  const found = given ?? HOSTS.get(region)
  if (found !== undefined) return String(found)
  throw new DestinationError('stop', {
    message: `expected the setting region to be one of ${[...HOSTS.keys()].join(', ')}, found another`,
  })
}
