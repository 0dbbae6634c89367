import {
  type DuckDBDataChunk,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBType,
  DuckDBTypeId,
  type DuckDBValue,
} from '@duckdb/node-api'
import { integerValue, timeText } from './values.ts'
import type { Row, SqlValue } from './warehouse.ts'

/** The rows of a chunk, by column name. */
export function rowsOf(
  chunk: DuckDBDataChunk,
  names: readonly string[],
  types: readonly DuckDBType[],
): readonly Row[] {
  const converters = types.map(converterOf)
  const columns = names.map((_, index) => chunk.getColumnValues(index))
  return Array.from({ length: chunk.rowCount }, (_, row) => {
    const values: Record<string, SqlValue> = {}
    names.forEach((name, column) => {
      const value = columns[column]?.[row] ?? null
      values[name] = value === null ? null : (converters[column]?.(value) ?? null)
    })
    return values
  })
}

type Converter = (value: Exclude<DuckDBValue, null>) => SqlValue

function converterOf(type: DuckDBType): Converter {
  switch (type.typeId) {
    case DuckDBTypeId.TIMESTAMP:
    case DuckDBTypeId.TIMESTAMP_S:
    case DuckDBTypeId.TIMESTAMP_MS:
    case DuckDBTypeId.TIMESTAMP_NS:
      return (value) => timeText(String(value))
    case DuckDBTypeId.TIMESTAMP_TZ:
      return zonedTimeText
    default:
      return plainValue
  }
}

/** The driver would print it in the zone of the machine. */
function zonedTimeText(value: Exclude<DuckDBValue, null>): string {
  if (!(value instanceof DuckDBTimestampTZValue)) return timeText(String(value))
  return timeText(String(new DuckDBTimestampValue(value.micros)))
}

function plainValue(value: Exclude<DuckDBValue, null>): SqlValue {
  if (typeof value === 'bigint') return integerValue(value)
  if (typeof value === 'object') return String(value)
  return value
}
