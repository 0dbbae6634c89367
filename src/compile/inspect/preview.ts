import { tableId } from '../../dialect/common.ts'
import type { ColumnType } from '../../dialect/dialect.ts'
import { type Fragment, id, join, sql } from '../../dialect/fragment.ts'
import type { Entity, Segment } from '../../spec/project.ts'
import type { CompileContext } from '../context.ts'
import { masked } from '../mask/mask.ts'
import { shownColumns } from '../mask/privacy.ts'
import type { Step } from '../step.ts'

/** A column of the profile table as the warehouse describes it. */
export interface ProfileColumn {
  readonly name: string
  readonly type: ColumnType
}

export interface SampleRequest {
  readonly segment: Segment
  readonly entity: Entity
  readonly columns: readonly ProfileColumn[]
  readonly unmask: boolean
}

/** The first members by id, with the columns of their profile. Grain: one row a member. */
export function sampleStep(context: CompileContext, request: SampleRequest, limit: number): Step {
  const { segment, entity } = request
  const columns = request.columns.map(
    (column) => sql`${shownAs(context, request, column)} as ${id(column.name)}`,
  )
  return {
    name: `preview.${segment.name}.sample`,
    summary: 'The first members by id, text masked',
    creates: undefined,
    grain: 'one row a member',
    query: sql`select ${join(columns, ',\n  ')}
from ${membersOf(context, segment, entity)}
order by ${context.dialect.fn.byBytes(sql`p.${idOf(entity)}`)} nulls last
limit ${limit}`,
  }
}

/** How many members have each value of one column, the most frequent first. Grain: one row a (masked) value. */
export function breakdownStep(
  context: CompileContext,
  request: SampleRequest,
  column: ProfileColumn,
  limit: number,
): Step {
  const { segment, entity } = request
  return {
    name: `preview.${segment.name}.by`,
    summary: `Members by ${column.name}, text masked`,
    creates: undefined,
    grain: 'one row a value',
    query: sql`select shown as value, count(*) as members
from (select ${context.dialect.fn.asText(shownAs(context, request, column))} as shown
  from ${membersOf(context, segment, entity)}) as shown_values
group by shown
order by count(*) desc nulls last, ${context.dialect.fn.byBytes(sql`shown`)} nulls last
limit ${limit}`,
  }
}

/** Sizes of two segments and of what they share. Grain: one row. */
export function overlapStep(context: CompileContext, one: Segment, other: Segment, entity: Entity): Step {
  return {
    name: `preview.${one.name}.overlap`,
    summary: `What ${one.name} and ${other.name} share`,
    creates: undefined,
    grain: 'one row',
    query: sql`select count(a.${idOf(entity)}) as this_segment,
  count(b.${idOf(entity)}) as other_segment,
  coalesce(sum(case when a.${idOf(entity)} is not null and b.${idOf(entity)} is not null then 1 else 0 end), 0) as shared
from ${tableOf(context, `segment_${one.name}`)} as a
full outer join ${tableOf(context, `segment_${other.name}`)} as b on a.${idOf(entity)} = b.${idOf(entity)}`,
  }
}

/** How many members and how many entities there are. Grain: one row. */
export function sizeStep(context: CompileContext, segment: Segment, entity: Entity): Step {
  return {
    name: `preview.${segment.name}.size`,
    summary: 'Members, and all entities',
    creates: undefined,
    grain: 'one row',
    query: sql`select (select count(*) from ${tableOf(context, `segment_${segment.name}`)}) as members,
  (select count(*) from ${tableOf(context, entity.name)}) as entities`,
  }
}

/** Says what columns the profile table has. Grain: one row an entity. */
export function profileStep(context: CompileContext, entity: Entity): Step {
  return {
    name: `preview.${entity.name}.profile`,
    summary: 'The profile table',
    creates: undefined,
    grain: 'one row an entity',
    query: sql`select * from ${tableOf(context, entity.name)}`,
  }
}

function shownAs(context: CompileContext, request: SampleRequest, column: ProfileColumn): Fragment {
  const value = sql`p.${id(column.name)}`
  if (request.unmask || shownColumns(context.graph, request.entity).has(column.name)) return value
  return masked(value, column.type, context.dialect)
}

function membersOf(context: CompileContext, segment: Segment, entity: Entity): Fragment {
  return sql`${tableOf(context, entity.name)} as p
join ${tableOf(context, `segment_${segment.name}`)} as s on s.${idOf(entity)} = p.${idOf(entity)}`
}

function idOf(entity: Entity): Fragment {
  return id(`${entity.name}_id`)
}

function tableOf(context: CompileContext, logicalName: string): Fragment {
  return tableId(context.tables.output(logicalName))
}
