import { type Fragment, id, lit, sql } from '../../dialect/fragment.ts'
import type { Entity } from '../../spec/project.ts'
import type { CompileContext } from '../context.ts'
import { placeOf } from '../identity/candidates/find-steps.ts'
import { candidatesOutput } from '../identity/identity-plan.ts'
import { tableOf } from '../sources/relation.ts'
import type { Step } from '../step.ts'

/** `name`: the table of candidates, when the last build made one. */
export function candidatesListedStep(context: CompileContext, entity: Entity): Step {
  const { table } = context.dialect
  return question(
    `identity.${entity.name}.candidates_listed`,
    'Whether records that look alike were looked for',
    'one row a table',
    sql`select name from (${table.list(context.stateSchema)}) as listed where name = ${lit(candidatesOutput(entity))}`,
  )
}

/** `rule`, `waiting`, `linked`: pairs. */
export function candidateCountsStep(context: CompileContext, entity: Entity): Step {
  return question(
    `identity.${entity.name}.candidate_counts`,
    'How many pairs of records look alike',
    'one row a rule',
    sql`select rule, sum(case when linked then 0 else 1 end) as waiting, sum(case when linked then 1 else 0 end) as linked
from ${candidates(context, entity)}
group by rule
order by rule nulls last`,
  )
}

/** `rule`, `score`, `low`, `high`: pairs that made records one entity; the two as `placeHash` has them. */
export function linkedPairsStep(
  context: CompileContext,
  entity: Entity,
  entityId: string,
  limit: number,
): Step {
  const [low, high] = ['a', 'b'].map((end) =>
    placeHash(context, id(`source_${end}`), id(`record_id_${end}`)),
  ) as [Fragment, Fragment]
  return question(
    `identity.${entity.name}.linked_pairs`,
    `Pairs of one ${entity.name} that were joined because they look alike`,
    'one row a rule and pair of records',
    sql`select rule, score, ${low} as low, ${high} as high
from ${candidates(context, entity)}
where linked and ${id(`${entity.name}_id_a`)} = ${lit(entityId)}
order by rule nulls last, score nulls last, low nulls last, high nulls last
limit ${limit}`,
  )
}

/** `rule`, `score`, `pairs`: how alike records of two entities are that were not joined. */
export function waitingPairsStep(
  context: CompileContext,
  entity: Entity,
  [one, other]: readonly [string, string],
  limit: number,
): Step {
  const [a, b] = [id(`${entity.name}_id_a`), id(`${entity.name}_id_b`)]
  const between = (first: string, second: string) => sql`(${a} = ${lit(first)} and ${b} = ${lit(second)})`
  return question(
    `identity.${entity.name}.waiting_pairs`,
    'Pairs of two entities that look alike',
    'one row a rule and score',
    sql`select rule, score, count(*) as pairs
from ${candidates(context, entity)}
where not linked and (${between(one, other)} or ${between(other, one)})
group by rule, score
order by rule nulls last, score nulls last
limit ${limit}`,
  )
}

/** Tells records apart without telling of them. */
export function placeHash(context: CompileContext, source: Fragment, recordId: Fragment): Fragment {
  return context.dialect.fn.md5Hex(placeOf(source, recordId))
}

function candidates(context: CompileContext, entity: Entity): Fragment {
  return tableOf(context.tables.published(candidatesOutput(entity)))
}

function question(name: string, summary: string, grain: string, query: Fragment): Step {
  return { name, summary, grain, query, creates: undefined }
}
