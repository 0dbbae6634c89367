import { type Fragment, id, join, lit, sql } from '../../dialect/fragment.ts'
import type { Entity } from '../../spec/project.ts'
import type { CompileContext } from '../context.ts'
import { slotColumn } from '../identity/records-query.ts'
import { textLiteral } from '../identity/scope.ts'
import { masked } from '../mask/mask.ts'
import { tableOf } from '../sources/relation.ts'
import type { Step } from '../step.ts'
import { areKeysShown, isRefusal, isSlotShown, type SourceRecords, sourceRecords } from './entity-records.ts'

/** `source`, `records`. Grain: one row a source with records of this entity. */
export function recordsBySourceStep(context: CompileContext, entity: Entity, entityId: string): Step {
  return question(entity, {
    name: 'sources',
    summary: 'Records of one entity by source',
    grain: 'one row a source',
    query: sql`select source, count(*) as records
from ${outputOf(context, entity, 'identity')}
where ${idColumn(entity)} = ${lit(entityId)}
group by source
order by source nulls last`,
  })
}

/** `record_id` as people may see it, the first by key. Grain: one row a record of the source. */
export function recordIdsStep(
  context: CompileContext,
  entity: Entity,
  source: SourceRecords,
  of: { readonly entityId: string; readonly unmask: boolean; readonly limit: number },
): Step {
  const { records } = source
  const isShown = of.unmask || areKeysShown(context, records)
  const shown = isShown ? sql`record_id` : masked(sql`record_id`, 'text', context.dialect)
  return question(entity, {
    name: `ids_${records.source.name}`,
    summary: 'Records of one entity',
    grain: 'one row a record',
    query: sql`select ${shown} as record_id
from (select i.record_id
  from ${outputOf(context, entity, 'identity')} as i
  where i.source = ${lit(records.source.name)} and i.${idColumn(entity)} = ${lit(of.entityId)}) as k
order by ${context.dialect.fn.byBytes(sql`k.record_id`)} nulls last
limit ${of.limit}`,
  })
}

/**
 * `identifier`, `shown` (masked), `records` that hold the value, `reason` (why it links nothing, else null). Those of
 * most records first. Grain: one row an identifier value.
 */
export function identifiersOfStep(
  context: CompileContext,
  entity: Entity,
  of: { readonly entityId: string; readonly unmask: boolean; readonly limit: number },
): Step {
  const { fn } = context.dialect
  const values = sourceRecords(context, entity, of.entityId).flatMap(({ records, rows }) =>
    records.slots.map((slot) => {
      const isShown = lit(of.unmask || isSlotShown(context, records, slot))
      return sql`select ${textLiteral(context, slot.rule.type)} as identifier, ${slotColumn(slot)} as value, ${isShown} as is_shown
from (${rows}) as k
where ${slotColumn(slot)} is not null`
    }),
  )
  const shown = of.unmask
    ? sql`value`
    : sql`case when all_shown = 1 then value else ${masked(sql`value`, 'text', context.dialect)} end`
  return question(entity, {
    name: 'identifiers',
    summary: 'Identifiers of one entity',
    grain: 'one row an identifier value',
    query: sql`select identifier, ${shown} as shown, records,
  (select min(reason) from ${outputOf(context, entity, 'refused')} as f where f.identifier = h.identifier and f.value = h.value and ${isRefusal(sql`f.reason`)}) as reason
from (select identifier, value, count(*) as records, min(case when is_shown then 1 else 0 end) as all_shown
  from (${join(values, '\nunion all\n')}) as held
  group by identifier, value) as h
order by records desc nulls last, identifier nulls last, ${fn.byBytes(sql`value`)} nulls last
limit ${of.limit}`,
  })
}

/** `first_run` (a number), `run_id` and `as_of` of that build. Grain: one row. */
export function firstRunStep(context: CompileContext, entity: Entity, entityId: string): Step {
  const builds = tableOf(context.tables.published('builds'))
  return question(entity, {
    name: 'first_run',
    summary: 'When an entity was first seen',
    grain: 'one row',
    query: sql`select f.first_run, b.run_id, b.as_of
from (select min(first_run) as first_run from ${outputOf(context, entity, 'nodes')} where entity_id = ${lit(entityId)}) as f
left join ${builds} as b on b.build_number = f.first_run`,
  })
}

/** `kind` (merge, split), `from_id`, `into_id`, `run_id`, `at`, in order of time. Grain: one row an event of the id. */
export function movesStep(context: CompileContext, entity: Entity, entityId: string, limit: number): Step {
  const one = (kind: 'merges' | 'splits', time: string) =>
    sql`select ${textLiteral(context, kind)} as kind, from_id, into_id, run_id, ${id(time)} as moved_at
from ${outputOf(context, entity, kind)}
where from_id = ${lit(entityId)} or into_id = ${lit(entityId)}`
  const { fn } = context.dialect
  return question(entity, {
    name: 'moves',
    summary: 'Merges and splits of one id',
    grain: 'one row a merge or split',
    query: sql`select kind, from_id, into_id, run_id, moved_at
from (${join([one('merges', 'merged_at'), one('splits', 'split_at')], '\nunion all\n')}) as moves
order by moved_at nulls last, ${fn.byBytes(sql`from_id`)} nulls last, ${fn.byBytes(sql`into_id`)} nulls last
limit ${limit}`,
  })
}

function question(entity: Entity, of: Pick<Step, 'name' | 'summary' | 'grain' | 'query'>): Step {
  return { ...of, name: `identity.${entity.name}.show_${of.name}`, creates: undefined }
}

function idColumn(entity: Entity): Fragment {
  return id(`${entity.name}_id`)
}

function outputOf(context: CompileContext, entity: Entity, kind: string): Fragment {
  return tableOf(context.tables.output(`${entity.name}_${kind}`))
}
