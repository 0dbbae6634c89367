import type { HeldRow, JsonValue } from '../../src/connector/types.ts'
import { checkConsent, userDataIn } from './fake-people.ts'
import { FakeRefusal, type Json, known, list, oneOf, text } from './fake-refusal.ts'

/** The conversions of one action: a transaction id counts once. */
export class FakeEvents {
  readonly #events = new Map<string, Json>()

  take(event: Json): void {
    const id = String(event.transactionId)
    if (!this.#events.has(id)) this.#events.set(id, event)
  }

  held(): readonly HeldRow[] {
    return [...this.#events.values()].map((event) => ({
      key: { event_id: String(event.transactionId) },
      fields: fieldsOf(event),
    }))
  }
}

export function eventsIn(value: unknown, encoding: unknown): readonly Json[] {
  const events = list(value, MOST_EVENTS, 'TOO_MANY_EVENTS', 'events')
  return events.map((event, index) => checkedEvent(event, encoding, `events.events[${index}]`))
}

const MOST_EVENTS = 2000

function checkedEvent(value: unknown, encoding: unknown, at: string): Json {
  const event = known(value, Object.keys(NAMES).concat('userData', 'adIdentifiers', 'consent'), at)
  if (Number.isNaN(Date.parse(text(event.eventTimestamp, `${at}.event_timestamp`))))
    throw new FakeRefusal('EVENT_TIME_INVALID', `${at}.event_timestamp`)
  text(event.transactionId, `${at}.transaction_id`)
  oneOf(event.eventSource, SOURCES, `${at}.event_source`)
  if (event.conversionValue !== undefined && typeof event.conversionValue !== 'number')
    throw new FakeRefusal('INVALID_NUMBER_FORMAT', `${at}.conversion_value`)
  if (event.currency !== undefined && !CURRENCIES.has(String(event.currency)))
    throw new FakeRefusal('INVALID_CURRENCY_CODE', `${at}.currency`)
  checkConsent(event.consent, `${at}.consent`)
  if (event.adIdentifiers !== undefined)
    known(event.adIdentifiers, ['gclid', 'gbraid', 'wbraid'], `${at}.ad_identifiers`)
  if (event.userData !== undefined) {
    if (encoding !== 'HEX') throw new FakeRefusal('REQUIRED_FIELD_MISSING', 'encoding')
    userDataIn(event.userData, `${at}.user_data`)
  } else if (event.adIdentifiers === undefined) throw new FakeRefusal('NO_IDENTIFIERS_PROVIDED', at)
  return event
}

const SOURCES = ['WEB', 'APP', 'IN_STORE', 'PHONE', 'MESSAGE', 'OTHER']
const CURRENCIES: ReadonlySet<string> = new Set(['EUR', 'USD', 'GBP', 'JPY'])

/** As `map` of a project names them. */
const NAMES: Readonly<Record<string, string>> = {
  transactionId: 'event_id',
  eventTimestamp: 'event_time',
  eventSource: 'event_source',
  conversionValue: 'value',
  currency: 'currency',
  eventName: 'event_name',
}

function fieldsOf(event: Json): HeldRow['fields'] {
  const named = Object.entries(NAMES).flatMap(([name, field]) =>
    name === 'transactionId' || event[name] === undefined ? [] : [[field, event[name] as JsonValue] as const],
  )
  return { ...Object.fromEntries(named), ...(event.adIdentifiers as HeldRow['fields'] | undefined) }
}
