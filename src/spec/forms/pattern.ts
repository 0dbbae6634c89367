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
  const text = ESCAPE.exec(scan.text.slice(scan.at, scan.at + LONGEST_ESCAPE))?.[0]
  if (text === undefined) return `an escape "\\${next}" that RE2 does not have`
  scan.at += text.length
  scan.repeatable = !'bBAz'.includes(next)
  return undefined
}

/** Classes, control characters and punctuation marks; outside of brackets anchors too. */
const ESCAPE_IN_CLASS = /^\\(?:[dDsSwWtnrfva]|[pP](?:[A-Z]|\{\^?[A-Z][A-Za-z_]*\})|[!-/:-@[-`{-~ ])/
const ESCAPE = new RegExp(`${ESCAPE_IN_CLASS.source}|^\\\\[bBAz]`)
/** `\p{` and the longest name of a script. */
const LONGEST_ESCAPE = 30

function characterClass(scan: Scan): string | undefined {
  scan.at += scan.text[scan.at + 1] === '^' ? 2 : 1
  for (let first = true; first || scan.text[scan.at] !== ']'; first = false) {
    const problem = scan.at < scan.text.length ? classRange(scan) : 'a "[" that is not closed'
    if (problem !== undefined) return problem
  }
  scan.at += 1
  scan.repeatable = true
  return undefined
}

/** `a`, `\d`, `[:alpha:]` or `a-z`. */
function classRange(scan: Scan): string | undefined {
  const start = scan.at
  const low = classItem(scan)
  if (low === undefined) return `an escape "${scan.text.slice(start, start + 2)}" that no class has`
  const after = scan.text[scan.at + 1]
  if (scan.text[scan.at] !== '-' || after === undefined || after === ']') return undefined
  scan.at += 1
  const high = classItem(scan)
  if (high !== undefined && low <= high) return undefined
  return `a range "${scan.text.slice(start, scan.at)}" that is none`
}

/** One item's code; NaN, which is in no order, when it stands for several characters; undefined for a bad escape. */
function classItem(scan: Scan): number | undefined {
  const rest = scan.text.slice(scan.at, scan.at + LONGEST_ESCAPE)
  const text = NAMED_CLASS.exec(rest)?.[0] ?? ESCAPE_IN_CLASS.exec(rest)?.[0]
  if (text === undefined && rest.startsWith('\\')) return undefined
  const code = rest.codePointAt(text === undefined ? 0 : 1) ?? 0
  scan.at += text?.length ?? String.fromCodePoint(code).length
  return text === undefined || /^\\[^A-Za-z]/.test(text) ? code : Number.NaN
}

const NAMED_CLASS =
  /^\[:\^?(?:alnum|alpha|ascii|blank|cntrl|digit|graph|lower|print|punct|space|upper|word|xdigit):\]/

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
