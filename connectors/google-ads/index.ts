import { DestinationError } from '../../src/connector/errors.ts'
import type { Connection, Connector, ConnectorTools, ObjectUse, Settings } from '../../src/connector/types.ts'
import { accountsOf } from './accounts.ts'
import { openDataManager } from './api.ts'
import { connectAudience } from './audience.ts'
import { connectEvents } from './events.ts'
import { GOOGLE_ADS_MANIFEST } from './manifest.ts'
import { checkLetIn } from './requests.ts'

export const connector: Connector = { manifest: GOOGLE_ADS_MANIFEST, connect }

function connect(settings: Settings, tools: ConnectorTools, use?: ObjectUse): Connection {
  const api = openDataManager(settings, tools)
  const accounts = accountsOf(settings)
  if (use?.object === 'audience') return connectAudience(api, accounts, settings, tools, use)
  if (use?.object === 'events') return connectEvents(api, accounts, tools, use)
  return {
    account: async () => {
      await checkLetIn(api)
      return `ad account ${accounts.name}`
    },
    write: async () => {
      throw new DestinationError('stop', {
        message: `expected audience or events, found "${use?.object ?? 'neither'}"`,
      })
    },
  }
}
