import { type FakeAnswer, type FakeRequest, startFakeServer } from '../../src/connector/fake-server.ts'
import type { ConnectorFake, HeldRow, JsonValue } from '../../src/connector/types.ts'
import { FakeProfiles } from './fake-profiles.ts'

/** A workspace of Braze: profiles that are found by four kinds of id, events, and deletion by 50. */
export async function startFake(): Promise<ConnectorFake> {
  const world: World = { profiles: new FakeProfiles(), events: [] }
  const server = await startFakeServer((request) => answer(request, world))
  return {
    server,
    settings: {
      api_key: API_KEY,
      base_url: server.origin,
      allow_private_network: true,
      timeout_seconds: 30,
      batch_size: MOST_OBJECTS,
    },
    held: (_sync, object) => (object === 'events' ? world.events.map(heldEvent) : world.profiles.held()),
    sample: (object, index) => (object === 'events' ? sampleEvent(index) : sampleUser(index)),
    refused: (object, index) => (object === 'events' ? timeless(index) : disallowed(index)),
    erased: () => world.profiles.deleted,
    close: () => server.close(),
  }
}

const API_KEY = 'braze-fake-canary-key'

/** Of all arrays together. */
const MOST_OBJECTS = 75
const MOST_DELETED = 50

/** Braze keeps out ids that stand for nobody in particular. */
const DISALLOWED = 'blacklisted-'

interface World {
  readonly profiles: FakeProfiles
  readonly events: Entry[]
}

type Entry = Readonly<Record<string, JsonValue>>

interface TrackError {
  readonly type: string
  readonly input_array: 'attributes' | 'events'
  readonly index: number
}

function answer(request: FakeRequest, world: World): FakeAnswer {
  if (request.headers.authorization !== `Bearer ${API_KEY}`) return failure(401, 'Invalid API Key')
  if (request.method !== 'POST') return failure(404, 'Not Found')
  const body = JSON.parse(request.body) as Readonly<Record<string, readonly JsonValue[]>>
  if (request.path === '/users/track') return track(body, world)
  return request.path === '/users/delete' ? deleteUsers(body, world) : failure(404, 'Not Found')
}

function track(
  body: Readonly<Record<string, readonly JsonValue[]>>,
  { profiles, events }: World,
): FakeAnswer {
  const attributes = (body.attributes ?? []) as readonly Entry[]
  const happened = (body.events ?? []) as readonly Entry[]
  if (attributes.length + happened.length > MOST_OBJECTS) return failure(400, 'Max Input Length Exceeded')
  const errors = [
    ...attributes.flatMap((entry, index) => errorOf('attributes', index, problemOf(entry))),
    ...happened.flatMap((entry, index) =>
      errorOf('events', index, problemOf(entry) ?? eventProblemOf(entry)),
    ),
  ]
  const isTaken = (array: TrackError['input_array']) => (_: Entry, index: number) =>
    !errors.some((error) => error.input_array === array && error.index === index)
  const taken = attributes.filter(isTaken('attributes'))
  const takenEvents = happened.filter(isTaken('events'))
  if (taken.length + takenEvents.length === 0)
    return failure(
      400,
      "Valid data must be provided in the 'attributes', 'events', or 'purchases' fields.",
      errors,
    )
  for (const entry of taken) profiles.track(entry)
  events.push(...takenEvents)
  return {
    status: 201,
    body: JSON.stringify({
      message: 'success',
      attributes_processed: taken.length,
      events_processed: takenEvents.length,
      ...(errors.length === 0 ? {} : { errors }),
    }),
  }
}

function errorOf(
  array: TrackError['input_array'],
  index: number,
  type: string | undefined,
): readonly TrackError[] {
  return type === undefined ? [] : [{ type, input_array: array, index }]
}

function problemOf(entry: Entry): string | undefined {
  const ids = ['external_id', 'user_alias', 'braze_id', 'email', 'phone'].map((name) => entry[name])
  if (!ids.some((id) => id !== undefined && id !== null && id !== ''))
    return "'external_id', 'braze_id', 'user_alias', 'email' or 'phone' is required"
  const id = entry.external_id
  if (id !== undefined && typeof id !== 'string') return "'external_id' must be a string"
  return String(id).startsWith(DISALLOWED)
    ? `provided external_id ${id} is blacklisted and disallowed`
    : undefined
}

function eventProblemOf({ name, time }: Entry): string | undefined {
  if (typeof name !== 'string' || name === '') return "'name' is required"
  return Number.isNaN(Date.parse(String(time))) ? "'time' must be in ISO 8601" : undefined
}

function deleteUsers(body: Readonly<Record<string, readonly JsonValue[]>>, { profiles }: World): FakeAnswer {
  const [[list, ids] = ['', []], ...more] = Object.entries(body)
  if (more.length > 0) return failure(400, 'Only one kind of id may be given')
  if (ids.length > MOST_DELETED) return failure(400, 'The max number of ids per request was exceeded')
  const name = ID_OF_LIST[list]
  if (name === undefined) return failure(400, 'No ids were given')
  const isAddress = name === 'email' || name === 'phone'
  if (isAddress && !ids.every((one) => Array.isArray((one as Entry | null)?.prioritization)))
    return failure(400, "'prioritization' is required")
  for (const one of ids) profiles.delete(name, String(isAddress ? (one as Entry)[name] : one))
  return { status: 200, body: JSON.stringify({ deleted: ids.length, message: 'success' }) }
}

const ID_OF_LIST: Readonly<Record<string, 'external_id' | 'braze_id' | 'email' | 'phone'>> = {
  external_ids: 'external_id',
  braze_ids: 'braze_id',
  email_addresses: 'email',
  phone_numbers: 'phone',
}

function failure(status: number, message: string, errors: readonly TrackError[] = []): FakeAnswer {
  return { status, body: JSON.stringify({ message, errors }) }
}

function heldEvent({ properties = {}, ...own }: Entry): HeldRow {
  const { event_id: id = null, ...others } = properties as Entry
  return { key: { event_id: id }, fields: { ...others, ...own } }
}

function sampleUser(index: number): HeldRow {
  return {
    key: { external_id: `user-${index}-canary` },
    fields: { home_city: `City ${index} canary`, first_name: `First ${index} canary` },
  }
}

function sampleEvent(index: number): HeldRow {
  return {
    key: { event_id: `event-${index}-canary` },
    fields: {
      shelf: `Shelf ${index} canary`,
      name: 'Looked at canary',
      time: '2026-01-31T08:00:00.000Z',
      external_id: `user-${index}-canary`,
    },
  }
}

function disallowed(index: number): HeldRow {
  return { ...sampleUser(index), key: { external_id: `${DISALLOWED}${index}` } }
}

function timeless(index: number): HeldRow {
  const { fields } = sampleEvent(index)
  return { key: { event_id: `timeless-${index}-canary` }, fields: { ...fields, time: 'some day' } }
}
