import type { IdRun } from '../compile/identity/id-steps.ts'
import type { TableName } from '../dialect/dialect.ts'
import type { Patch } from './patch.ts'

export interface StitchRequest extends IdRun {
  /** From scratch, keeping ids and first runs. */
  readonly fullRefresh: boolean
  /**
   * Says that an output is another table from now on: what was found incrementally is published as changes. Undefined:
   * the output is made whatever it costs.
   */
  readonly redirect: ((logicalName: string, table: TableName) => void) | undefined
}

/** How an identity was stitched. */
export interface StitchReport {
  readonly mode: 'incremental' | 'full'
  /** Why it was stitched in full; undefined when it was not. */
  readonly why: string | undefined
  /** Records and events; undefined after a full stitch, which does not look for them. */
  readonly found: FoundRecords | undefined
  /** Entities that won, lost or changed a record, began or ended; undefined after a full stitch. */
  readonly touched: number | undefined
  /** Rows that this run adds to the logs. */
  readonly merges: number
  readonly splits: number
}

export interface FoundRecords {
  readonly fresh: number
  /** Their identifiers are not what they were. */
  readonly changed: number
  readonly removed: number
}

export interface IdentityFigures {
  readonly records: number
  readonly entities: number
  /** Rows of event sources that belong to no entity. */
  readonly unattached: number
}

export interface Stitched {
  readonly figures: IdentityFigures
  readonly report: StitchReport
  /** Instead of tables to be swapped: how the published ones become what they should be. */
  readonly patch?: StitchPatch
}

export interface StitchPatch extends Patch {
  /** `(entity_id, was)`: entities that are not as they were, by their old and new ids. Undefined: none. */
  readonly touched: TableName | undefined
}
