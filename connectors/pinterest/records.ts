import { type Entry, entriesOf, SHA256 } from '../../src/connector/entries.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import { type Identifier, identifiersOf, leavingOf, membership } from '../../src/connector/members.ts'
import { APPLIED, allOf, type Row, type RowReceipts } from '../../src/connector/rows.ts'
import { idIn, objectIn } from '../../src/connector/shapes.ts'
import type { Batch, Change, Receipt } from '../../src/connector/types.ts'
import type { AdAccount, Json } from './account.ts'
import { MOST_BYTES } from './manifest.ts'

/** The customer list of a sync, as far as it is known. */
export interface ListUse {
  readonly account: AdAccount
  /** What the sync calls it. */
  readonly name: string
  /** `EMAIL` */
  readonly type: string
  /** Undefined: there is none yet. */
  id(): Promise<string | undefined>
  /** It was made. */
  made(listId: string): void
  readonly onInvalid: (entries: number) => void
}

/** Pinterest says of a request how many records it does not take, and never which. */
export function writeRecords(batch: Batch, list: ListUse): Promise<readonly Receipt[]> {
  const part = (
    rows: readonly Row[],
    valuesOf: (change: Change) => readonly Identifier[],
    send: (records: string) => Promise<{ readonly answer: Json; readonly listId: string } | undefined>,
  ) => sendPart(rows, valuesOf, list, send)
  return membership(batch, {
    takeOut: (rows) =>
      part(rows, leavingOf, async (records) => {
        const listId = await list.id()
        // Nobody is on a list that is not there.
        if (listId === undefined) return undefined
        const change = { operation: 'REMOVE', records } as const
        return { listId, answer: await list.account.changeList(listId, change, batch, MOST_BYTES) }
      }),
    putIn: (rows) =>
      part(rows, identifiersOf, async (records) => {
        const listId = await list.id()
        if (listId === undefined) return make(list, records, batch)
        const change = { operation: 'ADD', records } as const
        return { listId, answer: await list.account.changeList(listId, change, batch, MOST_BYTES) }
      }),
  })
}

const FORMS = { email: SHA256, mobile_id: SHA256 }

const KINDS: ReadonlyMap<string, string> = new Map([
  ['EMAIL', 'email'],
  ['MAID', 'mobile_id'],
  ['IDFA', 'mobile_id'],
])

async function sendPart(
  rows: readonly Row[],
  valuesOf: (change: Change) => readonly Identifier[],
  list: ListUse,
  send: (records: string) => Promise<{ readonly answer: Json; readonly listId: string } | undefined>,
): Promise<RowReceipts> {
  const { entries, malformed } = entriesOf(rows, valuesOf, FORMS)
  if (entries.length === 0) return malformed
  refuseOtherKinds(entries, list.type)
  const sent = await send([...new Set(entries.map(({ value }) => value))].join(','))
  const good = rows.filter((row) => !malformed.has(row))
  if (sent === undefined) return new Map([...malformed, ...allOf(good, APPLIED)])
  const invalid = invalidIn(sent.answer)
  if (invalid > 0) list.onInvalid(invalid)
  // What does not speak of this list is no answer of Pinterest's: its rows stay open.
  const isOfList = idIn(sent.answer.id) === sent.listId
  return new Map([...malformed, ...(isOfList ? allOf(good, APPLIED) : [])])
}

async function make(list: ListUse, records: string, batch: Batch) {
  const answer = await list.account.makeList(list.name, { type: list.type, records }, batch, MOST_BYTES)
  const listId = idIn(answer.id) ?? ''
  if (listId !== '') list.made(listId)
  return { answer, listId }
}

function refuseOtherKinds(entries: readonly Entry[], type: string): void {
  const kind = KINDS.get(type)
  if (kind === undefined)
    throw stop(`expected list_type to be one of ${[...KINDS.keys()].join(', ')}, found "${type}"`)
  const other = entries.find((entry) => entry.kind !== kind)
  if (other === undefined) return
  throw stop(
    `expected identifiers of ${kind} only, because the list holds ${type}, found ${other.kind}: Pinterest has lists of one kind, so make another sync for them`,
  )
}

/**
 * The description has no more than an object: its numbers are counts, and of lists it is their length. Where it has
 * neither, something is invalid, and at least one record.
 */
function invalidIn({ exceptions }: Json): number {
  const told = Object.entries(objectIn(exceptions)).filter(([name]) => name !== 'code')
  const counts = told.map(([, value]) => {
    if (Array.isArray(value)) return value.length
    return typeof value === 'number' && value > 0 ? Math.floor(value) : 0
  })
  const sum = counts.reduce((one, other) => one + other, 0)
  return sum > 0 ? sum : Number(told.some(([, value]) => typeof value === 'string' && value !== ''))
}

function stop(message: string): DestinationError {
  return new DestinationError('stop', { message })
}
