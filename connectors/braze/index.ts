import { type Api, openApi } from '../../src/connector/api.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import type {
  Batch,
  Connection,
  Connector,
  ConnectorTools,
  ObjectUse,
  Settings,
} from '../../src/connector/types.ts'
import { brazeJudge, brazeWords } from './answers.ts'
import { writeEvents } from './events.ts'
import { BRAZE_MANIFEST } from './manifest.ts'
import { eraseUsers, writeUsers } from './users.ts'

export const connector: Connector = { manifest: BRAZE_MANIFEST, connect }

function connect(settings: Settings, tools: ConnectorTools, use?: ObjectUse): Connection {
  const api = openApi({
    manifest: BRAZE_MANIFEST,
    settings,
    tools,
    judge: brazeJudge(tools.clock),
    wordsOf: brazeWords,
  })
  return {
    account: () => accountOf(api, settings),
    write: (batch: Batch) => {
      if (batch.object === 'events') return writeEvents(api, batch)
      if (batch.object === 'users') return writeUsers(api, batch)
      throw new DestinationError('stop', { message: `expected users or events, found "${batch.object}"` })
    },
    ...(use?.object === 'users' ? { erase: (keys) => eraseUsers(api, keys) } : {}),
  }
}

/**
 * Nothing of the API tells which workspace a key is of. A request without data is refused only after the key was let in,
 * and changes nothing.
 */
async function accountOf(api: Api, { base_url: baseUrl, workspace }: Settings): Promise<string> {
  await api.send({ method: 'POST', path: '/users/track', json: {}, answers: [400] })
  const { host } = new URL(String(baseUrl))
  return workspace === undefined ? host : `${host}, workspace ${workspace}`
}
