import type { Located } from '../../base/position.ts'
import type { Graph } from '../../graph/graph.ts'
import type { Entity, Literal, Source, Trait } from '../../spec/project.ts'
import type { KnownType } from '../conditions/value.ts'
import { columnKey, textColumns } from './columns.ts'

/** What the project says of a column's type; most are known to the warehouse only. */
export function columnType(graph: Graph, source: Source, written: string): KnownType {
  const key = columnKey(written)
  if (isColumn(source.occurredAt, key) || isColumn(source.updatedAt, key)) return 'time'
  if (source.relation.kind !== 'file') return 'unknown'
  const type = [...source.types].find(([column]) => columnKey(column) === key)?.[1]
  if (type !== undefined) return typeNamed(type.value)
  return textKeys(graph, source).has(key) ? 'text' : 'unknown'
}

/** The same of a trait or profile field. Null: the entity has none of that name. */
export function profileType(graph: Graph, entity: Entity, name: string): KnownType | null {
  if (name === `${entity.name}_id`) return 'text'
  const field = entity.profile.find((one) => one.name === name)
  if (field !== undefined)
    return common(field.from.map((column) => typeOfReference(graph, column.source, column.column)))
  const trait = traitsOf(graph, entity).find((one) => one.name === name)
  return trait === undefined ? null : traitType(graph, trait)
}

/** The enabled traits of an entity, in project order. */
export function traitsOf(graph: Graph, entity: Entity): readonly Trait[] {
  return graph.project.traits.filter((trait) => trait.enabled && trait.entity.value === entity.name)
}

function traitType(graph: Graph, trait: Trait): KnownType {
  const { operator } = trait
  switch (operator.kind) {
    case 'count':
    case 'count_distinct':
    case 'sum':
    case 'avg':
      return 'number'
    case 'min':
    case 'max':
    case 'most_frequent':
      return typeOfReference(graph, operator.column.source, operator.column.column)
    case 'case': {
      const literals: (Literal | undefined)[] = operator.branches.map((branch) => branch.then)
      const written = [...literals, operator.otherwise, trait.defaultValue]
      return common(written.flatMap((literal) => (literal === undefined ? [] : [literalType(literal)])))
    }
    case 'sql':
      return 'unknown'
  }
}

export function literalType(literal: Literal): KnownType {
  if (typeof literal === 'number') return 'number'
  return typeof literal === 'boolean' ? 'boolean' : 'text'
}

function typeOfReference(graph: Graph, source: string, column: string): KnownType {
  const found = graph.project.sources.get(source)
  return found === undefined ? 'unknown' : columnType(graph, found, column)
}

function common(types: readonly KnownType[]): KnownType {
  const [first] = types
  if (first === undefined) return 'unknown'
  if (types.every((type) => type === first)) return first
  // A text beside anything else makes all of them text, as the statements do.
  return types.includes('text') ? 'text' : 'unknown'
}

function isColumn(column: Located<string> | undefined, key: string): boolean {
  return column !== undefined && columnKey(column.value) === key
}

function typeNamed(type: string): KnownType {
  const name = type.toLowerCase()
  if (/^(?:timestamp|date)/.test(name)) return 'time'
  if (/^u?(?:tiny|small|big|huge)?int|^(?:decimal|numeric|double|float|real)/.test(name)) return 'number'
  if (/^(?:varchar|char|text|string)/.test(name)) return 'text'
  return /^bool/.test(name) ? 'boolean' : 'unknown'
}

const TEXT_KEYS = new WeakMap<Graph, Map<string, ReadonlySet<string>>>()

/** Asked once a column and condition; the answer needs the whole project. */
function textKeys(graph: Graph, source: Source): ReadonlySet<string> {
  const known = TEXT_KEYS.get(graph) ?? new Map<string, ReadonlySet<string>>()
  TEXT_KEYS.set(graph, known)
  const found = known.get(source.name) ?? new Set(textColumns(graph, source).map(columnKey))
  known.set(source.name, found)
  return found
}
