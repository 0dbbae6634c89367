/** A set of code points: ranges with both ends, in order, apart from each other. */
export type CodePoints = readonly (readonly [low: number, high: number])[]

export const LAST_CODE_POINT = 0x10ffff

export function one(codePoint: number): CodePoints {
  return [[codePoint, codePoint]]
}

export function union(...sets: readonly CodePoints[]): CodePoints {
  const sorted = sets.flat().sort((a, b) => a[0] - b[0])
  const merged: [number, number][] = []
  for (const [low, high] of sorted) {
    const last = merged.at(-1)
    if (last !== undefined && low <= last[1] + 1) last[1] = Math.max(last[1], high)
    else merged.push([low, high])
  }
  return merged
}

/** Every code point but these. */
export function complement(set: CodePoints): CodePoints {
  const rest: [number, number][] = []
  let next = 0
  for (const [low, high] of set) {
    if (low > next) rest.push([next, low - 1])
    next = high + 1
  }
  if (next <= LAST_CODE_POINT) rest.push([next, LAST_CODE_POINT])
  return rest
}

export function holds(set: CodePoints, codePoint: number): boolean {
  let from = 0
  let to = set.length - 1
  while (from <= to) {
    const middle = (from + to) >> 1
    const [low, high] = set[middle] ?? [0, 0]
    if (codePoint < low) to = middle - 1
    else if (codePoint > high) from = middle + 1
    else return true
  }
  return false
}
