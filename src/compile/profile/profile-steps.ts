import { EMPTY, type Fragment, id, join, sql } from '../../dialect/fragment.ts'
import type { Entity } from '../../spec/project.ts'
import { Expressions, idColumn } from '../conditions/statement.ts'
import type { CompileContext } from '../context.ts'
import { existsAsOf } from '../reach/reach-steps.ts'
import { traitsOf } from '../sources/column-type.ts'
import { columnOf, relationOf, tableOf } from '../sources/relation.ts'
import type { Step } from '../step.ts'
import { aggregateParts, type ProfilePart } from '../traits/aggregates.ts'
import { addDerivedTraits, isDerived } from '../traits/derived.ts'
import { fieldPart } from './field-part.ts'

/**
 * The profile table of an entity: its id, fields and traits, in project order; the last step makes it. Identity (or
 * the source of an unstitched entity) and the reach tables of `entity:` must stand. `fields`: every entity with its
 * fields, to stand after `from`, where they are known already.
 */
export function profileSteps(context: CompileContext, entity: Entity, fields?: Fragment): readonly Step[] {
  const parts = aggregateParts(context, entity)
  if (fields !== undefined)
    return [...parts.map((part) => part.step), profileStep(context, entity, parts, fields)]
  const all = [...fieldParts(context, entity), ...parts]
  return [...all.map((part) => part.step), profileStep(context, entity, all)]
}

/** The fields alone. */
export function fieldSteps(context: CompileContext, entity: Entity): readonly Step[] {
  const parts = fieldParts(context, entity)
  const query = joinedParts(context, entity, parts, entity.profile)
  return [...parts.map((part) => part.step), { ...tableOfProfile(context, entity), query }]
}

function fieldParts(context: CompileContext, entity: Entity): readonly ProfilePart[] {
  return entity.profile.map((field) => fieldPart(context, entity, field))
}

function profileStep(
  context: CompileContext,
  entity: Entity,
  parts: readonly ProfilePart[],
  fields?: Fragment,
): Step {
  const expressions = new Expressions(entity)
  const traits = traitsOf(context.graph, entity)
  const named = [...entity.profile, ...traits]
  const joined = joinedParts(context, entity, parts, named, fields)
  const hasLayers = traits.some(isDerived)
  const columns = [idColumn(entity), ...named.map(({ name }) => id(name))]
  let query = joined
  if (hasLayers) {
    const rows = addDerivedTraits(context, entity, expressions.add('rows', joined), expressions)
    query = sql`select ${join(columns, ',\n  ')}\nfrom ${rows}`
  }
  return { ...tableOfProfile(context, entity), query: expressions.before(query) }
}

function tableOfProfile(context: CompileContext, entity: Entity): Omit<Step, 'query'> {
  return {
    name: `profile.${entity.name}`,
    summary: `One row a ${entity.name}: fields and traits`,
    creates: context.tables.output(entity.name),
    grain: `one row a ${entity.name}`,
  }
}

/** All ids, each with what the parts have of it; columns in project order. */
function joinedParts(
  context: CompileContext,
  entity: Entity,
  parts: readonly ProfilePart[],
  named: readonly { readonly name: string }[],
  fields?: Fragment,
): Fragment {
  const entityId = idColumn(entity)
  const columns = new Map<string, Fragment>()
  if (fields !== undefined) for (const { name } of entity.profile) columns.set(name, sql`b.${id(name)}`)
  const joins: Fragment[] = []
  for (const [index, part] of parts.entries()) {
    const alias = id(`t${index + 1}`)
    const table = tableOf(part.step.creates ?? { schema: undefined, name: part.step.name })
    joins.push(sql`left join ${table} as ${alias} on ${alias}.${entityId} = b.${entityId}`)
    for (const { name, otherwise } of part.columns) {
      const value = sql`${alias}.${id(name)}`
      columns.set(
        name,
        otherwise === undefined ? value : sql`coalesce(${value}, ${otherwise}) as ${id(name)}`,
      )
    }
  }
  const order = named.flatMap(({ name }) => {
    const column = columns.get(name)
    return column === undefined ? [] : [column]
  })
  return sql`select ${join([sql`b.${entityId}`, ...order], ',\n  ')}
from ${fields ?? idsOf(context, entity)} as b${joins.length === 0 ? EMPTY : sql`\n${join(joins, '\n')}`}`
}

/** Every entity there is: what identity made, or the keys of an unstitched entity's source. */
function idsOf(context: CompileContext, entity: Entity): Fragment {
  const entityId = idColumn(entity)
  const source = context.graph.project.sources.get(entity.source?.value ?? '')
  if (source === undefined || entity.key === undefined)
    return sql`(select distinct ${entityId} from ${tableOf(context.tables.output(`${entity.name}_identity`))})`
  const key = sql`s.${columnOf(entity.key.value)}`
  const exists = source.occurredAt === undefined ? sql`` : sql` and ${existsAsOf(context, source, sql`s`)}`
  return sql`(select distinct ${context.dialect.fn.asText(key)} as ${entityId}
  from ${relationOf(context, source)} as s where ${key} is not null${exists})`
}
