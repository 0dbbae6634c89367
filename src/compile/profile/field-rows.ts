import { type Fragment, id, join, lit, sql } from '../../dialect/fragment.ts'
import type { Entity, Source } from '../../spec/project.ts'
import { idColumn } from '../conditions/statement.ts'
import type { CompileContext } from '../context.ts'
import { fieldNeeds, type Need } from '../reach/needs.ts'
import { recencyOf, recordedFrom } from '../reach/reach-steps.ts'
import { columnOf, primaryKeyText } from '../sources/relation.ts'
import type { Step } from '../step.ts'

/** Logical names of the tables that say from which rows an entity's fields were made. */
export function fieldOutputs({ name }: Entity): readonly string[] {
  return [`${name}_field_rows`, `${name}_field_state`]
}

/** Where nothing is stitched, or nothing is picked, all is made by every build. */
export function keepsFieldRows(entity: Entity): boolean {
  return entity.identity !== undefined && entity.profile.length > 0
}

/** How the fields were made. Others have other hashes, or mean something else. */
export interface FieldStamp {
  /** Engine and version. */
  readonly engine: string
  /** The entity's fingerprint. */
  readonly rules: string
  /** The run that published the entity last. */
  readonly runId: string
}

/** Of the hashes. Raise it whenever what is hashed changes: the next build then makes all fields. */
export const FIELD_FORM = 1

/** What the next build must know of this one's fields. Files must be staged. */
export function fieldStateSteps(context: CompileContext, entity: Entity, stamp: FieldStamp): readonly Step[] {
  const { name } = entity
  return [
    {
      name: `profile.${name}.field_rows`,
      summary: 'The rows that fields were made of, as hashes',
      creates: context.tables.output(`${name}_field_rows`),
      query: fieldRows(context, entity),
      grain: 'one row a row that may reach an entity; equal ones are counted',
    },
    {
      name: `profile.${name}.field_state`,
      summary: 'How fields were made',
      creates: context.tables.output(`${name}_field_state`),
      query: sql`select ${FIELD_FORM} as form, ${textOf(context, stamp.engine)} as engine, ${textOf(context, stamp.rules)} as rules, ${textOf(context, stamp.runId)} as run_id`,
      grain: 'one row',
    },
  ]
}

/**
 * Every row that fields read: `c`, a hash of all that decides which value wins; `e`, a hash of the record whose entity it
 * reaches; `n`, how many rows are the same.
 */
export function fieldRows(context: CompileContext, entity: Entity): Fragment {
  return join(
    fieldNeeds(context, entity).map((need) => rowsOf(context, need)),
    '\nunion all\n',
  )
}

/** `e` of a row of `<entity>_identity`. */
export function recordHash(context: CompileContext, source: Fragment, recordId: Fragment): Fragment {
  return context.dialect.fn.hash64(sql`${source} || '|' || ${recordId}`)
}

/** A text of ours that engines must take as text, also where nothing else says its type. */
function textOf(context: CompileContext, value: string): Fragment {
  return context.dialect.fn.asText(lit(value))
}

function rowsOf(context: CompileContext, need: Need): Fragment {
  const { fn } = context.dialect
  const { reach } = need.table
  const { from, source, recordId, at } = recordedFrom(context, reach)
  const columns = [...need.columns.values()].map((written) => sql`r.${columnOf(written)}`)
  const all = [
    textOf(context, reach.source.name),
    fn.hashable(primaryKeyText(context, reach.source, sql`r`)),
    fn.hashable(recencyOf(context, reach.source, at)),
    ...columns.map(fn.hashable),
  ]
  const rows = sql`select ${fn.rowHash(all)} as c, ${recordHash(context, lit(source.name), recordId)} as e
from ${from}`
  if (isOneEach(reach.source, reach.hops.length))
    return sql`select c, e, 1 as n
from (${rows}) as rows_of`
  return sql`select c, e, count(*) as n
from (${rows}) as rows_of
group by c, e`
}

/** The keys of such records are checked by the stitch. */
function isOneEach({ occurredAt }: Source, hops: number): boolean {
  return occurredAt === undefined && hops === 0
}

/** The entity's id with its fields. */
export function fieldColumns(entity: Entity): Fragment {
  return join([idColumn(entity), ...entity.profile.map(({ name }) => id(name))], ', ')
}
