import type { Batch, Change, Receipt } from './types.ts'
import { unanswered } from './unanswered.ts'

/** A change with its place in the batch. */
export interface Row {
  readonly change: Change
  readonly index: number
}

/** What an answer told of these rows; one that it does not tell of is left out. */
export type RowReceipts = ReadonlyMap<Row, Receipt>

export const APPLIED: Receipt = { status: 'applied' }

/** Rows of a batch, in its order. */
export function rowsOf(changes: readonly Change[]): readonly Row[] {
  return changes.map((change, index) => ({ change, index }))
}

/**
 * One receipt a change, in order, where removals go another way than the rest. Rows of which nothing was told are
 * `unanswered`.
 */
export async function byKind(
  batch: Batch,
  work: {
    readonly removed: (rows: readonly Row[]) => Promise<RowReceipts>
    readonly written: (rows: readonly Row[]) => Promise<RowReceipts>
  },
): Promise<readonly Receipt[]> {
  const rows = rowsOf(batch.changes())
  const removed = rows.filter(({ change }) => change.op === 'remove')
  const written = rows.filter(({ change }) => change.op !== 'remove')
  return inOrder(rows, [
    ...(removed.length > 0 ? await work.removed(removed) : []),
    ...(written.length > 0 ? await work.written(written) : []),
  ])
}

export function inOrder(rows: readonly Row[], told: Iterable<readonly [Row, Receipt]>): readonly Receipt[] {
  const receipts = new Map(told)
  return rows.map(
    (row) => receipts.get(row) ?? unanswered('expected an answer for every row, found none for this one'),
  )
}

/** The one at the place that an answer names; undefined when it names none of them. */
export function rowAt(rows: readonly Row[], place: unknown): Row | undefined {
  return typeof place === 'number' ? rows[place] : undefined
}

/** All of them with one receipt. */
export function allOf(rows: readonly Row[], receipt: Receipt): RowReceipts {
  return new Map(rows.map((row) => [row, receipt]))
}

/** Items that are too long by themselves are rejected here; the others come back with what they are sent as. */
export function withItems<T>(
  rows: readonly Row[],
  itemOf: (row: Row) => T,
  maxItemBytes: number,
): { readonly items: readonly (readonly [Row, T])[]; readonly tooLong: RowReceipts } {
  const all = rows.map((row) => [row, itemOf(row)] as const)
  const isTooLong = ([, item]: readonly [Row, T]) => Buffer.byteLength(JSON.stringify(item)) > maxItemBytes
  return {
    items: all.filter((one) => !isTooLong(one)),
    tooLong: allOf(
      all.filter(isTooLong).map(([row]) => row),
      { status: 'rejected', error: `expected a row of at most ${maxItemBytes} bytes, found a longer one` },
    ),
  }
}
