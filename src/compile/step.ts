import type { TableName } from '../dialect/dialect.ts'
import type { Fragment } from '../dialect/fragment.ts'

/** One named SQL statement of a build or a plan. */
export interface Step {
  /** Dotted, unique in a project: `identity.customer.stars`. Also the file name under `target/`. */
  readonly name: string
  /** What it does, one line. */
  readonly summary: string
  /** The table that it makes from `query` (create table as), or undefined when `query` is a whole statement. */
  readonly creates: TableName | undefined
  readonly query: Fragment
  /** One row a what. */
  readonly grain: string
  /** The sql/ file that it came from, when it came from one. */
  readonly file?: string
}
