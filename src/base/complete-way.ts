/**
 * Of several lists of names one must be whole. Undefined when one is, or when there is no list; else what was expected,
 * in words, and what the list lacks that is nearest to whole.
 */
export function lackOfWays(
  ways: readonly (readonly string[])[],
  isGiven: (name: string) => boolean,
): { readonly expected: string; readonly missing: readonly string[] } | undefined {
  const lacks = ways.map((names) => ({
    names,
    missing: names.filter((name) => !isGiven(name)),
  }))
  const [first, ...others] = lacks
  if (first === undefined || lacks.some(({ missing }) => missing.length === 0)) return undefined
  // One of which nothing is given is further than any that was begun.
  const distance = ({ names, missing }: typeof first) =>
    missing.length + (missing.length === names.length ? 1000 : 0)
  const nearest = others.reduce((best, one) => (distance(one) < distance(best) ? one : best), first)
  return { expected: lacks.map(({ names }) => listed(names)).join(', or '), missing: nearest.missing }
}

/** `a, b and c`. */
export function listed(names: readonly string[]): string {
  const last = names.at(-1) ?? ''
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`
}
