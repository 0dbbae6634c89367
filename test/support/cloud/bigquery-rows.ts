import { type DuckDBResultReader, type DuckDBType, DuckDBTypeId } from '@duckdb/node-api'

export interface Field {
  readonly name: string
  readonly type: string
  readonly mode: 'NULLABLE' | 'REPEATED'
}

export interface WireRow {
  readonly f: readonly { readonly v: unknown }[]
}

/** What a result is called in the interface, which has longer names than SQL. */
export function fieldOf(name: string, type: DuckDBType): Field {
  const list = type.typeId === DuckDBTypeId.LIST
  return {
    name,
    type: list ? 'STRING' : type.alias === 'JSON' ? 'JSON' : (NAMES.get(type.typeId) ?? 'STRING'),
    mode: list ? 'REPEATED' : 'NULLABLE',
  }
}

export function rowsOf(result: DuckDBResultReader): readonly WireRow[] {
  return result.getRows().map((row) => ({ f: row.map((value) => ({ v: wireValue(value) })) }))
}

const NAMES = new Map<DuckDBTypeId, string>([
  ...[DuckDBTypeId.BIGINT, DuckDBTypeId.INTEGER, DuckDBTypeId.HUGEINT, DuckDBTypeId.SMALLINT].map(
    (id) => [id, 'INTEGER'] as const,
  ),
  ...[DuckDBTypeId.DOUBLE, DuckDBTypeId.FLOAT].map((id) => [id, 'FLOAT'] as const),
  [DuckDBTypeId.BOOLEAN, 'BOOLEAN'],
  [DuckDBTypeId.DECIMAL, 'NUMERIC'],
  [DuckDBTypeId.DATE, 'DATE'],
  [DuckDBTypeId.TIMESTAMP, 'DATETIME'],
  [DuckDBTypeId.TIMESTAMP_TZ, 'TIMESTAMP'],
  [DuckDBTypeId.TIME, 'TIME'],
])

/** Everything goes as text; a timestamp as its microseconds, which is what the client asks for. */
function wireValue(value: unknown): unknown {
  if (value === null) return null
  if (typeof value === 'object' && 'items' in value)
    return (value.items as readonly unknown[]).map((one) => ({ v: wireValue(one) }))
  if (typeof value === 'object' && 'micros' in value && value.constructor.name.includes('TimestampTZ'))
    return String(value.micros)
  if (typeof value === 'object' && 'micros' in value) return String(value).replace(' ', 'T')
  const text = String(value)
  return typeof value === 'object' && 'scale' in value ? withoutZeros(text) : text
}

function withoutZeros(text: string): string {
  return text.includes('.') ? text.replace(/0+$/, '').replace(/[.]$/, '') : text
}
