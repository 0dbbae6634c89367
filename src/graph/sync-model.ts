import type { Entity, Project, Segment, Source, Sync } from '../spec/project.ts'

/** What a sync sends. A part is undefined when it is of another kind, or not there, which is told elsewhere. */
export interface SyncModel {
  /** Of the segment, or itself. */
  readonly entity: Entity | undefined
  readonly segment: Segment | undefined
  readonly source: Source | undefined
}

export function modelOf({ segments, entities, sources }: Project, { from }: Sync): SyncModel {
  const name = from.name.value
  if (from.kind === 'source') return { source: sources.get(name), segment: undefined, entity: undefined }
  const segment = from.kind === 'segment' ? segments.get(name) : undefined
  const entity = from.kind === 'entity' ? name : segment?.entity.value
  return { source: undefined, segment, entity: entities.get(entity ?? '') }
}
