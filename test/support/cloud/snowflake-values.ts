import {
  DuckDBDateValue,
  DuckDBDecimalType,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBType,
  DuckDBTypeId,
  type DuckDBValue,
} from '@duckdb/node-api'
import { decodedName } from './snowflake-text.ts'

/** A column as the protocol tells it. */
export interface RowType {
  readonly name: string
  readonly type: string
  readonly nullable: boolean
  readonly scale: number | null
  readonly precision: number | null
}

export type RawRow = readonly (string | null)[]

export function rowTypeOf(name: string, type: DuckDBType): RowType {
  const [typeName, precision, scale] = described(type)
  return { name: decodedName(name), type: typeName, nullable: true, precision, scale }
}

/** The value in the text form of the protocol. */
export function rawValue(value: DuckDBValue): string | null {
  if (value === null) return null
  if (typeof value === 'boolean') return value ? '1' : '0'
  if (value instanceof DuckDBDateValue) return String(value.days)
  if (value instanceof DuckDBTimestampTZValue) return `${seconds(value.micros)} ${ZONE_UTC}`
  if (value instanceof DuckDBTimestampValue) return seconds(value.micros)
  return String(value)
}

const INTEGERS = new Set([
  ...[DuckDBTypeId.TINYINT, DuckDBTypeId.SMALLINT, DuckDBTypeId.INTEGER, DuckDBTypeId.BIGINT],
  ...[DuckDBTypeId.UTINYINT, DuckDBTypeId.USMALLINT, DuckDBTypeId.UINTEGER, DuckDBTypeId.UBIGINT],
  ...[DuckDBTypeId.HUGEINT, DuckDBTypeId.UHUGEINT],
])

const SIMPLE: ReadonlyMap<DuckDBTypeId, string> = new Map([
  [DuckDBTypeId.BOOLEAN, 'boolean'],
  [DuckDBTypeId.DATE, 'date'],
  [DuckDBTypeId.TIME, 'time'],
  [DuckDBTypeId.DOUBLE, 'real'],
  [DuckDBTypeId.FLOAT, 'real'],
])

/** Microseconds, which is all that DuckDB has. */
const TIME_SCALE = 6
/** Minutes from the first zone that the protocol counts from. */
const ZONE_UTC = 1440

function described(
  type: DuckDBType,
): readonly [type: string, precision: number | null, scale: number | null] {
  if (INTEGERS.has(type.typeId)) return ['fixed', 38, 0]
  if (type instanceof DuckDBDecimalType) return ['fixed', type.width, type.scale]
  if (type.typeId === DuckDBTypeId.TIMESTAMP) return ['timestamp_ntz', 0, TIME_SCALE]
  if (type.typeId === DuckDBTypeId.TIMESTAMP_TZ) return ['timestamp_tz', 0, TIME_SCALE]
  if (type.alias === 'JSON') return ['variant', null, null]
  return [SIMPLE.get(type.typeId) ?? 'text', null, null]
}

function seconds(micros: bigint): string {
  const size = micros < 0n ? -micros : micros
  const whole = `${size / 1_000_000n}.${String(size % 1_000_000n).padStart(6, '0')}`
  return micros < 0n ? `-${whole}` : whole
}
