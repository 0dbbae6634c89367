import { type FakeAnswer, type FakeRequest, startFakeServer } from '../../src/connector/fake-server.ts'
import type { ConnectorFake, HeldRow } from '../../src/connector/types.ts'
import { type FakeEvent, FakeProject, type FakeUser, type Identity } from './fake-project.ts'

/** A project of Iterable that knows users by both ids: users, static lists, events, deletion and forgetting. */
export async function startFake(): Promise<ConnectorFake> {
  const project = new FakeProject()
  const server = await startFakeServer((request) => answer(request, project))
  return {
    server,
    settings: {
      api_key: API_KEY,
      region: 'us',
      base_url: server.origin,
      allow_private_network: true,
      timeout_seconds: 30,
    },
    useOf: (object) => (object === 'list_members' ? { list: 'VIPs' } : {}),
    held: (_sync, object) => {
      if (object === 'events') return [...project.events.values()].map(heldEvent)
      return object === 'users' ? project.users.map(heldUser) : project.members('VIPs').map(heldMember)
    },
    sample: (object, index) => sampleOf(object, `person-${index}-canary@example.com`, index),
    refused: (object, index) => sampleOf(object, `no address ${index} canary`, index + 1_000_000),
    erased: () => project.forgotten,
    close: () => server.close(),
  }
}

const API_KEY = 'iterable-fake-canary-key'
const MOST_ITEMS = 1000
const MOST_BYTES = 4 * 1024 * 1024

interface Body {
  readonly users?: readonly FakeUser[]
  readonly events?: readonly FakeEvent[]
  readonly subscribers?: readonly FakeUser[]
  readonly listId?: number
  readonly name?: string
}

function answer(request: FakeRequest, project: FakeProject): FakeAnswer {
  if (request.headers['api-key'] !== API_KEY) return failure(401, 'BadApiKey')
  if (Buffer.byteLength(request.body) > MOST_BYTES) return failure(413, 'BatchTooLarge')
  if (request.method === 'GET' && request.path === '/api/lists') return ok({ lists: project.lists })
  if (request.method === 'DELETE') return deleteUser(request.path, project)
  if (request.method !== 'POST') return failure(404, 'NotFound')
  const body = JSON.parse(request.body) as Body
  const { users = [], events = [], subscribers = [] } = body
  if (Math.max(users.length, events.length, subscribers.length) > MOST_ITEMS)
    return failure(400, 'BatchTooLarge')
  return posted(request.path, body, project)
}

function posted(path: string, body: Body, project: FakeProject): FakeAnswer {
  const { users = [], events = [], subscribers = [], listId = 0, name = '' } = body
  switch (path) {
    case '/api/users/bulkUpdate':
      return ok(project.each(users, (user) => project.update(user)))
    case '/api/events/trackBulk':
      return ok(project.each(events, (event) => project.track(event)))
    case '/api/lists/subscribe':
      return ok(project.each(subscribers, (user) => project.subscribe(listId, user)))
    case '/api/lists/unsubscribe':
      return ok(project.each(subscribers, (user) => project.unsubscribe(listId, user)))
    case '/api/lists':
      return ok({ listId: project.addList(name) })
    case '/api/users/forget':
      return project.forget(body as Identity) ? success() : failure(400, 'ForgottenUserError')
    default:
      return failure(404, 'NotFound')
  }
}

function deleteUser(path: string, project: FakeProject): FakeAnswer {
  const [, isById, id = ''] = /^\/api\/users\/(byUserId\/)?([^/]+)$/.exec(path) ?? []
  const value = decodeURIComponent(id)
  const isThere = project.delete(isById === undefined ? { email: value } : { userId: value })
  return isThere ? success() : failure(400, isById === undefined ? 'UnknownEmailError' : 'UnknownUserIdError')
}

function success(): FakeAnswer {
  return ok({ msg: 'done', code: 'Success', params: null })
}

function ok(body: object): FakeAnswer {
  return { status: 200, body: JSON.stringify(body) }
}

function failure(status: number, code: string): FakeAnswer {
  return { status, body: JSON.stringify({ msg: 'refused', code, params: null }) }
}

function heldUser({ email, userId, dataFields = {} }: FakeUser): HeldRow {
  return { key: email === undefined ? { userId: userId ?? null } : { email }, fields: dataFields }
}

function heldMember(user: FakeUser): HeldRow {
  return { key: heldUser(user).key, fields: {} }
}

function heldEvent({ id = '', dataFields = {}, createdAt, ...own }: FakeEvent): HeldRow {
  const at = createdAt === undefined ? {} : { createdAt: new Date(createdAt * 1000).toISOString() }
  return { key: { id }, fields: { ...dataFields, ...own, ...at } }
}

function sampleOf(object: string, email: string, index: number): HeldRow {
  const city = `City ${index} canary`
  if (object === 'list_members') return { key: { email }, fields: {} }
  if (object === 'users') return { key: { email }, fields: { city, firstName: `First ${index} canary` } }
  const fields = { city, eventName: 'looked at canary', createdAt: '2026-01-31T08:00:00.000Z', email }
  return { key: { id: `event-${index}-canary` }, fields }
}
