import type { TableName } from '../../dialect/dialect.ts'
import { type Fragment, id, join, lit, sql } from '../../dialect/fragment.ts'
import type { Entity } from '../../spec/project.ts'
import type { CompileContext } from '../context.ts'
import { identityRecords } from '../identity/slots.ts'
import { masked } from '../mask/mask.ts'
import { tableOf } from '../sources/relation.ts'
import type { Step } from '../step.ts'
import { temporaryName } from '../temporary.ts'
import { areKeysShown } from './entity-records.ts'

/** Two identities of one entity: as published, and as it would be. In `tables` the second is the output. */
export interface IdentityPair {
  readonly context: CompileContext
  readonly entity: Entity
}

/** Entities of one identity that share records with several of the other. */
export type Direction = 'merges' | 'splits'

export interface PairsStep extends Step {
  readonly creates: TableName
}

/** `(before_id, after_id, records)`. Records that only one of the two has are not there. */
export function pairsStep({ context, entity }: IdentityPair): PairsStep {
  const column = id(`${entity.name}_id`)
  return {
    name: `identity.${entity.name}.diff_pairs`,
    summary: 'Which published entity became which',
    grain: 'one row a pair of entities',
    creates: context.tables.temporary(temporaryName('diff', entity.name)),
    query: sql`select p.${column} as before_id, s.${column} as after_id, count(*) as records
from ${publishedOf(context, entity)} as p
join ${outputOf(context, entity)} as s on s.source = p.source and s.record_id = p.record_id
group by p.${column}, s.${column}`,
  }
}

/** `records_before`, `entities_before`, `records_after`, `entities_after`, `compared`. Grain: one row. */
export function diffTotalsStep({ context, entity }: IdentityPair, pairs: PairsStep): Step {
  const totals = (table: Fragment, when: string) =>
    sql`(select count(*) as ${id(`records_${when}`)}, count(distinct ${id(`${entity.name}_id`)}) as ${id(`entities_${when}`)} from ${table}) as ${id(`of_${when}`)}`
  return question(entity, {
    name: 'totals',
    summary: 'Records and entities of both',
    grain: 'one row',
    query: sql`select records_before, entities_before, records_after, entities_after, compared
from ${totals(publishedOf(context, entity), 'before')}
cross join ${totals(outputOf(context, entity), 'after')}
cross join (select sum(records) as compared from ${tableOf(pairs.creates)}) as of_both`,
  })
}

/** `entities`: how many are united from, or fall into, several; `parts`: how many those are. Grain: one row. */
export function diffCountStep({ entity }: IdentityPair, pairs: PairsStep, direction: Direction): Step {
  return question(entity, {
    name: direction,
    summary: direction === 'merges' ? 'How many entities become one' : 'How many entities fall apart',
    grain: 'one row',
    query: sql`select count(*) as entities, sum(parts) as parts
from (${severalIn(pairs, direction)}) as several`,
  })
}

/** `entity_id`, `parts`, `records`: the largest of them. Grain: one row an entity. */
export function diffExamplesStep(
  { context, entity }: IdentityPair,
  pairs: PairsStep,
  direction: Direction,
  limit: number,
): Step {
  return question(entity, {
    name: `${direction}_examples`,
    summary: 'The largest of them',
    grain: 'one row an entity',
    query: sql`select entity_id, parts, records
from (${severalIn(pairs, direction)}) as several
order by records desc nulls last, ${context.dialect.fn.byBytes(sql`entity_id`)} nulls last
limit ${limit}`,
  })
}

/** `part_id`, `records`, `source`, `record_id`: a few records of each part, as people may see them. */
export function diffRecordsStep(
  { context, entity }: IdentityPair,
  direction: Direction,
  entityId: string,
  of: { readonly parts: number; readonly records: number },
): Step {
  const { fn } = context.dialect
  const column = id(`${entity.name}_id`)
  const [one, part] = direction === 'merges' ? [sql`s`, sql`p`] : [sql`p`, sql`s`]
  return question(entity, {
    name: `${direction}_records`,
    summary: 'Some records of each part of one entity',
    grain: 'one row a record',
    query: sql`select part_id, records, source, ${shownKey(context, entity)} as record_id
from (
  select part_id, source, record_id, records, place, dense_rank() over (order by records desc nulls last, ${fn.byBytes(sql`part_id`)} nulls last) as part
  from (
    select ${part}.${column} as part_id, p.source, p.record_id,
      count(*) over (partition by ${part}.${column}) as records,
      row_number() over (partition by ${part}.${column} order by ${fn.byBytes(sql`p.source`)} nulls last, ${fn.byBytes(sql`p.record_id`)} nulls last) as place
    from ${publishedOf(context, entity)} as p
    join ${outputOf(context, entity)} as s on s.source = p.source and s.record_id = p.record_id
    where ${one}.${column} = ${lit(entityId)}
  ) as counted
) as placed
where part <= ${of.parts} and place <= ${of.records}
order by part nulls last, place nulls last`,
  })
}

function severalIn(pairs: PairsStep, direction: Direction): Fragment {
  const key = direction === 'merges' ? sql`after_id` : sql`before_id`
  return sql`select ${key} as entity_id, count(*) as parts, sum(records) as records
from ${tableOf(pairs.creates)}
group by ${key}
having count(*) > 1`
}

function shownKey(context: CompileContext, entity: Entity): Fragment {
  const hidden = identityRecords(context.graph, entity)
    .filter((records) => !areKeysShown(context, records))
    .map(({ source }) => lit(source.name))
  if (hidden.length === 0) return sql`record_id`
  return sql`case when source in (${join(hidden, ', ')}) then ${masked(sql`record_id`, 'text', context.dialect)} else record_id end`
}

function publishedOf(context: CompileContext, entity: Entity): Fragment {
  return tableOf(context.tables.published(`${entity.name}_identity`))
}

function outputOf(context: CompileContext, entity: Entity): Fragment {
  return tableOf(context.tables.output(`${entity.name}_identity`))
}

function question(entity: Entity, of: Pick<Step, 'name' | 'summary' | 'grain' | 'query'>): Step {
  return { ...of, name: `identity.${entity.name}.diff_${of.name}`, creates: undefined }
}
