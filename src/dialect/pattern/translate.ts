import { SluiceError } from '../../base/errors.ts'
import { type ClassRead, cased, readBrackets, readEscape } from './character-class.ts'
import { type CodePoints, complement, LAST_CODE_POINT, one } from './code-points.ts'

/** How an engine writes what patterns are made of. */
export interface PatternFlavour {
  /** As people call it. */
  readonly engine: string
  /** RE2's `b`, `B`, `A` and `z` behind a backslash. */
  readonly anchors: Readonly<Record<string, string>>
  /** What opens a group; engines that have none without a capture capture. */
  readonly group: '(?:' | '('
  /** `$`: the end of the text, and not the place before its last line end. */
  readonly end: string
  /** How far a repetition counts. */
  readonly mostRepetitions: number
  /** Any character but the letters and digits of ASCII, inside of brackets and outside. */
  readonly character: (codePoint: number) => string
}

/**
 * An RE2 pattern in an engine's own words. Only whether it matches is kept: groups capture nothing, and repetitions are
 * all greedy. Classes and case are spelled out, because engines disagree on both. Throws SLU3018.
 */
export function translated(pattern: string, flavour: PatternFlavour): string {
  const ignoreCase = pattern.startsWith('(?i)')
  const scan: Scan = {
    pattern,
    text: ignoreCase ? pattern.slice(4) : pattern,
    ignoreCase,
    flavour,
    at: 0,
    open: [[]],
  }
  while (scan.at < scan.text.length) readPiece(scan)
  const [pieces, ...unclosed] = scan.open
  if (pieces === undefined || unclosed.length > 0) return refuse(scan)
  // PostgreSQL takes three stars or "(?" at the start for options
  return `${flavour.group}${pieces.join('')})`
}

interface Scan {
  readonly pattern: string
  readonly text: string
  readonly ignoreCase: boolean
  readonly flavour: PatternFlavour
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
  if (character === '.') return { print: printSet(scan, complement(one(10))), length: 1 }
  if (character === '$') return { print: scan.flavour.end, length: 1 }
  if ('^|'.includes(character)) return { print: character, length: 1 }
  const letter = String.fromCodePoint(scan.text.codePointAt(scan.at) ?? 0)
  return { print: printSet(scan, cased(letter, scan.ignoreCase)), length: letter.length }
}

function classPiece(scan: Scan, read: ClassRead | undefined): Piece {
  return read === undefined ? refuse(scan) : { print: printSet(scan, read.set), length: read.length }
}

function escaped(scan: Scan): Piece {
  const anchor = scan.flavour.anchors[scan.text[scan.at + 1] ?? '']
  if (anchor !== undefined) return { print: anchor, length: 2 }
  return classPiece(scan, readEscape(scan.text.slice(scan.at), scan.ignoreCase))
}

function closedGroup(scan: Scan): Piece {
  const pieces = scan.open.pop()
  if (pieces === undefined || scan.open.length === 0) return refuse(scan)
  return { print: `${scan.flavour.group}${pieces.join('')})`, length: 1 }
}

function repeated(scan: Scan, match: RegExpExecArray): Piece {
  const atom = scan.open.at(-1)?.pop()
  if (atom === undefined) return refuse(scan)
  const [text, low, comma, high] = match
  return {
    print: low === undefined ? `${atom}${text[0]}` : times(scan.flavour, atom, low, comma, high),
    length: text.length,
  }
}

function times(
  flavour: PatternFlavour,
  atom: string,
  low: string,
  comma: string | undefined,
  high: string | undefined,
): string {
  const exact = counted(flavour, Number(low), (count) => `${atom}{${count}}`)
  if (comma !== undefined && high === '') return `${exact}${atom}*`
  const more = counted(flavour, Number(high ?? low) - Number(low), (count) => `${atom}{0,${count}}`)
  return `${exact}${more}` || `${atom}{0}`
}

function counted(
  { mostRepetitions }: PatternFlavour,
  count: number,
  print: (count: number) => string,
): string {
  const whole = print(mostRepetitions).repeat(Math.floor(count / mostRepetitions))
  return count % mostRepetitions === 0 ? whole : whole + print(count % mostRepetitions)
}

function printSet({ flavour }: Scan, set: CodePoints): string {
  const [first] = set
  if (set.length === 1 && first !== undefined && first[0] === first[1])
    return printCharacter(flavour, first[0])
  // no text of SQL holds U+0000, and a class that reaches the end is shorter as what is not in it
  const outside = complement(set).filter(([, high]) => high > 0)
  if (first === undefined || (set.at(-1)?.[1] === LAST_CODE_POINT && outside.length > 0))
    return `[^${outside.map((range) => printRange(flavour, range)).join('')}]`
  return `[${set.map((range) => printRange(flavour, range)).join('')}]`
}

function printRange(flavour: PatternFlavour, [low, high]: readonly [number, number]): string {
  const from = printCharacter(flavour, Math.max(low, 1))
  return low === high ? from : `${from}-${printCharacter(flavour, high)}`
}

function printCharacter(flavour: PatternFlavour, codePoint: number): string {
  const letter = String.fromCodePoint(codePoint)
  return /^[A-Za-z0-9]$/.test(letter) ? letter : flavour.character(codePoint)
}

function refuse(scan: Scan): never {
  throw new SluiceError('SLU3018', {
    message: `expected a pattern of RE2 that ${scan.flavour.engine} can match, found "${scan.pattern}"`,
    hint: `it was read up to "${scan.text.slice(scan.at, scan.at + 12)}"`,
  })
}
