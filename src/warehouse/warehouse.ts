import type { ColumnType, Dialect } from '../dialect/dialect.ts'

export type SqlValue = string | number | bigint | boolean | null

/** One statement. `step` stands in the comment before it, so the warehouse's own history can be read. */
export interface Statement {
  readonly step: string
  readonly sql: string
  readonly parameters?: readonly SqlValue[]
}

/**
 * A row by column name. Integers within 2^53 are numbers, beyond it bigint; decimals are text as the engine prints
 * them; times are text, `2026-01-31T08:00:00.000Z` (with microseconds where there are any), dates `2026-01-31`.
 */
export type Row = Readonly<Record<string, SqlValue>>

export interface Column {
  readonly name: string
  readonly type: ColumnType
}

/**
 * One session of a warehouse. The promise "nothing copied" is in these types: `execute` returns counts, `read` at
 * most `READ_LIMIT` rows of aggregates, catalog and ledger, `stream` yields customer rows and only `sync` and
 * `inspect` may call it (test/architecture.test.ts).
 *
 * Throws: SluiceError SLU3xxx, classified; messages never hold a row's values.
 */
export interface Warehouse {
  readonly dialect: Dialect
  /** No other process can have it open (DuckDB's file lock): a lease found in it is a dead run's. */
  readonly exclusive: boolean
  /** Engine and version, such as `duckdb 1.5.5`: native hashes are stable within it only. */
  version(): Promise<string>
  /** Rows affected; 0 where the engine does not say. */
  execute(statement: Statement): Promise<number>
  read(statement: Statement): Promise<readonly Row[]>
  /**
   * Pages of rows, never all of them in memory. Until it is finished or left, this session runs no other statement
   * (SLU9001): acknowledge through another session.
   */
  stream(statement: Statement): AsyncIterable<readonly Row[]>
  /** The columns that a select gives, in order, without running it. A missing table or column is SLU3004. */
  describe(select: Statement): Promise<readonly Column[]>
  /** Bytes that running the statement would read, said before it is run and without cost; undefined where nobody says. */
  estimate?(statement: Statement): Promise<number>
  /** Runs `work` in one transaction that sees one state of the data; rolled back when it throws. Not nested. */
  transaction<T>(work: () => Promise<T>): Promise<T>
  /** Another session of the same warehouse, for what must not wait behind a long statement. Temporary tables are not shared. */
  openSession(): Promise<Warehouse>
  /** Stops the statement that runs now, which then throws SLU3016; nothing happens when none runs. */
  cancel?(): Promise<void>
  /** Rolls back what is open. A session of `openSession` ends with the warehouse that it came from. */
  close(): Promise<void>
}

/** More rows than this in `read` is a bug: rows of customers must go through `stream`. */
export const READ_LIMIT = 1000
