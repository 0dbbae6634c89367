import type { SeqRange } from '../../ledger/ledger.ts'

/** Sorted and merged: neighbours become one. */
export function merged(ranges: readonly SeqRange[]): readonly SeqRange[] {
  const sorted = [...ranges].sort((a, b) => a.lo - b.lo)
  const result: SeqRange[] = []
  for (const range of sorted) {
    const last = result.at(-1)
    if (last === undefined || range.lo > last.hi + 1) result.push(range)
    else result[result.length - 1] = { lo: last.lo, hi: Math.max(last.hi, range.hi) }
  }
  return result
}

/** What of `whole` lies in none of `taken`, which are merged. */
export function without(whole: SeqRange, taken: readonly SeqRange[]): readonly SeqRange[] {
  const rest: SeqRange[] = []
  let lo = whole.lo
  for (const range of overlapping(whole, taken)) {
    if (range.lo > lo) rest.push({ lo, hi: range.lo - 1 })
    lo = Math.max(lo, range.hi + 1)
  }
  if (lo <= whole.hi) rest.push({ lo, hi: whole.hi })
  return rest
}

/** The same of several. */
export function withoutAll(ranges: readonly SeqRange[], taken: readonly SeqRange[]): readonly SeqRange[] {
  return taken.length === 0 ? ranges : ranges.flatMap((range) => without(range, taken))
}

export function sizeOf(ranges: readonly SeqRange[]): number {
  return ranges.reduce((sum, { lo, hi }) => sum + hi - lo + 1, 0)
}

/** The `index`-th number (from 0) of sorted ranges. */
export function numberAt(ranges: readonly SeqRange[], index: number): number {
  let left = index
  for (const { lo, hi } of ranges) {
    if (left <= hi - lo) return lo + left
    left -= hi - lo + 1
  }
  throw new RangeError(`expected an index below ${sizeOf(ranges)}, found ${index}`)
}

/** The first half, the larger one when they differ, and the rest. */
export function halves(ranges: readonly SeqRange[]): readonly [readonly SeqRange[], readonly SeqRange[]] {
  const cut = numberAt(ranges, Math.ceil(sizeOf(ranges) / 2) - 1)
  return [
    ranges.flatMap(({ lo, hi }) => (lo <= cut ? [{ lo, hi: Math.min(hi, cut) }] : [])),
    ranges.flatMap(({ lo, hi }) => (hi > cut ? [{ lo: Math.max(lo, cut + 1), hi }] : [])),
  ]
}

/** Those of sorted ranges that touch `whole`, found without looking at all. */
function overlapping(whole: SeqRange, ranges: readonly SeqRange[]): readonly SeqRange[] {
  let [from, to] = [0, ranges.length]
  while (from < to) {
    const middle = (from + to) >> 1
    if ((ranges[middle]?.hi ?? 0) < whole.lo) from = middle + 1
    else to = middle
  }
  const found: SeqRange[] = []
  for (let index = from; index < ranges.length; index += 1) {
    const range = ranges[index]
    if (range === undefined || range.lo > whole.hi) break
    found.push(range)
  }
  return found
}
