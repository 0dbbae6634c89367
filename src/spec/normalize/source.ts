import { SluiceError } from '../../base/errors.ts'
import type { BelongsTo, ColumnFacts, Source, SourceRelation } from '../project.ts'
import type { RawSource } from '../schema/source.ts'
import type { Places } from '../yaml/places.ts'
import { columnList, definitionOf, envTextAt, located, locatedAt, sqlTextAt } from './common.ts'

export function sourceOf(raw: RawSource, places: Places): Source {
  const types = Object.entries(raw.types ?? {})
  return {
    ...definitionOf(raw, places),
    relation: relationOf(raw, places),
    primaryKey: columnList(raw.primary_key, raw, 'primary_key', places),
    updatedAt: located(raw, 'updated_at', places),
    occurredAt: located(raw, 'occurred_at', places),
    belongsTo: belongsToOf(raw.belongs_to ?? {}, places),
    columns: columnFactsOf(raw.columns ?? {}, places),
    types: new Map(types.map(([column, type]) => [column, locatedAt(type, raw.types ?? {}, column, places)])),
    detectRemovals: raw.detect_removals ?? false,
    tests: raw.tests ?? [],
  }
}

function relationOf(raw: RawSource, places: Places): SourceRelation {
  if (raw.table !== undefined) return { kind: 'table', table: envTextAt(raw.table, raw, 'table', places) }
  if (raw.query !== undefined) return { kind: 'query', query: sqlTextAt(raw.query, raw, 'query', places) }
  if (raw.file !== undefined) return { kind: 'file', path: envTextAt(raw.file, raw, 'file', places) }
  if (raw.dbt !== undefined)
    return { kind: 'dbt', model: locatedAt(raw.dbt, raw, 'dbt', places), found: undefined }
  throw new SluiceError('SLU9001', {
    message: 'expected the schema to refuse a source of nothing, found one',
  })
}

function belongsToOf(raw: NonNullable<RawSource['belongs_to']>, places: Places): readonly BelongsTo[] {
  return Object.entries(raw).map(([parent, columns]) => ({
    parent: { value: parent, at: places.key(raw, parent) },
    columns: columnList(columns, raw, parent, places),
  }))
}

function columnFactsOf(
  raw: NonNullable<RawSource['columns']>,
  places: Places,
): ReadonlyMap<string, ColumnFacts> {
  const facts = Object.entries(raw).map(([column, { pii, purposes }]) => {
    return [column, { at: places.key(raw, column), pii, purposes }] as const
  })
  return new Map(facts)
}
