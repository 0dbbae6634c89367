import { assertNever, SluiceError } from '../../base/errors.ts'
import type { Position } from '../../base/position.ts'
import { type Fragment, join, sql, timestamp } from '../../dialect/fragment.ts'
import { valuesOf } from '../../dialect/values/values.ts'
import type { Condition, Window } from '../../spec/project.ts'
import type { CompileContext } from '../context.ts'
import { type ReachTable, reachedTime } from '../reach/reach-table.ts'
import { timeLiteral } from '../time/literal.ts'
import { windowBounds } from '../time/window.ts'
import { rowCondition } from './row-condition.ts'
import type { KnownType, Value } from './value.ts'

export type MeasureKind = 'count' | 'sum' | 'avg' | 'min' | 'max' | 'count_distinct'

/** Which rows of a reach table are meant. */
export interface RowFilter {
  readonly at: Position
  readonly within: Window | undefined
  readonly between: readonly [string, string] | undefined
  readonly where: Condition | undefined
}

/**
 * The filter as one condition of the row `r`, undefined for all rows. A row may stand beside `and`. Rows at or after
 * `as_of` are not in the table, so a window needs its start only.
 */
export function filterOf(
  context: CompileContext,
  table: ReachTable,
  filter: RowFilter,
): Fragment | undefined {
  const conditions: Fragment[] = []
  if (filter.within !== undefined) {
    const { from } = windowBounds(filter.within, context.asOf, context.graph.project.timezone)
    conditions.push(sql`${reachedTime(table, filter.within.at)} >= ${timestamp(from)}`)
  }
  if (filter.between !== undefined) {
    const time = reachedTime(table, filter.at)
    const [from, to] = filter.between
    conditions.push(sql`${time} >= ${timeLiteral(from)}`, sql`${time} < ${timeLiteral(to)}`)
  }
  if (filter.where !== undefined) conditions.push(rowCondition(context, table, filter.where))
  return conditions.length === 0 ? undefined : join(conditions, ' and ')
}

/** An aggregate over the rows where `when` holds; undefined: over all rows of the group. */
export function measureOf(
  context: CompileContext,
  kind: MeasureKind,
  column: Value | undefined,
  when: Fragment | undefined,
): Value {
  if (kind === 'count')
    return numeric(when === undefined ? sql`count(*)` : sql`count(case when ${when} then 1 end)`)
  if (column === undefined)
    throw new SluiceError('SLU9001', { message: `expected a column to measure ${kind} of, found none` })
  const kept = when === undefined ? column.sql : sql`case when ${when} then ${column.sql} end`
  switch (kind) {
    case 'count_distinct':
      return numeric(sql`count(distinct ${kept})`)
    case 'sum':
      return numeric(sql`sum(${kept})`)
    case 'avg':
      return numeric(context.dialect.fn.asFloat(sql`avg(${kept})`))
    case 'min':
    case 'max':
      return { sql: extreme(context, kind, column, { kept, when }), type: column.type }
    default:
      return assertNever(kind, 'measure')
  }
}

/** Whether it gives 0 where there is no row, and not a missing value. */
export function countsNothing(kind: string): boolean {
  return kind === 'count' || kind === 'count_distinct'
}

/** Values of these types order the same everywhere and have a plain `min` and `max`. */
const PLAIN_ORDER: ReadonlySet<KnownType> = new Set<KnownType>(['number', 'time'])

export function ordersPlainly(value: Value): boolean {
  return PLAIN_ORDER.has(value.type)
}

function extreme(
  context: CompileContext,
  kind: 'min' | 'max',
  column: Value,
  rows: { readonly kept: Fragment; readonly when: Fragment | undefined },
): Fragment {
  if (ordersPlainly(column)) return kind === 'min' ? sql`min(${rows.kept})` : sql`max(${rows.kept})`
  const { leastOf, greatestOf } = valuesOf(context.dialect)
  return kind === 'min' ? leastOf(column.sql, rows.when) : greatestOf(column.sql, rows.when)
}

function numeric(fragment: Fragment): Value {
  return { sql: fragment, type: 'number' }
}
