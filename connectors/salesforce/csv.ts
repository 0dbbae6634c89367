/** RFC 4180 with LF, as the job says; each value is quoted, so none is taken for something else. */
export function csvOf(columns: readonly string[], lines: readonly (readonly string[])[]): string {
  return [columns, ...lines].map((cells) => `${cells.map(quoted).join(',')}\n`).join('')
}

/** The lines of a CSV with a header, each by column in lower case. */
export function csvLines(text: string): readonly ReadonlyMap<string, string>[] {
  const [header = [], ...lines] = cellsOf(text)
  const columns = header.map((name) => name.toLowerCase())
  return lines
    .filter((cells) => cells.length === columns.length)
    .map((cells) => new Map(columns.map((name, place) => [name, cells[place] ?? ''])))
}

function quoted(cell: string): string {
  return cell === '' ? '' : `"${cell.replaceAll('"', '""')}"`
}

/** One cell, quoted or not, with the sign that ends it. */
const CELL = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|\n|\r|$)/gy

function cellsOf(text: string): readonly (readonly string[])[] {
  const lines: string[][] = []
  let line: string[] = []
  for (const [, inQuotes, plain = '', end] of text.matchAll(CELL)) {
    line.push(inQuotes?.replaceAll('""', '"') ?? plain)
    if (end === ',') continue
    lines.push(line)
    line = []
  }
  // The line after the last line end is none.
  return lines.filter((cells) => cells.length > 1 || cells[0] !== '')
}
