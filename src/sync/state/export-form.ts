import { SluiceError } from '../../base/errors.ts'
import type { CellText, CellType, StateTable } from '../../ledger/state-schema.ts'

/**
 * An export is NDJSON: a header, then for each table a line that names it and a line a row (`["a",null]`), then an end
 * with how many rows there were, so that a file that was cut off is seen.
 */
export type ExportLine =
  | { readonly kind: 'header'; readonly header: ExportHeader }
  | { readonly kind: 'table'; readonly table: StateTable }
  | { readonly kind: 'row'; readonly cells: readonly CellText[] }
  | { readonly kind: 'end'; readonly rows: number }

export interface ExportHeader {
  /** Of this form. */
  readonly version: number
  /** Of the state schema's tables. */
  readonly schemaVersion: number
  readonly project: string
  readonly target: string
  /** The engine, and what its hashes are. */
  readonly engine: string
  readonly hash64: string
  readonly exportedAt: string
}

export const EXPORT_VERSION = 1

export function headerLine(header: ExportHeader): string {
  const { version, schemaVersion, project, target, engine, hash64, exportedAt } = header
  return line({
    sluice_state: version,
    schema_version: schemaVersion,
    project,
    target,
    engine,
    hash64,
    exported_at: exportedAt,
  })
}

export function tableLine({ name, columns }: StateTable): string {
  return line({ table: name, columns: columns.map((column) => [column.name, column.type]) })
}

export function rowLine(cells: readonly CellText[]): string {
  return line(cells)
}

export function endLine(rows: number): string {
  return line({ end: true, rows })
}

/** Throws SLU5008 for a line that no export has; its text is not told: it may name a customer. */
export function readLine(text: string, number: number): ExportLine {
  const value = parsed(text)
  if (isCells(value)) return { kind: 'row', cells: value }
  if (isObject(value)) {
    const found = headerIn(value) ?? tableIn(value) ?? endIn(value)
    if (found !== undefined) return found
  }
  throw notAnExport(`another line ${number}`)
}

export function notAnExport(found: string): SluiceError {
  return new SluiceError('SLU5008', {
    message: `expected a whole file that "sluice state export" wrote, found ${found}`,
    hint: 'nothing was written; export again, and copy the file whole',
  })
}

function line(value: unknown): string {
  return `${JSON.stringify(value)}\n`
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isCells(value: unknown): value is readonly CellText[] {
  return Array.isArray(value) && value.every((cell) => cell === null || typeof cell === 'string')
}

type Fields = Readonly<Record<string, unknown>>

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function headerIn(fields: Fields): ExportLine | undefined {
  const { sluice_state: version, schema_version: schemaVersion, exported_at: exportedAt } = fields
  const { project, target, engine, hash64 } = fields
  if (typeof version !== 'number' || typeof schemaVersion !== 'number') return undefined
  const texts = { project, target, engine, hash64, exportedAt }
  if (!Object.values(texts).every((one) => typeof one === 'string')) return undefined
  return {
    kind: 'header',
    header: { version, schemaVersion, ...(texts as Readonly<Record<keyof typeof texts, string>>) },
  }
}

const TYPES: readonly string[] = [
  'text',
  'boolean',
  'integer',
  'float',
  'timestamp',
  'hash64',
] satisfies readonly CellType[]

function tableIn({ table, columns }: Fields): ExportLine | undefined {
  if (typeof table !== 'string' || !Array.isArray(columns) || columns.length === 0) return undefined
  const known = columns.every(
    (column) => Array.isArray(column) && typeof column[0] === 'string' && TYPES.includes(column[1] as string),
  )
  if (!known) return undefined
  const pairs = columns as readonly (readonly [string, CellType])[]
  return { kind: 'table', table: { name: table, columns: pairs.map(([name, type]) => ({ name, type })) } }
}

function endIn({ end, rows }: Fields): ExportLine | undefined {
  return end === true && typeof rows === 'number' ? { kind: 'end', rows } : undefined
}
