import type { HttpAnswer } from '../../src/connector/http.ts'
import type {
  Batch,
  Connection,
  Connector,
  ConnectorTools,
  ObjectUse,
  Receipt,
  Settings,
} from '../../src/connector/types.ts'
import { HTTP_MANIFEST } from './manifest.ts'
import { receiptsOf } from './receipts.ts'
import { readRequestSettings } from './request-settings.ts'
import { type Endpoint, writeRequests } from './requests.ts'

export const connector: Connector = { manifest: HTTP_MANIFEST, connect }

function connect(settings: Settings, tools: ConnectorTools, use?: ObjectUse): Connection {
  const url = settings.url as string
  const headers = settings.headers as Readonly<Record<string, string>> | undefined
  const client = tools.http({
    allowPrivateNetwork: settings.allow_private_network === true,
    timeoutMs: (settings.timeout_seconds as number) * 1000,
  })
  if (use?.object === 'requests') return requestsOf(use, { client, url, headers: headers ?? {} })
  const send = (batch: Batch): Promise<HttpAnswer> =>
    client.request({
      method: 'POST',
      url,
      headers: { ...headers, 'idempotency-key': batch.idempotencyKey },
      body: bodyOf(batch),
    })
  return {
    account: async () => URL.parse(url)?.origin ?? url,
    write: async (batch: Batch): Promise<readonly Receipt[]> =>
      batch.count === 0 ? [] : receiptsOf((await send(batch)).text, batch),
  }
}

/** Its account has the path: what lies at another is something else. */
function requestsOf({ settings }: ObjectUse, endpoint: Endpoint): Connection {
  return {
    account: async () => {
      const { write } = readRequestSettings(settings)
      return `${endpoint.url.replace(/\/+$/, '')}${write.path}`
    },
    write: async (batch) =>
      batch.count === 0 ? [] : writeRequests(batch, readRequestSettings(settings), endpoint),
  }
}

/** The changes stay the text that the warehouse built. */
function bodyOf(batch: Batch): readonly string[] {
  const { sync, runId, batch: number, changesParts } = batch
  const head = `{"sync":${JSON.stringify(sync)},"run_id":${JSON.stringify(runId)},"batch":${number},"changes":`
  return [head, ...(changesParts ?? [batch.changesJson]), '}']
}
