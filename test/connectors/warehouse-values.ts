import type { JsonValue } from '../../src/connector/types.ts'

/** The type of a column of DuckDB whose values arrive at a destination as this one. */
export function sqlType(value: JsonValue): string {
  if (typeof value === 'boolean') return 'boolean'
  if (typeof value === 'number') return Number.isInteger(value) ? 'bigint' : 'double'
  return typeof value === 'object' && value !== null ? 'json' : 'varchar'
}

export function sqlValue(value: JsonValue): string {
  if (value === null) return 'null'
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return `'${text.replaceAll("'", "''")}'`
}
