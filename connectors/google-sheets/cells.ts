import type { JsonValue } from '../../src/connector/types.ts'

/** What is written into one cell. */
interface Cell {
  readonly userEnteredValue?:
    | { readonly stringValue: string }
    | { readonly numberValue: number }
    | { readonly boolValue: boolean }
}

/** Google takes no longer text in one cell. */
export const LONGEST_TEXT = 50_000

/**
 * Typed, so nothing is guessed from a text: "=SUM(A1)" stays a text and is no formula, "007" keeps its zeros, and
 * "3-4" is no date. Null and the empty text leave an empty cell.
 */
export function cellOf(value: JsonValue | undefined): Cell {
  if (value === undefined || value === null || value === '') return {}
  if (typeof value === 'number') return { userEnteredValue: { numberValue: value } }
  if (typeof value === 'boolean') return { userEnteredValue: { boolValue: value } }
  return { userEnteredValue: { stringValue: textOf(value) } }
}

export function textOf(value: JsonValue): string {
  if (Array.isArray(value)) return value.map(textOf).join(', ')
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? '')
}

/** Two cells of a key are the same when these are, whether a person has made a number of it or not. */
export function keyText(value: unknown): string {
  return String(value ?? '')
}
