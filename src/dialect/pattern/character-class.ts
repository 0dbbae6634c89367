import { type CodePoints, complement, one, union } from './code-points.ts'
import { anyCase, unicodeClass } from './unicode.ts'

/** Characters that a piece of a pattern stands for, and the text that is left after it. */
export interface ClassRead {
  readonly set: CodePoints
  readonly length: number
}

/** An escape at the start of `text` that stands for characters; undefined when it is none of RE2's. */
export function readEscape(text: string, ignoreCase: boolean): ClassRead | undefined {
  const letter = text[1] ?? ''
  const classOf = PERL_CLASSES[letter.toLowerCase()]
  if (classOf !== undefined) {
    const set = ignoreCase ? anyCase(classOf) : classOf
    return { set: letter === letter.toLowerCase() ? set : complement(set), length: 2 }
  }
  if (letter === 'p' || letter === 'P') return readUnicode(text, ignoreCase)
  const control = CONTROLS[letter]
  if (control !== undefined) return { set: one(control), length: 2 }
  if (/^[!-/:-@[-`{-~ ]/.test(letter)) return { set: cased(letter, ignoreCase), length: 2 }
  return undefined
}

/** The characters of `[...]` at the start of `text`; undefined when it is not closed or holds what RE2 does not have. */
export function readBrackets(text: string, ignoreCase: boolean): ClassRead | undefined {
  const negated = text[1] === '^'
  const start = negated ? 2 : 1
  const sets: CodePoints[] = []
  let at = start
  while (at < text.length && (at === start || text[at] !== ']')) {
    const item = readRange(text.slice(at), ignoreCase)
    if (item === undefined) return undefined
    sets.push(item.set)
    at += item.length
  }
  if (at >= text.length) return undefined
  const set = union(...sets)
  return { set: negated ? complement(set) : set, length: at + 1 }
}

/** The characters of one letter. */
export function cased(letter: string, ignoreCase: boolean): CodePoints {
  const set = one(letter.codePointAt(0) ?? 0)
  return ignoreCase ? anyCase(set) : set
}

const WORD: CodePoints = rangesOf('09', 'AZ', '__', 'az')
const PERL_CLASSES: Readonly<Record<string, CodePoints>> = {
  d: rangesOf('09'),
  s: rangesOf('\t\n', '\f\r', '  '),
  w: WORD,
}

const CONTROLS: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, a: 7 }

const NAMED: Readonly<Record<string, CodePoints>> = {
  alnum: rangesOf('09', 'AZ', 'az'),
  alpha: rangesOf('AZ', 'az'),
  ascii: rangesOf('\0\x7f'),
  blank: rangesOf('\t\t', '  '),
  cntrl: rangesOf('\0\x1f', '\x7f\x7f'),
  digit: rangesOf('09'),
  graph: rangesOf('!~'),
  lower: rangesOf('az'),
  print: rangesOf(' ~'),
  punct: rangesOf('!/', ':@', '[`', '{~'),
  space: rangesOf('\t\r', '  '),
  upper: rangesOf('AZ'),
  word: WORD,
  xdigit: rangesOf('09', 'AF', 'af'),
}

function rangesOf(...pairs: readonly string[]): CodePoints {
  return pairs.map((pair) => [pair.charCodeAt(0), pair.charCodeAt(1)] as const)
}

function readUnicode(text: string, ignoreCase: boolean): ClassRead | undefined {
  const match = /^\\([pP])(?:([A-Z])|\{(\^?)([A-Za-z_]+)\})/.exec(text)
  const named = unicodeClass(match?.[2] ?? match?.[4] ?? '')
  if (match === null || named === undefined) return undefined
  const set = ignoreCase ? anyCase(named) : named
  const negated = (match[1] === 'P') !== (match[3] === '^')
  return { set: negated ? complement(set) : set, length: match[0].length }
}

/** One member of brackets: a named class, an escape, a letter, or a range of two. */
function readRange(text: string, ignoreCase: boolean): ClassRead | undefined {
  const named = /^\[:(\^?)([a-z]+):\]/.exec(text)
  if (named !== null) return readNamed(named, ignoreCase)
  const low = readMember(text, ignoreCase)
  const after = text[(low?.length ?? 0) + 1]
  if (low === undefined || text[low.length] !== '-' || after === undefined || after === ']') return low
  const high = readMember(text.slice(low.length + 1), ignoreCase)
  if (high?.letter === undefined || low.letter === undefined || high.letter < low.letter) return undefined
  const range: CodePoints = [[low.letter, high.letter]]
  return { set: ignoreCase ? anyCase(range) : range, length: low.length + 1 + high.length }
}

function readNamed(match: RegExpExecArray, ignoreCase: boolean): ClassRead | undefined {
  const named = NAMED[match[2] ?? '']
  if (named === undefined) return undefined
  const set = ignoreCase ? anyCase(named) : named
  return { set: match[1] === '^' ? complement(set) : set, length: match[0].length }
}

function readMember(
  text: string,
  ignoreCase: boolean,
): (ClassRead & { readonly letter?: number }) | undefined {
  if (text.startsWith('\\')) {
    const escaped = readEscape(text, ignoreCase)
    const plain = readEscape(text, false)?.set
    const single = plain?.length === 1 && plain[0]?.[0] === plain[0]?.[1] ? plain[0]?.[0] : undefined
    if (escaped === undefined || single === undefined) return escaped
    return { ...escaped, letter: single }
  }
  const letter = text.codePointAt(0)
  if (letter === undefined) return undefined
  const written = String.fromCodePoint(letter)
  return { set: cased(written, ignoreCase), length: written.length, letter }
}
