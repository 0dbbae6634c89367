import { epochMsOf, type Instant, instantOf } from '../base/instant.ts'
import type { Row } from '../warehouse/warehouse.ts'

/** What a row of the ledger holds, as the types that readers are given. A null where none may be is 0 or ''. */

export function textOf(row: Row, column: string): string {
  return optionalText(row, column) ?? ''
}

export function optionalText(row: Row, column: string): string | undefined {
  const value = row[column]
  return value === null || value === undefined ? undefined : String(value)
}

/** A list of names, as `namesText` wrote it. */
export function optionalNames(row: Row, column: string): readonly string[] | undefined {
  const text = optionalText(row, column)
  return text === undefined ? undefined : (JSON.parse(text) as readonly string[])
}

export function namesText(names: readonly string[] | undefined): string | null {
  return names === undefined ? null : JSON.stringify(names)
}

export function numberOf(row: Row, column: string): number {
  return Number(row[column] ?? 0)
}

export function optionalNumber(row: Row, column: string): number | undefined {
  const value = row[column]
  return value === null || value === undefined ? undefined : Number(value)
}

export function flagOf(row: Row, column: string): boolean {
  return row[column] === true
}

/** Warehouses print timestamps without zone as `2026-01-31 08:00:00.5`; all of ours are in UTC. */
export function instantIn(row: Row, column: string): Instant {
  const text = textOf(row, column).replace(' ', 'T')
  return instantOf(epochMsOf((/(?:Z|[+-]\d\d(?::?\d\d)?)$/.test(text) ? text : `${text}Z`) as Instant))
}

export function optionalInstant(row: Row, column: string): Instant | undefined {
  return optionalText(row, column) === undefined ? undefined : instantIn(row, column)
}
