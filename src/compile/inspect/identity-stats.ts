import { tableId } from '../../dialect/common.ts'
import { type Fragment, id, join, lit, sql } from '../../dialect/fragment.ts'
import type { Entity } from '../../spec/project.ts'
import type { CompileContext } from '../context.ts'
import { slotColumn } from '../identity/records-query.ts'
import { masked } from '../mask/mask.ts'
import type { Step } from '../step.ts'
import { isRefusal, isSlotShown, type SourceRecords, sourceRecords } from './entity-records.ts'

/** Records and entities of a published identity. Grain: one row. */
export function identityTotalsStep(context: CompileContext, entity: Entity): Step {
  return question(
    `identity.${entity.name}.totals`,
    'Records and entities',
    'one row',
    sql`select count(*) as records, count(distinct ${idOf(entity)}) as entities
from ${identityOf(context, entity)}`,
  )
}

/** The entities with most records, ties by id. Grain: one row an entity. */
export function largestEntitiesStep(context: CompileContext, entity: Entity, limit: number): Step {
  return question(
    `identity.${entity.name}.largest`,
    'The entities with most records',
    'one row an entity',
    sql`select ${idOf(entity)} as entity_id, count(*) as records
from ${identityOf(context, entity)}
group by ${idOf(entity)}
order by count(*) desc nulls last, ${context.dialect.fn.byBytes(idOf(entity))} nulls last
limit ${limit}`,
  )
}

/** How many entities have how many records, in bands that any size falls into. Grain: one row a band. */
export function sizesStep(context: CompileContext, entity: Entity): Step {
  return question(
    `identity.${entity.name}.sizes`,
    'How many entities have how many records',
    'one row a band of sizes',
    sql`select band as at_least, count(*) as entities, sum(records) as records
from (select records, case ${bandCases()} end as band
  from (select count(*) as records from ${identityOf(context, entity)} group by ${idOf(entity)}) as entity_sizes) as banded
group by band
order by band nulls last`,
  )
}

/** What limits refused, by identifier type and reason. Grain: one row a type and reason. */
export function refusedStep(context: CompileContext, entity: Entity): Step {
  return question(
    `identity.${entity.name}.refused`,
    'What limits refused',
    'one row a type and reason',
    sql`select identifier, reason, count(*) as refused_values, sum(records) as records
from ${published(context, `${entity.name}_refused`)}
group by identifier, reason
order by identifier nulls last, reason nulls last`,
  )
}

/**
 * The values that most records hold, as people may see them; what is ignored is no value. Rows of an event source with
 * the same identifiers are one record, as `max_records` counts. Grain: one row an identifier value.
 */
export function sharedValuesStep(context: CompileContext, entity: Entity, limit: number): Step {
  const { fn } = context.dialect
  const held = sourceRecords(context, entity).flatMap((source) => heldValues(context, source))
  const refused = published(context, `${entity.name}_refused`)
  return question(
    `identity.${entity.name}.shared`,
    'The values that most records hold',
    'one row an identifier value',
    sql`select identifier, case when all_shown = 1 then value else ${masked(sql`value`, 'text', context.dialect)} end as shown, records,
  (select min(reason) from ${refused} as f where f.identifier = h.identifier and f.value = h.value and ${isRefusal(sql`f.reason`)}) as reason
from (
  select identifier, value, count(*) as records, min(is_shown) as all_shown
  from (${join(held, '\nunion all\n')}) as held
  group by identifier, value
  having count(*) > 1
) as h
order by records desc nulls last, identifier nulls last, ${fn.byBytes(sql`value`)} nulls last
limit ${limit}`,
  )
}

function heldValues(context: CompileContext, { records, rows }: SourceRecords): readonly Fragment[] {
  const ids = join(records.slots.map(slotColumn), ', ')
  const nodes = records.isEvent ? sql`select distinct ${ids} from (${rows}) as k` : rows
  return records.slots.map(
    (slot) =>
      sql`select ${lit(slot.rule.type)} as identifier, ${slotColumn(slot)} as value, ${isSlotShown(context, records, slot) ? 1 : 0} as is_shown from (${nodes}) as k where ${slotColumn(slot)} is not null`,
  )
}

/** Small sizes one by one, where all the news is; then ever wider. */
export const SIZE_BANDS: readonly number[] = [1, 2, 3, 4, 5, 6, 11, 21, 51, 101, 1001]

function bandCases(): Fragment {
  return [...SIZE_BANDS]
    .reverse()
    .map((least) => sql`when records >= ${least} then ${least}`)
    .reduce((all, one) => sql`${all} ${one}`)
}

function question(name: string, summary: string, grain: string, query: Fragment): Step {
  return { name, summary, grain, query, creates: undefined }
}

function idOf(entity: Entity): Fragment {
  return id(`${entity.name}_id`)
}

function identityOf(context: CompileContext, entity: Entity): Fragment {
  return published(context, `${entity.name}_identity`)
}

function published(context: CompileContext, logicalName: string): Fragment {
  return tableId(context.tables.published(logicalName))
}
