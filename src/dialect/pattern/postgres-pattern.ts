import { SluiceError } from '../../base/errors.ts'
import { type ClassRead, cased, readBrackets, readEscape } from './character-class.ts'
import { type CodePoints, complement, LAST_CODE_POINT, one } from './code-points.ts'

/**
 * An RE2 pattern as an advanced regular expression of PostgreSQL that matches the same texts under collation "C".
 * Only whether it matches is kept: groups capture nothing, and repetitions are all greedy. Classes are spelled out,
 * because PostgreSQL's follow the locale; so is case, which it folds for ASCII alone. Throws SLU3018.
 */
export function aresOf(pattern: string): string {
  const ignoreCase = pattern.startsWith('(?i)')
  const scan: Scan = { pattern, text: ignoreCase ? pattern.slice(4) : pattern, ignoreCase, at: 0, open: [[]] }
  while (scan.at < scan.text.length) readPiece(scan)
  const [pieces, ...unclosed] = scan.open
  if (pieces === undefined || unclosed.length > 0) return refuse(scan)
  // PostgreSQL takes three stars or "(?" at the start for options
  return `(?:${pieces.join('')})`
}

interface Scan {
  readonly pattern: string
  readonly text: string
  readonly ignoreCase: boolean
  at: number
  /** The pieces read so far of each group that is open, the whole pattern first. */
  readonly open: string[][]
}

/** What a part of the pattern becomes, and how long that part is. */
interface Piece {
  readonly print: string
  readonly length: number
}

function readPiece(scan: Scan): void {
  const character = scan.text[scan.at] ?? ''
  if (character === '(') {
    scan.open.push([])
    scan.at += scan.text.startsWith('(?:', scan.at) ? 3 : 1
    return
  }
  const piece = pieceOf(scan, character)
  scan.open.at(-1)?.push(piece.print)
  scan.at += piece.length
}

const REPETITION = /^(?:[*+?]|\{(\d{1,4})(,(\d{0,4}))?\})\??/

function pieceOf(scan: Scan, character: string): Piece {
  const repetition = REPETITION.exec(scan.text.slice(scan.at, scan.at + 12))
  if (repetition !== null) return repeated(scan, repetition)
  if (character === ')') return closedGroup(scan)
  if (character === '\\') return escaped(scan)
  if (character === '[') return classPiece(scan, readBrackets(scan.text.slice(scan.at), scan.ignoreCase))
  if (character === '.') return { print: printSet(complement(one(10))), length: 1 }
  if ('^$|'.includes(character)) return { print: character, length: 1 }
  const letter = String.fromCodePoint(scan.text.codePointAt(scan.at) ?? 0)
  return { print: printSet(cased(letter, scan.ignoreCase)), length: letter.length }
}

function classPiece(scan: Scan, read: ClassRead | undefined): Piece {
  return read === undefined ? refuse(scan) : { print: printSet(read.set), length: read.length }
}

const ANCHORS: Readonly<Record<string, string>> = { b: '\\y', B: '\\Y', A: '\\A', z: '\\Z' }

function escaped(scan: Scan): Piece {
  const anchor = ANCHORS[scan.text[scan.at + 1] ?? '']
  if (anchor !== undefined) return { print: anchor, length: 2 }
  return classPiece(scan, readEscape(scan.text.slice(scan.at), scan.ignoreCase))
}

function closedGroup(scan: Scan): Piece {
  const pieces = scan.open.pop()
  if (pieces === undefined || scan.open.length === 0) return refuse(scan)
  return { print: `(?:${pieces.join('')})`, length: 1 }
}

/** PostgreSQL counts to 255 only. */
const MOST_REPETITIONS = 255

function repeated(scan: Scan, match: RegExpExecArray): Piece {
  const atom = scan.open.at(-1)?.pop()
  if (atom === undefined) return refuse(scan)
  const [text, low, comma, high] = match
  return {
    print: low === undefined ? `${atom}${text[0]}` : times(atom, low, comma, high),
    length: text.length,
  }
}

function times(atom: string, low: string, comma: string | undefined, high: string | undefined): string {
  const exact = counted(Number(low), (count) => `${atom}{${count}}`)
  if (comma !== undefined && high === '') return `${exact}${atom}*`
  const more = counted(Number(high ?? low) - Number(low), (count) => `${atom}{0,${count}}`)
  return `${exact}${more}` || `${atom}{0}`
}

function counted(count: number, print: (count: number) => string): string {
  const whole = print(MOST_REPETITIONS).repeat(Math.floor(count / MOST_REPETITIONS))
  return count % MOST_REPETITIONS === 0 ? whole : whole + print(count % MOST_REPETITIONS)
}

function printSet(set: CodePoints): string {
  const [first] = set
  if (set.length === 1 && first !== undefined && first[0] === first[1]) return printCharacter(first[0])
  // PostgreSQL's text holds no U+0000, and a class that reaches the end is shorter as what is not in it
  const outside = complement(set).filter(([, high]) => high > 0)
  if (first === undefined || (set.at(-1)?.[1] === LAST_CODE_POINT && outside.length > 0))
    return `[^${outside.map(printRange).join('')}]`
  return `[${set.map(printRange).join('')}]`
}

function printRange([low, high]: readonly [number, number]): string {
  const from = printCharacter(Math.max(low, 1))
  return low === high ? from : `${from}-${printCharacter(high)}`
}

function printCharacter(codePoint: number): string {
  const letter = String.fromCodePoint(codePoint)
  if (/^[A-Za-z0-9]$/.test(letter)) return letter
  const hex = codePoint.toString(16)
  return codePoint > 0xffff ? `\\U${hex.padStart(8, '0')}` : `\\u${hex.padStart(4, '0')}`
}

function refuse(scan: Scan): never {
  throw new SluiceError('SLU3018', {
    message: `expected a pattern of RE2 that PostgreSQL can match, found "${scan.pattern}"`,
    hint: `it was read up to "${scan.text.slice(scan.at, scan.at + 12)}"`,
  })
}
