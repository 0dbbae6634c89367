import type { Graph } from '../../graph/graph.ts'
import type { ColumnReference, Entity, ProfileField, Trait } from '../../spec/project.ts'

/** `pii: none` says: this text is about nobody, show it. */
const NOBODY = 'none'

/**
 * The columns of an entity's profile table that are shown as they are: their own `pii: none`, or that of every
 * source column they come from; and a `case` trait, whose values are words of the project, not of a person. The
 * entity's id is shown when Sluice minted it; the key of an unstitched entity is its source's own text.
 */
export function shownColumns(graph: Graph, entity: Entity): ReadonlySet<string> {
  const traits = graph.project.traits.filter((trait) => trait.entity.value === entity.name)
  return new Set([
    ...(isIdShown(graph, entity) ? [`${entity.name}_id`] : []),
    ...entity.profile.filter((field) => isFieldShown(graph, field)).map((field) => field.name),
    ...traits.filter((trait) => isTraitShown(graph, trait)).map((trait) => trait.name),
  ])
}

function isIdShown(graph: Graph, entity: Entity): boolean {
  if (entity.source === undefined || entity.key === undefined) return true
  return columnPii(graph, entity.source.value, entity.key.value) === NOBODY
}

function isFieldShown(graph: Graph, field: ProfileField): boolean {
  if (field.pii !== undefined) return field.pii === NOBODY
  return field.from.every((column) => isColumnShown(graph, column))
}

function isTraitShown(graph: Graph, trait: Trait): boolean {
  if (trait.pii !== undefined) return trait.pii === NOBODY
  switch (trait.operator.kind) {
    case 'case':
    case 'count':
      return true
    case 'sql':
      return false
    default:
      return isColumnShown(graph, trait.operator.column)
  }
}

function isColumnShown(graph: Graph, column: ColumnReference): boolean {
  return columnPii(graph, column.source, column.column) === NOBODY
}

/** What the project says of a source's column: a kind of personal data, `none`, or nothing. */
export function columnPii(graph: Graph, source: string, column: string): string | undefined {
  return graph.project.sources.get(source)?.columns.get(column)?.pii
}
