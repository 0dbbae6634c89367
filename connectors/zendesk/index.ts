import type { Api } from '../../src/connector/api.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import { objectIn, objectsIn, textIn } from '../../src/connector/shapes.ts'
import type {
  Connection,
  Connector,
  ConnectorTools,
  DestinationField,
  ObjectUse,
  Settings,
} from '../../src/connector/types.ts'
import { openZendesk } from './api.ts'
import { pollUsers } from './jobs.ts'
import type { Kind } from './lookup.ts'
import { ZENDESK_MANIFEST } from './manifest.ts'
import { writeOrganizations } from './organizations.ts'
import { OWN } from './records.ts'
import { eraseUsers, startUsers } from './users.ts'

export const connector: Connector = { manifest: ZENDESK_MANIFEST, connect }

function connect(settings: Settings, tools: ConnectorTools, use?: ObjectUse): Connection {
  const api = openZendesk(settings, tools)
  const account = () => accountOf(api, settings)
  if (use?.object === 'organizations')
    return {
      account,
      write: async (batch) => (batch.count === 0 ? [] : writeOrganizations(api, batch)),
      fields: () => fieldsOf(api, 'organizations'),
    }
  return {
    account,
    write: () =>
      Promise.reject(new DestinationError('stop', { message: 'Zendesk takes users as jobs only' })),
    start: (batch) => startUsers(api, batch),
    poll: (jobId, batch) => pollUsers(api, jobId, batch),
    fields: () => fieldsOf(api, 'users'),
    erase: (keys) => eraseUsers(api, keys),
  }
}

/** Whom it does not know, Zendesk answers too: as an end user without a name. */
async function accountOf(api: Api, { subdomain }: Settings): Promise<string> {
  const { json } = await api.send({ method: 'GET', path: '/api/v2/users/me' })
  const { role } = objectIn(objectIn(json).user)
  if (role === 'admin' || role === 'agent') return String(subdomain).toLowerCase()
  throw new DestinationError('stop', {
    message:
      'expected the credentials of an admin or an agent of Zendesk, found those of neither: check email and api_token, or access_token',
  })
}

const LISTS = { users: 'user_fields', organizations: 'organization_fields' } as const

/** 100 a page; no account has so many pages. */
const MOST_PAGES = 100

async function fieldsOf(api: Api, kind: Kind): Promise<readonly DestinationField[]> {
  const fields: DestinationField[] = [...OWN[kind]].map((name) => ({ name, writable: true }))
  let after: string | undefined
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const { json } = await api.send({
      method: 'GET',
      path: `/api/v2/${LISTS[kind]}`,
      query: { 'page[size]': 100, 'page[after]': after },
    })
    for (const { key, active } of objectsIn(objectIn(json)[LISTS[kind]]))
      if (typeof key === 'string') fields.push({ name: key, writable: active !== false })
    const { has_more: hasMore, after_cursor: next } = objectIn(objectIn(json).meta)
    after = textIn(next)
    if (hasMore !== true || after === undefined) break
  }
  return fields
}
