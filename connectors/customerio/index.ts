import { type Api, openApi } from '../../src/connector/api.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import { idIn, objectIn, textIn } from '../../src/connector/shapes.ts'
import type {
  Batch,
  Connection,
  Connector,
  ConnectorTools,
  ObjectUse,
  Settings,
} from '../../src/connector/types.ts'
import { wordsOf } from './batch.ts'
import { writeEvents } from './events.ts'
import { CUSTOMERIO_MANIFEST } from './manifest.ts'
import { erasePeople, writePeople } from './people.ts'

export const connector: Connector = { manifest: CUSTOMERIO_MANIFEST, connect }

/** By region. */
const ADDRESSES: ReadonlyMap<unknown, string> = new Map([
  ['us', 'https://track.customer.io'],
  ['eu', 'https://track-eu.customer.io'],
])

function connect(settings: Settings, tools: ConnectorTools, use?: ObjectUse): Connection {
  const api = openApi({
    manifest: CUSTOMERIO_MANIFEST,
    settings: { ...settings, base_url: settings.base_url ?? addressOf(settings) },
    tools,
    wordsOf,
  })
  return {
    account: () => accountOf(api, settings),
    write: (batch: Batch) => {
      if (batch.object === 'people') return writePeople(api, batch)
      if (batch.object === 'events') return writeEvents(api, batch)
      throw new DestinationError('stop', { message: `expected people or events, found "${batch.object}"` })
    },
    ...(use?.object === 'people' ? { erase: (keys) => erasePeople(api, keys) } : {}),
  }
}

function addressOf({ region }: Settings): string {
  const address = ADDRESSES.get(region)
  if (address !== undefined) return address
  throw new DestinationError('stop', { message: `expected region to be us or eu, found "${String(region)}"` })
}

/** Rows sent to the wrong region pass through its servers before they are refused or led on, so it is asked first. */
async function accountOf(api: Api, settings: Settings): Promise<string> {
  const { json } = await api.send({ method: 'GET', path: '/api/v1/accounts/region' })
  const { environment_id: environment, region } = objectIn(json)
  const workspace = idIn(environment)
  if (workspace === undefined)
    throw new DestinationError('stop', {
      message:
        'expected Customer.io to name the workspace of the key, found an answer without environment_id',
    })
  if (textIn(region) !== undefined && region !== settings.region)
    throw new DestinationError('stop', {
      message: `expected region to be ${region === 'eu' ? 'eu' : 'us'}, where the account is, found ${String(settings.region)}`,
    })
  return `workspace ${workspace}`
}
