import type { Api } from '../../src/connector/api.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import { identifiersOf } from '../../src/connector/members.ts'
import { APPLIED, inOrder, type Row, rowsOf } from '../../src/connector/rows.ts'
import { unixSecondsOf } from '../../src/connector/times.ts'
import type {
  Batch,
  Change,
  ConnectorTools,
  JsonValue,
  Receipt,
  Settings,
} from '../../src/connector/types.ts'
import { EVENT_DAYS, EVENTS_BYTES } from './manifest.ts'

/**
 * TikTok answers once for all events, and takes none when one of them is wrong. What is known to be wrong is rejected
 * here, and the rest is found by halving.
 */
export async function writeEvents(
  api: Api,
  batch: Batch,
  settings: Settings,
  clock: ConnectorTools['clock'],
): Promise<readonly Receipt[]> {
  const rows = rowsOf(batch.changes())
  const source = sourceOf(settings)
  const nowSeconds = Math.floor(clock.nowMs() / 1000)
  const rejected = new Map(
    rows.flatMap((row): [Row, Receipt][] => {
      const error = problemOf(row.change, source, nowSeconds)
      return error === undefined ? [] : [[row, { status: 'rejected', error }]]
    }),
  )
  const sent = rows.filter((row) => !rejected.has(row))
  if (sent.length > 0)
    await api.send({
      method: 'POST',
      path: '/open_api/v1.3/event/track/',
      json: {
        event_source: source,
        event_source_id: String(settings.event_source_id),
        ...(settings.test_event_code === undefined ? {} : { test_event_code: settings.test_event_code }),
        data: sent.map(({ change }) => eventOf(change)),
      },
      maxBytes: EVENTS_BYTES,
      batch,
    })
  return inOrder(rows, [...rejected, ...sent.map((row) => [row, APPLIED] as const)])
}

/** Where events come from: apps are left out, for TikTok takes their events of chosen advertisers only. */
const SOURCES: readonly string[] = ['web', 'offline', 'crm']

const DAY_SECONDS = 24 * 60 * 60

/** By the part of the event that they are in. */
const USER: readonly string[] = ['ttclid', 'ttp', 'ip', 'user_agent', 'locale']
const PROPERTIES: readonly string[] = [
  ...['currency', 'order_id', 'shop_id', 'description', 'search_string', 'content_type', 'customer_type'],
]
const NUMBERS: readonly string[] = ['value', 'num_items']
const LISTS: readonly string[] = ['content_ids', 'contents']

function sourceOf({ event_source: source }: Settings): string {
  if (typeof source === 'string' && SOURCES.includes(source)) return source
  throw new DestinationError('stop', {
    message: `expected the setting event_source to be one of ${SOURCES.join(', ')}, found another text`,
  })
}

function problemOf(change: Change, source: string, nowSeconds: number): string | undefined {
  const { fields } = change
  const seconds = unixSecondsOf(fields.event_time)
  const problems: readonly (readonly [boolean, string])[] = [
    [isEmpty(fields.event_name), 'expected event_name, found none'],
    [seconds === undefined, 'expected event_time to be a time, found something else'],
    [
      (seconds ?? nowSeconds) < nowSeconds - EVENT_DAYS * DAY_SECONDS,
      `expected an event of the last ${EVENT_DAYS} days, found an older one, which TikTok attributes to no ad`,
    ],
    [
      source === 'crm' && isEmpty(fields.lead_id),
      'expected lead_id, which every event of a CRM needs, found none',
    ],
    ...NUMBERS.map(
      (name) =>
        [
          !isEmpty(fields[name]) && numberOf(fields[name]) === undefined,
          `expected ${name} to be a number, found something else`,
        ] as const,
    ),
    ...LISTS.map(
      (name) =>
        [
          !isEmpty(fields[name]) && listOf(fields[name]) === undefined,
          `expected ${name} to be a JSON list, found something else`,
        ] as const,
    ),
    ...identifiersOf(change).map(
      ({ kind, parts: [value = ''] }) =>
        [
          !/^[0-9a-f]{64}$/.test(value),
          `expected ${kind} to be a SHA-256 hash in lower-case hex, found something else`,
        ] as const,
    ),
  ]
  return problems.find(([is]) => is)?.[1]
}

function eventOf(change: Change): object {
  const { key, fields } = change
  const found = (kind: string) =>
    identifiersOf(change).flatMap((one) => (one.kind === kind ? [one.parts[0] ?? ''] : []))
  const people = Object.entries({
    email: found('email'),
    phone: found('phone'),
    external_id: found('external_id'),
  }).filter(([, values]) => values.length > 0)
  const parts = {
    user: { ...Object.fromEntries(people), ...textsIn(fields, USER) },
    properties: {
      ...textsIn(fields, PROPERTIES),
      ...valuesIn(fields, NUMBERS, numberOf),
      ...valuesIn(fields, LISTS, listOf),
    },
    page: textsIn(fields, ['url', 'referrer']),
    lead: textsIn(fields, ['lead_id', 'lead_event_source']),
  }
  return {
    event: String(fields.event_name),
    event_time: unixSecondsOf(fields.event_time),
    event_id: String(key.event_id),
    ...Object.fromEntries(Object.entries(parts).filter(([, part]) => Object.keys(part).length > 0)),
    ...(isTrue(fields.limited_data_use) ? { limited_data_use: true } : {}),
  }
}

type Fields = Change['fields']

function textsIn(fields: Fields, names: readonly string[]): Fields {
  return valuesIn(fields, names, String)
}

/** Those that are there. */
function valuesIn(
  fields: Fields,
  names: readonly string[],
  read: (value: JsonValue | undefined) => JsonValue | undefined,
): Fields {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = isEmpty(fields[name]) ? undefined : read(fields[name])
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

/** Decimals with more digits than a number holds come as texts. */
function numberOf(value: JsonValue | undefined): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}

/** As JSON, or as a text of it. */
function listOf(value: JsonValue | undefined): JsonValue | undefined {
  const list = typeof value === 'string' ? parsed(value) : value
  return Array.isArray(list) ? list : undefined
}

function parsed(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isTrue(value: JsonValue | undefined): boolean {
  return value === true || value === 'true'
}

function isEmpty(value: JsonValue | undefined): boolean {
  return value === undefined || value === null || value === ''
}
