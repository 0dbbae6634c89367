import { answerWords } from '../../src/connector/answer-words.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import type {
  Batch,
  Connection,
  Connector,
  ConnectorTools,
  Receipt,
  Settings,
} from '../../src/connector/types.ts'
import { unanswered } from '../../src/connector/unanswered.ts'
import { HubspotApi } from './api.ts'
import { archiveContacts } from './archive.ts'
import { HUBSPOT_MANIFEST } from './manifest.ts'
import type { Row } from './rows.ts'
import { writeContacts } from './write.ts'

export const connector: Connector = { manifest: HUBSPOT_MANIFEST, connect }

function connect(settings: Settings, tools: ConnectorTools): Connection {
  const api = new HubspotApi(settings, tools)
  return {
    account: () => portalOf(api),
    write: async (batch: Batch): Promise<readonly Receipt[]> => {
      const words = answerWords(batch)
      const rows = batch
        .changes()
        .map((change, index): Row => ({ change, index, email: String(change.key.email) }))
      const removed = rows.filter(({ change }) => change.op === 'remove')
      const written = rows.filter(({ change }) => change.op !== 'remove')
      const receipts = new Map<Row, Receipt>([
        ...(removed.length > 0 ? await archiveContacts(api, removed, batch) : []),
        ...(written.length > 0 ? await writeContacts(api, written, batch, words) : []),
      ])
      return rows.map((row) => receipts.get(row) ?? unanswered('HubSpot did not answer for this contact'))
    },
  }
}

async function portalOf(api: HubspotApi): Promise<string> {
  const answer = await api.get('/account-info/v3/details')
  if (answer.portalId !== undefined) return String(answer.portalId)
  throw new DestinationError('stop', {
    message: 'expected HubSpot to name its portal, found an answer without portalId',
  })
}
