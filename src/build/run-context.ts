import type { Clock } from '../base/clock.ts'
import type { Ids } from '../base/ids.ts'
import type { Instant } from '../base/instant.ts'
import type { Progress } from '../base/progress.ts'
import type { Graph } from '../graph/graph.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Target } from '../spec/project.ts'
import type { Templates } from '../template/templates.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'

/** What one run works with: made once by `cli`, handed down to build, sync and inspect. */
export interface RunContext {
  readonly graph: Graph
  readonly target: Target
  readonly warehouse: Warehouse
  readonly ledger: Ledger
  readonly templates: Templates
  readonly env: Readonly<Record<string, string | undefined>>
  readonly runId: string
  readonly asOf: Instant
  /** Accept an `as_of` before the last published one. */
  readonly allowPast: boolean
  /** How long to wait for a lease; undefined: one lease. */
  readonly waitMs: number | undefined
  readonly clock: Clock
  readonly ids: Ids
  readonly progress: Progress
  /** Aborted at the first signal: start nothing new, finish what is in flight, save. */
  readonly signal: AbortSignal
}
