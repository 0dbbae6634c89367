import { type Fragment, id, sql } from '../../dialect/fragment.ts'
import type { CompileContext } from '../context.ts'
import { masked } from '../mask/mask.ts'
import { shownColumns } from '../mask/privacy.ts'
import { tableOf } from '../sources/relation.ts'
import type { Step } from '../step.ts'
import { IDENTIFIERS } from './identified.ts'
import { planTables } from './plan-input.ts'
import { rulesetsOf } from './raw-identifiers.ts'
import type { RawColumn } from './raw-model.ts'
import { modelQuery, type TypedModel, typeOf } from './typed-model.ts'

/**
 * The first rows of a plan as people may see them: what is sent first, then what is not. Texts are masked, except
 * literals of the project and columns that are about nobody (`pii: none`). What the destination holds now is not
 * known: the snapshot has hashes only.
 */
export function sampleStep(context: CompileContext, model: TypedModel, limit: number): Step {
  const { sync } = model.bound
  const { fn } = context.dialect
  const fields = [
    ...model.raw.fields.map((field) => [field.field, shownField(context, model, field)] as const),
    ...foundCount(context, model),
  ]
  const plan = tableOf(planTables(context, sync.name).plan)
  return {
    name: `sync.${sync.name}.sample`,
    summary: 'The first rows of the plan, masked',
    creates: undefined,
    grain: 'one row a row of the plan',
    query: sql`select p.op, p.reason, ${masked(sql`p.key`, 'text', context.dialect)} as key,
  case when m.key is not null then ${fn.jsonObject(fields)} end as fields
from (
  select seq, op, reason, key from ${plan}
  order by seq nulls last, op nulls last, ${fn.byBytes(sql`key`)} nulls last
  limit ${limit}
) as p
left join (
${modelQuery(context, model)}
) as m on m.key = p.key and p.op in ('add', 'change')
order by p.seq nulls last, p.op nulls last, ${fn.byBytes(sql`p.key`)} nulls last`,
  }
}

/** How many identifiers find the person: hashes say nothing to people. */
function foundCount(
  { dialect: { fn } }: CompileContext,
  { bound }: TypedModel,
): readonly (readonly [string, Fragment])[] {
  if (rulesetsOf(bound) === undefined) return []
  const found = sql`m.${id(IDENTIFIERS)}`
  const count = sql`case when ${found} is null then 0 else ${fn.length(found)} - ${fn.length(sql`replace(${found}, ' ', '')`)} + 1 end`
  return [[IDENTIFIERS, fn.asText(count)]]
}

function shownField(context: CompileContext, model: TypedModel, field: RawColumn): Fragment {
  const value = sql`m.${id(field.column)}`
  const type = typeOf(model, field.column)
  const { fn } = context.dialect
  if (isShown(context, model, field)) return fn.jsonValue(value, type)
  const hidden = masked(value, type, context.dialect)
  // A number stays one; what is masked is text.
  return type === 'text' || type === 'json' || type === 'other'
    ? fn.jsonValue(sql`(${hidden})`, 'text')
    : fn.jsonValue(value, type)
}

function isShown(context: CompileContext, model: TypedModel, { mapping }: RawColumn): boolean {
  const { value } = mapping
  if (value.kind === 'literal') return true
  if (value.kind === 'sql') return false
  const { entity, source } = model.bound
  if (entity !== undefined) return shownColumns(context.graph, entity).has(value.name)
  return source?.columns.get(value.name)?.pii === 'none'
}
