import type { Warning } from '../base/warning.ts'
import type { Manifest, ObjectDefinition } from '../connector/types.ts'
import type { Destination, Entity, Project, Segment, Source, Sync } from '../spec/project.ts'

export type NodeKind = 'source' | 'identity' | 'entity' | 'segment' | 'sync'

/**
 * One thing that a build or a sync makes. Ids are `kind:name`. `identity:customer` is the stitching,
 * `entity:customer` the profile table with fields and traits (traits are not nodes of their own).
 */
export interface Node {
  readonly id: string
  readonly kind: NodeKind
  readonly name: string
  readonly tags: readonly string[]
  /** Ids of the nodes that it reads. */
  readonly needs: readonly string[]
  /** Hash of its definition and of all it needs; changes exactly when its meaning may. */
  readonly fingerprint: string
}

/** A checked project as a dependency graph: every reference resolved, nothing run. */
export interface Graph {
  readonly project: Project
  readonly manifests: ReadonlyMap<string, Manifest>
  readonly nodes: ReadonlyMap<string, Node>
  /** Ids, each after all it needs; ties by project order, so the order is the same for the same project. */
  readonly order: readonly string[]
  /** Of all nodes together. */
  readonly fingerprint: string
  readonly warnings: readonly Warning[]
  /** How rows of a source reach an entity. Undefined: they do not. `via` as in the trait or condition that asks. */
  reach(source: string, entity: string, via?: readonly string[]): Reach | undefined
  /** A sync with what it refers to. Throws SLU9001 for a name that is none. */
  bound(sync: string): BoundSync
}

/**
 * Which row reaches which entity (design section 2): follow `hops` from `source` by foreign key to the last
 * source; there the row reaches its entity through identity, or is the unstitched entity itself.
 */
export interface Reach {
  readonly source: Source
  readonly entity: Entity
  /** Parents in order; empty when the source itself carries the ids or is the entity's source. */
  readonly hops: readonly Hop[]
  readonly end: 'identity' | 'key'
}

export interface Hop {
  readonly parent: Source
  /** Of the child; joined as text to the parent's primary key, part by part. */
  readonly childColumns: readonly string[]
}

/** A sync with what it refers to, resolved. */
export interface BoundSync {
  readonly sync: Sync
  readonly destination: Destination
  readonly manifest: Manifest
  readonly object: ObjectDefinition
  /** The entity of its segment or itself; undefined for a `source:` sync. */
  readonly entity: Entity | undefined
  readonly segment: Segment | undefined
  /** Of a `source:` sync. */
  readonly source: Source | undefined
  /** Other enabled syncs that write the same object of the same destination and share its rows. */
  readonly family: readonly string[]
}
