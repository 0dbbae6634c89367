import type { Api } from '../../src/connector/api.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import { objectIn, objectsIn, textIn } from '../../src/connector/shapes.ts'
import type { Batch } from '../../src/connector/types.ts'
import { reasonsIn } from './api.ts'

/** Hands rows over; what Google made of them is asked for by the id that it gives. */
export async function handOver(
  api: Api,
  path: '/v1/audienceMembers:ingest' | '/v1/audienceMembers:remove' | '/v1/events:ingest',
  json: object,
  batch: Batch,
): Promise<string> {
  const { json: answer } = await api.send({ method: 'POST', path, json, batch })
  const id = textIn(objectIn(answer).requestId)
  // A text with blanks would not come apart again.
  if (id !== undefined && /^\S+$/.test(id)) return id
  throw new DestinationError('retry', {
    message: 'expected Google to name the request, found an answer without its id',
    ambiguous: true,
  })
}

/** What became of a request. Google counts the records that it did not take by reason, and never names one. */
export type Fate =
  | { readonly kind: 'running' }
  | { readonly kind: 'forgotten' }
  /** It broke at Google as a whole: any part of it may be done. */
  | { readonly kind: 'broken'; readonly error: string }
  | {
      readonly kind: 'ended'
      /** Records that it did not take. */
      readonly failed: number
      /** Of those, the ones that broke at Google and would do better a second time. */
      readonly broken: number
      /** Why it took none at all; undefined: it took some, or had them already. */
      readonly refusedAll: string | undefined
    }

export async function fateOf(api: Api, requestId: string): Promise<Fate> {
  const { status, json } = await api.send({
    method: 'GET',
    path: '/v1/requestStatus:retrieve',
    query: { requestId },
    answers: [400, 404],
  })
  if (status === 404 || (status === 400 && reasonsIn(json).includes('INVALID_REQUEST_ID')))
    return { kind: 'forgotten' }
  // A request has one destination.
  const [told = {}] = objectsIn(objectIn(json).requestStatusPerDestination)
  switch (status === 200 ? told.requestStatus : undefined) {
    case 'PROCESSING':
      return { kind: 'running' }
    case 'SUCCESS':
      return { kind: 'ended', failed: 0, broken: 0, refusedAll: undefined }
    case 'PARTIAL_SUCCESS':
    case 'FAILED':
      return fateBy(countsIn(told), told.requestStatus === 'FAILED')
    default:
      throw new DestinationError('retry', {
        message: 'expected Google to say how the request is, found an answer without a status that is known',
      })
  }
}

/** Is let in only with a token for the scope, whatever the account. */
export async function checkLetIn(api: Api): Promise<void> {
  await api.send({
    method: 'GET',
    path: '/v1/requestStatus:retrieve',
    query: { requestId: 'none' },
    answers: [400, 404],
  })
}

interface Count {
  /** Without what all of them begin with: `NO_CONSENT`. */
  readonly reason: string
  readonly records: number
}

function countsIn(told: Readonly<Record<string, unknown>>): readonly Count[] {
  return objectsIn(objectIn(told.errorInfo).errorCounts).map(({ reason, recordCount }) => ({
    reason: codeOf(reason),
    records: Number(recordCount) || 0,
  }))
}

function codeOf(reason: unknown): string {
  const code = /^PROCESSING_ERROR_(?:REASON_)?([A-Z0-9_]{3,100})$/.exec(String(reason))?.[1]
  return code ?? 'no reason given'
}

function fateBy(counts: readonly Count[], isAll: boolean): Fate {
  const reasons = counts.map(({ reason }) => reason).join(', ')
  const broken = sum(counts.filter(({ reason }) => reason === 'INTERNAL_ERROR'))
  if (isAll && (broken > 0 || counts.length === 0))
    return { kind: 'broken', error: `Google could not process the request: ${reasons || 'no reason given'}` }
  const mistakes = counts.filter(({ reason }) => !NO_MISTAKE.test(reason))
  const refusedAll = isAll && mistakes.length === counts.length ? `Google: ${reasons}` : undefined
  return { kind: 'ended', failed: sum(mistakes), broken, refusedAll }
}

/** It has the record already, or no ad led to the conversion, as to most of those that nobody clicked for. */
const NO_MISTAKE = /^(?:DUPLICATE_TRANSACTION_ID|DUPLICATE_GCLID|CLICK_NOT_FOUND|USER_ID_NOT_FOUND.*)$/

function sum(counts: readonly Count[]): number {
  return counts.reduce((total, { records }) => total + records, 0)
}
