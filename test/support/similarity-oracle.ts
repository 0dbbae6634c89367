/** How alike two texts are, in plain TypeScript, byte by byte of UTF-8. */

export function jaroWinkler(one: string, other: string): number {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  const share = jaro(a, b)
  let prefix = 0
  while (prefix < LONGEST_PREFIX && prefix < Math.min(a.length, b.length) && a[prefix] === b[prefix])
    prefix += 1
  // Texts that have little in common are not made more alike by their first letters.
  return share > LEAST_TO_BOOST ? share + prefix * 0.1 * (1 - share) : share
}

export function editDistance(one: string, other: string): number {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, replaced))
    }
    row = next
  }
  return row[b.length] ?? 0
}

const LONGEST_PREFIX = 4
const LEAST_TO_BOOST = 0.7

function jaro(a: Buffer, b: Buffer): number {
  const window = Math.max(0, Math.floor(Math.max(a.length, b.length) / 2) - 1)
  const [takenA, takenB] = [new Set<number>(), new Set<number>()]
  for (let j = 0; j < b.length; j += 1)
    for (let i = Math.max(0, j - window); i <= Math.min(a.length - 1, j + window); i += 1)
      if (!takenA.has(i) && a[i] === b[j]) {
        takenA.add(i)
        takenB.add(j)
        break
      }
  const matches = takenA.size
  if (matches === 0) return 0
  const inA = [...takenA].sort((x, y) => x - y).map((index) => a[index])
  const inB = [...takenB].sort((x, y) => x - y).map((index) => b[index])
  const moved = Math.floor(inA.filter((byte, index) => byte !== inB[index]).length / 2)
  return (matches / a.length + matches / b.length + (matches - moved) / matches) / 3
}
