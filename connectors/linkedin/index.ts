import { openApi } from '../../src/connector/api.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import { objectIn, objectsIn, textIn } from '../../src/connector/shapes.ts'
import type {
  AudienceStatus,
  Connection,
  Connector,
  ConnectorTools,
  ObjectUse,
  Settings,
} from '../../src/connector/types.ts'
import { LINKEDIN_MANIFEST } from './manifest.ts'
import { Segments } from './segment.ts'
import { writeUsers } from './users.ts'

export const connector: Connector = { manifest: LINKEDIN_MANIFEST, connect }

function connect(settings: Settings, tools: ConnectorTools, use?: ObjectUse): Connection {
  const api = openApi({
    manifest: LINKEDIN_MANIFEST,
    settings,
    tools,
    headers: {
      'linkedin-version': String(settings.api_version),
      'x-restli-protocol-version': '2.0.0',
    },
    wordsOf,
  })
  const segments = new Segments(api, settings, tools)
  const account = `ad account ${settings.ad_account}`
  return {
    account: async () => {
      const segment = use === undefined ? undefined : await segments.meant(use)
      if (segment !== undefined) return `${account}, audience ${segment.id}`
      // Tries the credentials also where no audience is asked for.
      if (use === undefined) await segments.all()
      return account
    },
    write: async (batch) => {
      if (batch.count === 0) return []
      const segment = use === undefined ? undefined : await segments.meant(use)
      if (segment !== undefined) return writeUsers(api, batch, segment, () => tools.clock.nowMs())
      throw new DestinationError('stop', { message: 'expected a sync with an audience, found none' })
    },
    ...(use === undefined ? {} : { audienceStatus: () => statusOf(segments, use) }),
  }
}

/** It counts matches of the last seven days only, so the rate is that of what was sent lately. */
async function statusOf(segments: Segments, use: ObjectUse): Promise<AudienceStatus> {
  const segment = await segments.meant(use)
  const told = (await segments.all()).find(({ id }) => String(id) === segment?.id) ?? {}
  const destinations = objectsIn(told.destinations)
  const { audienceSize, matchedCount, status } =
    destinations.find(({ destination }) => destination === 'LINKEDIN') ?? {}
  const { inputCount } = told
  const hasRate = typeof matchedCount === 'number' && typeof inputCount === 'number' && inputCount > 0
  const state = textIn(status)
  return {
    ...(typeof audienceSize === 'number' ? { size: audienceSize } : {}),
    ...(hasRate ? { matchRate: Math.min(matchedCount / inputCount, 1) } : {}),
    ...(state === undefined ? {} : { state }),
  }
}

function wordsOf(json: unknown): string {
  const { code, message } = objectIn(json)
  const words = [code, message].filter((word) => typeof word === 'string').join(': ')
  return code === 'NONEXISTENT_VERSION' ? `${words}; set api_version to one that LinkedIn serves` : words
}
