import { type Api, type ApiAnswer, type Judgement, openApi } from '../../src/connector/api.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import { objectIn, objectsIn, textIn } from '../../src/connector/shapes.ts'
import type { ConnectorTools, Settings } from '../../src/connector/types.ts'
import { GOOGLE_ADS_MANIFEST } from './manifest.ts'

export function openDataManager(settings: Settings, tools: ConnectorTools): Api {
  return openApi({ manifest: GOOGLE_ADS_MANIFEST, settings, tools, judge, wordsOf })
}

/** Why a request was refused, in Google's codes: `INVALID_SHA256_FORMAT`. */
export function reasonsIn(json: unknown): readonly string[] {
  return complaintsIn(json).map(({ reason }) => reason)
}

export function stop(message: string): DestinationError {
  return new DestinationError('stop', { message })
}

/** A request has one answer for all its rows: what is said of the account is true of each half of it. */
function judge({ status, json }: ApiAnswer): Judgement | undefined {
  if (status === 429 && /PerDay/.test(quotaIn(json))) return { action: 'retry', afterMs: DAILY_PAUSE_MS }
  if (status !== 400) return undefined
  return reasonsIn(json).some((reason) => OF_THE_ACCOUNT.test(reason)) ? { action: 'stop' } : undefined
}

/** The quota of a day is back at midnight in California, whenever that is. */
const DAILY_PAUSE_MS = 60 * 60 * 1000

/** Of the account, the list, the conversion action, or how they are reached. The source of an event is the row's. */
const OF_THE_ACCOUNT =
  /^(?!EVENT_SOURCE_).*(?:ACCOUNT|DATA_PARTNER|DESTINATION|USER_LIST|CONVERSION_ACTION|ALLOWLISTED|TERMS|TOS_NOT|POLICY|DATA_TYPES_NOT_ALLOWED|EU_POLITICAL)/

/** Codes and places, and no sentence that quotes what stands there. */
function wordsOf(json: unknown): string | undefined {
  const complaints = complaintsIn(json).slice(0, MOST_TOLD)
  if (complaints.length === 0) return textIn(objectIn(objectIn(json).error).message)
  return complaints.map(({ reason, field }) => (field === '' ? reason : `${reason} at ${field}`)).join(', ')
}

const MOST_TOLD = 3

interface Complaint {
  readonly reason: string
  /** `events.events[3].currency`; empty where none is named. */
  readonly field: string
}

/** The fields that are wrong say more than the reason of the whole, where they are named. */
function complaintsIn(json: unknown): readonly Complaint[] {
  const details = objectsIn(objectIn(objectIn(json).error).details)
  const fields = details.flatMap(({ fieldViolations }) => objectsIn(fieldViolations)).flatMap(complaintOf)
  return fields.length > 0 ? fields : details.flatMap(complaintOf)
}

function complaintOf(detail: Readonly<Record<string, unknown>>): readonly Complaint[] {
  const { reason, field } = detail
  if (typeof reason !== 'string' || !/^[A-Z][A-Z0-9_]{2,120}$/.test(reason)) return []
  return [{ reason, field: typeof field === 'string' && /^[\w.[\]]{1,150}$/.test(field) ? field : '' }]
}

function quotaIn(json: unknown): string {
  return objectsIn(objectIn(objectIn(json).error).details)
    .map(({ metadata }) => textIn(objectIn(metadata).quota_limit) ?? '')
    .join(' ')
}
