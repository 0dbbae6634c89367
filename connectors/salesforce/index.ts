import { DestinationError } from '../../src/connector/errors.ts'
import { idIn } from '../../src/connector/shapes.ts'
import type {
  Batch,
  Connection,
  Connector,
  ConnectorTools,
  DestinationField,
  ObjectUse,
  Settings,
} from '../../src/connector/types.ts'
import { broken, SalesforceApi } from './api.ts'
import { writeCollection } from './collections.ts'
import { pollJobs } from './job-answers.ts'
import { startJobs } from './jobs.ts'
import type { Place } from './lookup.ts'
import { SALESFORCE_MANIFEST } from './manifest.ts'
import { keyFieldOf, type SalesforceFields, Sobject } from './sobject.ts'

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
    fields: () => fieldsOf(sobjectOf(use?.object ?? ''), sobjectOf),
  }
}

/** Its own, and for each parent the fields that one is found by. */
async function fieldsOf(
  sobject: Sobject,
  sobjectOf: (name: string) => Sobject,
): Promise<readonly DestinationField[]> {
  const fields = [...(await sobject.fields()).values()]
  const all: DestinationField[] = [...fields]
  for (const { parent, writable } of fields) {
    if (parent === undefined || !writable) continue
    for (const { name, isLookedUpBy } of (await visibleFields(sobjectOf(parent.object))).values())
      if (isLookedUpBy) all.push({ name: `${parent.relationship}.${name}`, writable })
  }
  return all
}

/** None of an object that the user may not see: it is a mistake only where a sync names it. */
async function visibleFields(sobject: Sobject): Promise<SalesforceFields> {
  try {
    return await sobject.fields()
  } catch (error) {
    if (error instanceof DestinationError && error.action === 'stop') return new Map()
    throw error
  }
}

/** An org and its sandboxes have ids of their own. */
async function accountOf(api: SalesforceApi, use: ObjectUse | undefined): Promise<string> {
  const [organization] = await api.query('SELECT Id FROM Organization')
  const id = idIn(organization?.Id)
  if (id === undefined) throw broken('the id of the organization')
  return use === undefined ? `org ${id}` : `org ${id}, ${use.object}`
}
