import type { Api } from '../../src/connector/api.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import { rowsOf } from '../../src/connector/rows.ts'
import { idIn, objectIn, objectsIn } from '../../src/connector/shapes.ts'
import type {
  Batch,
  Connection,
  Connector,
  ConnectorTools,
  ObjectUse,
  Receipt,
  Settings,
} from '../../src/connector/types.ts'
import { openKlaviyo } from './api.ts'
import { clearAttributes } from './clear.ts'
import { eraseProfiles } from './erase.ts'
import { writeEvents } from './events.ts'
import { jobText, pollImport, receiptsOf, startImport } from './import-job.ts'
import { listIdOf, removeMembers } from './lists.ts'
import { KLAVIYO_MANIFEST } from './manifest.ts'

export const connector: Connector = { manifest: KLAVIYO_MANIFEST, connect }

function connect(settings: Settings, tools: ConnectorTools, use?: ObjectUse): Connection {
  const api = openKlaviyo(settings, tools)
  const list = listOf(api, use)
  return {
    account: async () => {
      const account = await accountOf(api)
      return use?.object === 'list_members'
        ? `account ${account}, list ${await list()}`
        : `account ${account}`
    },
    write: (batch) => writeEvents(api, batch, use?.settings ?? {}),
    start: (batch) => (batch.object === 'list_members' ? startMembers(api, batch, list) : start(api, batch)),
    poll: (jobId, batch) => pollImport(api, jobId, batch),
    erase: (keys) => eraseProfiles(api, keys),
  }
}

/** Asked for once a connection. */
function listOf(api: Api, use: ObjectUse | undefined): () => Promise<string> {
  let known: string | undefined
  return async () => {
    known ??= await listIdOf(api, String(use?.settings.list))
    return known
  }
}

type Started = { readonly jobId: string } | { readonly receipts: readonly Receipt[] }

async function start(api: Api, batch: Batch): Promise<Started> {
  const changes = batch.changes()
  const refusals = await clearAttributes(api, rowsOf(changes), batch)
  const id = await startImport(api, batch)
  return id === undefined ? { receipts: receiptsOf(changes, refusals) } : { jobId: jobText(id, refusals) }
}

/** Removals are answered at once, so they are done before the job has an id to be kept. */
async function startMembers(api: Api, batch: Batch, list: () => Promise<string>): Promise<Started> {
  const changes = batch.changes()
  if (changes.length === 0) return { receipts: [] }
  const id = await list()
  await removeMembers(api, id, batch)
  const job = await startImport(api, batch, id)
  return job === undefined ? { receipts: receiptsOf(changes, new Map()) } : { jobId: jobText(job, new Map()) }
}

async function accountOf(api: Api): Promise<string> {
  const { json } = await api.send({ method: 'GET', path: '/api/accounts' })
  const id = idIn(objectsIn(objectIn(json).data)[0]?.id)
  if (id !== undefined) return id
  throw new DestinationError('stop', {
    message: 'expected Klaviyo to name its account, found an answer without one',
  })
}
