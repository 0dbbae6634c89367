import type { Change, JsonValue } from '../../src/connector/types.ts'

/** A change with its place in the batch. */
export interface Row {
  readonly change: Change
  readonly index: number
  /** The key. */
  readonly email: string
}

/** Properties are texts; the empty text clears one. Several values of a checkbox are joined by semicolons. */
export function propertyText(value: JsonValue): string {
  if (value === null) return ''
  if (Array.isArray(value)) return value.map(propertyText).join(';')
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
