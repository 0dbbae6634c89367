import { DestinationError } from '../../src/connector/errors.ts'
import { objectIn, objectsIn, textIn } from '../../src/connector/shapes.ts'
import type { Batch } from '../../src/connector/types.ts'
import { broken, type SpreadsheetApi } from './api.ts'

/** A sheet as it is now. */
export interface Sheet {
  readonly id: number
  readonly title: string
  /** Names in the first row, by place; the empty text where there is none. */
  readonly header: readonly string[]
  readonly rowCount: number
  readonly columnCount: number
  readonly frozenRowCount: number
}

/** Its size and its first row. Throws DestinationError `stop` when the spreadsheet has no such sheet. */
export async function readSheet(api: SpreadsheetApi, title: string, batch?: Batch): Promise<Sheet> {
  const answer = await api.read(
    `?${new URLSearchParams({ ranges: rangeOf(title, '1:1'), fields: FIELDS })}`,
    batch,
  )
  if (answer !== undefined && !Array.isArray(answer.sheets)) throw broken('the sheets of the spreadsheet')
  const sheet = objectsIn(answer?.sheets).find(({ properties }) => objectIn(properties).title === title)
  if (sheet === undefined)
    throw new DestinationError('stop', {
      message: `expected the spreadsheet to have a sheet named "${title}", found none: correct the setting sheet`,
    })
  const { sheetId = 0, gridProperties } = objectIn(sheet.properties)
  const { rowCount = 0, columnCount = 0, frozenRowCount = 0 } = objectIn(gridProperties)
  const [first] = objectsIn(objectsIn(sheet.data)[0]?.rowData)
  return {
    ...{ id: Number(sheetId), title, rowCount: Number(rowCount), columnCount: Number(columnCount) },
    frozenRowCount: Number(frozenRowCount),
    header: withoutEnd(objectsIn(first?.values).map(({ formattedValue }) => textIn(formattedValue) ?? '')),
  }
}

/** All values of some columns, from the first row to the last, in the order of the names. */
export async function readColumns(
  api: SpreadsheetApi,
  sheet: Sheet,
  names: readonly string[],
  batch: Batch,
): Promise<readonly (readonly unknown[])[]> {
  const query = new URLSearchParams(OF_COLUMNS)
  for (const name of names) {
    const column = columnLetters(sheet.header.indexOf(name))
    query.append('ranges', rangeOf(sheet.title, `${column}:${column}`))
  }
  const answer = await api.read(`/values:batchGet?${query}`, batch)
  const ranges = objectsIn(answer?.valueRanges)
  if (ranges.length !== names.length) throw broken('the values of each key column')
  return ranges.map(({ values }) => {
    const [column] = Array.isArray(values) ? values : []
    return Array.isArray(column) ? column : []
  })
}

/** Columns that the first row does not have. */
export function missingColumns({ header }: Sheet, names: readonly string[]): readonly string[] {
  return names.filter((name) => !header.includes(name))
}

const FIELDS =
  'sheets(properties(sheetId,title,gridProperties(rowCount,columnCount,frozenRowCount)),data(rowData(values(formattedValue))))'

/** As they are and not as they are shown, which depends on the format of the column. */
const OF_COLUMNS = { majorDimension: 'COLUMNS', valueRenderOption: 'UNFORMATTED_VALUE' }

/** A1 notation; a quote in the name of a sheet is written twice. */
function rangeOf(title: string, range: string): string {
  return `'${title.replaceAll("'", "''")}'!${range}`
}

/** `A`, …, `Z`, `AA`, …: digits of base 26 without a zero. */
export function columnLetters(index: number): string {
  const letter = String.fromCharCode(65 + (index % 26))
  return index < 26 ? letter : `${columnLetters(Math.floor(index / 26) - 1)}${letter}`
}

function withoutEnd(names: readonly string[]): readonly string[] {
  return names.slice(0, names.findLastIndex((name) => name !== '') + 1)
}
