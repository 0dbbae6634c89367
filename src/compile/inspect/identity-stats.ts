import { type Fragment, id, sql } from '../../dialect/fragment.ts'
import type { Entity } from '../../spec/project.ts'
import type { CompileContext } from '../context.ts'
import type { Step } from '../step.ts'

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
order by count(*) desc, ${context.dialect.fn.byBytes(idOf(entity))}
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
order by band`,
  )
}

/** What limits refused, by identifier type and reason. Grain: one row a type and reason. */
export function refusedStep(context: CompileContext, entity: Entity): Step {
  return question(
    `identity.${entity.name}.refused`,
    'What limits refused',
    'one row a type and reason',
    sql`select identifier, reason, count(*) as refused_values
from ${published(context, `${entity.name}_refused`)}
group by identifier, reason
order by identifier, reason`,
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
  const table = context.tables.published(logicalName)
  return table.schema === undefined ? id(table.name) : id(table.schema, table.name)
}
