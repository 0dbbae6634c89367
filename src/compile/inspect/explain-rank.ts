import { type Fragment, id, sql } from '../../dialect/fragment.ts'
import type { Condition, Entity } from '../../spec/project.ts'
import { isRankedIn, rankedRows } from '../conditions/rank.ts'
import { type Expressions, idColumn } from '../conditions/statement.ts'
import type { Value } from '../conditions/value.ts'
import type { CompileContext } from '../context.ts'

export interface RankColumns {
  /** Gives the place of the row `p`; null where it has no value. */
  readonly join: Fragment
  /** `place` of the entity, `ranked`: how many have a value, `members`: how many of them are in. */
  readonly numbers: readonly (readonly [name: string, number: Fragment])[]
  /** The value of the last one that is in. */
  readonly lastIn: Fragment
}

/** Where an entity stands in the order of all, and where the cut is. */
export function rankColumns(
  context: CompileContext,
  entity: Entity,
  relation: Fragment,
  of: {
    readonly by: Value
    readonly condition: Extract<Condition, { readonly kind: 'rank' }>
    readonly expressions: Expressions
    /** Of the rank in its statement. */
    readonly number: number
  },
): RankColumns {
  const { by, condition, expressions, number } = of
  const more = sql`, count(*) over () as total, ${by.sql} as ranked_by`
  const places = expressions.add(
    'places',
    rankedRows(context, entity, relation, { by, end: condition.end, more }),
  )
  const alias = id(`rank_${number}`)
  const entityId = idColumn(entity)
  const members = sql`select count(*) from ${places} where ${isRankedIn(condition)}`
  return {
    join: sql`left join ${places} as ${alias} on ${alias}.${entityId} = p.${entityId}`,
    numbers: [
      ['place', sql`${alias}.place`],
      ['ranked', sql`(select count(*) from ${places})`],
      ['members', sql`(${members})`],
    ],
    lastIn: sql`(select ranked_by from ${places} where place = (${members}))`,
  }
}
