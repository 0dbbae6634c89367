import type { Position } from './position.ts'

/**
 * The line of `text` that a position is on, numbered, and a line of carets under it; nothing when there is no such
 * line. Tabs and wide characters keep their place, characters that a terminal would obey are shown as `?`, and a long
 * line is cut around the place.
 */
export function excerpt(text: string, position: Position): string[] {
  const line = lineAt(text, position.line)
  if (line === undefined) return []
  const from = Math.min(position.column - 1, line.length)
  const to = Math.max(from + 1, Math.min((position.endColumn ?? from + 2) - 1, line.length))
  const window = cut(from, to, line.length)
  const before = (window.from > 0 ? '...' : '') + printable(line.slice(window.from, from))
  const marked = printable(line.slice(from, Math.min(to, window.to)))
  const after =
    printable(line.slice(Math.min(to, window.to), window.to)) + (window.to < line.length ? '...' : '')
  const number = String(position.line).padStart(4)
  const indent = before.replaceAll(/[^\t]/gu, (character) => ' '.repeat(widthOf(character)))
  const carets = '^'.repeat(
    Math.max(
      1,
      [...marked].reduce((sum, character) => sum + widthOf(character), 0),
    ),
  )
  return [
    `${number} | ${before}${marked}${after}`.trimEnd(),
    `${' '.repeat(number.length)} | ${indent}${carets}`,
  ]
}

function lineAt(text: string, number: number): string | undefined {
  let start = 0
  for (let line = 1; line < number; line += 1) {
    const end = text.indexOf('\n', start)
    if (end < 0) return undefined
    start = end + 1
  }
  const end = text.indexOf('\n', start)
  return text.slice(start, end < 0 ? text.length : end).replace(/\r$/, '')
}

/** A terminal is seldom narrower than 100 columns; the rest is for the line number. */
const WIDEST = 90
/** What of a long line is shown before the place. */
const CONTEXT = 40

function cut(from: number, to: number, length: number): { readonly from: number; readonly to: number } {
  if (length <= WIDEST) return { from: 0, to: length }
  const start = to <= WIDEST ? 0 : Math.max(0, from - CONTEXT)
  return { from: start, to: Math.min(length, start + WIDEST) }
}

function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, (character) =>
    character === '\t' ? '\t' : '?',
  )
}

/** Columns in a terminal: two for the scripts and pictures that are drawn wide, none for marks on a letter. */
function widthOf(character: string): number {
  if (/\p{Mn}/u.test(character)) return 0
  return /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{Emoji_Presentation}\uFF01-\uFF60]/u.test(
    character,
  )
    ? 2
    : 1
}
