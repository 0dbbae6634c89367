import type { HeldRow } from '../../src/connector/types.ts'
import type { Json } from './fake-people.ts'

interface Bundle {
  readonly attributes: {
    readonly profile: { readonly data: { readonly attributes: Json } }
    readonly events: { readonly data: readonly { readonly attributes: Event }[] }
  }
}

interface Event {
  readonly unique_id: string
  readonly metric: { readonly data: { readonly attributes: { readonly name: string } } }
  readonly properties: Json
  readonly time?: string
  readonly value?: number
  readonly backfill?: boolean
}

const CAP = 1000
const LONGEST_TEXT = 100 * 1024

/** Recorded events; one whose id the profile has for the metric is not recorded again. */
export class FakeEvents {
  readonly #events = new Map<string, HeldRow>()

  /** False: all of them are refused, since one is wrong, they are too many, or two of them are one. */
  take(data: {
    readonly type?: string
    readonly attributes: { readonly 'events-bulk-create': { readonly data: readonly Bundle[] } }
  }): boolean {
    const events = data.attributes['events-bulk-create'].data.flatMap(({ attributes }) =>
      attributes.events.data.map((event) => rowOf(attributes.profile.data.attributes, event.attributes)),
    )
    const names = new Set(events.map(nameOf))
    if (data.type !== 'event-bulk-create-job' || events.length > CAP || names.size < events.length)
      return false
    if (!events.every(isWhole)) return false
    for (const event of events) if (!this.#events.has(nameOf(event))) this.#events.set(nameOf(event), event)
    return true
  }

  held(): readonly HeldRow[] {
    return [...this.#events.values()]
  }
}

function rowOf(profile: Json, { unique_id: id, metric, properties, ...own }: Event): HeldRow {
  return {
    key: { unique_id: id },
    fields: { ...properties, ...profile, metric: metric.data.attributes.name, ...own },
  }
}

function nameOf({ key, fields }: HeldRow): string {
  return JSON.stringify([key.unique_id, fields.metric, fields.email, fields.phone_number, fields.external_id])
}

function isWhole({ fields }: HeldRow): boolean {
  const { metric, value = 0, email, phone_number: phone, external_id: external } = fields
  const isNamed = [email, phone, external].some((one) => typeof one === 'string')
  const isShort = Object.values(fields).every(
    (one) => typeof one !== 'string' || Buffer.byteLength(one) <= LONGEST_TEXT,
  )
  return isNamed && isShort && typeof metric === 'string' && metric.length < 128 && typeof value === 'number'
}
