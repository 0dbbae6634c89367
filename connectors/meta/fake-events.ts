import { objectIn, objectsIn } from '../../src/connector/shapes.ts'
import type { HeldRow, JsonValue } from '../../src/connector/types.ts'
import { invalid, isHash, type Refusal } from './fake-answers.ts'

type Json = Readonly<Record<string, unknown>>

/** A dataset that takes all events of a request, or none. */
export class FakeEvents {
  /** By name and id. */
  readonly #all = new Map<string, Json>()
  readonly testCodes: unknown[] = []

  receive({ data, test_event_code: testCode }: Json, nowMs: number): object {
    const events = objectsIn(data)
    if (events.length === 0) return invalid('(#100) The parameter data is required')
    if (events.length > MOST_EVENTS) return invalid('(#100) Too many events')
    const [problem] = events.flatMap((event) => problemOf(event, nowMs) ?? [])
    if (problem !== undefined) return problem
    for (const event of events) {
      const id = `${event.event_name} ${event.event_id}`
      // Of two that are alike the first is kept.
      if (!this.#all.has(id)) this.#all.set(id, event)
    }
    if (testCode !== undefined) this.testCodes.push(testCode)
    return { events_received: events.length, messages: [], fbtrace_id: 'trace' }
  }

  held(): readonly HeldRow[] {
    return [...this.#all.values()].map(heldEvent)
  }

  /** As they came. */
  events(): readonly Json[] {
    return [...this.#all.values()]
  }
}

const MOST_EVENTS = 1000
const A_WEEK_SECONDS = 7 * 24 * 60 * 60

const SOURCES: ReadonlySet<unknown> = new Set([
  ...['email', 'website', 'app', 'phone_call', 'chat', 'physical_store', 'system_generated'],
  ...['business_messaging', 'other'],
])

/** Where contact information must be hashed, and where it must not. */
const HASHED = ['em', 'ph', 'fn', 'ln', 'ct', 'st', 'zp', 'country', 'db', 'ge']
const AS_IT_IS = ['external_id', 'madid', 'fbc', 'fbp', 'client_ip_address', 'client_user_agent']

function problemOf(event: Json, nowMs: number): Refusal | undefined {
  const { event_name: name, event_time: time, action_source: source } = event
  const user = objectIn(event.user_data)
  const custom = objectIn(event.custom_data)
  if (typeof name !== 'string' || name === '') return invalid('Invalid parameter', 2804008, 'No event name')
  if (!Number.isInteger(time)) return invalid('Invalid parameter', 2804001, 'No event time')
  if (Number(time) < nowMs / 1000 - A_WEEK_SECONDS)
    return invalid('Invalid parameter', 2804003, 'The timestamp for this event is too far in the past')
  if (!SOURCES.has(source)) return invalid('Invalid parameter', 2804049, 'Wrong action source')
  const isUnknown = Object.keys(user).find((key) => !HASHED.includes(key) && !AS_IT_IS.includes(key))
  if (isUnknown !== undefined) return invalid(`Invalid parameter ${isUnknown}`, 2804050)
  if (HASHED.some((key) => [user[key] ?? []].flat().some((value) => !isHash(value))))
    return invalid('Invalid parameter', 2804052, 'Customer information must be hashed')
  if (!hasSomebody(user)) return invalid('Invalid parameter', 2804050, 'Not enough customer information')
  const isWhole = typeof custom.value === 'number' && typeof custom.currency === 'string'
  if (name === 'Purchase' && !isWhole)
    return invalid('Invalid parameter', 2804009, 'A purchase needs value and currency')
  return undefined
}

/** What alone finds nobody: a place, a name, a browser without its address. */
function hasSomebody(user: Json): boolean {
  if (['em', 'ph', 'external_id', 'madid', 'fbc', 'fbp'].some((key) => user[key] !== undefined)) return true
  return user.client_ip_address !== undefined && user.client_user_agent !== undefined
}

function heldEvent(event: Json): HeldRow {
  const { event_id: id, event_time: time, user_data: user, custom_data: custom, ...own } = event
  const { fbc, fbp, client_ip_address, client_user_agent } = objectIn(user)
  const fields = {
    ...own,
    event_time: new Date(Number(time) * 1000).toISOString(),
    ...objectIn(custom),
    ...{ fbc, fbp, client_ip_address, client_user_agent },
  }
  const present = Object.entries(fields).filter(([, value]) => value !== undefined)
  return { key: { event_id: String(id) }, fields: Object.fromEntries(present) as Record<string, JsonValue> }
}
