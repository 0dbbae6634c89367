import type { Identifier } from './members.ts'
import type { Row, RowReceipts } from './rows.ts'
import type { Change, Receipt } from './types.ts'
import { unanswered } from './unanswered.ts'

/** One value of one person: what requests for audiences hold and count. */
export interface Entry {
  readonly row: Row
  readonly kind: string
  readonly value: string
}

/** How a value of a kind of identifier looks; `expected` says it to people. */
export interface EntryForm {
  readonly pattern: RegExp
  readonly expected: string
}

export const SHA256: EntryForm = {
  pattern: /^[0-9a-f]{64}$/,
  expected: 'a SHA-256 hash in lower-case hex',
}

/** Of advertising ids, that are UUIDs. */
export const UUID: EntryForm = {
  pattern: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  expected: 'an advertising id, which is a UUID',
}

/**
 * What these rows have, in order. A row with a value of another form is `malformed` and has no entry: a platform would
 * refuse everybody because of it, or leave it out without a word. `forms` has all kinds that there are.
 */
export function entriesOf(
  rows: readonly Row[],
  valuesOf: (change: Change) => readonly Identifier[],
  forms: Readonly<Record<string, EntryForm>>,
): { readonly entries: readonly Entry[]; readonly malformed: RowReceipts } {
  const entries: Entry[] = []
  const malformed = new Map<Row, Receipt>()
  for (const row of rows) {
    const own = valuesOf(row.change).map(({ kind, parts }) => ({ row, kind, value: parts[0] ?? '' }))
    const [problem] = own.flatMap((entry) => problemOf(entry, forms))
    if (problem === undefined) entries.push(...own)
    else malformed.set(row, { status: 'rejected', error: problem })
  }
  return { entries, malformed }
}

/**
 * One receipt a row, of what was told of its entries: `retry` before `rejected`, so that all of a person settles before
 * anything is said of it. An entry of which nothing was told leaves its row open.
 */
export function receiptsOf(told: Iterable<readonly [Entry, Receipt | undefined]>): RowReceipts {
  const receipts = new Map<Row, Receipt>()
  for (const [{ row }, receipt = unanswered(NOTHING_TOLD)] of told) {
    const before = receipts.get(row)
    if (before === undefined || URGENCY[receipt.status] > URGENCY[before.status]) receipts.set(row, receipt)
  }
  return receipts
}

const NOTHING_TOLD = 'expected an answer for each of its identifiers, found none for one of them'

const URGENCY: Readonly<Record<Receipt['status'], number>> = { applied: 0, rejected: 1, retry: 2 }

function problemOf({ kind, value }: Entry, forms: Readonly<Record<string, EntryForm>>): readonly string[] {
  const form = forms[kind]
  if (form === undefined) return [`expected identifiers of ${Object.keys(forms).join(', ')}, found ${kind}`]
  return form.pattern.test(value) ? [] : [`expected ${kind} to be ${form.expected}, found something else`]
}
