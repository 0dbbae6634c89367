import type { Receipt } from '../../connector/types.ts'
import type { RejectedRow, SeqRange } from '../../ledger/ledger.ts'

/** The receipts of one request, by what is to be done about their rows. */
export interface SortedReceipts {
  readonly applied: readonly SeqRange[]
  readonly rejected: readonly RejectedRow[]
  readonly retry: readonly SeqRange[]
  /** Of the first that is to be sent again. */
  readonly reason: string
  /** Some of those may have been applied. */
  readonly ambiguous: boolean
  readonly afterMs: number | undefined
}

/** `receipts` are those of `ranges`, row by row. */
export function sortedReceipts(
  ranges: readonly SeqRange[],
  receipts: readonly Receipt[],
  sent: { readonly attempts: number; readonly ambiguous: boolean },
): SortedReceipts {
  if (areAllApplied(receipts)) return { ...NONE, applied: ranges }
  const { attempts, ambiguous } = sent
  const [applied, retry]: [SeqRange[], SeqRange[]] = [[], []]
  const rejected: RejectedRow[] = []
  const waits: number[] = []
  let reason: string | undefined
  let mayBeApplied = false
  for (const [index, seq] of numbersOf(ranges).entries()) {
    const receipt = receipts[index]
    if (receipt?.status === 'applied') append(applied, seq)
    if (receipt?.status === 'rejected') rejected.push({ seq, reason: receipt.error, attempts, ambiguous })
    if (receipt?.status !== 'retry') continue
    append(retry, seq)
    reason ??= receipt.error
    mayBeApplied ||= receipt.ambiguous === true
    if (receipt.afterMs !== undefined) waits.push(receipt.afterMs)
  }
  const afterMs = waits.length === 0 ? undefined : Math.max(...waits)
  return { applied, rejected, retry, reason: reason ?? '', ambiguous: mayBeApplied, afterMs }
}

/**
 * As of nearly all requests: then nothing is done row by row. Connectors give one receipt again and again, which is
 * told by what it is and not by what it says.
 */
export function areAllApplied(receipts: readonly Receipt[]): boolean {
  const [first] = receipts
  if (first?.status !== 'applied') return false
  for (const one of receipts) if (one !== first && one.status !== 'applied') return false
  return true
}

const NONE: SortedReceipts = {
  applied: [],
  rejected: [],
  retry: [],
  reason: '',
  ambiguous: false,
  afterMs: undefined,
}

/** `seq` is higher than all before it. */
function append(ranges: SeqRange[], seq: number): void {
  const last = ranges.at(-1)
  if (last?.hi === seq - 1) ranges[ranges.length - 1] = { lo: last.lo, hi: seq }
  else ranges.push({ lo: seq, hi: seq })
}

export function numbersOf(ranges: readonly SeqRange[]): readonly number[] {
  return ranges.flatMap(({ lo, hi }) => Array.from({ length: hi - lo + 1 }, (_, index) => lo + index))
}
