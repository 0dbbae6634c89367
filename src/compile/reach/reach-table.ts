import { SluiceError } from '../../base/errors.ts'
import type { Located, Position } from '../../base/position.ts'
import { shortHash } from '../../base/short-hash.ts'
import type { TableName } from '../../dialect/dialect.ts'
import { type Fragment, id, splitName, sql } from '../../dialect/fragment.ts'
import type { Reach } from '../../graph/graph.ts'
import type { Entity, SqlText } from '../../spec/project.ts'
import type { Value } from '../conditions/value.ts'
import type { CompileContext } from '../context.ts'
import { sqlFor } from '../references/expand-sql.ts'
import { columnType } from '../sources/column-type.ts'
import { temporaryName } from '../temporary.ts'

/** When a reached row happened, its key and its recency. No column of a source can have these names. */
export const AT = '_at'
export const RECORD_ID = '_record_id'
export const RECENCY = '_recency'

/**
 * The rows of a source that reach an entity, as this run's temporary table holds them. Grain: one row a row of the
 * source that reaches an entity and exists at `as_of`.
 */
export interface ReachTable {
  readonly reach: Reach
  /** The temporary table's, before the dialect's prefix. */
  readonly name: string
  /** For names of steps: the source, and the way where one was asked for. */
  readonly title: string
  /** Whether its rows have a time: of their own or of an event source on the way. */
  readonly hasTime: boolean
}

/** The table of a source's rows that reach the entity, on the one way there is or on the way `via`. */
export function reachTable(
  context: CompileContext,
  source: Located<string>,
  entity: Entity,
  via?: readonly Located<string>[],
): ReachTable {
  const way = via?.map((one) => one.value)
  const reach = context.graph.reach(source.value, entity.name, way)
  if (reach === undefined)
    throw new SluiceError('SLU9001', {
      message: `expected the graph to refuse rows that do not reach ${entity.name}, found those of "${source.value}"${way === undefined ? '' : ` via ${way.join(', ')}`}`,
      at: source.at,
    })
  const hops = reach.hops.map((hop) => hop.parent.name)
  // The way that the graph took, so that a `via` that only repeats it makes no second table.
  const onward = way === undefined ? [] : ['via', ...hops]
  return {
    reach,
    name: temporaryName('reach', entity.name, source.value, ...onward),
    title: [source.value, ...(way === undefined ? [] : hops)].join('.'),
    hasTime: [reach.source, ...reach.hops.map((hop) => hop.parent)].some(
      (one) => one.occurredAt !== undefined,
    ),
  }
}

export function reachTableName(context: CompileContext, table: ReachTable): TableName {
  return context.tables.temporary(table.name)
}

/** A column of the reach table `r`, by the name that the user wrote for it. */
export function reachedColumn(context: CompileContext, table: ReachTable, written: string): Value {
  const alias = columnAlias(written, table.reach.entity)
  return { sql: sql`r.${id(alias)}`, type: columnType(context.graph, table.reach.source, written) }
}

/** The answer to a sql condition of the user's, asked where the whole row was at hand. */
export function reachedSql(context: CompileContext, text: SqlText): Fragment {
  return sql`r.${id(sqlAlias(context, text))}`
}

/** When the row `r` happened. The graph has refused to ask it of rows without a time. */
export function reachedTime(table: ReachTable, at: Position): Fragment {
  if (table.hasTime) return sql`r.${id(AT)}`
  throw new SluiceError('SLU9001', {
    message: `expected the graph to refuse a window over rows without a time, found one over "${table.reach.source.name}"`,
    at,
  })
}

/**
 * What a column of the user's is called in the reach table: the name in small letters, and a hash where that would
 * not be enough to tell it from another, or from a column of ours.
 */
export function columnAlias(written: string, entity: Entity): string {
  const parts = splitName(written)
  const text = parts.map((part) => part.text).join('.')
  const isExact = parts.some((part) => part.exact)
  const lower = text.toLowerCase()
  const isPlain = /^[a-z][a-z0-9_]*$/.test(lower) && lower.length <= LONGEST_ALIAS
  const isOurs = lower === `${entity.name}_id`
  if (isPlain && !isOurs && !(isExact && text !== lower)) return lower
  const readable = lower.replace(/[^a-z0-9_]+/g, '_').slice(0, LONGEST_ALIAS)
  return `${readable}_${shortHash(isExact ? `"${text}"` : lower)}`
}

/** Leaves room for a hash in the 63 bytes of PostgreSQL. */
const LONGEST_ALIAS = 50

export function sqlAlias(context: CompileContext, text: SqlText): string {
  return `_sql_${shortHash(sqlFor(context, text).value)}`
}
