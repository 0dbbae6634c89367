import { type Fragment, id, lit, sql } from '../../dialect/fragment.ts'
import type { Source } from '../../spec/project.ts'
import type { CompileContext } from '../context.ts'
import { relationOf } from '../sources/relation.ts'
import type { Step } from '../step.ts'
import { schemasRead } from './grants.ts'

/** The warehouse's own time, UTC. Grain: one row. */
export function clockStep({ dialect }: CompileContext): Step {
  return question(
    'doctor.clock',
    'What time the warehouse has',
    sql`select ${dialect.fn.clock()} as warehouse_time`,
  )
}

/** A letter outside ASCII in lower and upper case, as compiled SQL writes it. Grain: one row. */
export function foldStep({ dialect }: CompileContext): Step {
  const { lower, upper } = dialect.fn
  return question(
    'doctor.fold',
    'Whether letters outside ASCII have a lower and an upper case',
    sql`select ${lower(lit('É'))} as lowered, ${upper(lit('é'))} as uppered`,
  )
}

/** Fails where the source may not be read; reads none of its rows. Grain: one row. */
export function readableStep(context: CompileContext, source: Source): Step {
  return question(
    `doctor.read_${source.name}`,
    'Whether a source may be read',
    sql`select count(*) as records
from (select 1 as one from ${relationOf(context, source)} as x limit 0) as nothing`,
  )
}

/** What a build does first. To be rolled back. */
export function probeSteps({ dialect, stateSchema }: CompileContext): readonly Step[] {
  const table = { schema: stateSchema, name: 'sluice_doctor' }
  return [
    {
      ...question('doctor.create_schema', 'Whether the state schema may be made', sql``),
      query: dialect.table.createSchema(stateSchema),
    },
    {
      ...question('doctor.create_table', 'Whether tables may be made in it', sql`select 1 as one`),
      creates: table,
    },
  ]
}

/** Where the user of the target may write outside of the state schema. Grain: one row a place; undefined: users have no rights. */
export function writableElsewhereStep({ dialect, stateSchema }: CompileContext): Step | undefined {
  const listed = dialect.table.writableElsewhere?.(stateSchema)
  if (listed === undefined) return undefined
  const first = sql`select what, name, rights from (
${listed}
) as places
order by what nulls last, name nulls last
limit ${MOST_PLACES}`
  return question('doctor.writable_elsewhere', 'Where else the user may write', first)
}

/** More are as wrong as these. */
const MOST_PLACES = 100

/** What is tried only, and how it is undone where no transaction holds it; a table that it `creates` is dropped. */
export interface UndoneStep extends Step {
  readonly undo?: Fragment
}

/** Writes to the tables of sources, which change none of their rows, and a table beside them. */
export function deniedSteps(context: CompileContext): readonly UndoneStep[] {
  const sources = [...context.graph.project.sources.values()].filter(
    ({ relation }) => relation.kind === 'table' || relation.kind === 'dbt',
  )
  return [
    ...sources.map((source) => ({
      ...question(`doctor.delete_from_${source.name}`, 'Whether rows of a source may be deleted', sql``),
      query: sql`delete from ${relationOf(context, source)} where ${lit(false)}`,
    })),
    ...schemasRead(context).map((schema) => ({
      ...question('doctor.create_beside', 'Whether tables may be made beside sources', sql``),
      query: sql`create table ${schema}.${id('sluice_doctor')} (one integer)`,
      undo: sql`drop table ${schema}.${id('sluice_doctor')}`,
    })),
  ]
}

function question(name: string, summary: string, query: Step['query']): Step {
  return { name, summary, creates: undefined, query, grain: 'one row' }
}
