import { identifiersOf } from '../../src/connector/members.ts'
import { unixSecondsOf } from '../../src/connector/times.ts'
import type { Change, JsonValue, Receipt, Settings } from '../../src/connector/types.ts'
import { MOST_DAYS } from './manifest.ts'

/** What Meta would refuse the whole request for. */
export function eventProblemsOf(change: Change, settings: Settings, nowMs: number): readonly Receipt[] {
  const { fields } = change
  const seconds = unixSecondsOf(fields.event_time)
  const checks: readonly (readonly [isWrong: boolean, error: string])[] = [
    [isEmpty(fields.event_name), 'expected "event_name", found none'],
    [
      seconds === undefined,
      'expected "event_time" to be a time in ISO 8601 or whole seconds since 1970, found something else',
    ],
    [
      seconds !== undefined && nowMs - seconds * 1000 > MOST_DAYS * A_DAY_MS,
      `expected an event of the last ${MOST_DAYS} days, found an older one, which Meta does not take`,
    ],
    [
      !SOURCES.has(sourceOf(change, settings)),
      `expected "action_source" to be one of ${[...SOURCES].join(', ')}, found another one`,
    ],
    [
      !findsSomebody(change),
      'expected an identifier, fbc, fbp, or client_ip_address with client_user_agent, found none',
    ],
    [!isNumberOrNone(fields.value), 'expected "value" to be a number, found something else'],
    [!isNumberOrNone(fields.num_items), 'expected "num_items" to be a number, found something else'],
    [
      !isEmpty(fields.currency) && !/^[A-Za-z]{3}$/.test(String(fields.currency)),
      'expected "currency" to be three letters, found something else',
    ],
    [
      fields.event_name === 'Purchase' && (isEmpty(fields.value) || isEmpty(fields.currency)),
      'expected "value" and "currency" of a Purchase, found not both',
    ],
    ...['content_ids', 'contents'].map(
      (name) =>
        [
          !isEmpty(fields[name]) && listIn(fields[name]) === undefined,
          `expected "${name}" to be a JSON list, found something else`,
        ] as const,
    ),
  ]
  return checks.flatMap(([isWrong, error]) => (isWrong ? [{ status: 'rejected', error }] : []))
}

/** Where it happened: what the row says, else what the sync says. */
export function sourceOf({ fields }: Change, settings: Settings): string {
  return String(isEmpty(fields.action_source) ? settings.action_source : fields.action_source)
}

/** A list, or the text of one; undefined for anything else. */
export function listIn(value: JsonValue | undefined): readonly JsonValue[] | undefined {
  if (Array.isArray(value)) return value
  if (typeof value !== 'string' || !value.trimStart().startsWith('[')) return undefined
  try {
    return JSON.parse(value)
  } catch {
    return undefined
  }
}

const A_DAY_MS = 24 * 60 * 60 * 1000

/** Those of `app` and `business_messaging` need more than a row has. */
const SOURCES: ReadonlySet<string> = new Set([
  'website',
  'email',
  'phone_call',
  'chat',
  'physical_store',
  'system_generated',
  'other',
])

function findsSomebody(change: Change): boolean {
  const { fbc, fbp, client_ip_address: address, client_user_agent: agent } = change.fields
  if (identifiersOf(change).length > 0 || !isEmpty(fbc) || !isEmpty(fbp)) return true
  return !isEmpty(address) && !isEmpty(agent)
}

function isNumberOrNone(value: JsonValue | undefined): boolean {
  return isEmpty(value) || (typeof value !== 'boolean' && Number.isFinite(Number(value)))
}

function isEmpty(value: JsonValue | undefined): boolean {
  return value === undefined || value === null || value === ''
}
