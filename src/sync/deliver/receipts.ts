import type { Receipt } from '../../connector/types.ts'
import type { RejectedRow, SeqRange } from '../../ledger/ledger.ts'
import { merged } from './ranges.ts'

/** The receipts of one request, by what is to be done about their rows. */
export interface SortedReceipts {
  readonly applied: readonly SeqRange[]
  readonly rejected: readonly RejectedRow[]
  readonly retry: readonly SeqRange[]
  /** Of the first that is to be sent again. */
  readonly reason: string
  readonly afterMs: number | undefined
}

/** `receipts` are those of `ranges`, row by row. */
export function sortedReceipts(
  ranges: readonly SeqRange[],
  receipts: readonly Receipt[],
  sent: { readonly attempts: number; readonly ambiguous: boolean },
): SortedReceipts {
  const numbers = numbersOf(ranges)
  const of = (status: Receipt['status']) => receipts.flatMap((one, at) => (one.status === status ? [at] : []))
  const rangesOf = (places: readonly number[]) =>
    merged(places.map((at): SeqRange => ({ lo: numbers[at] ?? 0, hi: numbers[at] ?? 0 })))
  const { attempts, ambiguous } = sent
  const rejected = of('rejected').map((at) => {
    const receipt = receipts[at]
    const reason = receipt?.status === 'rejected' ? receipt.error : ''
    return { seq: numbers[at] ?? 0, reason, attempts, ambiguous }
  })
  const retries = receipts.flatMap((one) => (one.status === 'retry' ? [one] : []))
  const waits = retries.flatMap(({ afterMs }) => (afterMs === undefined ? [] : [afterMs]))
  return {
    applied: rangesOf(of('applied')),
    rejected,
    retry: rangesOf(of('retry')),
    reason: retries[0]?.error ?? '',
    afterMs: waits.length === 0 ? undefined : Math.max(...waits),
  }
}

export function numbersOf(ranges: readonly SeqRange[]): readonly number[] {
  return ranges.flatMap(({ lo, hi }) => Array.from({ length: hi - lo + 1 }, (_, index) => lo + index))
}
