import type { Api } from '../../src/connector/api.ts'
import { identifiersOf } from '../../src/connector/members.ts'
import { APPLIED, allOf, byKind, type Row, type RowReceipts } from '../../src/connector/rows.ts'
import { objectIn } from '../../src/connector/shapes.ts'
import { unixSecondsOf } from '../../src/connector/times.ts'
import type {
  Batch,
  Change,
  ConnectorTools,
  JsonValue,
  Receipt,
  Settings,
} from '../../src/connector/types.ts'
import { unanswered } from '../../src/connector/unanswered.ts'
import { eventProblemsOf, listIn, sourceOf } from './event-checks.ts'
import { detailOf, hashProblemOf, valuesOf } from './hashes.ts'
import { MOST_BYTES } from './manifest.ts'

/** Sends events. One that is wrong fails all of its request, so what Meta documents is checked before. */
export function writeEvents(
  graph: Api,
  batch: Batch,
  parts: { readonly dataset: string; readonly settings: Settings; readonly tools: ConnectorTools },
): Promise<readonly Receipt[]> {
  return byKind(batch, {
    removed: async (rows) => allOf(rows, { status: 'rejected', error: 'Meta takes no event back' }),
    written: async (rows) => {
      const problems: RowReceipts = new Map(
        rows.flatMap((row) => {
          const [problem] = [
            ...hashProblemOf(row, DETAILS.keys()),
            ...eventProblemsOf(row.change, parts.settings, parts.tools.clock.nowMs()),
          ]
          return problem === undefined ? [] : [[row, problem] as const]
        }),
      )
      const good = rows.filter((row) => !problems.has(row))
      return new Map([...problems, ...(good.length > 0 ? await send(graph, batch, good, parts) : [])])
    },
  })
}

async function send(
  graph: Api,
  batch: Batch,
  rows: readonly Row[],
  { dataset, settings }: { readonly dataset: string; readonly settings: Settings },
): Promise<RowReceipts> {
  const data = rows.map(({ change }) => eventOf(change, settings))
  const json = present({ data, test_event_code: settings.test_event_code })
  const path = `/${dataset}/events`
  const answer = await graph.send({ method: 'POST', path, json, batch, maxBytes: MOST_BYTES })
  if (objectIn(answer.json).events_received === data.length) return allOf(rows, APPLIED)
  return allOf(rows, unanswered('Meta did not say that it received all events of the request'))
}

/** Of people, by its name at Meta: all values of each. */
const KEYS: ReadonlyMap<string, string> = new Map([
  ['email', 'em'],
  ['phone', 'ph'],
  ['external_id', 'external_id'],
])

const DETAILS: ReadonlyMap<string, string> = new Map([
  ['first_name', 'fn'],
  ['last_name', 'ln'],
  ['city', 'ct'],
  ['state', 'st'],
  ['zip', 'zp'],
  ['country', 'country'],
  ['birth_date', 'db'],
  ['gender', 'ge'],
])

/** Fields that are about the browser, and are not hashed. */
const OF_BROWSER = ['fbc', 'fbp', 'client_ip_address', 'client_user_agent']

type Json = Readonly<Record<string, unknown>>

function eventOf(change: Change, settings: Settings): Json {
  const { key, fields } = change
  return present({
    event_name: fields.event_name,
    event_time: unixSecondsOf(fields.event_time),
    event_id: String(key.event_id),
    action_source: sourceOf(change, settings),
    event_source_url: fields.event_source_url,
    user_data: userOf(change),
    custom_data: customOf(fields),
    // Where neither country nor state is given, Meta finds out both.
    ...(settings.limited_data_use === true
      ? {
          data_processing_options: ['LDU'],
          data_processing_options_country: 0,
          data_processing_options_state: 0,
        }
      : {}),
  })
}

function userOf(change: Change): Json {
  const identifiers = identifiersOf(change)
  const [mobileId] = valuesOf(identifiers, 'mobile_id')
  const all = [...KEYS].map(([kind, name]) => [name, valuesOf(identifiers, kind)] as const)
  return present({
    ...Object.fromEntries(all.filter(([, values]) => values.length > 0)),
    madid: mobileId,
    ...Object.fromEntries([...DETAILS].map(([kind, name]) => [name, detailOf(change, kind)])),
    ...Object.fromEntries(OF_BROWSER.map((name) => [name, change.fields[name]])),
  })
}

function customOf(fields: Change['fields']): Json | undefined {
  const { value, currency, order_id, content_ids, content_type, contents, num_items } = fields
  const custom = present({
    value: numberOf(value),
    currency,
    order_id: order_id === null || order_id === undefined ? undefined : String(order_id),
    content_ids: listIn(content_ids),
    content_type,
    contents: listIn(contents),
    num_items: numberOf(num_items),
  })
  return Object.keys(custom).length === 0 ? undefined : custom
}

/** Numbers that JavaScript would round come as texts. */
function numberOf(value: JsonValue | undefined): number | undefined {
  return value === undefined || value === null || value === '' ? undefined : Number(value)
}

function present(entries: Json): Json {
  return Object.fromEntries(
    Object.entries(entries).filter(([, value]) => value !== undefined && value !== null && value !== ''),
  )
}
