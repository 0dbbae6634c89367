import { assertNever, SluiceError } from '../../base/errors.ts'
import type { Position } from '../../base/position.ts'
import { type Fragment, id, join, sql } from '../../dialect/fragment.ts'
import type { Condition, Entity, EventCondition, SqlText } from '../../spec/project.ts'
import type { CompileContext } from '../context.ts'
import { type ReachTable, reachedColumn, reachTable, reachTableName } from '../reach/reach-table.ts'
import { expandSql } from '../references/expand-sql.ts'
import { profileType } from '../sources/column-type.ts'
import { tableOf } from '../sources/relation.ts'
import type { Leaf } from './combine.ts'
import { countsNothing, filterOf, measureOf } from './measure.ts'
import { rankQuery } from './rank.ts'
import { sequenceQuery } from './sequence.ts'
import { type Expressions, idColumn } from './statement.ts'
import { testOf } from './test.ts'
import type { Value } from './value.ts'

/** The rows that conditions of an entity are about: `p`, one row an entity, with its fields and traits. */
export interface EntityRows {
  readonly entity: Entity
  /** What stands after `from`, without its alias. */
  readonly relation: Fragment
}

/** How the leaves of some conditions are answered in one statement over `p`. */
export interface LeafPlan {
  /** Follow `from ... as p`; each keeps one row a row of `p`. */
  readonly joins: readonly Fragment[]
  /** True when it holds, else false or null. */
  readonly leaf: (condition: Leaf) => Fragment
  /** What an event condition measures, beside its test. Undefined for one that was not planned. */
  readonly measured: (condition: EventCondition) => Value | undefined
}

/**
 * Plans what the leaves need: rows of one source and way are read in one pass, whatever number of conditions ask
 * about them; ranks and sequences are sets of ids. Adds to `expressions`.
 */
export function planLeaves(
  context: CompileContext,
  rows: EntityRows,
  conditions: readonly Condition[],
  expressions: Expressions,
): LeafPlan {
  const planning = new Planning(context, rows, expressions)
  const leaves = conditions.flatMap(leavesOf)
  planning.events(leaves.flatMap((leaf) => (leaf.kind === 'event' ? [leaf] : [])))
  for (const leaf of leaves) planning.set(leaf)
  return {
    joins: planning.joins,
    leaf: (condition) => {
      const planned = planning.answers.get(condition)
      return planned ?? profileLeaf(context, rows.entity, sql`p`, condition)
    },
    measured: (condition) => planning.measured.get(condition),
  }
}

/** A leaf that a row of the profile answers alone. */
export function profileLeaf(
  context: CompileContext,
  entity: Entity,
  alias: Fragment,
  condition: Leaf,
): Fragment {
  switch (condition.kind) {
    case 'trait': {
      const value = profileValue(context, entity, alias, condition.name, condition.at)
      return testOf(context, value, condition.test, condition.at)
    }
    case 'sql':
      return profileSql(context, entity, alias, condition.sql)
    default:
      throw new SluiceError('SLU4308', {
        message: `expected a condition of traits, fields and segments here, found one of kind "${condition.kind}"`,
        at: condition.at,
        hint: 'make it a segment, and ask for {segment: NAME}',
      })
  }
}

/** A trait, a profile field or the id, in a row of the profile. */
export function profileValue(
  context: CompileContext,
  entity: Entity,
  alias: Fragment,
  name: string,
  at: Position,
): Value {
  const type = profileType(context.graph, entity, name)
  if (type === null)
    throw new SluiceError('SLU9001', {
      message: `expected the graph to know every trait and field of ${entity.name}, found "${name}"`,
      at,
    })
  return { sql: sql`${alias}.${id(name)}`, type }
}

/** The user's own SQL over a row of the profile, in parentheses. */
export function profileSql(
  context: CompileContext,
  entity: Entity,
  alias: Fragment,
  text: SqlText,
): Fragment {
  const expanded = expandSql(context, text, (name) =>
    profileType(context.graph, entity, name) === null ? undefined : sql`${alias}.${id(name)}`,
  )
  return sql`(${expanded}${endOfComment(text)})`
}

/** A comment at the end of the user's text must not take our parenthesis with it. */
function endOfComment(text: SqlText): Fragment {
  const texts = [text.default?.value, ...[...text.byTarget.values()].map((one) => one.value)]
  return texts.some((one) => one?.includes('--') === true) ? sql`\n` : sql``
}

/** The leaves of a condition tree, in order. */
export function leavesOf(condition: Condition): readonly Leaf[] {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return condition.of.flatMap(leavesOf)
    case 'not':
      return leavesOf(condition.of)
    default:
      return [condition]
  }
}

class Planning {
  readonly joins: Fragment[] = []
  readonly answers = new Map<Leaf, Fragment>()
  readonly measured = new Map<EventCondition, Value>()
  readonly #context: CompileContext
  readonly #rows: EntityRows
  readonly #expressions: Expressions
  readonly #segments = new Map<string, Fragment>()
  #aliases = 0

  constructor(context: CompileContext, rows: EntityRows, expressions: Expressions) {
    this.#context = context
    this.#rows = rows
    this.#expressions = expressions
  }

  events(conditions: readonly EventCondition[]): void {
    const groups = new Map<string, { readonly table: ReachTable; readonly asked: EventCondition[] }>()
    for (const condition of conditions) {
      const table = reachTable(this.#context, condition.source, this.#rows.entity, condition.via)
      const group = groups.get(table.name) ?? { table, asked: [] }
      groups.set(table.name, group)
      group.asked.push(condition)
    }
    for (const { table, asked } of groups.values()) this.#eventGroup(table, asked)
  }

  set(leaf: Leaf): void {
    const { entity } = this.#rows
    switch (leaf.kind) {
      case 'segment': {
        const known = this.#segments.get(leaf.name)
        const answer = known ?? this.#isIn(tableOf(this.#context.tables.output(`segment_${leaf.name}`)))
        this.#segments.set(leaf.name, answer)
        this.answers.set(leaf, answer)
        return
      }
      case 'rank': {
        const by = profileValue(this.#context, entity, sql`p`, leaf.by, leaf.at)
        const query = rankQuery(this.#context, entity, this.#rows.relation, by, leaf)
        this.answers.set(leaf, this.#isIn(this.#expressions.add('rank', query)))
        return
      }
      case 'sequence': {
        const query = sequenceQuery(this.#context, entity, leaf, this.#expressions)
        this.answers.set(leaf, this.#isIn(this.#expressions.add('sequence', query)))
        return
      }
      case 'event':
      case 'trait':
      case 'column':
      case 'sql':
        return
      default:
        assertNever(leaf, 'condition')
    }
  }

  /** One pass over the reached rows for all that is asked about them. */
  #eventGroup(table: ReachTable, asked: readonly EventCondition[]): void {
    const context = this.#context
    const entityId = idColumn(this.#rows.entity)
    const filters = asked.map((condition) => filterOf(context, table, condition))
    // A single question leaves rows out before they are grouped.
    const only = asked.length === 1 ? filters[0] : undefined
    const measures = asked.map((condition, index) => {
      const { column, kind } = condition.measure
      const value = column === undefined ? undefined : reachedColumn(context, table, column.value)
      return measureOf(context, kind, value, only === undefined ? filters[index] : undefined)
    })
    const columns = measures.map((measure, index) => sql`${measure.sql} as ${id(`m${index + 1}`)}`)
    const query = sql`select r.${entityId}, ${join(columns, ',\n  ')}
from ${tableOf(reachTableName(context, table))} as r${only === undefined ? sql`` : sql`\nwhere ${only}`}
group by r.${entityId}`
    const alias = this.#join(this.#expressions.add('events', query))
    for (const [index, condition] of asked.entries()) {
      const column = sql`${alias}.${id(`m${index + 1}`)}`
      const { kind, test } = condition.measure
      const type = measures[index]?.type ?? 'unknown'
      const value: Value = { sql: countsNothing(kind) ? sql`coalesce(${column}, 0)` : column, type }
      this.measured.set(condition, value)
      this.answers.set(condition, testOf(context, value, test, condition.at))
    }
  }

  #isIn(ids: Fragment): Fragment {
    return sql`${this.#join(ids)}.${idColumn(this.#rows.entity)} is not null`
  }

  #join(relation: Fragment): Fragment {
    this.#aliases += 1
    const alias = id(`j${this.#aliases}`)
    const entityId = idColumn(this.#rows.entity)
    this.joins.push(sql`left join ${relation} as ${alias} on ${alias}.${entityId} = p.${entityId}`)
    return alias
  }
}
