import { firstLine, type WarehouseProblem } from './problem.ts'

/** What the client throws: the server's fields, or its own number when it did not come that far. */
export interface ClientError {
  readonly message: string
  /** Six digits. */
  readonly code: string
  readonly sqlState: string | undefined
  /** By which the history of Snowflake finds the statement. */
  readonly queryId: string | undefined
}

export function clientError(error: unknown): ClientError {
  if (!(error instanceof Error))
    return { message: String(error), code: '', sqlState: undefined, queryId: undefined }
  const { code, sqlState, data } = error as {
    code?: unknown
    sqlState?: unknown
    data?: { queryId?: unknown }
  }
  return {
    message: error.message,
    code: code === undefined ? '' : String(code),
    sqlState: typeof sqlState === 'string' ? sqlState : undefined,
    queryId: typeof data?.queryId === 'string' ? data.queryId : undefined,
  }
}

/**
 * What Snowflake says, in our classes: by its numbers, else by SQLSTATE. Its words are told only of what it could not
 * compile, which names tables and columns; of all others they may hold values of rows.
 */
export function snowflakeProblem(error: ClientError): WarehouseProblem {
  const problem = (BY_CODE[error.code] ?? byState(error.sqlState) ?? other)(error)
  if (error.queryId === undefined) return problem
  return { ...problem, message: `${problem.message} (query ${error.queryId})` }
}

/** Whether the log-in was refused, and not the way there. */
export function isRefused({ code, sqlState }: ClientError): boolean {
  return /^39\d{4}$/.test(code) || sqlState?.startsWith('28') === true
}

type Problem = (error: ClientError) => WarehouseProblem

const BY_CODE: Readonly<Record<string, Problem>> = {
  '002003': missingObject,
  '002043': missingObject,
  '000904': missingColumn,
  '001003': badSql,
  '002140': badSql,
  '003001': noRight,
  '003041': noRight,
  '000606': noWarehouse,
  '000604': cancelled,
  '000630': timedOut,
  '000625': conflict,
  '000629': conflict,
  '000631': cancelled,
  '100072': forbiddenRow,
  '100090': forbiddenRow,
  '100035': badValue,
  '100038': badValue,
  '100040': badValue,
  '100051': badValue,
  '100078': badValue,
  '090073': noCredit,
  '390104': lost,
  '390111': lost,
  '390112': lost,
  '390114': lost,
  '401001': lost,
  '401002': lost,
  '402001': lost,
  '402002': lost,
  '405503': lost,
  '407001': lost,
  '407002': lost,
  // What a block of ours raises: its text is ours.
  '-20001': (error) => ({
    code: 'SLU3017',
    message:
      /'[A-Z_]+': (expected [^'"]+)/i.exec(error.message)?.[1] ??
      'expected the block to run, found that it raised',
  }),
}

function byState(state: string | undefined): Problem | undefined {
  switch (state?.slice(0, 2)) {
    case '42':
      return state === '42501' ? noRight : badSql
    case '22':
      return badValue
    case '23':
      return forbiddenRow
    case '08':
      return lost
    case '53':
      return noCredit
    case '57':
      return cancelled
    default:
      return undefined
  }
}

/** It does not say whether one is missing or hidden. */
function missingObject({ message }: ClientError): WarehouseProblem {
  const name = /Object '(.+?)' does not exist|(?:Schema|Database|Table|View) '(.+?)' does not exist/s.exec(
    message,
  )
  return {
    code: 'SLU3004',
    message: `expected a table "${name?.[1] ?? name?.[2] ?? words(message)}" in the warehouse, found none that the role may see`,
    hint: 'names without quotes are in upper case there',
  }
}

function missingColumn({ message }: ClientError): WarehouseProblem {
  const name = /invalid identifier '(.+?)'/s.exec(message)?.[1]
  return {
    code: 'SLU3004',
    message: `expected a column "${name ?? words(message)}", found none of that name`,
    hint: 'names without quotes are in upper case there',
  }
}

/** The place in the text, and the word there, which may be a literal. */
function badSql({ message }: ClientError): WarehouseProblem {
  const unknown = /Unknown function \S+/i.exec(message)?.[0]
  const place = /line \d+ at position \d+/.exec(message)?.[0]
  return {
    code: 'SLU3007',
    message: `expected SQL that Snowflake understands, found: ${unknown ?? `a mistake${place === undefined ? '' : ` in ${place}`}`}`,
  }
}

function noRight({ message }: ClientError): WarehouseProblem {
  const what = /Insufficient privileges to operate on [a-z ]+(?:'[^']*')?/i.exec(message)?.[0]
  return {
    code: 'SLU3002',
    message: `expected the right to run the statement, found: ${what ?? 'that the role has none'}`,
    hint: 'grant it to the role of the target; sluice doctor --grants prints the least rights',
  }
}

function noWarehouse(): WarehouseProblem {
  return {
    code: 'SLU3013',
    message: 'expected a warehouse that the role may use, found none in the session',
    hint: 'check warehouse of the target, and grant usage on it to the role',
  }
}

function cancelled(): WarehouseProblem {
  return { code: 'SLU3016', message: 'expected the statement to finish, found it cancelled' }
}

function timedOut({ message }: ClientError): WarehouseProblem {
  const seconds = /timeout of (\d+) second/.exec(message)?.[1]
  return {
    code: 'SLU3016',
    message: `expected the statement to finish in time, found it cancelled${seconds === undefined ? '' : ` after ${seconds} seconds`}`,
    hint: 'raise statement_timeout_seconds of the target, or that of the warehouse',
  }
}

function conflict(): WarehouseProblem {
  return {
    code: 'SLU3010',
    message: 'expected no other transaction to change the same table, found one that did',
  }
}

function badValue(): WarehouseProblem {
  return {
    code: 'SLU3008',
    message: 'expected every value to convert to the type that is needed, found one that does not',
    hint: 'values are never shown; look for it in the warehouse with try_cast',
  }
}

function forbiddenRow(): WarehouseProblem {
  return {
    code: 'SLU3009',
    message: "expected rows that the table's constraints allow, found one that breaks one",
  }
}

function noCredit(): WarehouseProblem {
  return {
    code: 'SLU3001',
    message: 'expected the warehouse to resume, found that it cannot (quota or resource monitor)',
  }
}

function lost({ code }: ClientError): WarehouseProblem {
  return {
    code: 'SLU3011',
    message: `expected the session of Snowflake to stay open, found it lost (${code})`,
    hint: 'run it again; what was not committed is rolled back',
  }
}

function other({ code }: ClientError): WarehouseProblem {
  return { code: 'SLU3017', message: `expected Snowflake to run the statement, found error ${code}` }
}

function words(message: string): string {
  return firstLine(message.replace(/^SQL compilation error:\s*/, ''))
}
