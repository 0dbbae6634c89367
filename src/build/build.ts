import type { Tables } from '../compile/context.ts'
import type { NodeKind } from '../graph/graph.ts'
import type { FieldsReport } from './changed-profile.ts'
import type { StitchReport } from './stitch.ts'

export interface BuildRequest {
  /** Ids of graph nodes to build; what they need is built too. `sync:` nodes stand for what they read. */
  readonly nodes: readonly string[]
  /** From scratch, keeping ids and first runs. */
  readonly fullRefresh: boolean
}

export interface BuildResult {
  readonly nodes: readonly BuiltNode[]
}

/** Grain: one identity, entity (profile table) or segment. */
export interface BuiltNode {
  readonly name: string
  readonly kind: NodeKind
  readonly rows: number
  readonly seconds: number
  /** Of an identity: rows of event sources that carry no usable identifier, so belong to no entity. */
  readonly unattached?: number
  /** Of an identity. */
  readonly stitch?: StitchReport
  /** Of an entity that is stitched and has fields. */
  readonly fields?: FieldsReport
}

/** Where a reader finds what was built; `drop` removes this session's scratch tables. */
export interface BuiltTables {
  readonly tables: Tables
  drop(): Promise<void>
}
