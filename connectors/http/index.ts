import type { HttpAnswer } from '../../src/connector/http.ts'
import type {
  Batch,
  Connection,
  Connector,
  ConnectorTools,
  Receipt,
  Settings,
} from '../../src/connector/types.ts'
import { HTTP_MANIFEST } from './manifest.ts'
import { receiptsOf } from './receipts.ts'

export const connector: Connector = { manifest: HTTP_MANIFEST, connect }

function connect(settings: Settings, tools: ConnectorTools): Connection {
  const url = settings.url as string
  const headers = settings.headers as Readonly<Record<string, string>> | undefined
  const client = tools.http({
    allowPrivateNetwork: settings.allow_private_network === true,
    timeoutMs: (settings.timeout_seconds as number) * 1000,
  })
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

/** The changes stay the text that the warehouse built. */
function bodyOf(batch: Batch): readonly string[] {
  const { sync, runId, batch: number, changesParts } = batch
  const head = `{"sync":${JSON.stringify(sync)},"run_id":${JSON.stringify(runId)},"batch":${number},"changes":`
  return [head, ...(changesParts ?? [batch.changesJson]), '}']
}
