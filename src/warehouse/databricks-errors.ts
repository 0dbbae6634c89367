import { firstLine, type WarehouseProblem, withoutQuoted } from './problem.ts'

/** What a statement or a request ended with. */
export interface DatabricksError {
  /** Of the service, such as `BAD_REQUEST`. */
  readonly error_code?: string | undefined
  readonly message?: string | undefined
  readonly sqlState?: string | undefined
  readonly statementId?: string | undefined
}

/**
 * What Databricks says, in our classes, by its condition (`[DELTA_CONCURRENT_APPEND]`), else by SQLSTATE, else by the
 * code of the service. Values of rows stand in some of its texts: of those only the condition is told.
 */
export function databricksProblem(error: DatabricksError): WarehouseProblem {
  const told: Told = {
    ...{ condition: CONDITION.exec(error.message ?? '')?.[1] ?? '', text: textOf(error.message ?? '') },
    ...{ state: error.sqlState ?? STATE.exec(error.message ?? '')?.[1] ?? '' },
  }
  const problem =
    BY_CONDITION.find(([pattern]) => pattern.test(told.condition))?.[1] ??
    BY_STATE[told.state] ??
    BY_STATE[told.state.slice(0, 2)] ??
    BY_CODE[error.error_code ?? ''] ??
    BY_TEXT.find(([pattern]) => pattern.test(error.message ?? ''))?.[1] ??
    unknown
  const found = problem(told, error)
  const where = error.statementId === undefined ? '' : ` (statement ${error.statementId})`
  return { ...found, message: `${found.message}${where}` }
}

interface Told {
  /** `CLASS` or `CLASS.SUBCLASS`. */
  readonly condition: string
  readonly state: string
  /** Without the condition. */
  readonly text: string
}

type Problem = (told: Told, error: DatabricksError) => WarehouseProblem

const CONDITION = /\[([A-Z][A-Z0-9_.]+)\]/
const STATE = /SQLSTATE: ([0-9A-Z]{5})/

function textOf(message: string): string {
  const line = message.split('\n', 1)[0] ?? ''
  return line
    .replace(/^(?:[\w.]+(?:Exception|Error): )+/, '')
    .replace(/^\[[A-Z0-9_.]+\] /, '')
    .replace(/ ?SQLSTATE: .*$/, '')
}

const BY_CONDITION: readonly (readonly [RegExp, Problem])[] = [
  [/^(?:TABLE_OR_VIEW_NOT_FOUND|DELTA_TABLE_NOT_FOUND|VIEW_NOT_FOUND)/, missing('table')],
  [/^(?:SCHEMA_NOT_FOUND|NO_SUCH_CATALOG|CATALOG_NOT_FOUND)/, missing('schema')],
  [/^(?:UNRESOLVED_COLUMN|FIELD_NOT_FOUND|DELTA_COLUMN_NOT_FOUND)/, missing('column')],
  [/^(?:DELTA_CONCURRENT_|DELTA_METADATA_CHANGED|DELTA_PROTOCOL_CHANGED|TRANSACTION_)/, conflict],
  [/^(?:CONCURRENT_)/, conflict],
  [/^(?:INSUFFICIENT_PERMISSIONS|PERMISSION_DENIED)/, refused],
  [/^DELTA_(?:NOT_NULL_CONSTRAINT_VIOLATED|VIOLATE_CONSTRAINT)/, forbiddenRow],
]

const BY_STATE: Readonly<Record<string, Problem>> = {
  '42P01': missing('table'),
  '42704': missing('schema'),
  '42703': missing('column'),
  '42501': refused,
  '2D521': conflict,
  '22': badValue,
  '23': forbiddenRow,
  '40': conflict,
  '42': badSql,
  '53': () => ({
    code: 'SLU3006',
    message: 'expected the SQL warehouse to have room enough, found it short',
  }),
  HY008: cancelled,
}

const BY_CODE: Readonly<Record<string, Problem>> = {
  CANCELLED: cancelled,
  PERMISSION_DENIED: refused,
  UNAUTHENTICATED: refused,
  TEMPORARILY_UNAVAILABLE: unavailable,
  WORKSPACE_TEMPORARILY_UNAVAILABLE: unavailable,
  SERVICE_UNDER_MAINTENANCE: unavailable,
  DEADLINE_EXCEEDED: unavailable,
  RESOURCE_EXHAUSTED: unavailable,
}

/** Those that have no condition. */
const BY_TEXT: readonly (readonly [RegExp, Problem])[] = [
  [/Concurrent\w*Exception|concurrent (?:update|modification)/i, conflict],
  [/Inline byte limit exceeded/i, tooLarge],
  [/PERMISSION_DENIED|does not have .{1,60} on/i, refused],
  [
    /OutOfMemory|out of memory/i,
    () => ({
      code: 'SLU3006',
      message: 'expected the SQL warehouse to have memory enough, found it exhausted',
    }),
  ],
  [
    /No space left/i,
    () => ({ code: 'SLU3005', message: 'expected space on the disks of the SQL warehouse, found them full' }),
  ],
]

/** Names stand in backticks; values never do. */
function missing(what: string): Problem {
  return ({ text }) => {
    const name = /((?:`(?:[^`]|``)+`\.?)+)/.exec(text)?.[1]?.replaceAll('`', '')
    const near = /Did you mean one of the following\? \[`([^\]]*?)`\]/.exec(text)?.[1]
    return {
      code: 'SLU3004',
      message: `expected a ${what} "${name ?? firstLine(withoutQuoted(text))}" in the warehouse, found none`,
      hint: near === undefined ? undefined : `there is ${near.replaceAll('`', '')}`,
    }
  }
}

function conflict({ condition }: Told): WarehouseProblem {
  return {
    code: 'SLU3010',
    message: `expected no other statement to change the same table, found one that did${named(condition)}`,
  }
}

function refused({ text }: Told): WarehouseProblem {
  return {
    code: 'SLU3002',
    message: `expected the right to run the statement, found: ${firstLine(text)}`,
    hint: 'grant it to the user of the target: sluice doctor --grants prints how',
  }
}

/** The value stands in the text, so that only the type is told. */
function badValue({ condition, text }: Told): WarehouseProblem {
  const type = /(?:cast|casted|converted) to "([A-Z][A-Z_0-9]*(?:\([0-9, ]+\))?)"/.exec(text)?.[1]
  return {
    code: 'SLU3008',
    message: `expected every value to ${type === undefined ? 'fit its type' : `convert to ${type}`}, found one that does not${named(condition)}`,
    hint: 'values are never shown; look for it in the warehouse with try_cast',
  }
}

function forbiddenRow({ condition }: Told): WarehouseProblem {
  return {
    code: 'SLU3009',
    message: `expected rows that the table's constraints allow, found one that breaks one${named(condition)}`,
  }
}

function cancelled(): WarehouseProblem {
  return { code: 'SLU3016', message: 'expected the statement to finish, found it cancelled' }
}

function unavailable(_told: Told, { error_code }: DatabricksError): WarehouseProblem {
  return {
    code: 'SLU3001',
    message: `expected the SQL warehouse to take statements, found that it does not now (${error_code})`,
    hint: 'is it stopped, or too small for what runs on it?',
  }
}

/** Expressions, and with them texts of the statement, stand in quotes. */
function badSql({ text }: Told): WarehouseProblem {
  return {
    code: 'SLU3007',
    // from the first quote to the last one: a text of the statement is quoted twice
    message: `expected SQL that Databricks understands, found: ${firstLine(text.replace(/['"].*['"]/, '"..."'))}`,
  }
}

function tooLarge(): WarehouseProblem {
  return {
    code: 'SLU3017',
    message: 'expected an answer of 25 MiB at most, found a larger one',
    hint: 'texts of this length are not read in one answer: shorten what is mapped',
  }
}

function unknown({ condition }: Told, { error_code }: DatabricksError): WarehouseProblem {
  const told = condition === '' ? (error_code ?? 'an error without a name') : condition
  return { code: 'SLU3017', message: `expected Databricks to run the statement, found ${told}` }
}

function named(condition: string): string {
  return condition === '' ? '' : ` (${condition})`
}
