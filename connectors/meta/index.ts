import { DestinationError } from '../../src/connector/errors.ts'
import { idIn, objectIn } from '../../src/connector/shapes.ts'
import type { Connection, Connector, ConnectorTools, ObjectUse, Settings } from '../../src/connector/types.ts'
import { audienceOf, statusOf } from './audiences.ts'
import { writeEvents } from './events.ts'
import { ask, openGraph } from './graph.ts'
import { META_MANIFEST } from './manifest.ts'
import { writeMembers } from './members.ts'

export const connector: Connector = { manifest: META_MANIFEST, connect }

function connect(settings: Settings, tools: ConnectorTools, use?: ObjectUse): Connection {
  if (use?.object === 'audience') return audienceConnection(settings, tools, use)
  if (use?.object === 'events') return eventsConnection(settings, tools, use)
  return {
    account: async () => {
      if (settings.ad_account === undefined) return datasetName(settings)
      const account = needed(settings, 'ad_account', 'audiences')
      const graph = openGraph(settings, tools)
      const { json } = await ask(graph, { method: 'GET', path: `/${account}`, query: { fields: 'id' } })
      if (idIn(objectIn(json).id) === account) return `ad account ${account}`
      throw new DestinationError('stop', {
        message: `expected Meta to know the ad account ${account}, found another answer`,
      })
    },
    write: async () => {
      throw new DestinationError('stop', { message: 'expected audience or events, found another object' })
    },
  }
}

function audienceConnection(settings: Settings, tools: ConnectorTools, use: ObjectUse): Connection {
  const account = needed(settings, 'ad_account', 'audiences')
  const graph = openGraph(settings, tools)
  const audience = audienceOf(graph, account, use)
  return {
    account: async () => {
      const id = await audience.id()
      return id === undefined ? `ad account ${account}` : `ad account ${account}, audience ${id}`
    },
    write: async (batch) => {
      if (batch.count === 0) return []
      return writeMembers(graph, batch, { audienceId: await idOf(audience), settings: use.settings, tools })
    },
    audienceStatus: async () => statusOf(graph, await idOf(audience)),
  }
}

async function idOf(audience: { id(): Promise<string | undefined> }): Promise<string> {
  const id = await audience.id()
  if (id !== undefined) return id
  throw new DestinationError('stop', {
    message: 'expected an audience that is there, found none: it is made by a run, not by a plan',
  })
}

/** A token of a dataset may send events to it and read nothing, so it is tried by the first of them. */
function eventsConnection(settings: Settings, tools: ConnectorTools, use: ObjectUse): Connection {
  const graph = openGraph(settings, tools)
  const dataset = needed(settings, 'dataset', 'events')
  return {
    account: async () => datasetName(settings),
    write: (batch) => writeEvents(graph, batch, { dataset, settings: use.settings, tools }),
  }
}

function datasetName(settings: Settings): string {
  return `dataset ${needed(settings, 'dataset', 'events')}`
}

/** It becomes part of a path. */
function needed(settings: Settings, name: 'ad_account' | 'dataset', what: string): string {
  const value = settings[name]
  const [pattern, example] = name === 'ad_account' ? [/^act_\d+$/, 'act_1234'] : [/^\d+$/, '1234']
  if (typeof value === 'string' && pattern.test(value)) return value
  throw new DestinationError('stop', {
    message: `expected the setting "${name}" of the destination for ${what}, such as ${example}, found ${value === undefined ? 'none' : 'another text'}`,
  })
}
