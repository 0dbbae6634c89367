import type { ColumnTypeNames } from '../dialect/dialect.ts'
import type { Statement } from '../warehouse/warehouse.ts'

/** A table that goes into an export, and how its cells are read and written. */
export interface StateTable {
  /** Without schema and prefix. */
  readonly name: string
  readonly columns: readonly { readonly name: string; readonly type: CellType }[]
}

/** What the dialects name a column's type by. */
export type CellType = keyof ColumnTypeNames

/** A cell of an export: as the warehouse prints it, times as `2026-01-31T08:00:00.000Z`; null is null. */
export type CellText = string | null

/** Set when an export comes from another engine, whose hashes mean nothing here. */
export interface ForeignHashes {
  /** Added to hashes that only order: from unsigned to signed, or back. */
  readonly shift: bigint
}

/**
 * What a state schema must hold for another one to go on from it: runs, snapshots, plans with their marks and jobs,
 * receipts, builds, and the identity of each entity. Profiles and segments are not in it: the next build makes them.
 */
export interface Transfer {
  /** The tables there are, in the order in which they are written. */
  tables(): Promise<readonly StateTable[]>
  /** All rows of one, each cell a `CellText` under its column's name. Read it with `stream`: rows name customers. */
  rowsOf(table: StateTable): Statement
  /**
   * Makes a table ready for rows; those of the ledger are. This and the next two belong into a `fenced` of the caller.
   * Throws SLU5009 for a column that this version does not know.
   */
  receive(table: StateTable): Promise<void>
  /** At most `rowsPerInsert` rows, cells in the order of the columns. */
  insert(
    table: StateTable,
    rows: readonly (readonly CellText[])[],
    foreign: ForeignHashes | undefined,
  ): Promise<void>
  /** After a foreign export: counts every snapshot anew, now that its rows are dirty. Gives how many rows are. */
  distrustHashes(): Promise<number>
  rowsPerInsert(table: StateTable): number
}

/** The tables of ours in the state schema, whoever else has some there. */
export interface OwnTables {
  /**
   * Those there are, the ledger's own last. `built`: what the project builds, of which a killed build may have left
   * some beside the published ones.
   */
  list(built: readonly string[]): Promise<readonly string[]>
  /** Views of others that read one of these tables, and so keep it from being dropped. */
  viewsOn(names: readonly string[]): Promise<readonly string[]>
  /** Drops them in this order, and the schema when nothing is left in it. False when it stays. */
  drop(names: readonly string[]): Promise<boolean>
}
