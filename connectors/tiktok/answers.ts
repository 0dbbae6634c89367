import type { ApiAnswer, Judgement } from '../../src/connector/api.ts'
import { objectIn } from '../../src/connector/shapes.ts'

/**
 * TikTok answers nearly everything with 200 and says in a code what it means, which outranks the status. An answer with
 * 200 and no code is not TikTok's: it says nothing of the request.
 */
export function judge({ status, json }: ApiAnswer): Judgement | undefined {
  const { code } = objectIn(json)
  const isSuccess = status >= 200 && status < 300
  if (typeof code !== 'number') return isSuccess ? { action: 'retry', ambiguous: true } : undefined
  if (code === OK) return undefined
  if (code === PARTLY_OK || TOO_FAULTY.has(code)) return { action: 'split' }
  if (NOT_NOW.has(code)) return { action: 'retry' }
  if (TOKEN.has(code)) return { action: 'refresh' }
  return code >= FIRST_OF_SERVICE && code <= LAST_OF_SERVICE
    ? { action: 'retry', ambiguous: true }
    : { action: 'stop' }
}

export function wordsOf(json: unknown): string {
  const { code, message } = objectIn(json)
  return [code, message].filter((word) => typeof word === 'string' || typeof word === 'number').join(': ')
}

/** What a successful answer brings. */
export function dataOf(json: unknown): Readonly<Record<string, unknown>> {
  return objectIn(objectIn(json).data)
}

const OK = 0

/** Some of it was taken, and which is not told: halves of it tell, and what comes twice counts once. */
const PARTLY_OK = 20_001

/** 5xxxx: something of TikTok's broke. */
const FIRST_OF_SERVICE = 50_000
const LAST_OF_SERVICE = 59_999

/** Too many requests (of the app, of the advertiser, of one value), a task or an entity that is busy, maintenance. */
const NOT_NOW: ReadonlySet<number> = new Set([40016, 40100, 40132, 40133, 40201, 40202, 60001, 61000])

/** Expired, empty, wrong. */
const TOKEN: ReadonlySet<number> = new Set([40102, 40104, 40105])

/** Something in what was sent: a parameter, too many of something, a value that is no hash, a file. */
const TOO_FAULTY: ReadonlySet<number> = new Set([
  ...[40000, 40002, 40011, 40061, 40062, 40200, 40700],
  ...[40900, 40905, 40906, 40907, 40908, 40909, 40910, 40914, 40915],
])
