import { keyParts } from '../../base/key-text.ts'
import { type Fragment, id, join, lit, sql } from '../../dialect/fragment.ts'
import type { Entity } from '../../spec/project.ts'
import type { CompileContext } from '../context.ts'
import { ALONE } from '../identity/guards/limits.ts'
import { normalized, normalizerOf } from '../identity/normalizers.ts'
import { ignoredStep, ignoredValues } from '../identity/record-steps.ts'
import { escaped, recordsQuery, slotColumn } from '../identity/records-query.ts'
import { type IdentityScope, identityScope, textLiteral } from '../identity/scope.ts'
import { type IdentityRecords, identityOf, identityRecords, type Slot } from '../identity/slots.ts'
import { columnPii } from '../mask/privacy.ts'
import { tableOf } from '../sources/relation.ts'
import type { Step } from '../step.ts'

/** The records of one source of an entity, as identity reads them, each beside the entity that it belongs to. */
export interface SourceRecords {
  readonly records: IdentityRecords
  /** `record_id`, `entity_id`, `id_1`, ... Grain: one row a row of the source that belongs to an entity. */
  readonly rows: Fragment
}

/** Must be run before `rows` of `sourceRecords` are read; makes temporary tables. */
export function recordTables(context: CompileContext, entity: Entity): readonly Step[] {
  return ignoredStep(identityScope(context, entity), identityRecords(context.graph, entity))
}

/** `entityId`: only the records of that entity. */
export function sourceRecords(
  context: CompileContext,
  entity: Entity,
  entityId?: string,
): readonly SourceRecords[] {
  return recordsIn(identityScope(context, entity), entityId)
}

/** The same of all entities, with nothing that must be run before. */
export function wholeRecords(context: CompileContext, entity: Entity): readonly SourceRecords[] {
  const values = ignoredValues(context, identityRecords(context.graph, entity))
  const ignored = values && sql`(${values}) as ignored`
  return recordsIn({ ...identityScope(context, entity), ignored }, undefined)
}

/** Whether a row of `sourceRecords` carries this value of this identifier type; undefined: none of them can. */
export function carries(
  context: CompileContext,
  { records }: SourceRecords,
  type: string,
  value: string,
): Fragment | undefined {
  const tests = records.slots
    .filter((slot) => slot.rule.type === type)
    .flatMap((slot) => {
      const wanted = comparable(context, slot, value)
      return wanted === undefined ? [] : [sql`${slotColumn(slot)} = ${wanted}`]
    })
  return tests.length === 0 ? undefined : sql`(${join(tests, ' or ')})`
}

/** Whether a value that was refused for this reason joins nothing; what is ignored is no value at all. */
export function isRefusal(reason: Fragment): Fragment {
  return sql`${reason} not in ('ignore', ${lit(ALONE)})`
}

/** The identifier types of an entity; none of one that is not stitched. */
export function identifierTypes(entity: Entity): readonly string[] {
  return entity.identity === undefined ? [] : [...identityOf(entity).identifiers.keys()]
}

/** Whether people may see the values of a slot as they are: a column that is about nobody. */
export function isSlotShown(context: CompileContext, { source }: IdentityRecords, { value }: Slot): boolean {
  return value.kind === 'column' && columnPii(context.graph, source.name, value.column.value) === 'none'
}

/**
 * Whether people may see a source's record ids: keys made up by a system say nothing about a person, but one that is
 * an identifier, or marked as personal, does.
 */
export function areKeysShown(context: CompileContext, { source, slots }: IdentityRecords): boolean {
  const carried = new Set(
    slots.flatMap(({ value }) => {
      if (value.kind === 'column') return [value.column.value]
      return value.kind === 'composite' ? value.columns.map((column) => column.value) : []
    }),
  )
  return source.primaryKey.every(({ value }) => {
    const pii = columnPii(context.graph, source.name, value)
    return pii === 'none' || (pii === undefined && !carried.has(value))
  })
}

/** The typed value as identity would read it; a composite is written as identity joins it, `Doe|1990-01-31`. */
function comparable(context: CompileContext, slot: Slot, value: string): Fragment | undefined {
  const normalizer = normalizerOf(slot.rule, context.dialect.fn)
  const one = (text: string) => normalized(normalizer, textLiteral(context, text))
  if (slot.value.kind !== 'composite') return one(value)
  const parts = keyParts(value)
  if (parts.length !== slot.value.columns.length) return undefined
  if (parts.length === 1) return one(value)
  return parts.map((part) => escaped(one(part))).reduce((all, part) => sql`${all} || '|' || ${part}`)
}

function recordsIn(scope: IdentityScope, entityId: string | undefined): readonly SourceRecords[] {
  const { context, entity } = scope
  const identity = tableOf(context.tables.output(`${entity.name}_identity`))
  const column = id(`${entity.name}_id`)
  const only = entityId === undefined ? sql`` : sql`\nwhere i.${column} = ${lit(entityId)}`
  return identityRecords(context.graph, entity).map((records) => ({
    records,
    rows: sql`select k.record_id, i.${column} as entity_id, ${join(
      records.slots.map((slot) => sql`k.${slotColumn(slot)}`),
      ', ',
    )}
from (${recordsQuery(scope, records, 0)}) as k
join ${identity} as i on i.source = ${lit(records.source.name)} and i.record_id = k.record_id${only}`,
  }))
}
