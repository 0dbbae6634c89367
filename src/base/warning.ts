import type { Position } from './position.ts'

/** Something the author should know that is no error: it stands in no exit code. */
export interface Warning {
  readonly code: string
  readonly message: string
  readonly at?: Position | undefined
  readonly hint?: string | undefined
}
