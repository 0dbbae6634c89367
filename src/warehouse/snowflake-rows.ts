import type { Column as ClientColumn } from 'snowflake-sdk'
import { snowflake } from '../dialect/snowflake.ts'
import { writtenName } from '../dialect/snowflake-names.ts'
import { integerValue, timeText } from './values.ts'
import type { Column, Row, SqlValue } from './warehouse.ts'

/** Columns of a result, under the names that we write. */
export function columnsOf(columns: readonly ClientColumn[]): readonly Column[] {
  return columns.map((column) => ({
    name: writtenName(column.getName()),
    type: snowflake.columnType(reportedType(column)),
  }))
}

/** A row as the client gives it, with values as text, as ours. */
export type RowMaker = (values: readonly unknown[]) => Row

export function rowMaker(columns: readonly ClientColumn[]): RowMaker {
  const names = columns.map((column) => writtenName(column.getName()))
  const makers = columns.map(valueMaker)
  return (values) => {
    const row: Record<string, SqlValue> = {}
    names.forEach((name, at) => {
      const value = values[at]
      row[name] = value === null || value === undefined ? null : (makers[at]?.(value) ?? null)
    })
    return row
  }
}

function reportedType(column: ClientColumn): string {
  const type = column.getType().toUpperCase()
  return type === 'FIXED' ? `NUMBER(${column.getPrecision()},${column.getScale()})` : type
}

function valueMaker(column: ClientColumn): (value: unknown) => SqlValue {
  switch (column.getType().toLowerCase()) {
    case 'fixed':
      return column.getScale() === 0 ? (value) => integerValue(BigInt(String(value))) : String
    case 'real':
      return (value) => Number(value === 'inf' ? Infinity : value === '-inf' ? -Infinity : value)
    case 'boolean':
      return Boolean
    case 'timestamp_ntz':
    case 'timestamp_ltz':
      return (value) => timeText(String(value))
    case 'timestamp_tz':
      return (value) => zonedTime(String(value))
    default:
      return (value) => (typeof value === 'string' ? value : JSON.stringify(value))
  }
}

/** `2026-01-31 10:00:00.000000 +0200` as the moment that it is. */
function zonedTime(text: string): string {
  const match = /^(.*?)(\.\d+)? ([+-])(\d{2})(\d{2})$/.exec(text)
  if (match === null) return timeText(text)
  const [, local = '', fraction = '', sign, hours, minutes] = match
  const offsetMs = (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === '-' ? -1 : 1)
  const utc = new Date(Date.parse(`${local.replace(' ', 'T')}Z`) - offsetMs).toISOString()
  return timeText(`${utc.slice(0, 19).replace('T', ' ')}${fraction}`)
}
