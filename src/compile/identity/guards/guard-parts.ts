import type { TableName } from '../../../dialect/dialect.ts'
import type { Fragment } from '../../../dialect/fragment.ts'
import type { IdentityScope } from '../scope.ts'
import type { IdentityRecords } from '../slots.ts'
import type { Limits } from './limits.ts'

/** What the guards leave behind. */
export interface Guarded {
  /** `(v, r)`: the entity of each record whose component was over a limit, called by its least record. */
  readonly labels: TableName
  /** `(t, value, x, y, reason, records)`. */
  readonly refused: TableName
}

/** What the steps of the guards are made of. */
export interface GuardParts {
  readonly scope: IdentityScope
  readonly all: readonly IdentityRecords[]
  readonly limits: Limits
  readonly salt: number
  readonly labels: TableName
  /** Of rows `i` with `x` and `y` only those that link; undefined where all do. */
  readonly trusted: Fragment | undefined
  /** Pairs that look alike stand in `link_pairs`, and are tried after all identifiers. */
  readonly hasPairs: boolean
}
