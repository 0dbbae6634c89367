import { bigquery } from '../dialect/bigquery.ts'
import { integerValue, timeText } from './values.ts'
import type { Column, Row, SqlValue } from './warehouse.ts'

/** A column as the service tells it. */
export interface SchemaField {
  readonly name: string
  readonly type: string
  readonly mode?: string
  readonly precision?: string
  readonly scale?: string
  readonly fields?: readonly SchemaField[]
}

export interface Schema {
  readonly fields?: readonly SchemaField[]
}

/** A row as the service sends it: every value as text, in the order of the columns. */
export interface RawRow {
  readonly f: readonly { readonly v: unknown }[]
}

export function rowsOf(schema: Schema | undefined, rows: readonly RawRow[] | undefined): readonly Row[] {
  const fields = schema?.fields ?? []
  return (rows ?? []).map(({ f }) =>
    Object.fromEntries(fields.map((field, index) => [field.name, valueFrom(field, f[index]?.v)])),
  )
}

export function columnsOf(schema: Schema | undefined): readonly Column[] {
  return (schema?.fields ?? []).map((field) => ({
    name: field.name,
    type: isPlain(field) ? bigquery.columnType(field.type) : 'other',
  }))
}

function isPlain({ mode, fields }: SchemaField): boolean {
  return mode !== 'REPEATED' && fields === undefined
}

function valueFrom(field: SchemaField, value: unknown): SqlValue {
  if (value === null || value === undefined) return null
  if (!isPlain(field)) return JSON.stringify(nested(field, value))
  const text = String(value)
  switch (bigquery.columnType(field.type)) {
    case 'boolean':
      return text === 'true'
    case 'integer':
      return integerValue(BigInt(text))
    case 'float':
      return Number(text)
    case 'timestamp':
      return field.type === 'TIMESTAMP' ? momentOf(BigInt(text)) : timeText(text.replace('T', ' '))
    default:
      return text
  }
}

/** A list or a record as it would be in JSON. */
function nested(field: SchemaField, value: unknown): unknown {
  if (field.mode === 'REPEATED')
    return (value as readonly { readonly v: unknown }[]).map(({ v }) =>
      nested({ ...field, mode: 'NULLABLE' }, v),
    )
  if (field.fields === undefined) return plainOf(valueFrom(field, value))
  const { f } = value as RawRow
  return Object.fromEntries(field.fields.map((inner, index) => [inner.name, nested(inner, f[index]?.v)]))
}

function plainOf(value: SqlValue): unknown {
  return typeof value === 'bigint' ? String(value) : value
}

const MICROS = 1_000_000n

/** Microseconds since 1970 as ISO text. */
function momentOf(micros: bigint): string {
  const rest = ((micros % MICROS) + MICROS) % MICROS
  const seconds = Number((micros - rest) / MICROS)
  const iso = new Date(seconds * 1000).toISOString().slice(0, 19)
  return timeText(`${iso.replace('T', ' ')}.${String(rest).padStart(6, '0')}`)
}
