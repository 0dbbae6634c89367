/**
 * The candidate that `name` was probably meant to be: at most a third of its letters away (at least one letter),
 * the closest first, ties by order. Undefined when none is near.
 */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  const reach = Math.max(1, Math.floor(name.length / 3))
  let best: { readonly candidate: string; readonly distance: number } | undefined
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - name.length) > reach) continue
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase())
    if (distance <= reach && distance < (best?.distance ?? Number.POSITIVE_INFINITY))
      best = { candidate, distance }
  }
  return best?.candidate
}

/** `did you mean "segment"?`, else the whole list when it is short enough to read, else nothing. */
export function nearestHint(name: string, candidates: Iterable<string>): string | undefined {
  const all = [...candidates]
  const found = nearest(name, all)
  if (found !== undefined) return `did you mean "${found}"?`
  if (all.length === 0 || all.length > LONGEST_LIST) return undefined
  return `there ${all.length === 1 ? 'is' : 'are'} ${all.map((one) => `"${one}"`).join(', ')}`
}

/** A longer list hides the error that it explains. */
const LONGEST_LIST = 12

/** Letters to put in, take out, replace, or swap with their neighbour (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let before: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= b.length; column += 1) {
      const replace = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1)
      const edit = Math.min(replace, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1)
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      current.push(swapped ? Math.min(edit, (before[column - 2] ?? 0) + 1) : edit)
    }
    before = previous
    previous = current
  }
  return previous[b.length] ?? 0
}
