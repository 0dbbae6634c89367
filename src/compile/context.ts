import type { Instant } from '../base/instant.ts'
import type { Dialect, TableName } from '../dialect/dialect.ts'
import type { Graph } from '../graph/graph.ts'
import type { TargetType } from '../spec/project.ts'
import type { Templates } from '../template/templates.ts'

/** What every compiling function is given. Pure values: the same context gives the same text, byte for byte. */
export interface CompileContext {
  readonly graph: Graph
  readonly dialect: Dialect
  readonly targetType: TargetType
  readonly templates: Templates
  readonly stateSchema: string
  readonly asOf: Instant
  readonly env: Readonly<Record<string, string | undefined>>
  readonly tables: Tables
}

/**
 * Where the tables of design section 2 stand for this run: the published ones, this run's scratch ones, or, in
 * `preview` and `plan`, temporary ones. Logical names: `customer_identity`, `customer`, `segment_lapsing_vips`,
 * `customer_merges`, and so on.
 */
export interface Tables {
  /** Where this run reads or writes the output. */
  output(logicalName: string): TableName
  /** Where the last published build left it. */
  published(logicalName: string): TableName
  /** A temporary table of this session, for steps between. */
  temporary(name: string): TableName
}
