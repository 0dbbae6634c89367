import { type Fragment, id, join, lit, sql } from '../../dialect/fragment.ts'
import { valuesOf } from '../../dialect/values/values.ts'
import type { Entity, Trait } from '../../spec/project.ts'
import { countsNothing, filterOf, type MeasureKind, measureOf, ordersPlainly } from '../conditions/measure.ts'
import { Expressions, idColumn } from '../conditions/statement.ts'
import type { KnownType, Value } from '../conditions/value.ts'
import type { CompileContext } from '../context.ts'
import { type ReachTable, reachedColumn, reachTable, reachTableName } from '../reach/reach-table.ts'
import { traitsOf } from '../sources/column-type.ts'
import { tableOf } from '../sources/relation.ts'
import type { Step } from '../step.ts'
import { temporaryName } from '../temporary.ts'

/** A temporary table with some columns of the profile. Grain: one row an entity that has any of them. */
export interface ProfilePart {
  readonly step: Step
  readonly columns: readonly PartColumn[]
}

interface PartColumn {
  readonly name: string
  /** What stands in the profile where the part has no row or no value. */
  readonly otherwise: Fragment | undefined
}

/**
 * The traits that count rows: one pass over the reached rows of each source and way, whatever number of traits ask
 * about them, and one for each `most_frequent`.
 */
export function aggregateParts(context: CompileContext, entity: Entity): readonly ProfilePart[] {
  const groups = new Map<string, { readonly table: ReachTable; readonly traits: Aggregate<MeasureKind>[] }>()
  const frequent: ProfilePart[] = []
  for (const trait of traitsOf(context.graph, entity)) {
    const aggregate = aggregateOf(context, entity, trait)
    if (aggregate === undefined) continue
    const { kind, table } = aggregate
    if (kind === 'most_frequent') {
      frequent.push(mostFrequentPart(context, entity, aggregate))
      continue
    }
    const group = groups.get(table.name) ?? { table, traits: [] }
    groups.set(table.name, group)
    group.traits.push({ ...aggregate, kind })
  }
  const together = [...groups.values()].map(({ table, traits }) => groupPart(context, entity, table, traits))
  return [...together, ...frequent]
}

interface Aggregate<Kind = MeasureKind | 'most_frequent'> {
  readonly trait: Trait
  readonly kind: Kind
  readonly table: ReachTable
  readonly column: Value | undefined
  readonly when: Fragment | undefined
}

function aggregateOf(context: CompileContext, entity: Entity, trait: Trait): Aggregate | undefined {
  const { operator } = trait
  if (operator.kind === 'case' || operator.kind === 'sql') return undefined
  const source =
    operator.kind === 'count' ? operator.source : { value: operator.column.source, at: operator.column.at }
  const table = reachTable(context, source, entity, trait.via)
  return {
    trait,
    kind: operator.kind,
    table,
    column: operator.kind === 'count' ? undefined : reachedColumn(context, table, operator.column.column),
    when: filterOf(context, table, { ...trait, between: undefined }),
  }
}

function groupPart(
  context: CompileContext,
  entity: Entity,
  table: ReachTable,
  aggregates: readonly Aggregate<MeasureKind>[],
): ProfilePart {
  const [first, ...more] = aggregates
  // A single question leaves rows out before they are grouped.
  const only = more.length === 0 ? first?.when : undefined
  const measures = aggregates.map(({ trait, kind, column, when }) => {
    const measure = measureOf(context, kind, column, only === undefined ? when : undefined)
    return sql`${measure.sql} as ${id(trait.name)}`
  })
  const entityId = idColumn(entity)
  const name = temporaryName('traits', table.name.replace(/^reach_/, ''))
  return {
    step: {
      name: `traits.${entity.name}.${table.title}`,
      summary: `Traits of ${entity.name} over ${table.reach.source.name}`,
      creates: context.tables.temporary(name),
      query: sql`select r.${entityId},
  ${join(measures, ',\n  ')}
from ${tableOf(reachTableName(context, table))} as r${only === undefined ? sql`` : sql`\nwhere ${only}`}
group by r.${entityId}`,
      grain: `one row a ${entity.name} with such rows`,
    },
    columns: aggregates.map(({ trait, kind, column }) => ({
      name: trait.name,
      otherwise: countsNothing(kind) ? lit(0) : defaultOf(trait, column?.type ?? 'number'),
    })),
  }
}

function mostFrequentPart(context: CompileContext, entity: Entity, aggregate: Aggregate): ProfilePart {
  const { trait, table, when } = aggregate
  const column: Value = aggregate.column ?? { sql: lit(null), type: 'unknown' }
  const conditions = [sql`${column.sql} is not null`, ...(when === undefined ? [] : [when])]
  const entityId = idColumn(entity)
  const value: Value = { sql: sql`c.value`, type: column.type }
  const expressions = new Expressions(entity)
  const counted = expressions.add(
    'counted',
    sql`select r.${entityId}, ${column.sql} as value, count(*) as times
from ${tableOf(reachTableName(context, table))} as r
where ${join(conditions, ' and ')}
group by r.${entityId}, ${column.sql}`,
  )
  const ranked = expressions.add(
    'ranked',
    sql`select c.*, row_number() over (
    partition by c.${entityId} order by c.times desc nulls last, ${ascending(context, value)}) as place
from ${counted} as c`,
  )
  const query = sql`select ${entityId}, value as ${id(trait.name)}
from ${ranked}
where place = 1`
  return {
    step: {
      name: `trait.${entity.name}.${trait.name}`,
      summary: `The most frequent value for ${trait.name}, ties by the least`,
      creates: context.tables.temporary(temporaryName('trait', entity.name, trait.name)),
      query: expressions.before(query),
      grain: `one row a ${entity.name} with a value`,
    },
    columns: [{ name: trait.name, otherwise: defaultOf(trait, column.type) }],
  }
}

/** Least first: text by bytes, whatever type the value has. */
export function ascending(context: CompileContext, value: Value): Fragment {
  if (ordersPlainly(value)) return sql`${value.sql} asc nulls last`
  return valuesOf(context.dialect).sortKeys(value.sql, 'asc')
}

function defaultOf(trait: Trait, type: KnownType): Fragment | undefined {
  if (trait.defaultValue === undefined) return undefined
  return lit(type === 'text' ? String(trait.defaultValue) : trait.defaultValue)
}
