import { DestinationError } from '../../src/connector/errors.ts'
import { APPLIED, allOf, inOrder, type Row, type RowReceipts, rowsOf } from '../../src/connector/rows.ts'
import type { Batch, Change, Receipt } from '../../src/connector/types.ts'
import type { SpreadsheetApi } from './api.ts'
import { keyText, LONGEST_TEXT, textOf } from './cells.ts'
import { type Edits, headerRequests, requestsOf } from './edits.ts'
import { missingColumns, readColumns, readSheet, type Sheet } from './sheet.ts'

/** Looks the rows of a batch up by their keys, and changes the sheet in one request that is done whole or not at all. */
export async function writeRows(
  api: SpreadsheetApi,
  title: string,
  batch: Batch,
): Promise<readonly Receipt[]> {
  const rows = rowsOf(batch.changes())
  const long = rows.filter(isTooLong)
  const fitting = rows.filter((row) => !isTooLong(row))
  const receipts = fitting.length === 0 ? [] : await written(api, title, fitting, batch)
  return inOrder(rows, [...receipts, ...allOf(long, TOO_LONG)])
}

const TOO_LONG: Receipt = {
  status: 'rejected',
  error: `expected texts of at most ${LONGEST_TEXT} characters, which is what a cell holds, found a longer one`,
}

function isTooLong({ change: { key, fields } }: Row): boolean {
  return [key, fields].some((values) =>
    Object.values(values).some((value) => value !== null && textOf(value).length > LONGEST_TEXT),
  )
}

async function written(
  api: SpreadsheetApi,
  title: string,
  rows: readonly Row[],
  batch: Batch,
): Promise<RowReceipts> {
  const keys = keysOf(rows)
  const columns = [...new Set([...keys, ...rows.flatMap(({ change }) => Object.keys(change.fields))])]
  const found = await readSheet(api, title, batch)
  const isNew = found.header.length === 0
  const sheet = isNew ? { ...found, header: columns } : found
  refuseMissing(sheet, columns)
  const places = isNew ? new Map<string, readonly number[]>() : await placesOf(api, sheet, keys, batch)
  const { edits, missing } = editsOf(rows, keys, places, batch.mode === 'update')
  const requests = requestsOf(sheet, edits)
  const all = isNew && requests.length > 0 ? [...headerRequests(found, columns), ...requests] : requests
  const told = allOf(missing, MISSING)
  const others = rows.filter((row) => !told.has(row))
  if (all.length === 0) return new Map([...told, ...allOf(others, APPLIED)])
  const { spreadsheetId, replies } = await api.update(all, batch)
  const isDone = spreadsheetId === api.id && Array.isArray(replies) && replies.length === all.length
  return new Map([...told, ...(isDone ? allOf(others, APPLIED) : [])])
}

/** For a row that mode `update` does not find. */
const MISSING: Receipt = {
  status: 'rejected',
  error: 'the sheet has no row with this key, and mode update makes none',
}

function keysOf(rows: readonly Row[]): readonly string[] {
  return Object.keys(rows[0]?.change.key ?? {})
}

function refuseMissing(sheet: Sheet, columns: readonly string[]): void {
  const missing = missingColumns(sheet, columns)
  if (missing.length === 0) return
  throw new DestinationError('stop', {
    message: `expected the first row of the sheet "${sheet.title}" to name ${columns.join(', ')}, found no ${missing.join(', ')}: add it there, or take it out of the sync`,
  })
}

/** Places of rows by key. A key that people wrote twice has several. */
async function placesOf(
  api: SpreadsheetApi,
  sheet: Sheet,
  keys: readonly string[],
  batch: Batch,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const columns = await readColumns(api, sheet, keys, batch)
  const last = Math.max(0, ...columns.map(({ length }) => length))
  const places = Array.from({ length: last }, (_, place) => place).slice(1)
  return Map.groupBy(places, (place) => JSON.stringify(columns.map((column) => keyText(column[place]))))
}

function formOf({ key }: Change, keys: readonly string[]): string {
  return JSON.stringify(keys.map((name) => keyText(key[name])))
}

/** Of rows that stand in the sheet several times, the first is kept up to date; those that leave all leave. */
function editsOf(
  rows: readonly Row[],
  keys: readonly string[],
  places: ReadonlyMap<string, readonly number[]>,
  onlyUpdates: boolean,
): { readonly edits: Edits; readonly missing: readonly Row[] } {
  const updated: [Row, number][] = []
  const others: Row[] = []
  const removed = new Set<number>()
  for (const row of rows) {
    const found = places.get(formOf(row.change, keys)) ?? []
    const [first] = found
    if (row.change.op === 'remove') for (const place of found) removed.add(place)
    else if (first === undefined) others.push(row)
    else updated.push([row, first])
  }
  return {
    edits: { updated, appended: onlyUpdates ? [] : others, removed: [...removed] },
    missing: onlyUpdates ? others : [],
  }
}
