/**
 * Why a pattern is not one that every warehouse reads alike (RE2 syntax without flags but a leading `(?i)`);
 * undefined when it is. One pass over the text, so no pattern can make it slow.
 */
export function patternProblem(pattern: string): string | undefined {
  const scan: Scan = {
    text: pattern.startsWith('(?i)') ? pattern.slice(4) : pattern,
    at: 0,
    open: 0,
    repeatable: false,
  }
  while (scan.at < scan.text.length) {
    const problem = step(scan)
    if (problem !== undefined) return problem
  }
  return scan.open > 0 ? 'a group that is not closed' : undefined
}

interface Scan {
  readonly text: string
  at: number
  open: number
  /** Whether a repetition may follow what was just read. */
  repeatable: boolean
}

function step(scan: Scan): string | undefined {
  const character = scan.text[scan.at] ?? ''
  if (character === '\\') return escaped(scan)
  if (character === '[') return characterClass(scan)
  if (character === '(') return openGroup(scan)
  if (character === ')') return closeGroup(scan)
  if (REPETITION.test(scan.text.slice(scan.at, scan.at + 12))) return repetition(scan)
  scan.at += 1
  scan.repeatable = !'^$|'.includes(character)
  return undefined
}

const REPETITION = /^(?:[*+?]|\{(\d{1,4})(?:,(\d{0,4}))?\})/

/** RE2 stops at this count: `a{1001}` is an error there. */
const MOST_REPETITIONS = 1_000

function escaped(scan: Scan): string | undefined {
  const next = scan.text[scan.at + 1]
  if (next === undefined) return 'a backslash at the end'
  if (/[1-9]/.test(next)) return `a back-reference "\\${next}"`
  if (next === 'k') return 'a back-reference "\\k"'
  if (!ESCAPES.test(next)) return `an escape "\\${next}" that RE2 does not have`
  scan.at += 2
  scan.repeatable = !'bBAz'.includes(next)
  return undefined
}

/** Classes, anchors and control characters that all six engines know; every punctuation mark may be escaped. */
const ESCAPES = /^[dDsSwWbBAztnrfvaxpP0]$|^[^A-Za-z0-9]$/

function characterClass(scan: Scan): string | undefined {
  let at = scan.at + 1
  if (scan.text[at] === '^') at += 1
  if (scan.text[at] === ']') at += 1
  while (at < scan.text.length && scan.text[at] !== ']') {
    if (scan.text.startsWith('[:', at)) {
      const end = scan.text.indexOf(':]', at)
      at = end < 0 ? at + 1 : end + 2
    } else at += scan.text[at] === '\\' ? 2 : 1
  }
  if (at >= scan.text.length) return 'a "[" that is not closed'
  scan.at = at + 1
  scan.repeatable = true
  return undefined
}

function openGroup(scan: Scan): string | undefined {
  const rest = scan.text.slice(scan.at, scan.at + 4)
  if (/^\(\?(?:=|!|<=|<!)/.test(rest))
    return `a look-around "${rest.startsWith('(?<') ? rest : rest.slice(0, 3)}"`
  if (rest.startsWith('(?>')) return 'an atomic group "(?>"'
  if (rest.startsWith('(?') && !rest.startsWith('(?:'))
    return `a group "${rest.slice(0, 3)}" other than "(" and "(?:"`
  scan.at += rest.startsWith('(?:') ? 3 : 1
  scan.open += 1
  scan.repeatable = false
  return undefined
}

function closeGroup(scan: Scan): string | undefined {
  if (scan.open === 0) return 'a ")" that closes nothing'
  scan.at += 1
  scan.open -= 1
  scan.repeatable = true
  return undefined
}

function repetition(scan: Scan): string | undefined {
  const match = REPETITION.exec(scan.text.slice(scan.at, scan.at + 12))
  const [text = '', low, high] = match ?? []
  if (!scan.repeatable) return `a repetition "${text}" of nothing`
  if (Number(low ?? 0) > MOST_REPETITIONS || Number(high || 0) > MOST_REPETITIONS)
    return `a repetition of more than ${MOST_REPETITIONS}`
  if (high && Number(high) < Number(low)) return `a repetition "${text}" whose end is before its start`
  scan.at += text.length
  if (scan.text[scan.at] === '+') return `a possessive repetition "${text}+"`
  if (scan.text[scan.at] === '?') scan.at += 1
  scan.repeatable = false
  return undefined
}
