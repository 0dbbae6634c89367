import { readFileSync } from 'node:fs'
import { tableRowsOf } from './docs.ts'

/**
 * The tables that a page tells of, with their columns: from the tables that list them in their last cell, and from
 * sections whose heading is a table's name. Columns that only some of a kind have (`part_1`) are left out.
 */
export function toldTables(page: string): ReadonlyMap<string, readonly string[]> {
  const listed = tableRowsOf(page)
    .filter((cells) => cells.length === 3)
    .map(([name = '', , columns = '']) => [name.replaceAll('`', ''), namesIn(columns)] as const)
  const sections = readFileSync(page, 'utf8')
    .split(/^#+ /m)
    .map((section) => /^([a-z_]+)\n\n([\s\S]*?)\n\n/.exec(section))
    .flatMap((match) => (match === null ? [] : [[match[1] ?? '', namesIn(match[2] ?? '')] as const]))
  return new Map([...listed, ...sections])
}

/** How pages name a table of the shop that `sluice init` writes: `customer_merges` is `<entity>_merges`. */
export function kindOfTable(table: string): string {
  return table
    .replace(/^segment_.*/, 'segment_<name>')
    .replace(/^snapshot_.*/, 'snapshot_<sync>')
    .replace(/^customer(?=_|$)/, '<entity>')
}

function namesIn(text: string): readonly string[] {
  const names = [...text.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '')
  return [...new Set(names)].filter((name) => !name.startsWith('part_')).sort()
}
