import type { Clock } from '../base/clock.ts'
import type { Ids } from '../base/ids.ts'

export interface OpenRequest {
  /** The target's type, such as `duckdb`. */
  readonly type: string
  /** The project's folder: paths are relative to it. */
  readonly directory: string
  /** The target's settings, with environment variables filled in. */
  readonly settings: ReadonlyMap<string, string | number | boolean>
  /** Stands in the comment before every statement. */
  readonly runId: string
  /** Where tables of ours stand, temporary ones too where sessions have none; default: `sluice`. */
  readonly stateSchema?: string
  readonly clock: Clock
  /** Default: random ones. */
  readonly ids?: Ids
  /** The project's name, for warehouses that label what they run. */
  readonly project?: string
  /** How long to wait for a DuckDB file that another process has open; default: not at all. */
  readonly waitMs?: number
}
