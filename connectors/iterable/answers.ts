import type { ApiAnswer, Judgement } from '../../src/connector/api.ts'
import { objectIn, textIn } from '../../src/connector/shapes.ts'

/** `ForgottenUserError`. */
export function codeOf(json: unknown): string | undefined {
  return textIn(objectIn(json).code)
}

export function wordsOf(json: unknown): string {
  const { code, msg } = objectIn(json)
  return [code, msg].filter((word) => typeof word === 'string').join(': ')
}

export function judge({ status, headers, json }: ApiAnswer): Judgement | undefined {
  // The project has as many fields as it may: no other row would do better.
  if (status === 400 && codeOf(json) === 'UniqueFieldsLimitExceeded') return { action: 'stop' }
  if (status !== 429 || headers['retry-after'] !== undefined) return undefined
  const seconds = Number(objectIn(objectIn(json).params).rateLimitReset ?? Number.NaN)
  return seconds >= 0 ? { action: 'retry', afterMs: Math.min(seconds, A_DAY) * 1000 } : undefined
}

/** No quota lasts longer. */
const A_DAY = 24 * 60 * 60
