import { type Fragment, id, join, lit, sql } from '../../dialect/fragment.ts'
import { valuesOf } from '../../dialect/values/values.ts'
import type { Entity } from '../../spec/project.ts'
import type { CompileContext } from '../context.ts'
import { slotColumn } from '../identity/records-query.ts'
import type { Slot } from '../identity/slots.ts'
import { masked } from '../mask/mask.ts'
import { tableOf } from '../sources/relation.ts'
import type { Step } from '../step.ts'
import {
  areKeysShown,
  carries,
  isRefusal,
  isSlotShown,
  type SourceRecords,
  sourceRecords,
} from './entity-records.ts'

import { placeHash } from './identity-candidates.ts'

/** What the way between two records starts or ends at. */
export type Place =
  | { readonly kind: 'record'; readonly source: string; readonly recordId: string }
  | { readonly kind: 'identifier'; readonly type: string; readonly value: string }

/** The entities that a record, or the records with an identifier, belong to. Undefined: no source can hold it. */
export function placeStep(
  context: CompileContext,
  entity: Entity,
  place: Place,
  limit: number,
): Step | undefined {
  const found = place.kind === 'record' ? recordOf(context, entity, place) : holdersOf(context, entity, place)
  if (found === undefined) return undefined
  return {
    name: `identity.${entity.name}.place`,
    summary: `Which ${entity.name} is meant`,
    creates: undefined,
    grain: `one row a ${entity.name}`,
    query: sql`select entity_id
from (${found}) as found
group by entity_id
order by ${context.dialect.fn.byBytes(sql`entity_id`)} nulls last
limit ${limit}`,
  }
}

/** `records`: how many an entity has. */
export function entitySizeStep(context: CompileContext, entity: Entity, entityId: string): Step {
  return {
    name: `identity.${entity.name}.size`,
    summary: 'How many records there are',
    creates: undefined,
    grain: 'one row',
    query: sql`select count(*) as records from ${identityOf(context, entity)} where ${id(`${entity.name}_id`)} = ${lit(entityId)}`,
  }
}

/** `identifier`, `shown`, `reason`: values that records of both entities carry, and why these join nothing. */
export function apartStep(
  context: CompileContext,
  entity: Entity,
  [one, other]: readonly [string, string],
  of: { readonly unmask: boolean; readonly limit: number },
): Step {
  const { fn } = context.dialect
  const refused = tableOf(context.tables.output(`${entity.name}_refused`))
  const held = (entityId: string) =>
    sql`select identifier, value, min(is_shown) as all_shown
  from (${join(heldBy(context, entity, entityId), '\nunion all\n')}) as held
  group by identifier, value`
  const shown = masked(sql`a.value`, 'text', context.dialect)
  return {
    name: `identity.${entity.name}.apart`,
    summary: 'Values that two entities share and that join nothing',
    creates: undefined,
    grain: 'one row an identifier value and reason',
    query: sql`select a.identifier, ${of.unmask ? sql`a.value` : sql`case when a.all_shown = 1 and b.all_shown = 1 then a.value else ${shown} end`} as shown, f.reason
from (${held(one)}) as a
join (${held(other)}) as b on b.identifier = a.identifier and b.value = a.value
join ${refused} as f on f.identifier = a.identifier and f.value = a.value
order by a.identifier nulls last, ${fn.byBytes(sql`a.value`)} nulls last, f.reason nulls last
limit ${of.limit}`,
  }
}

function heldBy(context: CompileContext, entity: Entity, entityId: string): readonly Fragment[] {
  return sourceRecords(context, entity, entityId).flatMap(({ records, rows }) =>
    records.slots.map(
      (slot) =>
        sql`select ${lit(slot.rule.type)} as identifier, ${slotColumn(slot)} as value, ${isSlotShown(context, records, slot) ? 1 : 0} as is_shown from (${rows}) as k where ${slotColumn(slot)} is not null`,
    ),
  )
}

/** The records of one source, and which columns hold their identifiers. */
export interface RecordsStep {
  readonly source: string
  readonly step: Step
  /** `hash` is null for a value that is absent or links nothing; `shown` is what people may see of it. */
  readonly identifiers: readonly { readonly type: string; readonly hash: string; readonly shown: string }[]
}

/**
 * All records of one entity with the identifiers that link them: `record_id` (as people may see it), `place_hash`, `records`,
 * `is_first`, `is_second` (of the two places), and the columns of `identifiers`. Grain: one row a record; rows of an
 * event source with the same identifiers are one, the two places excepted.
 */
export function linkedRecordsSteps(
  context: CompileContext,
  entity: Entity,
  entityId: string,
  of: { readonly places: readonly [Place, Place]; readonly unmask: boolean; readonly limit: number },
): readonly RecordsStep[] {
  return sourceRecords(context, entity, entityId).map((source) => {
    const { slots } = source.records
    const identifiers = slots.map((slot) => ({
      type: slot.rule.type,
      hash: `hash_${slot.number}`,
      shown: `shown_${slot.number}`,
    }))
    return { source: source.records.source.name, identifiers, step: recordsStep(context, entity, source, of) }
  })
}

function recordsStep(
  context: CompileContext,
  entity: Entity,
  source: SourceRecords,
  of: { readonly places: readonly [Place, Place]; readonly unmask: boolean; readonly limit: number },
): Step {
  const { records } = source
  const { fn } = context.dialect
  const [first, second] = of.places
  const shownKey =
    of.unmask || areKeysShown(context, records) ? sql`key` : masked(sql`key`, 'text', context.dialect)
  // Events are compared with nobody.
  const place = records.isEvent
    ? fn.asText(lit(null))
    : placeHash(context, lit(records.source.name), sql`key`)
  const columns = records.slots.flatMap((slot) => {
    const isShown = of.unmask || isSlotShown(context, records, slot)
    const column = slotColumn(slot)
    return [
      sql`case when ${isRefused(context, entity, slot)} then null else ${fn.md5Hex(column)} end as ${id(`hash_${slot.number}`)}`,
      sql`${isShown ? column : masked(column, 'text', context.dialect)} as ${id(`shown_${slot.number}`)}`,
    ]
  })
  return {
    name: `identity.${entity.name}.records_${records.source.name}`,
    summary: `The records of ${records.source.name} in one ${entity.name}, identifiers as hashes and masked`,
    creates: undefined,
    grain: 'one row a record',
    query: sql`select ${shownKey} as record_id, ${place} as place_hash, records, ${isAt(context, source, first, 'own_1')} as is_first, ${isAt(context, source, second, 'own_2')} as is_second,
  ${join(columns, ',\n  ')}
from (${grouped(context, source, of.places)}) as k
order by ${fn.byBytes(sql`key`)} nulls last
limit ${of.limit}`,
  }
}

/** `key`, `records`, `own_1`, `own_2`, `id_1`, ... */
function grouped(
  context: CompileContext,
  { records, rows }: SourceRecords,
  places: readonly [Place, Place],
): Fragment {
  const ids = join(records.slots.map(slotColumn), ', ')
  const own = places.map((place, index) => {
    const isHere = place.kind === 'record' && place.source === records.source.name
    const test = isHere ? sql`record_id = ${lit(place.recordId)}` : lit(false)
    return sql`${test} as ${id(`own_${index + 1}`)}`
  })
  const marked = sql`select record_id, ${ids}, ${join(own, ', ')} from (${rows}) as held`
  if (!records.isEvent)
    return sql`select record_id as key, 1 as records, own_1, own_2, ${ids} from (${marked}) as marked`
  const least = valuesOf(context.dialect).leastOf(sql`record_id`, undefined)
  return sql`select ${least} as key, count(*) as records, own_1, own_2, ${ids}
from (${marked}) as marked
group by own_1, own_2, ${ids}`
}

function isAt(context: CompileContext, source: SourceRecords, place: Place, own: string): Fragment {
  if (place.kind === 'record') return id(own)
  const test = carries(context, source, place.type, place.value)
  return test === undefined ? lit(false) : sql`coalesce(${test}, ${lit(false)})`
}

/** What a limit refused joins nobody; what the project ignores is no value at all. */
function isRefused(context: CompileContext, entity: Entity, slot: Slot): Fragment {
  const refused = tableOf(context.tables.output(`${entity.name}_refused`))
  return sql`${slotColumn(slot)} in (select value from ${refused} where identifier = ${lit(slot.rule.type)} and ${isRefusal(sql`reason`)})`
}

function recordOf(
  context: CompileContext,
  entity: Entity,
  place: Extract<Place, { readonly kind: 'record' }>,
): Fragment {
  return sql`select ${id(`${entity.name}_id`)} as entity_id from ${identityOf(context, entity)}
where source = ${lit(place.source)} and record_id = ${lit(place.recordId)}`
}

function holdersOf(
  context: CompileContext,
  entity: Entity,
  place: Extract<Place, { readonly kind: 'identifier' }>,
): Fragment | undefined {
  const found = sourceRecords(context, entity).flatMap((source) => {
    const test = carries(context, source, place.type, place.value)
    return test === undefined ? [] : [sql`select entity_id from (${source.rows}) as held where ${test}`]
  })
  return found.length === 0 ? undefined : join(found, '\nunion all\n')
}

function identityOf(context: CompileContext, entity: Entity): Fragment {
  return tableOf(context.tables.output(`${entity.name}_identity`))
}
