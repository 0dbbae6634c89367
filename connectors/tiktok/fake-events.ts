import { objectIn, objectsIn } from '../../src/connector/shapes.ts'
import type { HeldRow, JsonValue } from '../../src/connector/types.ts'
import { type Answer, said } from './fake-audiences.ts'

type Json = Readonly<Record<string, unknown>>

/** What pixels and event sets were told. */
export class FakeEvents {
  readonly #events = new Map<string, Json>()

  held(): readonly HeldRow[] {
    return [...this.#events.values()].map(heldEvent)
  }

  /** All of them, or none. */
  track(body: Json): Answer {
    const { event_source: source, event_source_id: sourceId, test_event_code: test } = body
    if (!['web', 'app', 'offline', 'crm'].includes(String(source)))
      return said(40002, 'event_source: unsupported')
    if (typeof sourceId !== 'string' || sourceId === '') return said(40002, 'event_source_id: missing')
    const events = objectsIn(body.data)
    if (events.length === 0 || events.length > 1000) return said(40061, 'data: 1 to 1000 events')
    for (const event of events) {
      const problem = problemOf(event, String(source))
      if (problem !== undefined) return problem
    }
    for (const event of events) {
      const key = `${sourceId} ${event.event} ${event.event_id}`
      // The first one counts; tests do not.
      if (test === undefined && !this.#events.has(key)) this.#events.set(key, event)
    }
    return said(0, 'OK', {})
  }
}

const CURRENCIES = ['AED', 'AUD', 'BRL', 'CAD', 'CHF', 'EUR', 'GBP', 'JPY', 'PLN', 'SEK', 'USD']

/** In seconds; of milliseconds the year is far. */
const LATEST_SECOND = 32_503_680_000

function problemOf(event: Json, source: string): Answer | undefined {
  const { event: name, event_time: time } = event
  const [user, properties] = [objectIn(event.user), objectIn(event.properties)]
  const { currency, value } = properties
  if (typeof name !== 'string' || name === '') return said(40002, 'event: missing')
  if (!Number.isInteger(time) || Number(time) <= 0 || Number(time) > LATEST_SECOND)
    return said(40002, 'event_time: no Unix time in seconds')
  for (const kind of ['email', 'phone', 'external_id'])
    if (![user[kind] ?? []].flat().every((one) => /^[0-9a-f]{64}$/.test(String(one))))
      return said(40062, `${kind}: not hashed`)
  if (currency !== undefined && !CURRENCIES.includes(String(currency)))
    return said(40002, `properties.currency: ${currency} is not supported`)
  if (value !== undefined && typeof value !== 'number') return said(40002, 'properties.value: no number')
  if (source === 'crm' && typeof objectIn(event.lead).lead_id !== 'string')
    return said(40002, 'lead.lead_id: missing')
  return undefined
}

/** As a project names the fields; those that find people are not what a sync maps. */
function heldEvent(event: Json): HeldRow {
  const { email: _, phone: __, external_id: ___, ...user } = objectIn(event.user)
  return {
    key: { event_id: String(event.event_id) },
    fields: {
      event_name: String(event.event),
      event_time: new Date(Number(event.event_time) * 1000).toISOString(),
      ...(objectIn(event.properties) as Readonly<Record<string, JsonValue>>),
      ...(user as Readonly<Record<string, JsonValue>>),
      ...(objectIn(event.page) as Readonly<Record<string, JsonValue>>),
      ...(objectIn(event.lead) as Readonly<Record<string, JsonValue>>),
    },
  }
}
