import { plain } from './plain.ts'
import type { Style } from './style.ts'

export interface TableColumn {
  readonly title: string
  readonly align?: 'left' | 'right'
}

/** Rows under aligned headings; `None.` is for the caller to say. Cells are made safe to print. */
export function table(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  style: Style,
): string {
  const cells = rows.map((row) => row.map(plain))
  const widths = columns.map((column, index) =>
    Math.max(column.title.length, ...cells.map((row) => widthOf(row[index] ?? ''))),
  )
  const line = (row: readonly string[]) =>
    row
      .map((cell, index) => pad(cell, widths[index] ?? 0, columns[index]?.align ?? 'left'))
      .join('  ')
      .trimEnd()
  return [style('dim', line(columns.map((column) => column.title))), ...cells.map(line)].join('\n')
}

/** Two columns without headings: names and what they are. */
export function facts(pairs: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(0, ...pairs.map(([name]) => name.length))
  return pairs.map(([name, value]) => `${name.padEnd(width)}  ${plain(value)}`.trimEnd()).join('\n')
}

/** `12,345`: for people; JSON has the bare number. */
export function count(value: number | bigint): string {
  // Loading the locale takes a tenth of the time that a whole command may.
  if (typeof value === 'number' && !Number.isInteger(value)) return value.toLocaleString('en-US')
  return String(value).replace(/\B(?=(?:\d{3})+$)/g, ',')
}

export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`
}

function pad(cell: string, width: number, align: 'left' | 'right'): string {
  const blanks = ' '.repeat(Math.max(0, width - widthOf(cell)))
  return align === 'right' ? blanks + cell : cell + blanks
}

/** Columns on a terminal, near enough: one a character, two for the wide East Asian ranges and emoji. */
function widthOf(text: string): number {
  let width = 0
  for (const character of text) width += isWide(character.codePointAt(0) ?? 0) ? 2 : 1
  return width
}

function isWide(code: number): boolean {
  return (
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x1f300 && code <= 0x1faff)
  )
}
