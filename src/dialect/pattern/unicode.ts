import { type CodePoints, holds, LAST_CODE_POINT, one, union } from './code-points.ts'

/**
 * The code points of an RE2 class name: a general category (`L`, `Lu`) or a script (`Greek`); undefined when RE2 has
 * no such name. Node and an engine may have Unicode of different years: characters that one of them does not know yet
 * are in no class there.
 */
export function unicodeClass(name: string): CodePoints | undefined {
  const known = CLASSES.get(name)
  if (known !== undefined) return known
  const matcher = matcherOf(name)
  if (matcher === undefined) return undefined
  const found = pointsOf(matcher)
  CLASSES.set(name, found)
  return found
}

/** With every letter that differs by case only (Unicode's simple folding: `k`, `K` and the Kelvin sign). */
export function anyCase(set: CodePoints): CodePoints {
  const added = caseGroups()
    .filter((group) => group.some((codePoint) => holds(set, codePoint)))
    .flatMap((group) => group.map(one))
  return union(set, ...added)
}

/** Each takes a walk over all of Unicode. */
const CLASSES = new Map<string, CodePoints>([['Any', [[0, LAST_CODE_POINT]]]])

const CATEGORIES = new Set(
  'L Ll Lm Lo Lt Lu M Mc Me Mn N Nd Nl No P Pc Pd Pe Pf Pi Po Ps S Sc Sk Sm So Z Zl Zp Zs Cc Cf Co Cs'.split(
    ' ',
  ),
)

function matcherOf(name: string): RegExp | undefined {
  // unassigned code points are in no category of RE2, in JavaScript they are in C
  if (name === 'C') return /[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/u
  if (CATEGORIES.has(name)) return new RegExp(`\\p{${name}}`, 'u')
  // four letters are a short name (Grek), which RE2 does not take, but for some scripts they are the whole name
  try {
    return new RegExp(`\\p{Script=${name}}`, 'u')
  } catch {
    return undefined
  }
}

function pointsOf(matcher: RegExp): CodePoints {
  const ranges: [number, number][] = []
  for (let codePoint = 0; codePoint <= LAST_CODE_POINT; codePoint += 1) {
    if (!matcher.test(String.fromCodePoint(codePoint))) continue
    const last = ranges.at(-1)
    if (last?.[1] === codePoint - 1) last[1] = codePoint
    else ranges.push([codePoint, codePoint])
  }
  return ranges
}

/** No letter above it has a case. */
const LAST_CASED = 0x1ffff

let groups: readonly (readonly number[])[] | undefined

function caseGroups(): readonly (readonly number[])[] {
  groups ??= findCaseGroups()
  return groups
}

function findCaseGroups(): readonly (readonly number[])[] {
  const groupOf = new Map<number, Set<number>>()
  for (let codePoint = 0; codePoint <= LAST_CASED; codePoint += 1)
    for (const other of otherCases(codePoint)) {
      const joined = new Set([
        codePoint,
        other,
        ...(groupOf.get(codePoint) ?? []),
        ...(groupOf.get(other) ?? []),
      ])
      for (const member of joined) groupOf.set(member, joined)
    }
  return [...new Set(groupOf.values())].map((group) => [...group])
}

/** JavaScript's own matching without case folds one letter to one letter, as RE2 does. */
function otherCases(codePoint: number): readonly number[] {
  const letter = String.fromCodePoint(codePoint)
  return [letter.toLowerCase(), letter.toUpperCase()]
    .filter((other) => other !== letter && [...other].length === 1)
    .filter((other) => new RegExp(`^\\u{${codePoint.toString(16)}}$`, 'iu').test(other))
    .map((other) => other.codePointAt(0) ?? 0)
}
