import { answerWords } from '../../src/connector/answer-words.ts'
import type { Api } from '../../src/connector/api.ts'
import { type Entry, entriesOf, receiptsOf, SHA256, UUID } from '../../src/connector/entries.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import { type Identifier, identifiersOf, leavingOf, membership } from '../../src/connector/members.ts'
import { APPLIED, type Row, type RowReceipts } from '../../src/connector/rows.ts'
import { objectIn, objectsIn } from '../../src/connector/shapes.ts'
import type { Batch, Change, Receipt } from '../../src/connector/types.ts'
import { MOST_ELEMENTS } from './manifest.ts'
import type { Segment } from './segment.ts'

export function writeUsers(
  api: Api,
  batch: Batch,
  segment: Segment,
  nowMs: () => number,
): Promise<readonly Receipt[]> {
  const stream =
    (action: Action, valuesOf: (change: Change) => readonly Identifier[]) =>
    async (rows: readonly Row[]): Promise<RowReceipts> => {
      const { entries, malformed } = entriesOf(rows, valuesOf, FORMS)
      const told = entries.length > 0 ? await send(api, batch, { action, entries, segment, nowMs }) : []
      return new Map([...malformed, ...receiptsOf(told)])
    }
  return membership(batch, { takeOut: stream('REMOVE', leavingOf), putIn: stream('ADD', identifiersOf) })
}

type Action = 'ADD' | 'REMOVE'

const FORMS = { email: SHA256, mobile_id: UUID }

const ID_TYPES: Readonly<Record<string, string>> = { email: 'SHA256_EMAIL', mobile_id: 'GOOGLE_AID' }

/** A new segment takes nobody before. */
const READY_AFTER_MS = 5000

/** Other tools wait for two minutes; one that is not found so long after it was made is gone. */
const MISSING_FOR_MS = 10 * 60 * 1000

/** The answer has a status for each element, in order. */
async function send(
  api: Api,
  batch: Batch,
  {
    action,
    entries,
    segment,
    nowMs,
  }: {
    readonly action: Action
    readonly entries: readonly Entry[]
    readonly segment: Segment
    readonly nowMs: () => number
  },
): Promise<readonly (readonly [Entry, Receipt | undefined])[]> {
  if (entries.length > MOST_ELEMENTS)
    throw new DestinationError('split', {
      message: `expected at most ${MOST_ELEMENTS} identifiers in a request, found ${entries.length}`,
    })
  waitWhileNew(segment, nowMs())
  const answer = await api.send({
    method: 'POST',
    path: `/rest/dmpSegments/${encodeURIComponent(segment.id)}/users`,
    headers: { 'x-restli-method': 'BATCH_CREATE' },
    json: { elements: entries.map((entry) => elementOf(entry, action)) },
    answers: [404],
    batch,
  })
  if (answer.status === 404) throw missing(segment, nowMs())
  const elements = objectsIn(objectIn(answer.json).elements)
  const words = answerWords(batch)
  // Of another number, it cannot be told which is whose.
  const isWhole = elements.length === entries.length
  return entries.map((entry, at) => [entry, isWhole ? receiptOf(elements[at], entry, words) : undefined])
}

/**
 * One element an identifier: what is put in together need not be found again by a part of it, and a person may keep one
 * address and lose the other.
 */
function elementOf({ kind, value, row }: Entry, action: Action): object {
  const element = { action, userIds: [{ idType: ID_TYPES[kind], idValue: value }] }
  if (action === 'REMOVE') return element
  const { first_name: firstName, last_name: lastName, country } = row.change.fields
  const details = Object.entries({ firstName, lastName, country })
  return { ...element, ...Object.fromEntries(details.filter(([, value]) => isText(value))) }
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

function receiptOf(
  element: Readonly<Record<string, unknown>> | undefined,
  { row }: Entry,
  words: ReturnType<typeof answerWords>,
): Receipt | undefined {
  const { status, message } = element ?? {}
  if (typeof status !== 'number') return undefined
  if (status >= 200 && status < 300) return APPLIED
  const error = `LinkedIn: ${words(row.index, message) ?? `status ${status}, no reason given`}`
  return status === 429 || status >= 500 ? { status: 'retry', error } : { status: 'rejected', error }
}

function waitWhileNew({ madeAtMs }: Segment, nowMs: number): void {
  const afterMs = (madeAtMs ?? 0) + READY_AFTER_MS - nowMs
  // More is no wait but a clock that is wrong.
  if (afterMs <= 0 || afterMs > READY_AFTER_MS) return
  throw new DestinationError('retry', {
    message:
      'expected an audience that takes members, found one that was made just now: LinkedIn needs 5 seconds',
    afterMs,
  })
}

function missing({ id, madeAtMs }: Segment, nowMs: number): DestinationError {
  const isNew = madeAtMs !== undefined && nowMs - madeAtMs < MISSING_FOR_MS
  const found = `expected LinkedIn to have the audience ${id}, found none (404)`
  if (!isNew) return new DestinationError('stop', { message: `${found}: it was deleted there`, status: 404 })
  const message = `${found}: it was made just now, and is not everywhere yet`
  return new DestinationError('retry', { message, status: 404, afterMs: READY_AFTER_MS })
}
