import { type Fragment, sql } from '../../dialect/fragment.ts'
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
  const entityId = idColumn(entity)
  const order = sql`${orderOf(context, by, condition.end)}, ${context.dialect.fn.byBytes(sql`p.${entityId}`)} asc nulls last`
  const { kind, value } = condition.size
  if (kind === 'count')
    return sql`select ${entityId}
from (select p.${entityId}, row_number() over (order by ${order}) as place
  from ${relation} as p where ${by.sql} is not null) as ranked
where place <= ${value}`
  // place <= ceil(total * percent / 100), without a fraction that an engine might round
  return sql`select ${entityId}
from (select p.${entityId}, row_number() over (order by ${order}) as place, count(*) over () as total
  from ${relation} as p where ${by.sql} is not null) as ranked
where (place - 1) * 100 < total * ${value}`
}

function orderOf(context: CompileContext, by: Value, end: 'top' | 'bottom'): Fragment {
  if (!ordersPlainly(by)) return valuesOf(context.dialect).sortKeys(by.sql, end === 'top' ? 'desc' : 'asc')
  return end === 'top' ? sql`${by.sql} desc nulls last` : sql`${by.sql} asc nulls last`
}
