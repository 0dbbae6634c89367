import { CODES, type ErrorCode, type ErrorKind } from './codes.ts'
import type { Position } from './position.ts'

export interface ErrorDetails {
  /** What was expected and what was found, in that order; lower-case first word, no full stop, no secrets. */
  readonly message: string
  readonly at?: Position | undefined
  /** What to do, or the nearest name: `did you mean "segment"?` */
  readonly hint?: string | undefined
  readonly cause?: unknown
}

/** One mistake as data. `cli` renders it; nothing else formats errors for people. */
export class SluiceError extends Error {
  readonly code: ErrorCode
  readonly at: Position | undefined
  readonly hint: string | undefined

  constructor(code: ErrorCode, details: ErrorDetails) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'SluiceError'
    this.code = code
    this.at = details.at
    this.hint = details.hint
  }

  /** Who must act; decides the exit code. */
  get kind(): ErrorKind {
    return CODES[this.code].kind
  }
}

/** All mistakes of a project at once, sorted by file and line. */
export class ProjectErrors extends Error {
  readonly errors: readonly SluiceError[]

  constructor(errors: readonly SluiceError[]) {
    super(`the project has ${errors.length} error${errors.length === 1 ? '' : 's'}`)
    this.name = 'ProjectErrors'
    this.errors = [...errors].sort(byPlace)
  }
}

/** A branch that the types rule out was reached: our bug, exit 70. */
export function assertNever(value: never, what: string): never {
  throw new SluiceError('SLU9001', {
    message: `expected every ${what} to be handled, found ${JSON.stringify(value)}`,
  })
}

function byPlace(a: SluiceError, b: SluiceError): number {
  const fileOrder = compare(a.at?.file ?? '', b.at?.file ?? '')
  if (fileOrder !== 0) return fileOrder
  return (a.at?.line ?? 0) - (b.at?.line ?? 0) || (a.at?.column ?? 0) - (b.at?.column ?? 0)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
