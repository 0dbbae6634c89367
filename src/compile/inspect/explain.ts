import type { ColumnType } from '../../dialect/dialect.ts'
import { type Fragment, id, join, lit, sql } from '../../dialect/fragment.ts'
import type { Entity } from '../../spec/project.ts'
import { idColumn } from '../conditions/statement.ts'
import type { CompileContext } from '../context.ts'
import { masked } from '../mask/mask.ts'
import { reachSteps } from '../reach/reach-steps.ts'
import { tableOf } from '../sources/relation.ts'
import type { Step } from '../step.ts'
import type { AskedColumn, Asking } from './explain-tree.ts'

/** The rows that reach one entity: the build's own steps, cut down to it. */
export function reachStepsOfOne(
  context: CompileContext,
  entity: Entity,
  entityId: string,
  segments: readonly string[],
): readonly Step[] {
  return reachSteps(
    context,
    segments.map((name) => `segment:${name}`),
  ).map((step) => ({
    ...step,
    summary: `${step.summary}, of one ${entity.name}`,
    query: sql`select * from (${step.query}) as reached where ${idColumn(entity)} = ${lit(entityId)}`,
  }))
}

/** Columns are asked in groups: an engine takes only so many in one statement. Unmasked: only to be described. */
export function rawAnswerSteps(context: CompileContext, asking: Asking, entityId: string): readonly Step[] {
  return groupsOf(asking.columns).map((columns) => answerStep(context, asking, entityId, columns, undefined))
}

/** The answers and values, text masked by its type, each group one row; no row for an entity that is not there. */
export function answerSteps(
  context: CompileContext,
  asking: Asking,
  entityId: string,
  types: ReadonlyMap<string, ColumnType>,
): readonly Step[] {
  return groupsOf(asking.columns).map((columns) => answerStep(context, asking, entityId, columns, types))
}

/** PostgreSQL takes 1,664. */
const MOST_COLUMNS = 1000

function groupsOf(columns: readonly AskedColumn[]): readonly (readonly AskedColumn[])[] {
  const groups: AskedColumn[][] = []
  for (let start = 0; start < columns.length; start += MOST_COLUMNS)
    groups.push(columns.slice(start, start + MOST_COLUMNS))
  return groups
}

function answerStep(
  context: CompileContext,
  asking: Asking,
  entityId: string,
  columns: readonly AskedColumn[],
  types: ReadonlyMap<string, ColumnType> | undefined,
): Step {
  const { entity, segment, expressions, joins } = asking
  const asked = columns.map((column) => sql`${column.sql} as ${id(column.name)}`)
  const from = join([sql`from ${tableOf(context.tables.output(entity.name))} as p`, ...joins], '\n')
  const raw = expressions.before(sql`select ${join(asked, ',\n  ')}
${from}
where p.${idColumn(entity)} = ${lit(entityId)}`)
  return {
    name: `explain.${segment.name}`,
    summary: `Each predicate of ${segment.name} for one ${entity.name}`,
    creates: undefined,
    grain: 'one row',
    query: types === undefined ? raw : shownOf(context, columns, types, raw),
  }
}

function shownOf(
  context: CompileContext,
  columns: readonly AskedColumn[],
  types: ReadonlyMap<string, ColumnType>,
  raw: Fragment,
): Fragment {
  const shown = columns.map((column) => {
    const value = id(column.name)
    if (column.isShown) return value
    return sql`${masked(value, types.get(column.name) ?? 'other', context.dialect)} as ${value}`
  })
  return sql`select ${join(shown, ',\n  ')}
from (${raw}) as judged`
}
