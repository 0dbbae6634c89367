import type { ApiAnswer, Judgement } from '../../src/connector/api.ts'
import { objectIn, objectsIn } from '../../src/connector/shapes.ts'

/**
 * What an answer says of the whole request, where its status does not: that a quota lasts until the portal's midnight,
 * or that every row would be refused like this one.
 */
export function judgeWith(
  { status, headers, json }: ApiAnswer,
  nowMs: number,
  utcOffsetMs: number | undefined,
): Judgement | undefined {
  const said = objectIn(json)
  if (status === 429) {
    if (said.policyName !== 'DAILY' || utcOffsetMs === undefined) return undefined
    return headers['retry-after'] === undefined
      ? { action: 'retry', afterMs: untilMidnight(nowMs + utcOffsetMs) }
      : undefined
  }
  return status === 400 && isOfAllRows(said) ? { action: 'stop' } : undefined
}

function untilMidnight(localMs: number): number {
  return DAY_MS - (((localMs % DAY_MS) + DAY_MS) % DAY_MS)
}

const DAY_MS = 24 * 60 * 60 * 1000

/** The key is no unique property, the object is none, or a property is: it is the project that must change. */
function isOfAllRows({ message, errors }: Readonly<Record<string, unknown>>): boolean {
  if (objectsIn(errors).some(({ code }) => code === NO_PROPERTY)) return true
  return typeof message === 'string' && SAID_OF_ALL.test(message)
}

const NO_PROPERTY = 'PROPERTY_DOESNT_EXIST'

/** Anchored, and quotes unescaped, so that no value of a row that is quoted can look like it. */
const SAID_OF_ALL =
  /^Unable to (?:infer object type|perform update\/upsert by non-unique)|"error":"PROPERTY_DOESNT_EXIST"/
