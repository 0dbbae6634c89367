import type { Entity, IdentifierValue, Mapping, Project, SentIdentifier } from '../spec/project.ts'
import { rowNameOf } from './map-names.ts'
import type { SyncModel } from './sync-model.ts'

/** A type of identifiers of an entity's identity. */
export interface IdentityType {
  readonly entity: Entity
  readonly type: string
}

/**
 * Those of a sync's `identifiers` that name a type of the entity's identity, `customer.email` in a `source:` sync: all
 * values that the entity's records carry are sent. The others are profile fields, traits or columns, with one value.
 */
export function typesSent(
  project: Project,
  model: Pick<SyncModel, 'entity' | 'source'>,
  identifiers: readonly SentIdentifier[],
): ReadonlyMap<Mapping, IdentityType> {
  return new Map(
    identifiers.flatMap((one) => {
      const type = one.value.kind === 'name' ? typeNamed(project, model, one.value.name) : undefined
      return type === undefined ? [] : [[one, type] as const]
    }),
  )
}

/** The columns that a type's values stand in: `[source, column]`. */
export function columnsOfType({ entity, type }: IdentityType): readonly (readonly [string, string])[] {
  return (entity.identity?.from ?? []).flatMap(({ source, ids }) =>
    ids
      .filter((id) => id.type.value === type)
      .flatMap(({ value }) => columnsIn(value).map((column) => [source.value, column] as const)),
  )
}

/** None of SQL, whose columns only the warehouse knows. */
export function columnsIn(value: IdentifierValue): readonly string[] {
  switch (value.kind) {
    case 'column':
      return [value.column.value]
    case 'composite':
      return value.columns.map((column) => column.value)
    case 'any':
      return value.values.flatMap(columnsIn)
    case 'sql':
      return []
  }
}

function typeNamed(
  project: Project,
  { entity, source }: Pick<SyncModel, 'entity' | 'source'>,
  name: string,
): IdentityType | undefined {
  if (entity !== undefined) return typeOf(entity, name)
  const meant = rowNameOf(name)
  if (source === undefined || meant.kind === 'column') return undefined
  return typeOf(project.entities.get(meant.entity), meant.name)
}

function typeOf(entity: Entity | undefined, type: string): IdentityType | undefined {
  return entity?.identity?.identifiers.has(type) === true ? { entity, type } : undefined
}
