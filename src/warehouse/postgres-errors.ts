import { firstLine, type WarehouseProblem } from './problem.ts'

/** What `pg` throws: the server's fields, or the operating system's code when the connection failed. */
export interface DriverError {
  readonly message: string
  /** SQLSTATE, or `ECONNREFUSED` and the like. */
  readonly code?: string | undefined
  readonly hint?: string | undefined
  /** Holds values of rows: only to be told what kind of error it is. */
  readonly detail?: string | undefined
}

export function driverError(error: unknown): DriverError {
  if (!(error instanceof Error)) return { message: String(error) }
  // one address after the other was tried, and each failed
  const inner = error instanceof AggregateError ? error.errors.find((one) => one instanceof Error) : undefined
  const { code, hint, detail } = (inner ?? error) as Readonly<Record<string, unknown>> & Error
  return {
    message: (inner ?? error).message,
    code: typeof code === 'string' ? code : undefined,
    hint: typeof hint === 'string' ? hint : undefined,
    detail: typeof detail === 'string' ? detail : undefined,
  }
}

/**
 * What PostgreSQL says, in our classes, by SQLSTATE: its texts are in the server's language. `detail` is never
 * looked at.
 */
export function postgresProblem(error: DriverError, product: string): WarehouseProblem {
  const state = error.code ?? ''
  const problem = BY_STATE[state] ?? BY_CLASS[state.slice(0, 2)]
  if (/^[0-9A-Z]{5}$/.test(state) && problem !== undefined) return problem(error, product)
  if (isLost(error))
    return {
      code: 'SLU3011',
      message: `expected the connection to ${product} to stay open, found it closed (${firstLine(error.message)})`,
      hint: 'run it again; what was not committed is rolled back',
    }
  return { code: 'SLU3017', message: `expected ${product} to run the statement, found error ${state}` }
}

type Problem = (error: DriverError, product: string) => WarehouseProblem

const BY_STATE: Readonly<Record<string, Problem>> = {
  '42P01': missing('table'),
  '3F000': missing('schema'),
  '42703': missing('column'),
  '42501': (error) => ({
    code: 'SLU3002',
    message: `expected the right to run the statement, found: ${firstLine(error.message)}`,
    hint: 'grant it to the user of the target',
  }),
  '53100': () => ({ code: 'SLU3005', message: 'expected space on the disk of the server, found it full' }),
  '53200': () => ({
    code: 'SLU3006',
    message: 'expected the server to have memory enough, found it exhausted',
  }),
  '53300': () => ({ code: 'SLU3001', message: 'expected a free connection, found all of the server in use' }),
  '57014': () => ({ code: 'SLU3016', message: 'expected the statement to finish, found it cancelled' }),
  '55P03': conflict,
  '2201B': badSql,
}

const BY_CLASS: Readonly<Record<string, Problem>> = {
  '08': lost,
  '0A': badSql,
  '22': badValue,
  '23': forbiddenRow,
  '40': conflict,
  '42': badSql,
  '53': () => ({ code: 'SLU3005', message: 'expected the server to have room enough, found it short' }),
  '54': badSql,
  '57': lost,
  '58': () => ({
    code: 'SLU3005',
    message: 'expected the server to read and write its files, found that it cannot',
  }),
}

/** The text before a value, and the value, in English servers; elsewhere all of it may be one. */
function badValue(error: DriverError): WarehouseProblem {
  const type = /for type ([a-z][a-z ]*)/.exec(error.message)?.[1]?.trim()
  const known = /division by zero|out of range|value too long|invalid regular expression/.exec(
    error.message,
  )?.[0]
  const wanted = type === undefined ? 'fit its type' : `convert to ${type}`
  return {
    code: 'SLU3008',
    message: `expected every value to ${wanted}, found one that does not${known === undefined ? '' : ` (${known})`}`,
    hint: 'values are never shown; look for it in the warehouse',
  }
}

/** Names of constraints are no data, but the message names values in some languages; only the state is told. */
function forbiddenRow(error: DriverError): WarehouseProblem {
  const kinds: Readonly<Record<string, string>> = {
    '23502': 'not null',
    '23503': 'a foreign key',
    '23505': 'uniqueness',
    '23514': 'a check',
  }
  return {
    code: 'SLU3009',
    message: `expected rows that the table's constraints allow, found one that breaks ${kinds[error.code ?? ''] ?? 'one'}`,
  }
}

function conflict(): WarehouseProblem {
  return {
    code: 'SLU3010',
    message: 'expected no other transaction to change the same rows, found one that did',
  }
}

function lost(error: DriverError, product: string): WarehouseProblem {
  return {
    code: 'SLU3011',
    message: `expected the connection to ${product} to stay open, found it closed (${error.code})`,
    hint: 'run it again; what was not committed is rolled back',
  }
}

/** Names of the catalog and words of SQL; PostgreSQL quotes values only in other classes. */
function badSql(error: DriverError, product: string): WarehouseProblem {
  return {
    code: 'SLU3007',
    message: `expected SQL that ${product} understands, found: ${firstLine(error.message)}`,
    hint: error.hint === undefined ? undefined : firstLine(error.hint),
  }
}

function missing(what: string): Problem {
  return (error) => {
    const name = /["«„“](.+?)["»“”]/.exec(error.message)?.[1] ?? /^column (\S+) does/.exec(error.message)?.[1]
    const near = /"(.+?)"/.exec(error.hint ?? '')?.[1]
    return {
      code: 'SLU3004',
      message: `expected a ${what} "${name ?? firstLine(error.message)}" in the warehouse, found none`,
      hint: near === undefined ? undefined : `did you mean "${near}"?`,
    }
  }
}

const LOST =
  /Connection terminated|not queryable|Client was closed|ECONNRESET|EPIPE|ETIMEDOUT|read ECONN|write E/i

function isLost(error: DriverError): boolean {
  return LOST.test(`${error.code ?? ''} ${error.message}`)
}
