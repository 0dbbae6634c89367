import type { Api } from '../../src/connector/api.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import { idIn, objectIn, objectsIn, textIn } from '../../src/connector/shapes.ts'
import type {
  Connection,
  Connector,
  ConnectorTools,
  DestinationField,
  ObjectUse,
  Settings,
} from '../../src/connector/types.ts'
import { openMailchimp } from './api.ts'
import { audienceOf } from './audience.ts'
import { eraseMembers } from './erase.ts'
import { MAILCHIMP_MANIFEST } from './manifest.ts'
import { OWN } from './members.ts'
import { writeMembers } from './write.ts'

export const connector: Connector = { manifest: MAILCHIMP_MANIFEST, connect }

function connect(settings: Settings, tools: ConnectorTools, use?: ObjectUse): Connection {
  const api = openMailchimp(settings, tools)
  return {
    account: () => accountOf(api, use),
    write: async (batch) => (batch.count === 0 ? [] : writeMembers(api, audienceOf(use), batch)),
    fields: () => fieldsOf(api, audienceOf(use).id),
    erase: async (keys) => eraseMembers(api, audienceOf(use), keys),
  }
}

async function accountOf(api: Api, use: ObjectUse | undefined): Promise<string> {
  const audience = use === undefined ? undefined : audienceOf(use)
  const { json } = await api.send({ method: 'GET', path: '/', query: { fields: 'account_id' } })
  const account = idIn(objectIn(json).account_id)
  if (account === undefined)
    throw new DestinationError('stop', {
      message: 'expected Mailchimp to name its account, found an answer without account_id',
    })
  return audience === undefined ? account : `${account}, audience ${await foundAudience(api, audience.id)}`
}

async function foundAudience(api: Api, audience: string): Promise<string> {
  const path = `/lists/${encodeURIComponent(audience)}`
  const { status, json } = await api.send({ method: 'GET', path, query: { fields: 'id' }, answers: [404] })
  const id = idIn(objectIn(json).id)
  if (status !== 404 && id !== undefined) return id
  throw new DestinationError('stop', {
    message: "expected the sync's setting audience to be the id of an audience of this account, found none",
    status,
  })
}

async function fieldsOf(api: Api, audience: string): Promise<readonly DestinationField[]> {
  const { json } = await api.send({
    method: 'GET',
    path: `/lists/${encodeURIComponent(audience)}/merge-fields`,
    // An audience may have 80 at the most; asked for nothing, it gives the first ten.
    query: { count: 1000, fields: 'merge_fields.tag' },
  })
  const tags = objectsIn(objectIn(json).merge_fields).flatMap(({ tag }) => textIn(tag) ?? [])
  return [...OWN, ...tags].map((name) => ({ name, writable: true }))
}
