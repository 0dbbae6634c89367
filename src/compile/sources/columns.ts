import type { Located } from '../../base/position.ts'
import { splitName } from '../../dialect/fragment.ts'
import type { Graph } from '../../graph/graph.ts'
import { textColumnsOf } from '../../graph/text-columns.ts'
import type {
  ColumnReference,
  Entity,
  IdentifierValue,
  ProfileField,
  Source,
  Sync,
  Trait,
} from '../../spec/project.ts'
import { columnsOfCondition } from './condition-columns.ts'

/**
 * Every column of a source that the project names, with its place; the same column may stand there more than once.
 * Columns inside the user's own SQL are not known.
 */
export function usedColumns(graph: Graph, source: Source): readonly Located<string>[] {
  const { traits, segments, entities, syncs, destinations } = graph.project
  const conditions = [
    ...[...segments.values()].map((segment) => segment.where),
    ...[...destinations.values()].map((destination) => destination.consent),
    ...[...syncs.values()].map((sync) => sync.consent),
    ...traits.flatMap(conditionsOf),
  ]
  return [
    ...ownColumns(source),
    ...[...entities.values()].flatMap((entity) => columnsOfEntity(entity, source)),
    ...traits.flatMap((trait) => columnsOfTrait(trait, source)),
    ...conditions.flatMap((condition) =>
      condition === undefined ? [] : columnsOfCondition(condition, source.name),
    ),
    ...[...syncs.values()].flatMap((sync) => mappedColumns(sync, source)),
  ]
}

/**
 * The columns of a file that are read as text, so that `007` stays what it is: those of keys, identifiers and
 * `match`, unless `types` says otherwise.
 */
export function textColumns(graph: Graph, source: Source): readonly string[] {
  const typed = new Set([...source.types.keys()].map(columnKey))
  const keys = textColumnsOf(graph.project).get(source.name) ?? new Set()
  return [...keys].filter((column) => !typed.has(columnKey(column)))
}

/** Equal for two ways of writing one column, on engines that read names without case: files are read by such. */
export function columnKey(written: string): string {
  return splitName(written)
    .map((part) => part.text.toLowerCase())
    .join('.')
}

function ownColumns(source: Source): readonly Located<string>[] {
  return [
    ...source.primaryKey,
    ...(source.updatedAt === undefined ? [] : [source.updatedAt]),
    ...(source.occurredAt === undefined ? [] : [source.occurredAt]),
    ...source.belongsTo.flatMap((one) => one.columns),
    ...[...source.columns].map(([value, facts]) => ({ value, at: facts.at })),
  ]
}

function columnsOfEntity(entity: Entity, source: Source): readonly Located<string>[] {
  return [
    ...identifierColumns(entity, source),
    ...(entity.source?.value === source.name && entity.key !== undefined ? [entity.key] : []),
    ...entity.profile.flatMap((field) => columnsOfField(field, source)),
  ]
}

function columnsOfField(field: ProfileField, source: Source): readonly Located<string>[] {
  return field.from.flatMap((column) => ofSource(column, source))
}

function identifierColumns(entity: Entity, source: Source): readonly Located<string>[] {
  const records = entity.identity?.from.filter((one) => one.source.value === source.name) ?? []
  return records.flatMap((one) =>
    [...one.ids, ...one.facts].flatMap(({ value }) => columnsOfIdentifier(value)),
  )
}

function columnsOfIdentifier(value: IdentifierValue): readonly Located<string>[] {
  switch (value.kind) {
    case 'column':
      return [value.column]
    case 'composite':
      return value.columns
    case 'any':
      return value.values.flatMap(columnsOfIdentifier)
    case 'sql':
      return []
  }
}

function columnsOfTrait(trait: Trait, source: Source): readonly Located<string>[] {
  const { operator } = trait
  if (operator.kind === 'case' || operator.kind === 'sql') return []
  const rows = operator.kind === 'count' ? operator.source.value : operator.column.source
  if (rows !== source.name) return []
  return [
    ...(operator.kind === 'count' ? [] : ofSource(operator.column, source)),
    ...(trait.where === undefined ? [] : columnsOfCondition(trait.where, undefined)),
  ]
}

/** Conditions of an entity inside a trait. */
function conditionsOf(trait: Trait) {
  return trait.operator.kind === 'case' ? trait.operator.branches.map((branch) => branch.when) : []
}

function mappedColumns(sync: Sync, source: Source): readonly Located<string>[] {
  if (sync.from.kind !== 'source' || sync.from.name.value !== source.name) return []
  const order = sync.backfill === undefined ? [] : [sync.backfill.orderBy]
  const named = [...sync.match, ...sync.map, ...sync.identifiers].flatMap(({ value }) =>
    value.kind === 'name' ? [{ value: value.name, at: value.at }] : [],
  )
  return [...named, ...order].filter(({ value }) => !value.includes('.'))
}

function ofSource(column: ColumnReference, source: Source): readonly Located<string>[] {
  return column.source === source.name ? [{ value: column.column, at: column.at }] : []
}
