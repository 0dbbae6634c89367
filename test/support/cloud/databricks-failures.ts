/** How a statement fails there. */
export interface DatabricksFailure {
  readonly state: 'FAILED' | 'CANCELED'
  readonly error?: { readonly error_code: string; readonly message: string }
  readonly sql_state?: string
}

/** What DuckDB says, in the words of Databricks: with its conditions, its states, and values where it shows them. */
export function failureOf(text: string): DatabricksFailure {
  if (/^INTERRUPT|interrupted/i.test(text)) return { state: 'CANCELED' }
  for (const [pattern, state, message] of FAILURES) {
    const match = pattern.exec(text)
    if (match === null) continue
    return {
      state: 'FAILED',
      error: { error_code: 'BAD_REQUEST', message: `${message(match)} SQLSTATE: ${state}` },
      sql_state: state,
    }
  }
  return { state: 'FAILED', error: { error_code: 'INTERNAL_ERROR', message: `[INTERNAL_ERROR] ${text}` } }
}

type Failure = readonly [pattern: RegExp, state: string, message: (match: RegExpExecArray) => string]

const FAILURES: readonly Failure[] = [
  [/Catalog Error: (?:Table|View) with name "?(.+?)"? does not exist/s, '42P01', noTable],
  [/Binder Error: Catalog "(.+?)" does not exist/s, '42P01', noTable],
  [/Catalog Error: Schema with name "?(.+?)"? does not exist/s, '42704', noSchema],
  [/Referenced table "(.+?)" not found/, '42P01', noTable],
  [/Referenced column "(.+?)" (?:was )?not found/, '42703', noColumn],
  [/does not have a column (?:named|with name) "(.+?)"/, '42703', noColumn],
  [
    /Could not convert string '(.*?)' to (\w+)|^Conversion Error: invalid (\w+) field format: "(.*?)"/s,
    '22018',
    ([, value, type, field, other]) =>
      `[CAST_INVALID_INPUT] The value '${value ?? other}' of the type "STRING" cannot be cast to "${sparkType(type ?? field ?? '')}" because it is malformed.`,
  ],
  [
    /^(?:Conversion|Out of Range) Error: (.*)/s,
    '22003',
    ([, what]) => `[CAST_OVERFLOW] The value ${what} cannot be cast to "INT" due to an overflow.`,
  ],
  [
    /NOT NULL constraint failed: (\S+)/,
    '23502',
    ([, column]) =>
      `[DELTA_NOT_NULL_CONSTRAINT_VIOLATED] NOT NULL constraint violated for column: ${column}.`,
  ],
  [
    /^(?:TransactionContext|Transaction) Error: .*conflict|write-write conflict/is,
    '2D521',
    () => '[DELTA_CONCURRENT_APPEND] ConcurrentAppendException: Files were added by a concurrent update.',
  ],
  [
    /^Parser Error: .*at or near "(.*?)"/s,
    '42601',
    ([, near]) => `[PARSE_SYNTAX_ERROR] Syntax error at or near '${near}'.`,
  ],
  [
    /^(?:Parser|Syntax) Error|SyntaxError/,
    '42601',
    () => '[PARSE_SYNTAX_ERROR] Syntax error at end of input.',
  ],
  [
    /Function with name (\S+) does not exist/,
    '42883',
    ([, name]) => `[UNRESOLVED_ROUTINE] Cannot resolve routine \`${name}\` on search path.`,
  ],
  [
    /^Catalog Error: .*"?(\S+?)"? already exists/,
    '42P07',
    ([, name]) =>
      `[TABLE_OR_VIEW_ALREADY_EXISTS] Cannot create table or view \`${name}\` because it already exists.`,
  ],
  [
    /^(?:Binder|Catalog) Error: (.*)/,
    '42K09',
    ([, what]) => `[DATATYPE_MISMATCH] Cannot resolve "${what}" due to data type mismatch.`,
  ],
]

function noTable([, name]: RegExpExecArray): string {
  return `[TABLE_OR_VIEW_NOT_FOUND] The table or view \`${name}\` cannot be found. Verify the spelling and correctness of the schema and catalog.`
}

function noSchema([, name]: RegExpExecArray): string {
  return `[SCHEMA_NOT_FOUND] The schema \`${name}\` cannot be found.`
}

function noColumn([, name]: RegExpExecArray): string {
  return `[UNRESOLVED_COLUMN.WITH_SUGGESTION] A column, variable, or function parameter with name \`${name}\` cannot be resolved. Did you mean one of the following? [\`near\`].`
}

const TYPES: Readonly<Record<string, string>> = {
  INT32: 'INT',
  INT64: 'BIGINT',
  date: 'DATE',
  timestamp: 'TIMESTAMP',
}

function sparkType(type: string): string {
  return TYPES[type] ?? type
}
