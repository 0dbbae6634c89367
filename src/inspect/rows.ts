import type { RunContext } from '../build/run-context.ts'
import { statementOf } from '../compile/render-step.ts'
import type { Step } from '../compile/step.ts'
import type { Row } from '../warehouse/warehouse.ts'

/** Few rows about people: masked by the statement itself, and never through `read`. */
export async function rowsOf(run: RunContext, step: Step): Promise<readonly Row[]> {
  const rows: Row[] = []
  for await (const page of run.warehouse.stream(statementOf(step, run.warehouse.dialect))) rows.push(...page)
  return rows
}
