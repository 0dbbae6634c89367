import type { Api } from '../../src/connector/api.ts'
import { APPLIED, inOrder, type Row, rowsOf } from '../../src/connector/rows.ts'
import type { Batch, Change, JsonValue, Receipt, Settings } from '../../src/connector/types.ts'
import { ITEM_BYTES, KLAVIYO_MANIFEST } from './manifest.ts'
import { attributesOf } from './profile.ts'

/**
 * Hands events over. Klaviyo answers once for all of them: it took them in, and says nothing of what it makes of each.
 * What it is known to drop is therefore rejected here.
 */
export async function writeEvents(api: Api, batch: Batch, settings: Settings): Promise<readonly Receipt[]> {
  const rows = rowsOf(batch.changes())
  const rejected = new Map(
    rows.flatMap((row): [Row, Receipt][] => {
      const problem = problemOf(row.change, settings)
      return problem === undefined ? [] : [[row, { status: 'rejected', error: problem }]]
    }),
  )
  const sent = rows.filter((row) => !rejected.has(row))
  if (sent.length > 0) await send(api, sent, batch, settings)
  return inOrder(rows, [...rejected, ...sent.map((row) => [row, APPLIED] as const)])
}

async function send(api: Api, rows: readonly Row[], batch: Batch, settings: Settings): Promise<void> {
  await api.send({
    method: 'POST',
    path: '/api/event-bulk-create-jobs',
    json: {
      data: {
        type: 'event-bulk-create-job',
        attributes: { 'events-bulk-create': { data: rows.map(({ change }) => itemOf(change, settings)) } },
      },
    },
    maxBytes: KLAVIYO_MANIFEST.objects.events?.batch.maxBytes ?? 0,
    batch,
  })
}

/** Fields that are no property of the event. */
const IDENTIFIERS: readonly string[] = ['email', 'phone_number', 'external_id']
const OWN: ReadonlySet<string> = new Set([...IDENTIFIERS, 'metric', 'time', 'value', 'value_currency'])

/** Of one event; and the name of a metric is shorter than 128 characters. */
const MOST_PROPERTIES = 400
const LONGEST_METRIC = 127

function problemOf({ fields }: Change, settings: Settings): string | undefined {
  const metric = metricOf(fields, settings)
  if (metric === undefined) return 'expected a metric, by the map or by the setting metric, found none'
  if (metric.length > LONGEST_METRIC)
    return `expected a metric of at most ${LONGEST_METRIC} characters, found a longer one`
  if (identifiersOf(fields).length === 0)
    return `expected one of ${IDENTIFIERS.join(', ')} to tell whose event it is, found none`
  if (fields.value !== undefined && fields.value !== null && numberOf(fields.value) === undefined)
    return 'expected a number as value, found none'
  const properties = propertiesOf(fields)
  if (properties.length > MOST_PROPERTIES)
    return `expected at most ${MOST_PROPERTIES} properties, found ${properties.length}`
  if (!properties.every(([, value]) => isShort(value)))
    return `expected texts of at most ${ITEM_BYTES} bytes, found a longer one`
  return undefined
}

function itemOf({ key, fields }: Change, settings: Settings): object {
  const { time, value, value_currency: currency } = fields
  const attributes = {
    metric: { data: { type: 'metric', attributes: { name: metricOf(fields, settings) } } },
    properties: Object.fromEntries(propertiesOf(fields)),
    unique_id: String(key.unique_id),
    ...(typeof time === 'string' ? { time } : {}),
    ...(value === undefined || value === null ? {} : { value: numberOf(value) }),
    ...(typeof currency === 'string' ? { value_currency: currency } : {}),
    ...(settings.backfill === true ? { backfill: true } : {}),
  }
  return {
    type: 'event-bulk-create',
    attributes: {
      profile: { data: { type: 'profile', attributes: attributesOf(identifiersOf(fields)) } },
      events: { data: [{ type: 'event', attributes }] },
    },
  }
}

function metricOf({ metric }: Change['fields'], settings: Settings): string | undefined {
  const name = metric ?? settings.metric
  return typeof name === 'string' && name !== '' ? name : undefined
}

function identifiersOf(fields: Change['fields']): readonly (readonly [string, JsonValue])[] {
  return IDENTIFIERS.flatMap((name) => {
    const value = fields[name]
    return value === undefined || value === null || value === '' ? [] : [[name, value] as const]
  })
}

function propertiesOf(fields: Change['fields']): readonly (readonly [string, JsonValue])[] {
  return Object.entries(fields).filter(([name]) => !OWN.has(name))
}

/** Decimals with more digits than a number holds come as texts. */
function numberOf(value: JsonValue): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}

function isShort(value: JsonValue): boolean {
  if (typeof value === 'string') return Buffer.byteLength(value) <= ITEM_BYTES
  return typeof value !== 'object' || value === null || Object.values(value).every(isShort)
}
