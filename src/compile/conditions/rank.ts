import { EMPTY, type Fragment, sql } from '../../dialect/fragment.ts'
import { valuesOf } from '../../dialect/values/values.ts'
import type { Condition, Entity } from '../../spec/project.ts'
import type { CompileContext } from '../context.ts'
import { ordersPlainly } from './measure.ts'
import { idColumn } from './statement.ts'
import type { Value } from './value.ts'

type RankCondition = Extract<Condition, { readonly kind: 'rank' }>

/**
 * The ids at the top or bottom of the whole entity by one value of `p`; missing values are out, ties go by id.
 * `relation` has one row an entity.
 */
export function rankQuery(
  context: CompileContext,
  entity: Entity,
  relation: Fragment,
  by: Value,
  condition: RankCondition,
): Fragment {
  const total = condition.size.kind === 'percent' ? sql`, count(*) over () as total` : EMPTY
  return sql`select ${idColumn(entity)}
from (${rankedRows(context, entity, relation, { by, end: condition.end, more: total })}) as ranked
where ${isRankedIn(condition)}`
}

/** Every row with a value and its `place`, from 1; `more` follows as further columns. */
export function rankedRows(
  context: CompileContext,
  entity: Entity,
  relation: Fragment,
  of: { readonly by: Value; readonly end: RankCondition['end']; readonly more: Fragment },
): Fragment {
  const entityId = idColumn(entity)
  const order = sql`${orderOf(context, of.by, of.end)}, ${context.dialect.fn.byBytes(sql`p.${entityId}`)} asc nulls last`
  return sql`select p.${entityId}, row_number() over (order by ${order}) as place${of.more}
  from ${relation} as p where ${of.by.sql} is not null`
}

/** Whether a ranked row is in; a share of all needs their number as `total`. */
export function isRankedIn({ size }: RankCondition): Fragment {
  if (size.kind === 'count') return sql`place <= ${size.value}`
  // place <= ceil(total * percent / 100), without a fraction that an engine might round
  return sql`(place - 1) * 100 < total * ${size.value}`
}

function orderOf(context: CompileContext, by: Value, end: 'top' | 'bottom'): Fragment {
  if (!ordersPlainly(by)) return valuesOf(context.dialect).sortKeys(by.sql, end === 'top' ? 'desc' : 'asc')
  return end === 'top' ? sql`${by.sql} desc nulls last` : sql`${by.sql} asc nulls last`
}
