import { SluiceError } from '../../base/errors.ts'
import { type Fragment, id, join, lit, sql, timestamp } from '../../dialect/fragment.ts'
import type { BoundSync } from '../../graph/graph.ts'
import { rowNameOf } from '../../graph/map-names.ts'
import type { Entity, Mapping, Source, Sync, Window } from '../../spec/project.ts'
import type { CompileContext } from '../context.ts'
import { reachedFrom } from '../reach/reach-steps.ts'
import { expandSql, referencesIn } from '../references/expand-sql.ts'
import { columnOf, primaryKeyText, relationOf, tableOf } from '../sources/relation.ts'
import { windowBounds } from '../time/window.ts'

/** Where a sync's rows come from, and how a name of the project is said there. */
export interface ModelRows {
  /** What stands after `from`, its `where` included. */
  readonly from: Fragment
  /** Undefined in a `source:` sync: its rows are told apart by their key. */
  readonly entityId: Fragment | undefined
  /** A name of a map, match or `{name}`; undefined when it is none. */
  readonly value: (name: string) => Fragment | undefined
  /** The id of an entity that the row is, or reaches. */
  readonly entityIdOf: (entity: Entity) => Fragment
  /** What the profile table of the sync's own entity is called there; undefined in a `source:` sync. */
  readonly profile: Fragment | undefined
}

/**
 * The rows of the sync's segment, entity or source, each with the profiles that its values, and `others`, speak of.
 */
export function modelRows(
  context: CompileContext,
  bound: BoundSync,
  others: readonly Mapping[] = [],
): ModelRows {
  if (bound.source !== undefined) return sourceRows(context, bound, bound.source, others)
  if (bound.entity !== undefined) return entityRows(context, bound, bound.entity)
  throw new SluiceError('SLU9001', {
    message: `expected the sync "${bound.sync.name}" to have a segment, an entity or a source, found none`,
  })
}

/** What the project says a field is filled with. Throws SLU4301 for a name in a SQL text that is none. */
export function valueSql(context: CompileContext, rows: ModelRows, mapping: Mapping): Fragment {
  const { value } = mapping
  switch (value.kind) {
    case 'literal':
      return typeof value.value === 'number' || typeof value.value === 'boolean'
        ? lit(value.value)
        : context.dialect.fn.asText(lit(value.value))
    case 'sql':
      return sql`(${expandSql(context, value.sql, rows.value)}\n)`
    case 'name': {
      const found = rows.value(value.name)
      if (found !== undefined) return found
      throw new SluiceError('SLU9001', {
        message: `expected "${value.name}" to be a value of the sync, found it is none`,
        at: value.at,
      })
    }
  }
}

function entityRows(context: CompileContext, bound: BoundSync, entity: Entity): ModelRows {
  const key = id(`${entity.name}_id`)
  const profiles = sql`${tableOf(context.tables.output(entity.name))} as p`
  const from =
    bound.segment === undefined
      ? profiles
      : sql`${tableOf(context.tables.output(`segment_${bound.segment.name}`))} as s
join ${profiles} on p.${key} = s.${key}`
  return {
    from,
    entityId: sql`p.${key}`,
    entityIdOf: () => sql`p.${key}`,
    value: (name) => sql`p.${id(name)}`,
    profile: sql`p`,
  }
}

function sourceRows(
  context: CompileContext,
  bound: BoundSync,
  source: Source,
  others: readonly Mapping[],
): ModelRows {
  const { match, map } = bound.sync
  const entities = namedEntities(context, [...match, ...map, ...others])
  const joins = entities.map((entity) => reachedProfile(context, bound.sync, source, entity))
  const window = windowOf(bound.sync, source)
  const where = window === undefined ? sql`` : sql`\nwhere ${isInside(context, source, window)}`
  return {
    from: sql`${join([sql`${relationOf(context, source)} as r`, ...joins], '\n')}${where}`,
    entityId: undefined,
    entityIdOf: (reached) => sql`${id(`x_${reached.name}`)}.reached_id`,
    value: (name) => {
      const reference = entityReference(context, name)
      if (reference === undefined) return sql`r.${columnOf(name)}`
      return sql`${profileAlias(reference.entity)}.${id(reference.field)}`
    },
    profile: undefined,
  }
}

/** `customer.email`: of the entity that the row reaches; undefined for a column. */
function entityReference(
  context: CompileContext,
  name: string,
): { readonly entity: Entity; readonly field: string } | undefined {
  const meant = rowNameOf(name)
  const entity = meant.kind === 'profile' ? context.graph.project.entities.get(meant.entity) : undefined
  return meant.kind === 'profile' && entity !== undefined ? { entity, field: meant.name } : undefined
}

/** Entities that values speak of; each once, by name. */
function namedEntities(context: CompileContext, values: readonly Mapping[]): readonly Entity[] {
  const names = values.flatMap(({ value }) => {
    if (value.kind === 'name') return [value.name]
    return value.kind === 'sql' ? referencesIn(context, value.sql) : []
  })
  const named = names.flatMap((name) => entityReference(context, name)?.entity ?? [])
  return [...new Set(named)].sort((a, b) => (a.name < b.name ? -1 : 1))
}

function profileAlias(entity: Entity): Fragment {
  return id(`p_${entity.name}`)
}

/** Left joined: a row that reaches nothing has no value there. A key twice reaches one entity. */
function reachedProfile(context: CompileContext, sync: Sync, source: Source, entity: Entity): Fragment {
  const reach = context.graph.reach(source.name, entity.name)
  if (reach === undefined)
    throw new SluiceError('SLU9001', {
      message: `expected rows of "${source.name}" to reach ${entity.name} in the sync "${sync.name}", found they do not`,
    })
  const reached = reachedFrom(context, reach, relationOf(context, source))
  const rows = id(`x_${entity.name}`)
  const key = id(`${entity.name}_id`)
  return sql`left join (
  select record_id, min(reached_id) as reached_id
  from (select ${primaryKeyText(context, source, sql`r`)} as record_id, ${reached.entityId} as reached_id
from ${reached.from}) as reached
  group by record_id
) as ${rows} on ${rows}.record_id = ${primaryKeyText(context, source, sql`r`)}
left join ${tableOf(context.tables.output(entity.name))} as ${profileAlias(entity)} on ${profileAlias(entity)}.${key} = ${rows}.reached_id`
}

/** Each key once: without a window, events from the beginning of time would be kept, and joined, for ever. */
function windowOf(sync: Sync, source: Source): Window | undefined {
  if (source.occurredAt === undefined) return undefined
  if (sync.within !== undefined) return sync.within
  return sync.mode.value === 'insert' ? { at: sync.at, amount: 7, unit: 'days', next: false } : undefined
}

function isInside(context: CompileContext, source: Source, window: Window): Fragment {
  const { from, to } = windowBounds(window, context.asOf, context.graph.project.timezone)
  const at = context.dialect.fn.asTimestamp(sql`r.${columnOf(source.occurredAt?.value ?? '')}`)
  return sql`${at} >= ${timestamp(from)} and ${at} < ${timestamp(to)}`
}
