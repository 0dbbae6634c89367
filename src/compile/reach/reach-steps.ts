import { type Fragment, id, isNotTrue, join, lit, sql, timestamp } from '../../dialect/fragment.ts'
import type { Reach } from '../../graph/graph.ts'
import type { Entity, Source } from '../../spec/project.ts'
import type { CompileContext } from '../context.ts'
import { expandSql } from '../references/expand-sql.ts'
import { columnOf, primaryKeyText, relationOf, tableOf } from '../sources/relation.ts'
import type { Step } from '../step.ts'
import { fieldNeeds, type Need, needsOf } from './needs.ts'
import { AT, RECENCY, RECORD_ID, reachTableName } from './reach-table.ts'

/**
 * Temporary tables of the rows that reach each entity, one for each source and way, with exactly the columns that
 * the nodes (`entity:` and `segment:`) use. Identity of this run must stand, and files must be staged. Entities
 * `withFields` have their profile's fields already.
 */
export function reachSteps(
  context: CompileContext,
  nodeIds: readonly string[],
  withFields?: ReadonlySet<string>,
): readonly Step[] {
  return needsOf(context, nodeIds, withFields).map((need) => reachStep(context, need))
}

/** The same with what the fields of one entity's profile use. */
export function fieldReachSteps(context: CompileContext, entity: Entity): readonly Step[] {
  return fieldNeeds(context, entity).map((need) => reachStep(context, need))
}

/**
 * The `from` part that gives each row `r` of the source its entity's id, and the row's time where there is one.
 * Rows that reach nothing, and events at or after `as_of`, are left out. `rows` stands for the source itself.
 */
export function reachedFrom(
  context: CompileContext,
  reach: Reach,
  rows: Fragment,
): { readonly from: Fragment; readonly entityId: Fragment; readonly at: Fragment | undefined } {
  const { lines, conditions, chain, end } = wayOf(context, reach, rows)
  const entityId = entityIdOf(context, reach, end)
  if (reach.end === 'identity') lines.push(identityJoin(context, reach, end))
  else conditions.unshift(sql`${entityId} is not null`)
  return { from: fromOf(lines, conditions), entityId, at: timeOf(context, chain) }
}

/**
 * The rows `r` that may reach an entity by its identity, and for each what the record at the end of its way is called:
 * whose it is, is not asked.
 */
export function recordedFrom(
  context: CompileContext,
  reach: Reach,
): {
  readonly from: Fragment
  readonly source: Source
  readonly recordId: Fragment
  readonly at: Fragment | undefined
} {
  const { lines, conditions, chain, end } = wayOf(context, reach, relationOf(context, reach.source))
  const recordId = primaryKeyText(context, end.source, end.alias)
  conditions.unshift(sql`${recordId} is not null`)
  return { from: fromOf(lines, conditions), source: end.source, recordId, at: timeOf(context, chain) }
}

/** A row whose time is at or after `as_of` does not exist; one without a time does, but is in no window. */
export function existsAsOf(context: CompileContext, source: Source, alias: Fragment): Fragment {
  if (source.occurredAt === undefined) return lit(true)
  const at = context.dialect.fn.asTimestamp(sql`${alias}.${columnOf(source.occurredAt.value)}`)
  return isNotTrue(sql`${at} >= ${timestamp(context.asOf)}`)
}

interface Link {
  readonly source: Source
  readonly alias: Fragment
}

interface Way {
  readonly lines: Fragment[]
  readonly conditions: Fragment[]
  readonly chain: readonly Link[]
  readonly end: Link
}

/** The rows joined to their parents, as far as all of them exist. */
function wayOf(context: CompileContext, reach: Reach, rows: Fragment): Way {
  const chain = chainOf(reach)
  const lines: Fragment[] = [sql`${rows} as r`]
  for (const [index, hop] of reach.hops.entries()) {
    const { child, parent } = { child: chain[index], parent: chain[index + 1] }
    if (child === undefined || parent === undefined) continue
    const pairs = hop.childColumns.map((column, part) => {
      const key = hop.parent.primaryKey[part]?.value ?? ''
      const { asText } = context.dialect.fn
      return sql`${asText(sql`${parent.alias}.${columnOf(key)}`)} = ${asText(sql`${child.alias}.${columnOf(column)}`)}`
    })
    lines.push(sql`join ${relationOf(context, hop.parent)} as ${parent.alias} on ${join(pairs, ' and ')}`)
  }
  const conditions = chain.flatMap((one) =>
    one.source.occurredAt === undefined ? [] : [existsAsOf(context, one.source, one.alias)],
  )
  return { lines, conditions, chain, end: chain.at(-1) ?? { source: reach.source, alias: sql`r` } }
}

function fromOf(lines: readonly Fragment[], conditions: readonly Fragment[]): Fragment {
  const where = conditions.length === 0 ? sql`` : sql`\nwhere ${join(conditions, '\n  and ')}`
  return sql`${join(lines, '\n')}${where}`
}

/** The source itself and its parents, in order. */
function chainOf(reach: Reach): readonly Link[] {
  return [
    { source: reach.source, alias: sql`r` },
    ...reach.hops.map((hop, index) => ({ source: hop.parent, alias: id(`p${index + 1}`) })),
  ]
}

function entityIdOf(context: CompileContext, reach: Reach, end: Link): Fragment {
  if (reach.end === 'identity') return sql`i.${id(`${reach.entity.name}_id`)}`
  return context.dialect.fn.asText(sql`${end.alias}.${columnOf(reach.entity.key?.value ?? '')}`)
}

function identityJoin(context: CompileContext, reach: Reach, end: Link): Fragment {
  const identity = tableOf(context.tables.output(`${reach.entity.name}_identity`))
  return sql`join ${identity} as i on i.source = ${lit(end.source.name)}
  and i.record_id = ${primaryKeyText(context, end.source, end.alias)}`
}

/** The row's own time, else that of the nearest event source on the way. */
function timeOf(context: CompileContext, chain: readonly Link[]): Fragment | undefined {
  const times = chain.flatMap(({ source, alias }) =>
    source.occurredAt === undefined
      ? []
      : [context.dialect.fn.asTimestamp(sql`${alias}.${columnOf(source.occurredAt.value)}`)],
  )
  return times.length > 1 ? sql`coalesce(${join(times, ', ')})` : times[0]
}

function reachStep(context: CompileContext, need: Need): Step {
  const { reach } = need.table
  const { from, entityId, at } = reachedFrom(context, reach, rowsOf(context, need))
  const columns = [
    sql`${entityId} as ${id(`${reach.entity.name}_id`)}`,
    ...(at === undefined ? [] : [sql`${at} as ${id(AT)}`]),
    ...(need.record ? recordColumns(context, reach.source, at) : []),
    ...[...need.columns].map(([alias, written]) => sql`r.${columnOf(written)} as ${id(alias)}`),
    ...[...need.conditions.keys()].map((alias) => sql`r.${id(alias)}`),
  ]
  const way = reach.hops.map((hop) => hop.parent.name)
  return {
    name: `reach.${reach.entity.name}.${need.table.title}`,
    summary: `Rows of ${reach.source.name} and the ${reach.entity.name} that each reaches${way.length === 0 ? '' : ` through ${way.join(', ')}`}`,
    creates: reachTableName(context, need.table),
    query: sql`select ${join(columns, ',\n  ')}\nfrom ${from}`,
    grain: `one row a row of ${reach.source.name} that reaches a ${reach.entity.name}`,
  }
}

function recordColumns(
  context: CompileContext,
  source: Source,
  at: Fragment | undefined,
): readonly Fragment[] {
  return [
    sql`${primaryKeyText(context, source, sql`r`)} as ${id(RECORD_ID)}`,
    sql`${recencyOf(context, source, at)} as ${id(RECENCY)}`,
  ]
}

/** Which version of a value is newer: `updated_at`, else the row's time `at`. */
export function recencyOf(context: CompileContext, source: Source, at: Fragment | undefined): Fragment {
  const { asTimestamp } = context.dialect.fn
  const updated =
    source.updatedAt === undefined ? [] : [asTimestamp(sql`r.${columnOf(source.updatedAt.value)}`)]
  const times = [...updated, ...(at === undefined ? [] : [at])]
  return times.length > 1 ? sql`coalesce(${join(times, ', ')})` : (times[0] ?? asTimestamp(lit(null)))
}

/** The source; with answers to the user's own SQL conditions, which name columns of this source only. */
function rowsOf(context: CompileContext, need: Need): Fragment {
  const relation = relationOf(context, need.table.reach.source)
  if (need.conditions.size === 0) return relation
  const answers = [...need.conditions].map(
    ([alias, text]) => sql`(${expandSql(context, text, () => undefined)}\n) as ${id(alias)}`,
  )
  return sql`(select s.*, ${join(answers, ', ')} from ${relation} as s)`
}
