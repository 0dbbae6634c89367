import type { Dialect } from '../dialect/dialect.ts'
import { render } from '../dialect/fragment.ts'
import type { Step } from './step.ts'

/** A step as one statement, in the form that `Warehouse.execute` and `read` take. */
export function statementOf(step: Step, dialect: Dialect): { readonly step: string; readonly sql: string } {
  const statement = step.creates === undefined ? step.query : dialect.table.createAs(step.creates, step.query)
  return { step: step.name, sql: render(statement, dialect) }
}

/** The text of a step with the comment that the warehouse's history shows, as `sluice compile` prints it. */
export function renderStep(step: Step, dialect: Dialect, runId?: string): string {
  const run = runId === undefined ? '' : ` ${runId}`
  return `/* sluice ${step.name}${run} */\n${statementOf(step, dialect).sql}\n`
}
