import { SluiceError } from '../base/errors.ts'
import type { Statement } from './warehouse.ts'

/** The statement's text with the comment by which the warehouse's own history tells whose it is. */
export function statementText(statement: Statement, runId: string): string {
  return `/* sluice ${plain(statement.step)} ${plain(runId)} */ ${statement.sql}`
}

/** Where values stand in the text of a statement only: their types are the dialect's to write. */
export function refuseParameters({ step, parameters = [] }: Statement): void {
  if (parameters.length === 0) return
  throw new SluiceError('SLU9001', {
    message: `expected step ${step} with its values as literals, found ${parameters.length} parameters`,
  })
}

/** Nothing that could end the comment. */
function plain(text: string): string {
  return text.replaceAll(/[^\w.:+-]/g, '_')
}
