import type { ColumnType } from '../../dialect/dialect.ts'
import { type Fragment, id, join, sql } from '../../dialect/fragment.ts'
import type { Entity, Literal } from '../../spec/project.ts'
import { testOf } from '../conditions/test.ts'
import type { CompileContext } from '../context.ts'
import { tableOf } from '../sources/relation.ts'
import type { Step } from '../step.ts'
import { carries, sourceRecords } from './entity-records.ts'

/**
 * The ids of entities with this value of a profile column, as typed on a command line: numbers compare as numbers,
 * times as times, all else as text. Grain: one row an entity, the first `limit` by id.
 */
export function findByColumnStep(
  context: CompileContext,
  entity: Entity,
  column: { readonly name: string; readonly type: ColumnType },
  of: { readonly value: string; readonly limit: number },
): Step {
  const known = KNOWN[column.type] ?? 'unknown'
  const value = { sql: sql`p.${id(column.name)}`, type: known } as const
  const test = { op: 'eq', value: typed(of.value, known) } as const
  return findStep(
    context,
    entity,
    sql`select p.${id(`${entity.name}_id`)} as entity_id
from ${tableOf(context.tables.output(entity.name))} as p
where ${testOf(context, value, test, entity.at)}`,
    of.limit,
  )
}

/** The same by an identifier, normalised as identity does. Undefined: no source carries such a value. */
export function findByIdentifierStep(
  context: CompileContext,
  entity: Entity,
  type: string,
  of: { readonly value: string; readonly limit: number },
): Step | undefined {
  const found = sourceRecords(context, entity).flatMap((one) => {
    const test = carries(context, one, type, of.value)
    return test === undefined ? [] : [sql`select entity_id from (${one.rows}) as held where ${test}`]
  })
  return found.length === 0 ? undefined : findStep(context, entity, join(found, '\nunion all\n'), of.limit)
}

/** The columns of the profile table. Grain: one row an entity. */
export function profileColumnsStep(context: CompileContext, entity: Entity): Step {
  return {
    name: `explain.${entity.name}.columns`,
    summary: 'The profile table',
    creates: undefined,
    grain: 'one row an entity',
    query: sql`select * from ${tableOf(context.tables.output(entity.name))}`,
  }
}

const KNOWN: Readonly<Partial<Record<ColumnType, 'number' | 'boolean' | 'time' | 'text'>>> = {
  integer: 'number',
  decimal: 'number',
  float: 'number',
  boolean: 'boolean',
  date: 'time',
  timestamp: 'time',
  text: 'text',
}

/** A number too long to be told apart from its neighbours stays text. */
function typed(value: string, type: string): Literal {
  if (type === 'number' && /^[+-]?(?:\d+\.?\d*|\.\d+)$/.test(value) && value.length <= EXACT_DIGITS)
    return Number(value)
  if (type === 'boolean' && /^(?:true|false)$/i.test(value)) return value.toLowerCase() === 'true'
  return value
}

const EXACT_DIGITS = 15

function findStep(context: CompileContext, entity: Entity, query: Fragment, limit: number): Step {
  return {
    name: `explain.${entity.name}.find`,
    summary: `Which ${entity.name} is asked about`,
    creates: undefined,
    grain: `one row a ${entity.name}`,
    query: sql`select entity_id
from (${query}) as found
group by entity_id
order by ${context.dialect.fn.byBytes(sql`entity_id`)} nulls last
limit ${limit}`,
  }
}
