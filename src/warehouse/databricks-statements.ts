import type { Clock } from '../base/clock.ts'
import { SluiceError } from '../base/errors.ts'
import type { StatementAnswer, StatementApi, StatementRequest } from './databricks-api.ts'
import { databricksProblem } from './databricks-errors.ts'
import { warehouseError } from './problem.ts'

/** The statement that a session runs now. */
export interface Running {
  statementId?: string
  /** Aborted when it is told to stop, perhaps before it had an id. */
  readonly stop: AbortController
}

export interface StatementLimits {
  readonly clock: Clock
  readonly timeoutMs: number | undefined
  readonly repeatable: boolean
  readonly step: string
}

/** Runs a statement to its end. Throws SLU3xxx, with the statement's id. */
export async function runToEnd(
  api: StatementApi,
  request: StatementRequest,
  running: Running,
  { clock, timeoutMs = Number.POSITIVE_INFINITY, repeatable, step }: StatementLimits,
): Promise<StatementAnswer> {
  const deadlineMs = clock.monotonicMs() + timeoutMs
  let answer = await api.submit(request, repeatable)
  const { statement_id: id } = answer
  running.statementId = id
  const told = running.stop.signal
  if (told.aborted && isRunning(answer)) await api.cancel(id)
  let timedOut = false
  for (let pauseMs = FIRST_PAUSE_MS; isRunning(answer); pauseMs = Math.min(pauseMs * 1.5, LONGEST_PAUSE_MS)) {
    if (!timedOut && clock.monotonicMs() > deadlineMs) {
      timedOut = true
      await api.cancel(id)
    }
    // who is told to stop wakes at once, and looks often from then on
    await (told.aborted ? clock.sleep(FIRST_PAUSE_MS) : clock.sleep(pauseMs, told))
    answer = await api.ask(id)
  }
  if (answer.status.state === 'SUCCEEDED') return answer
  throw timedOut ? tooLong(id, timeoutMs) : failure(answer, step)
}

const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 5000

function isRunning({ status }: StatementAnswer): boolean {
  return status.state === 'PENDING' || status.state === 'RUNNING'
}

function tooLong(id: string, timeoutMs: number): SluiceError {
  return new SluiceError('SLU3016', {
    message: `expected the statement to finish within ${timeoutMs / 1000} s, found it running, and cancelled it (statement ${id})`,
    hint: 'raise statement_timeout_seconds of the target, or take a larger SQL warehouse',
  })
}

function failure({ statement_id, status }: StatementAnswer, step: string): SluiceError {
  const error = status.state === 'CANCELED' ? { error_code: 'CANCELLED' } : status.error
  const problem = databricksProblem({ ...error, sqlState: status.sql_state, statementId: statement_id })
  return warehouseError(problem, step)
}
