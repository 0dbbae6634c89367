import { openApi } from '../../src/connector/api.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import type {
  Batch,
  Connection,
  Connector,
  ConnectorTools,
  ObjectUse,
  Settings,
} from '../../src/connector/types.ts'
import { judge, wordsOf } from './answers.ts'
import { writeEvents } from './events.ts'
import { writeMembers } from './list-members.ts'
import { listOf } from './lists.ts'
import { ITERABLE_MANIFEST } from './manifest.ts'
import { eraseUsers, writeUsers } from './users.ts'

export const connector: Connector = { manifest: ITERABLE_MANIFEST, connect }

/** By region. */
const ADDRESSES: ReadonlyMap<unknown, string> = new Map([
  ['us', 'https://api.iterable.com'],
  ['eu', 'https://api.eu.iterable.com'],
])

function connect(settings: Settings, tools: ConnectorTools, use?: ObjectUse): Connection {
  const baseUrl = String(settings.base_url ?? addressOf(settings))
  const api = openApi({
    manifest: ITERABLE_MANIFEST,
    settings: { ...settings, base_url: baseUrl },
    tools,
    judge,
    wordsOf,
  })
  const list = listOf(api, use)
  return {
    account: async () => {
      // Tries the key also where no list is asked for.
      const id = await list()
      const { project } = settings
      const parts = [new URL(baseUrl).host, project && `project ${project}`, id && `list ${id}`]
      return parts.filter((part) => part !== undefined).join(', ')
    },
    write: (batch: Batch) => {
      if (batch.object === 'users') return writeUsers(api, batch, settings.merge_nested_objects === true)
      if (batch.object === 'list_members') return writeMembers(api, batch, list)
      if (batch.object === 'events') return writeEvents(api, batch)
      throw new DestinationError('stop', {
        message: `expected users, list_members or events, found "${batch.object}"`,
      })
    },
    ...(use?.object === 'users' ? { erase: (keys) => eraseUsers(api, keys) } : {}),
  }
}

function addressOf({ region }: Settings): string {
  const address = ADDRESSES.get(region)
  if (address !== undefined) return address
  throw new DestinationError('stop', { message: `expected region to be us or eu, found "${String(region)}"` })
}
