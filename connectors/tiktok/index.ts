import { openApi } from '../../src/connector/api.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import type { Connection, Connector, ConnectorTools, ObjectUse, Settings } from '../../src/connector/types.ts'
import { judge, wordsOf } from './answers.ts'
import { audienceDetails } from './audiences.ts'
import { writeEvents } from './events.ts'
import { TIKTOK_MANIFEST } from './manifest.ts'
import { audienceOf, pollMembers, startMembers, type Target } from './members.ts'

export const connector: Connector = { manifest: TIKTOK_MANIFEST, connect }

function connect(settings: Settings, tools: ConnectorTools, use?: ObjectUse): Connection {
  const api = openApi({ manifest: TIKTOK_MANIFEST, settings, tools, judge, wordsOf })
  const advertiser = String(settings.advertiser_id)
  const account = `advertiser ${advertiser}`
  const given = use?.settings ?? {}
  if (use?.object !== 'audience')
    return {
      account: async () =>
        use === undefined ? account : `${account}, ${given.event_source} ${given.event_source_id}`,
      write: (batch) => {
        if (batch.object === 'events') return writeEvents(api, batch, given, tools.clock)
        throw new DestinationError('stop', {
          message: `expected audience or events, found "${batch.object}"`,
        })
      },
    }
  const target: Target = { api, advertiser, wanted: String(given.audience) }
  return {
    // Its id is not known before the first people made it, so it goes by what the sync calls it.
    account: async () => {
      await audienceOf(target)
      return `${account}, audience ${target.wanted}`
    },
    write: async () => {
      throw new DestinationError('stop', { message: 'expected audiences to go out as jobs, found a batch' })
    },
    start: (batch) => startMembers(target, batch),
    poll: (jobId, batch) => pollMembers(target, jobId, batch),
    audienceStatus: async () => {
      const audience = await audienceOf(target)
      const details = audience && (await audienceDetails(api, advertiser, audience.id))
      if (details === undefined) return {}
      const { size, state } = details
      return { ...(size === undefined ? {} : { size }), ...(state === undefined ? {} : { state }) }
    },
  }
}
