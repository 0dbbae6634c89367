import { lit, sql } from '../../dialect/fragment.ts'
import type { Source } from '../../spec/project.ts'
import type { CompileContext } from '../context.ts'
import { relationOf } from '../sources/relation.ts'
import type { Step } from '../step.ts'

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

function question(name: string, summary: string, query: Step['query']): Step {
  return { name, summary, creates: undefined, query, grain: 'one row' }
}
