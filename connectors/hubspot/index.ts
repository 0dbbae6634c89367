import { DestinationError } from '../../src/connector/errors.ts'
import { byKind } from '../../src/connector/rows.ts'
import type {
  Batch,
  Connection,
  Connector,
  ConnectorTools,
  ObjectUse,
  Receipt,
  Settings,
} from '../../src/connector/types.ts'
import { HubspotApi } from './api.ts'
import { archiveRecords } from './archive.ts'
import { eraseContacts } from './erase.ts'
import { writeMembers } from './list-members.ts'
import { staticList } from './lists.ts'
import { HUBSPOT_MANIFEST } from './manifest.ts'
import { propertiesOf } from './properties.ts'
import { kindOf } from './rows.ts'
import { writeRecords } from './write.ts'

export const connector: Connector = { manifest: HUBSPOT_MANIFEST, connect }

function connect(settings: Settings, tools: ConnectorTools, use?: ObjectUse): Connection {
  const api = new HubspotApi(settings, tools)
  if (use?.object === 'list_members') return connectMembers(api, use)
  return {
    account: () => portalOf(api),
    write: (batch) => writeBatch(api, batch),
    ...(use === undefined ? {} : { fields: () => propertiesOf(api, use.object) }),
    ...(use?.object === 'contacts' ? { erase: (keys) => eraseContacts(api, keys) } : {}),
  }
}

/** The list is part of the account: members of one are not members of another that has its name later. It is the portal, before the comma, that has the quota. */
function connectMembers(api: HubspotApi, use: ObjectUse): Connection {
  let found: Promise<string | undefined> | undefined
  const list = () => {
    found ??= staticList(api, use).catch((error: unknown) => {
      // The next request asks again.
      found = undefined
      throw error
    })
    return found
  }
  return {
    account: async () => `${await portalOf(api)}, ${listText(await list())}`,
    write: async (batch) => (batch.count === 0 ? [] : writeMembers(api, String(await list()), batch)),
    erase: (keys) => eraseContacts(api, keys),
  }
}

function listText(id: string | undefined): string {
  return id === undefined ? 'no list yet' : `list ${id}`
}

async function writeBatch(api: HubspotApi, batch: Batch): Promise<readonly Receipt[]> {
  if (batch.count === 0) return []
  const kind = kindOf(batch.object, batch.changes())
  return byKind(batch, {
    removed: (rows) => archiveRecords(api, kind, rows, batch),
    written: (rows) => writeRecords(api, kind, rows, batch),
  })
}

async function portalOf(api: HubspotApi): Promise<string> {
  const portal = await api.portal()
  if (portal !== undefined) return portal
  throw new DestinationError('stop', {
    message: 'expected HubSpot to name its portal, found an answer without portalId',
  })
}
