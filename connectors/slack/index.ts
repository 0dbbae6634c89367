import { type Api, openApi } from '../../src/connector/api.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import { APPLIED } from '../../src/connector/rows.ts'
import { idIn, objectIn } from '../../src/connector/shapes.ts'
import type {
  Batch,
  Connection,
  Connector,
  ConnectorTools,
  ObjectUse,
  Settings,
} from '../../src/connector/types.ts'
import { judge, wordsOf } from './judge.ts'
import { SLACK_MANIFEST } from './manifest.ts'
import { checkTemplate, messageOf } from './message.ts'

export const connector: Connector = { manifest: SLACK_MANIFEST, connect }

function connect(settings: Settings, tools: ConnectorTools, use?: ObjectUse): Connection {
  const api = openApi({
    ...{ manifest: SLACK_MANIFEST, settings, tools, judge, wordsOf },
    // Slack warns where a charset is missing.
    contentType: 'application/json; charset=utf-8',
  })
  return {
    account: async () => {
      if (use !== undefined) checkTemplate(String(use.settings.text))
      const workspace = await workspaceOf(api)
      return use === undefined ? workspace : `${workspace}, channel ${use.settings.channel}`
    },
    async write(batch) {
      if (batch.count === 0) return []
      await post(api, batch, use?.settings ?? {})
      return Array.from({ length: batch.count }, () => APPLIED)
    },
  }
}

async function post(api: Api, batch: Batch, { channel, text }: Settings): Promise<void> {
  await api.send({
    method: 'POST',
    path: '/chat.postMessage',
    json: { channel, text: messageOf(batch, String(text)) },
    batch,
  })
}

async function workspaceOf(api: Api): Promise<string> {
  const { json } = await api.send({ method: 'GET', path: '/auth.test' })
  const id = idIn(objectIn(json).team_id)
  if (id !== undefined) return `workspace ${id}`
  throw new DestinationError('stop', {
    message: 'expected Slack to name the workspace, found an answer without team_id',
  })
}
