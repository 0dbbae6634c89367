import type { Statement } from './warehouse.ts'

/** The statement's text with the comment by which the warehouse's own history tells whose it is. */
export function statementText(statement: Statement, runId: string): string {
  return `/* sluice ${plain(statement.step)} ${plain(runId)} */ ${statement.sql}`
}

/** Nothing that could end the comment. */
function plain(text: string): string {
  return text.replaceAll(/[^\w.:+-]/g, '_')
}
