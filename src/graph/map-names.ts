import type { Entity } from '../spec/project.ts'

/** What a name in `match`, `map` or `identifiers` of a `source:` sync means. */
export type RowName =
  | { readonly kind: 'column'; readonly column: string }
  /** `customer.email`: of the entity that the row reaches. */
  | { readonly kind: 'profile'; readonly entity: string; readonly name: string }

/** A name with a dot is of an entity, unless it is in double quotes. */
export function rowNameOf(name: string): RowName {
  const dot = name.startsWith('"') ? -1 : name.indexOf('.')
  if (dot < 0) return { kind: 'column', column: name }
  return { kind: 'profile', entity: name.slice(0, dot), name: name.slice(dot + 1) }
}

/** The column of an entity's tables that is its id. */
export function idColumnOf(entity: Entity): string {
  return `${entity.name}_id`
}
