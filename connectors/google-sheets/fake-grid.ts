/** What a person or an API entered into a cell. */
export interface FakeValue {
  readonly stringValue?: string
  readonly numberValue?: number
  readonly boolValue?: boolean
  readonly formulaValue?: string
}

interface FakeCell {
  readonly userEnteredValue?: FakeValue
}

interface Row {
  readonly values?: readonly FakeCell[]
}

/** One request of `spreadsheets.batchUpdate`, as far as the fake knows them. */
export interface FakeEdit {
  readonly updateCells?: {
    readonly rows: readonly Row[]
    readonly fields: string
    readonly start: { readonly sheetId: number; readonly rowIndex: number; readonly columnIndex: number }
  }
  readonly appendCells?: { readonly sheetId: number; readonly rows: readonly Row[]; readonly fields: string }
  readonly appendDimension?: {
    readonly sheetId: number
    readonly dimension: 'ROWS' | 'COLUMNS'
    readonly length: number
  }
  readonly deleteDimension?: {
    readonly range: {
      readonly sheetId: number
      readonly dimension: 'ROWS'
      readonly startIndex: number
      readonly endIndex: number
    }
  }
}

/** Why none of the requests is carried out. */
export class Invalid extends RangeError {}

const LONGEST_TEXT = 50_000

/** The cells of one sheet. Rows that are there and empty count, as they do in a real one. */
export class FakeGrid {
  readonly sheetId: number
  readonly title: string
  #rows: (FakeValue | undefined)[][] = []
  rowCount = 1000
  columnCount = 26
  frozenRowCount = 0
  /** Of a spreadsheet. */
  mostCells = 10_000_000

  constructor(sheetId: number, title: string) {
    this.sheetId = sheetId
    this.title = title
  }

  copy(): FakeGrid {
    const copy = new FakeGrid(this.sheetId, this.title)
    copy.#rows = this.#rows.map((row) => [...row])
    const { rowCount, columnCount, frozenRowCount, mostCells } = this
    return Object.assign(copy, { rowCount, columnCount, frozenRowCount, mostCells })
  }

  /** Up to the last row that holds something. */
  rows(): readonly (readonly (FakeValue | undefined)[])[] {
    const last = this.#rows.findLastIndex((row) => row.some((value) => value !== undefined))
    return this.#rows.slice(0, last + 1)
  }

  column(index: number): readonly unknown[] {
    const values = this.rows().map((row) => plainValue(row[index]))
    return values.slice(0, values.findLastIndex((value) => value !== '') + 1)
  }

  apply({ updateCells, appendCells, appendDimension, deleteDimension, ...unknown }: FakeEdit): void {
    for (const name of Object.keys(unknown)) throw new Invalid(`Unknown name "${name}"`)
    if (updateCells !== undefined) {
      this.#known(updateCells.start.sheetId, updateCells.fields)
      this.#write(updateCells.start.rowIndex, updateCells.start.columnIndex, updateCells.rows)
    }
    if (appendCells !== undefined) {
      this.#known(appendCells.sheetId, appendCells.fields)
      const from = this.rows().length
      this.rowCount = Math.max(this.rowCount, from + appendCells.rows.length)
      this.#write(from, 0, appendCells.rows)
    }
    if (appendDimension !== undefined) {
      this.#known(appendDimension.sheetId)
      if (appendDimension.dimension === 'ROWS') this.rowCount += appendDimension.length
      else this.columnCount += appendDimension.length
    }
    if (deleteDimension !== undefined) this.#delete(deleteDimension.range)
    if (this.rowCount * this.columnCount > this.mostCells)
      throw new Invalid(
        `This action would increase the number of cells in the workbook above the limit of ${this.mostCells} cells.`,
      )
  }

  #known(sheetId: number, fields?: string): void {
    if (sheetId !== this.sheetId) throw new Invalid(`No grid with id: ${sheetId}`)
    if (fields !== undefined && fields !== 'userEnteredValue')
      throw new Invalid('At least one field must be listed in fields')
  }

  #write(rowIndex: number, columnIndex: number, rows: readonly Row[]): void {
    rows.forEach(({ values = [] }, down) => {
      const place = rowIndex + down
      if (place >= this.rowCount || columnIndex + values.length > this.columnCount)
        throw new Invalid('Attempting to write outside of the grid')
      const row = this.#rows[place] ?? []
      values.forEach(({ userEnteredValue: value }, right) => {
        if ((value?.stringValue?.length ?? 0) > LONGEST_TEXT)
          throw new Invalid('Your input contains more than the maximum of 50000 characters in a single cell.')
        row[columnIndex + right] = value
      })
      while (this.#rows.length < place) this.#rows.push([])
      this.#rows[place] = row
    })
  }

  #delete(range: NonNullable<FakeEdit['deleteDimension']>['range']): void {
    this.#known(range.sheetId)
    const count = range.endIndex - range.startIndex
    if (count <= 0 || range.endIndex > this.rowCount)
      throw new Invalid('Cannot delete rows that do not exist')
    if (this.rowCount - count <= this.frozenRowCount)
      throw new Invalid('Sorry, it is not possible to delete all non-frozen rows.')
    this.#rows.splice(range.startIndex, count)
    this.rowCount -= count
  }
}

/** As UNFORMATTED_VALUE has it. */
export function plainValue(value: FakeValue | undefined): string | number | boolean {
  return value?.stringValue ?? value?.numberValue ?? value?.boolValue ?? value?.formulaValue ?? ''
}
