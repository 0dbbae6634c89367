import { type FakeAnswer, type FakeRequest, startFakeServer } from '../../src/connector/fake-server.ts'
import type { ConnectorFake, HeldRow, JsonValue } from '../../src/connector/types.ts'
import { FakePeople } from './fake-people.ts'

/** A workspace of Customer.io behind its Track API: people, events that are counted once, and suppression. */
export async function startFake(): Promise<ConnectorFake> {
  const world: World = { people: new FakePeople(), events: new Map() }
  const server = await startFakeServer((request) => answer(request, world))
  return {
    server,
    settings: {
      site_id: 'fake-site',
      api_key: API_KEY,
      region: 'us',
      base_url: server.origin,
      allow_private_network: true,
      timeout_seconds: 30,
    },
    held: (_sync, object) =>
      object === 'events' ? [...world.events.values()].map(heldEvent) : world.people.held(),
    sample: (object, index) => (object === 'events' ? sampleEvent(index) : samplePerson(index)),
    refused: (object, index) => (object === 'events' ? longNamed(index) : longWinded(index)),
    erased: () => world.people.suppressed,
    close: () => server.close(),
  }
}

const API_KEY = 'customerio-fake-canary-key'
const WORKSPACE = 4242
const MOST_BYTES = 500_000
const MOST_ITEM_BYTES = 32_000

/** Of attributes of people; those of events may be longer. */
const MOST_VALUE_BYTES = 1000
const MOST_NAME_BYTES = 150
const MOST_EVENT_NAME_BYTES = 100

interface World {
  readonly people: FakePeople
  /** By the id by which they are told apart. */
  readonly events: Map<string, Item>
}

interface Item {
  readonly type?: string
  readonly action?: string
  readonly identifiers?: Readonly<Record<string, JsonValue>>
  readonly attributes?: Readonly<Record<string, JsonValue>>
  readonly id?: string
  readonly name?: string
  readonly timestamp?: number
}

interface Problem {
  readonly reason: 'required' | 'invalid'
  readonly field: string
  readonly message: string
}

function answer(request: FakeRequest, world: World): FakeAnswer {
  const expected = `Basic ${Buffer.from(`fake-site:${API_KEY}`).toString('base64')}`
  if (request.headers.authorization !== expected)
    return { status: 401, body: '{"meta":{"error":"unauthorized"}}' }
  if (request.method === 'GET' && request.path === '/api/v1/accounts/region')
    return ok({ url: 'https://track.customer.io', region: 'us', environment_id: WORKSPACE })
  if (request.method !== 'POST' || request.path !== '/api/v2/batch') return { status: 404, body: '{}' }
  if (Buffer.byteLength(request.body) > MOST_BYTES)
    return malformed('body', 'the request is larger than 500KB')
  const { batch } = JSON.parse(request.body) as { readonly batch?: readonly Item[] }
  if (!Array.isArray(batch) || batch.length === 0) return malformed('batch', 'must be present')
  return worked(batch, world)
}

function worked(batch: readonly Item[], world: World): FakeAnswer {
  const errors = batch.flatMap((item, index) => {
    const problem = problemOf(item)
    if (problem === undefined) take(item, world)
    return problem === undefined ? [] : [{ batch_index: index, ...problem }]
  })
  return errors.length === 0 ? ok({}) : { status: 207, body: JSON.stringify({ errors }) }
}

function take(item: Item, { people, events }: World): void {
  const { identifiers = {}, attributes = {}, action, id = `event-${events.size}` } = item
  if (people.isSuppressed(identifiers)) return
  if (action === 'identify') people.identify(identifiers, attributes)
  if (action === 'delete') people.delete(identifiers)
  if (action === 'suppress') people.suppress(identifiers)
  if (action === 'event' && !events.has(id)) events.set(id, item)
}

function problemOf(item: Item): Problem | undefined {
  const ids = Object.values(item.identifiers ?? {})
  if (item.type !== 'person') return invalid('type', 'must be person')
  if (ids.length !== 1 || typeof ids[0] !== 'string' || ids[0] === '')
    return invalid('identifiers', 'must have exactly one of id, email, phone, cio_id')
  if (Buffer.byteLength(JSON.stringify(item)) > MOST_ITEM_BYTES) return invalid('item', 'is larger than 32KB')
  if (item.action === 'event') return eventProblemOf(item)
  if (!['identify', 'delete', 'suppress'].includes(String(item.action)))
    return invalid('action', 'is unknown')
  return attributeProblemOf(item)
}

function eventProblemOf({ name, id, timestamp }: Item): Problem | undefined {
  if (typeof name !== 'string' || name === '')
    return { reason: 'required', field: 'name', message: 'cannot be blank' }
  if (Buffer.byteLength(name) > MOST_EVENT_NAME_BYTES)
    return invalid('name', `event name ${name} cannot be longer than 100 bytes`)
  if (id !== undefined && !/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/.test(id)) return invalid('id', 'must be a ULID')
  if (timestamp !== undefined && !Number.isInteger(timestamp))
    return invalid('timestamp', 'must be an integer')
  return undefined
}

function attributeProblemOf({ attributes = {} }: Item): Problem | undefined {
  for (const [name, value] of Object.entries(attributes)) {
    if (Buffer.byteLength(name) > MOST_NAME_BYTES)
      return invalid('attributes', 'attribute name cannot be longer than 150 bytes')
    if (typeof value === 'string' && Buffer.byteLength(value) > MOST_VALUE_BYTES)
      return invalid(`attributes.${name}`, `value ${value} cannot be longer than 1000 bytes`)
  }
  return undefined
}

function invalid(field: string, message: string): Problem {
  return { reason: 'invalid', field, message }
}

function malformed(field: string, message: string): FakeAnswer {
  return { status: 400, body: JSON.stringify({ errors: [invalid(field, message)] }) }
}

function ok(body: object): FakeAnswer {
  return { status: 200, body: JSON.stringify(body) }
}

function heldEvent({ identifiers = {}, attributes = {}, name = '', timestamp }: Item): HeldRow {
  const { event_id: id = null, ...others } = attributes
  const [[kind, person] = ['', null]] = Object.entries(identifiers)
  return {
    key: { event_id: id },
    fields: {
      ...others,
      name,
      ...(timestamp === undefined ? {} : { timestamp: new Date(timestamp * 1000).toISOString() }),
      [kind === 'id' ? 'person_id' : kind]: person,
    },
  }
}

function samplePerson(index: number): HeldRow {
  return {
    key: { id: `person-${index}-canary` },
    fields: { city: `City ${index} canary`, first_name: `First ${index} canary` },
  }
}

function sampleEvent(index: number): HeldRow {
  return {
    key: { event_id: `event-${index}-canary` },
    fields: {
      city: `City ${index} canary`,
      name: 'Looked at canary',
      timestamp: '2026-01-31T08:00:00.000Z',
      person_id: `person-${index}-canary`,
    },
  }
}

function longWinded(index: number): HeldRow {
  const { fields } = samplePerson(index)
  const city = `canary ${'x'.repeat(MOST_VALUE_BYTES)}`
  return { key: { id: `wordy-${index}-canary` }, fields: { ...fields, city } }
}

function longNamed(index: number): HeldRow {
  const { fields } = sampleEvent(index)
  const name = `canary ${'x'.repeat(MOST_EVENT_NAME_BYTES)}`
  return { key: { event_id: `wordy-${index}-canary` }, fields: { ...fields, name } }
}
