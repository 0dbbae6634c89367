import {
  type DuckDBResultReader,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBType,
  DuckDBTypeId,
  type DuckDBValue,
} from '@duckdb/node-api'

/** A type of DuckDB as Databricks writes it; a sum of whole numbers is one of 64 bits there. */
export function typeText(type: DuckDBType): string {
  if (type.alias === 'JSON') return 'VARIANT'
  const named = NAMES.get(type.typeId)
  return named ?? String(type)
}

/** The rows as the service gives them: every value is a text. */
export function cellsOf(reader: DuckDBResultReader): readonly (readonly (string | null)[])[] {
  const types = reader.columnTypes()
  return reader
    .getRows()
    .map((row) => row.map((value, column) => (value === null ? null : cellOf(value, types[column]))))
}

const NAMES: ReadonlyMap<DuckDBTypeId, string> = new Map([
  [DuckDBTypeId.VARCHAR, 'STRING'],
  [DuckDBTypeId.INTEGER, 'INT'],
  [DuckDBTypeId.HUGEINT, 'BIGINT'],
  [DuckDBTypeId.TIMESTAMP, 'TIMESTAMP_NTZ'],
  [DuckDBTypeId.TIMESTAMP_TZ, 'TIMESTAMP'],
  [DuckDBTypeId.INTERVAL, 'INTERVAL DAY TO SECOND'],
  [DuckDBTypeId.BLOB, 'BINARY'],
])

function cellOf(value: Exclude<DuckDBValue, null>, type: DuckDBType | undefined): string {
  switch (type?.typeId) {
    case DuckDBTypeId.TIMESTAMP:
      return isoOf(String(value))
    case DuckDBTypeId.TIMESTAMP_TZ:
      return value instanceof DuckDBTimestampTZValue
        ? `${isoOf(String(new DuckDBTimestampValue(value.micros)))}Z`
        : String(value)
    case DuckDBTypeId.DOUBLE:
    case DuckDBTypeId.FLOAT:
      return javaText(Number(value))
    default:
      return String(value)
  }
}

/** With three digits after the second, or as many as there are. */
function isoOf(text: string): string {
  const [whole = '', fraction = ''] = text.replace(' ', 'T').split('.')
  return `${whole}.${fraction.padEnd(3, '0')}`
}

/** As Java prints a double. */
function javaText(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0'
  const size = Math.abs(value)
  if (size >= 1e-3 && size < 1e7) return Number.isInteger(value) ? `${value}.0` : String(value)
  const [mantissa = '', power = ''] = value.toExponential().split('e')
  return `${mantissa.includes('.') ? mantissa : `${mantissa}.0`}E${power.replace('+', '')}`
}
