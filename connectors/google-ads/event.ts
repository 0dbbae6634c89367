import { identifiersOf } from '../../src/connector/members.ts'
import type { Row } from '../../src/connector/rows.ts'
import type { Change, JsonValue, Receipt } from '../../src/connector/types.ts'
import { type Allowed, allowedByRow, consentOf, isDenied } from './consent.ts'
import { MOST_IDENTIFIERS, userIdentifiersOf, wrongWith } from './identifiers.ts'
import { OLDEST_EVENT_DAYS } from './manifest.ts'

/** What is the same for all events of a request. */
export interface EventRules {
  readonly allowed: Allowed
  readonly source: string
  readonly nowMs: number
}

/** An event as Google takes it, or why it would refuse the whole request for it. */
export interface ToldEvent {
  readonly event?: object
  readonly refusal?: Receipt
}

export function eventOf({ change }: Row, rules: EventRules): ToldEvent {
  try {
    return { event: builtOf(change, rules) }
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    return { refusal: { status: 'rejected', error: error.message } }
  }
}

/** Undefined: it is none that Google knows. */
export function sourceOf(value: unknown): string | undefined {
  const source = String(value).trim().toUpperCase()
  return SOURCES.has(source) ? source : undefined
}

const SOURCES: ReadonlySet<string> = new Set(['WEB', 'APP', 'IN_STORE', 'PHONE', 'MESSAGE', 'OTHER'])

/** Its message names no value. */
class Refused extends Error {}

function builtOf(change: Change, { allowed: bySettings, source, nowMs }: EventRules): object {
  const { key, fields } = change
  const allowed = allowedByRow(fields)
  if (typeof allowed === 'string')
    throw new Refused(`expected ${allowed} to be true, false, granted, denied or unspecified, found another`)
  const consent = consentOf(allowed)
  const denied = isDenied('ad_user_data', allowed, bySettings)
  const value = numberOf(fields.value)
  const currency = textOf(fields.currency)
  const name = textOf(fields.event_name)
  return {
    transactionId: String(key.event_id),
    eventTimestamp: timeOf(fields.event_time, nowMs),
    eventSource: isNothing(fields.event_source) ? source : (sourceOf(fields.event_source) ?? unknownSource()),
    ...whoOf(change, denied),
    ...(value === undefined ? {} : { conversionValue: value }),
    ...(currency === undefined ? {} : { currency: currency.toUpperCase() }),
    ...(name === undefined ? {} : { eventName: name }),
    ...(consent === undefined ? {} : { consent }),
  }
}

function timeOf(value: JsonValue | undefined, nowMs: number): string {
  const atMs = typeof value === 'string' && ISO.test(value) ? Date.parse(value) : Number.NaN
  if (Number.isNaN(atMs)) throw new Refused('expected event_time to be a time with its zone, found none')
  if (atMs < nowMs - OLDEST_EVENT_DAYS * DAY_MS)
    throw new Refused(
      `expected event_time of the last ${OLDEST_EVENT_DAYS} days, found an older one, which Google does not count`,
    )
  if (atMs > nowMs + CLOCKS_DIFFER_MS)
    throw new Refused('expected event_time in the past, found one that is still to come')
  return new Date(atMs).toISOString()
}

/** `Date.parse` takes any number in a text for a year, and a time without a zone for one of this machine's. */
const ISO = /^\d{4}-\d{2}-\d{2}(?:$|[T ].*(?:Z|[+-]\d{2}:?\d{2})$)/
const DAY_MS = 24 * 60 * 60 * 1000
const CLOCKS_DIFFER_MS = 5 * 60 * 1000

function numberOf(value: JsonValue | undefined): number | undefined {
  if (isNothing(value)) return undefined
  const number = typeof value === 'string' && value.trim() === '' ? Number.NaN : Number(value)
  if (Number.isFinite(number)) return number
  throw new Refused('expected value to be a number, found something else')
}

function unknownSource(): never {
  throw new Refused('expected event_source to be WEB, APP, IN_STORE, PHONE, MESSAGE or OTHER, found another')
}

/** Whose data must not go to Google is found by the click alone. */
function whoOf(change: Change, denied: boolean): object {
  const clicks = CLICKS.flatMap((name) => {
    const id = textOf(change.fields[name])
    return id === undefined ? [] : [[name, id] as const]
  })
  const identifiers = denied ? [] : identifiersOf(change)
  const wrong = identifiers.map(wrongWith).find((why) => why !== undefined)
  if (wrong !== undefined) throw new Refused(wrong)
  if (clicks.length === 0 && identifiers.length === 0)
    throw new Refused(
      `expected identifiers or one of ${CLICKS.join(', ')}, found ${denied ? 'that the person denied ad_user_data, and no click' : 'none'}`,
    )
  const first = identifiers.slice(0, MOST_IDENTIFIERS)
  return {
    ...(clicks.length === 0 ? {} : { adIdentifiers: Object.fromEntries(clicks) }),
    ...(first.length === 0 ? {} : { userData: { userIdentifiers: userIdentifiersOf(first) } }),
  }
}

const CLICKS = ['gclid', 'gbraid', 'wbraid'] as const

function textOf(value: JsonValue | undefined): string | undefined {
  return isNothing(value) ? undefined : String(value)
}

function isNothing(value: JsonValue | undefined): value is null | undefined | '' {
  return value === undefined || value === null || value === ''
}
