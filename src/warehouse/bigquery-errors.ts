import { firstLine, type WarehouseProblem, withoutQuoted } from './problem.ts'

/** What the client library throws: the service's answer, or what kept it from coming. */
export interface DriverError {
  readonly message: string
  /** Of HTTP; undefined where there was no answer. */
  readonly status: number | undefined
  /** The service's own word, such as `notFound`. */
  readonly reason: string
  /** Of the operating system, such as `ECONNRESET`. */
  readonly code: string
}

export function driverError(error: unknown): DriverError {
  const { message, code, errors, response } = (error ?? {}) as LibraryError
  const [first] = errors ?? []
  const status = response?.status?.errorResult
  return {
    message: String(status?.message ?? first?.message ?? message ?? error),
    status: typeof code === 'number' ? code : undefined,
    reason: status?.reason ?? first?.reason ?? '',
    code: typeof code === 'string' ? code : '',
  }
}

interface LibraryError {
  readonly message?: string
  readonly code?: unknown
  readonly errors?: readonly { readonly reason?: string; readonly message?: string }[]
  /** Of a job that was made and failed at once. */
  readonly response?: {
    readonly status?: { readonly errorResult?: { readonly reason?: string; readonly message?: string } }
  }
}

/** Worth another try with the same job: nothing was decided, or nobody knows what. */
export function isPassing({ status, reason, code, message }: DriverError): boolean {
  if (PASSING_REASONS.has(reason)) return true
  if (status !== undefined) return status === 429 || status === 408 || status >= 500
  return reason === '' && (PASSING_CODES.test(code) || /socket hang up|network timeout/i.test(message))
}

const PASSING_REASONS = new Set([
  'backendError',
  'internalError',
  'rateLimitExceeded',
  'jobRateLimitExceeded',
])
const PASSING_CODES = /^(?:ECONNRESET|ECONNREFUSED|ECONNABORTED|EPIPE|ETIMEDOUT|EAI_AGAIN|UND_ERR_\w+)$/

/** What BigQuery says of a statement, in our classes. Its texts may hold values of rows, which are never told. */
export function bigqueryProblem(error: DriverError): WarehouseProblem {
  const { message, reason } = error
  if (CONFLICT.test(message))
    return {
      code: 'SLU3010',
      message: 'expected no other transaction to change the same rows, found one that did',
    }
  const byReason = BY_REASON[reason]
  if (byReason !== undefined) return byReason(message)
  if (/^(?:Query error: )?Session .* (?:not found|has expired|is not active)/i.test(message))
    return lost('the session has ended')
  if (reason === 'invalidQuery' || reason === 'invalid' || error.status === 400) return badStatement(message)
  return networkProblem(error)
}

/** What is between us and the service. */
function networkProblem(error: DriverError): WarehouseProblem {
  if (error.status === 401 || error.status === 403 || CREDENTIALS.test(error.message))
    return {
      code: 'SLU3002',
      message: `expected BigQuery to accept the credentials of the target, found: ${told(error)}`,
      hint: 'check keyfile, refresh_token or the application default credentials, and the roles of who they are of',
    }
  if (error.status === 404) return badPlace(error.message)
  return lost(told(error))
}

const CREDENTIALS = /default credentials|invalid_grant|invalid_client|unauthorized_client|invalid_rapt/i

const CONFLICT = /concurrent update|could not serialize access|too many concurrent|aborted due to/i

type Problem = (message: string) => WarehouseProblem

const BY_REASON: Readonly<Record<string, Problem>> = {
  notFound: badPlace,
  accessDenied: (message) => ({
    code: 'SLU3002',
    message: `expected the right to run the statement, found: ${firstLine(withoutQuoted(message))}`,
    hint: 'grant it to the user of the target; sluice doctor --grants prints what is needed',
  }),
  duplicate: (message) => ({
    code: 'SLU3017',
    message: `expected a table that is not there yet, found: ${firstLine(message)}`,
  }),
  stopped: (message) => ({
    code: 'SLU3016',
    message: `expected the statement to finish, found it ${/time/i.test(message) ? 'out of time' : 'cancelled'}`,
    ...(/time/i.test(message) ? { hint: 'raise job_execution_timeout_seconds of the target' } : {}),
  }),
  timeout: () => ({ code: 'SLU3016', message: 'expected the statement to finish, found it out of time' }),
  resourcesExceeded: (message) => ({
    code: 'SLU3006',
    message: `expected the statement to fit what BigQuery gives one query, found: ${firstLine(message)}`,
  }),
  bytesBilledLimitExceeded: (message) => ({
    code: 'SLU3017',
    message: `expected a statement within maximum_bytes_billed, found: ${firstLine(message)}`,
    hint: 'raise maximum_bytes_billed of the target',
  }),
  quotaExceeded: (message) => ({
    code: 'SLU3001',
    message: `expected BigQuery to take the statement, found its quota used up: ${firstLine(message)}`,
    hint: 'run it again later, or ask for more quota',
  }),
  billingNotEnabled: (message) => ({
    code: 'SLU3002',
    message: `expected a project that can be billed, found: ${firstLine(message)}`,
  }),
}

function badPlace(message: string): WarehouseProblem {
  const [, what = 'table', name = firstLine(message)] =
    /Not found: (Table|Dataset|Project|Function) ([^\s,]+)/i.exec(message) ?? []
  const bare = name.replace(/^[^:]*:/, '')
  return {
    code: 'SLU3004',
    message: `expected a ${WHAT[what.toLowerCase()] ?? what.toLowerCase()} "${bare}" in the warehouse, found none`,
    ...(/location/.test(message) ? { hint: 'it must be in the location of the target' } : {}),
  }
}

const WHAT: Readonly<Record<string, string>> = { dataset: 'dataset' }

function badStatement(message: string): WarehouseProblem {
  const column = /^(?:Unrecognized name: (\S+)|Name (\S+) not found inside|Column (\S+) is not present)/.exec(
    message,
  )
  const name = column?.[1] ?? column?.[2] ?? column?.[3]
  if (name !== undefined) {
    const near = /Did you mean ([\w.]+)\?/.exec(message)?.[1]
    return {
      code: 'SLU3004',
      message: `expected a column "${name.replace(/;$/, '')}" in the warehouse, found none`,
      ...(near === undefined ? {} : { hint: `did you mean "${near}"?` }),
    }
  }
  if (/must match at most one source row|cannot be null|required field/i.test(message))
    return {
      code: 'SLU3009',
      message: "expected rows that the table's constraints allow, found one that breaks one",
    }
  const wanted = BAD_VALUE.exec(message)
  if (wanted !== null) {
    const [, , type] = wanted
    return {
      code: 'SLU3008',
      message: `expected every value to ${type === undefined ? 'fit its type' : `convert to ${type.toLowerCase()}`}, found one that does not`,
      hint: 'values are never shown; look for it in the warehouse',
    }
  }
  return {
    code: 'SLU3007',
    message: `expected SQL that BigQuery understands, found: ${firstLine(withoutQuoted(message))}`,
  }
}

/** Said when a statement ran, with the value behind it. */
const BAD_VALUE =
  /(Bad (\w+) value|Invalid (timestamp|date|datetime|time|bool|numeric|bignumeric) ?(?:string|value)?:? ?|could not (?:cast|parse)|division by zero|overflow|out of range|failed to parse|invalid input)/i

function lost(told: string): WarehouseProblem {
  return {
    code: 'SLU3011',
    message: `expected BigQuery to answer, found: ${told}`,
    hint: 'run it again; what was not committed is rolled back',
  }
}

function told({ message, code, status }: DriverError): string {
  const line = firstLine(withoutQuoted(message))
  if (line !== '') return line
  return status === undefined ? code : `HTTP ${status}`
}
