import type { Api } from '../../src/connector/api.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import { idIn, objectIn, objectsIn } from '../../src/connector/shapes.ts'
import type {
  Connection,
  Connector,
  ConnectorTools,
  DestinationField,
  ObjectUse,
  Settings,
} from '../../src/connector/types.ts'
import { openIntercom } from './api.ts'
import { writeCompanies } from './companies.ts'
import { eraseContacts, writeContacts } from './contacts.ts'
import { INTERCOM_MANIFEST } from './manifest.ts'
import { type Kind, OWN } from './records.ts'

export const connector: Connector = { manifest: INTERCOM_MANIFEST, connect }

function connect(settings: Settings, tools: ConnectorTools, use?: ObjectUse): Connection {
  const api = openIntercom(settings, tools)
  const account = () => accountOf(api)
  if (use?.object === 'companies')
    return {
      account,
      write: async (batch) => (batch.count === 0 ? [] : writeCompanies(api, batch)),
      fields: () => fieldsOf(api, 'companies', 'company'),
    }
  return {
    account,
    write: async (batch) => (batch.count === 0 ? [] : writeContacts(api, batch)),
    fields: () => fieldsOf(api, 'contacts', 'contact'),
    erase: (keys) => eraseContacts(api, keys),
  }
}

async function accountOf(api: Api): Promise<string> {
  const { json } = await api.send({ method: 'GET', path: '/me' })
  const workspace = idIn(objectIn(objectIn(json).app).id_code)
  if (workspace !== undefined) return workspace
  throw new DestinationError('stop', {
    message: 'expected Intercom to name its workspace, found an answer without app.id_code',
  })
}

async function fieldsOf(api: Api, kind: Kind, model: string): Promise<readonly DestinationField[]> {
  const { json } = await api.send({ method: 'GET', path: '/data_attributes', query: { model } })
  const custom = objectsIn(objectIn(json).data).flatMap(({ custom, name, api_writable: isWritable }) =>
    custom === true && typeof name === 'string' ? [{ name, writable: isWritable !== false }] : [],
  )
  return [...[...OWN[kind]].map((name) => ({ name, writable: true })), ...custom]
}
