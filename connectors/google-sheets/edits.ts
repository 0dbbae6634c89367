import type { Row } from '../../src/connector/rows.ts'
import type { JsonValue } from '../../src/connector/types.ts'
import { cellOf } from './cells.ts'
import type { Sheet } from './sheet.ts'

/** What becomes of a sheet. Places of rows are those before any of it is done, from 0, the header included. */
export interface Edits {
  readonly updated: readonly (readonly [Row, number])[]
  readonly appended: readonly Row[]
  readonly removed: readonly number[]
}

/** Requests that are carried out in order, as one: updates while places are what they were, then removals from below. */
export function requestsOf(sheet: Sheet, { updated, appended, removed }: Edits): readonly object[] {
  return [
    ...updated.flatMap(([{ change }, place]) => updateRequests(sheet, place, change.fields)),
    ...spareRow(sheet, removed),
    ...spansOf(removed).map(([startIndex, endIndex]) => ({
      deleteDimension: { range: { sheetId: sheet.id, dimension: 'ROWS', startIndex, endIndex } },
    })),
    ...appendRequests(
      sheet,
      appended.map(({ change: { key, fields } }) => ({ ...fields, ...key })),
    ),
  ]
}

/** The first row of an empty sheet, with room for it. */
export function headerRequests(sheet: Sheet, names: readonly string[]): readonly object[] {
  const missing = names.length - sheet.columnCount
  return [
    ...(missing > 0
      ? [{ appendDimension: { sheetId: sheet.id, dimension: 'COLUMNS', length: missing } }]
      : []),
    {
      updateCells: {
        rows: [{ values: names.map(cellOf) }],
        fields: WRITTEN,
        start: { sheetId: sheet.id, rowIndex: 0, columnIndex: 0 },
      },
    },
  ]
}

/** The values alone: the format of a cell is people's. */
const WRITTEN = 'userEnteredValue'

/** One request for each run of columns: what stands between them is not Sluice's. */
function updateRequests(
  { id, header }: Sheet,
  rowIndex: number,
  fields: Readonly<Record<string, JsonValue>>,
): readonly object[] {
  const places = header.flatMap((name, place) =>
    Object.hasOwn(fields, name) && header.indexOf(name) === place ? [place] : [],
  )
  return spansOf(places).map(([columnIndex, end]) => ({
    updateCells: {
      rows: [{ values: header.slice(columnIndex, end).map((name) => cellOf(fields[name])) }],
      fields: WRITTEN,
      start: { sheetId: id, rowIndex, columnIndex },
    },
  }))
}

function appendRequests(
  { id, header }: Sheet,
  rows: readonly Readonly<Record<string, JsonValue>>[],
): readonly object[] {
  if (rows.length === 0) return []
  const cells = rows.map((row) => ({
    values: header.map((name, place) => cellOf(header.indexOf(name) === place ? row[name] : null)),
  }))
  return [{ appendCells: { sheetId: id, rows: cells, fields: WRITTEN } }]
}

/** A sheet keeps one row that is not frozen, so the last one may only go when another has come. */
function spareRow({ id, rowCount, frozenRowCount }: Sheet, removed: readonly number[]): readonly object[] {
  if (removed.length === 0 || rowCount - removed.length > frozenRowCount) return []
  return [{ appendDimension: { sheetId: id, dimension: 'ROWS', length: 1 } }]
}

/** Runs of places without gaps, as start and end, the last ones first. */
function spansOf(places: readonly number[]): readonly (readonly [number, number])[] {
  const spans: [number, number][] = []
  for (const place of places.toSorted((a, b) => a - b)) {
    const last = spans.at(-1)
    if (last !== undefined && last[1] === place) last[1] = place + 1
    else spans.push([place, place + 1])
  }
  return spans.reverse()
}
