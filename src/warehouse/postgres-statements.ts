import type { Client, QueryResult } from 'pg'
import { SluiceError } from '../base/errors.ts'
import { afterConflicts } from './conflicts.ts'
import type { OpenRequest } from './open-request.ts'
import { driverError } from './postgres-errors.ts'
import { warehouseError } from './problem.ts'
import type { ServerProfile } from './server-profile.ts'
import { statementText } from './statement-text.ts'
import type { Statement } from './warehouse.ts'

export type RunStatement = (statement: Statement) => Promise<QueryResult>

/** One statement on a connection, as it is. Throws SLU3xxx. */
export function statementsOn(client: Client, profile: ServerProfile, { runId }: OpenRequest): RunStatement {
  return async (statement) => {
    const text = statementText(statement, runId)
    const values = statement.parameters ?? []
    try {
      const result = await (values.length === 0 ? client.query(text) : client.query(text, [...values]))
      // several statements in one text give several results
      return Array.isArray(result) ? result.at(-1) : result
    } catch (error) {
      if (error instanceof SluiceError) throw error
      throw warehouseError(profile.problem(driverError(error)), statement.step)
    }
  }
}

/** A statement by itself is rolled back when another transaction is in its way: then it is tried again after that one. */
export function tryingAgain(
  run: RunStatement,
  { tries }: ServerProfile,
  { clock }: OpenRequest,
): RunStatement {
  return (statement) => afterConflicts(() => run(statement), { clock, tries, firstPauseMs: FIRST_PAUSE_MS })
}

/** Rows are locked for as long as a short transaction lasts. */
const FIRST_PAUSE_MS = 100
