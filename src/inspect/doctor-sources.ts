import { ProjectErrors } from '../base/errors.ts'
import { checkCatalog } from '../build/check-catalog.ts'
import type { RunContext } from '../build/run-context.ts'
import type { CompileContext } from '../compile/context.ts'
import { readableStep } from '../compile/inspect/doctor.ts'
import { statementOf } from '../compile/render-step.ts'
import type { Source } from '../spec/project.ts'
import type { Column } from '../warehouse/warehouse.ts'
import { type Check, check } from './doctor-check.ts'

/** Whether the source can be read and has what the project names; of a file, as what its columns are read. */
export function sourceCheck(run: RunContext, context: CompileContext, source: Source): Promise<Check> {
  return check(`source ${source.name}`, async () => {
    let columns: readonly Column[] = []
    const errors = await checkCatalog(context, run.warehouse, [source], async (found) => {
      columns = found
      await run.warehouse.read(statementOf(readableStep(context, source), context.dialect))
    })
    if (errors.length > 0) throw new ProjectErrors(errors)
    const isFile = source.relation.kind === 'file'
    const read = columns.map(({ name, type }) => `${name} ${type}`).join(', ')
    return {
      message: `${columns.length} columns${isFile ? `, read as: ${read}` : ''}`,
      columns: Object.fromEntries(columns.map(({ name, type }) => [name, type])),
    }
  })
}
