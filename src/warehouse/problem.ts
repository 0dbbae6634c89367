import type { ErrorCode } from '../base/codes.ts'
import { SluiceError } from '../base/errors.ts'

/** What an engine said, in our classes: never with a value of a row. */
export interface WarehouseProblem {
  readonly code: ErrorCode
  readonly message: string
  readonly hint?: string | undefined
}

/**
 * The error that is thrown. The driver's own error is left behind on purpose: its text and its fields may hold values
 * of rows, and a cause is printed with `-v`.
 */
export function warehouseError(problem: WarehouseProblem, step: string | undefined): SluiceError {
  const where = step === undefined ? '' : ` (step ${step})`
  return new SluiceError(problem.code, { message: `${problem.message}${where}`, hint: problem.hint })
}

/** The first line of an engine's text, without its full stop, and short. */
export function firstLine(text: string): string {
  const line = text.split('\n', 1)[0]?.trim().replace(/[.!]$/, '') ?? ''
  return line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}...` : line
}

/** Takes out what stands in quotes. */
export function withoutQuoted(text: string): string {
  return text.replaceAll(/'(?:[^']|'')*'|"(?:[^"]|"")*"/g, '"..."')
}

const LONGEST_LINE = 300

/** Rows that `read` got although only aggregates, catalog and ledger may pass. */
export function tooManyRows(step: string, limit: number): SluiceError {
  return new SluiceError('SLU9001', {
    message: `expected at most ${limit} rows of step ${step}, found more; rows of customers go through stream()`,
  })
}

export function nestedTransaction(): SluiceError {
  return new SluiceError('SLU9001', {
    message: 'expected one transaction at a time in a session, found one inside another',
  })
}
