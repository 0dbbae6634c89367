import type { Dialect } from '../dialect/dialect.ts'
import type { OpenRequest } from './open-request.ts'
import type { DriverError } from './postgres-errors.ts'
import type { WarehouseProblem } from './problem.ts'

/** What differs between servers that speak PostgreSQL's protocol: all else is one session. */
export interface ServerProfile {
  readonly dialect: Dialect
  /** As messages call it. */
  readonly product: string
  readonly defaultPort: number
  /** Without `sslmode`. */
  readonly defaultTls: 'prefer' | 'verify-full'
  /** Statements that make a session what compiled SQL counts on. */
  sessionSettings(request: OpenRequest): string
  /** One row of what is asked of the server before anything else, for `versionOf`. */
  readonly identify: string
  /** Engine and version. Throws SLU3001 for a server that cannot be used. */
  versionOf(identity: ServerIdentity): string
  /** A transaction that sees one state of the data. */
  readonly begin: string
  readonly beginReadOnly: string
  declareCursor(name: string, select: string): string
  fetchFrom(name: string, rows: number): string
  problem(error: DriverError): WarehouseProblem
  /** How often a statement outside of a transaction is tried at most while others write to the same tables. */
  readonly tries: number
}

/** What `identify` answers. */
export interface ServerIdentity {
  readonly version: string
  readonly encoding: string
  /** By which another session stops this one's statement. */
  readonly pid: number
}
