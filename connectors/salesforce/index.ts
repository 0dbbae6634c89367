import { idIn } from '../../src/connector/shapes.ts'
import type {
  Batch,
  Connection,
  Connector,
  ConnectorTools,
  ObjectUse,
  Settings,
} from '../../src/connector/types.ts'
import { broken, SalesforceApi } from './api.ts'
import { writeCollection } from './collections.ts'
import { pollJobs } from './job-answers.ts'
import { startJobs } from './jobs.ts'
import type { Place } from './lookup.ts'
import { SALESFORCE_MANIFEST } from './manifest.ts'
import { keyFieldOf, Sobject } from './sobject.ts'

export const connector: Connector = { manifest: SALESFORCE_MANIFEST, connect }

function connect(settings: Settings, tools: ConnectorTools, use?: ObjectUse): Connection {
  const api = new SalesforceApi(settings, tools)
  const sobjects = new Map<string, Sobject>()
  const sobjectOf = (name: string): Sobject => {
    const known = sobjects.get(name) ?? new Sobject(api, name)
    sobjects.set(name, known)
    return known
  }
  const placeOf = (batch: Batch): Place => {
    return { api, sobject: sobjectOf(batch.object), keyField: keyFieldOf(batch.changes()), batch }
  }
  return {
    account: () => accountOf(api, use),
    write: async (batch) => (batch.count === 0 ? [] : writeCollection(placeOf(batch))),
    start: async (batch) => (batch.count === 0 ? { receipts: [] } : startJobs(placeOf(batch))),
    poll: (jobId, batch) => pollJobs(api, sobjectOf(batch.object), jobId, batch),
    fields: async () => [...(await sobjectOf(use?.object ?? '').fields()).values()],
  }
}

/** An org and its sandboxes have ids of their own. */
async function accountOf(api: SalesforceApi, use: ObjectUse | undefined): Promise<string> {
  const [organization] = await api.query('SELECT Id FROM Organization')
  const id = idIn(organization?.Id)
  if (id === undefined) throw broken('the id of the organization')
  return use === undefined ? `org ${id}` : `org ${id}, ${use.object}`
}
