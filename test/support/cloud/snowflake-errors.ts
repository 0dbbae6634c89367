import { CompileError, decodedName } from './snowflake-text.ts'

/** A statement that failed, as the protocol tells it. */
export class StatementError extends Error {
  readonly code: string
  readonly sqlState: string

  constructor(code: string, sqlState: string, message: string) {
    super(message)
    this.code = code
    this.sqlState = sqlState
  }
}

/** What DuckDB or the translation says, in Snowflake's words and codes, values of rows included as it includes them. */
export function statementError(error: unknown): StatementError {
  if (error instanceof StatementError) return error
  if (error instanceof CompileError) return new StatementError(error.code, error.sqlState, error.message)
  const text = error instanceof Error ? error.message : String(error)
  for (const [pattern, code, sqlState, message] of KNOWN) {
    const match = pattern.exec(text)
    if (match !== null) return new StatementError(code, sqlState, message(decodedName(match[1] ?? ''), text))
  }
  return new StatementError('000603', 'XX000', `Processing aborted by error 300002:603; ${text}`)
}

type Known = readonly [
  pattern: RegExp,
  code: string,
  sqlState: string,
  message: (name: string, text: string) => string,
]

const compiled = (message: string) => `SQL compilation error:\n${message}`
const missing = (name: string) => compiled(`Object '${name}' does not exist or not authorized.`)
const invalid = (name: string) =>
  compiled(`error line 1 at position 7\ninvalid identifier '${name.toUpperCase()}'`)

const KNOWN: readonly Known[] = [
  [
    /No catalog \+ schema named/,
    '002043',
    '02000',
    () => compiled('Object does not exist, or operation cannot be performed.'),
  ],
  [/^INTERRUPT|^Interrupted/, '000604', '57014', () => 'SQL execution canceled'],
  [/^Catalog Error: (?:Table|View) with name (.+?) does not exist/s, '002003', '42S02', missing],
  [
    /^(?:Catalog|Binder) Error: (?:Schema|Catalog) (?:with name )?"?(.+?)"? does not exist/s,
    '002003',
    '02000',
    missing,
  ],
  [/^Binder Error: Referenced table "(.+?)" not found/, '000904', '42000', invalid],
  [/^Binder Error: Referenced column "(.+?)" (?:was )?not found/, '000904', '42000', invalid],
  [
    /^Binder Error: Table "(?:.+?)" does not have a column (?:named|with name) "(.+?)"/,
    '000904',
    '42000',
    invalid,
  ],
  [
    /^Binder Error: (?:Column|column) (?:named |with name )?"?(.+?)"? (?:not found|does not exist)/,
    '000904',
    '42000',
    invalid,
  ],
  [
    /^(?:Conversion|Out of Range) Error/,
    '100038',
    '22018',
    (_, text) =>
      /["'](.*?)["']/.exec(text)?.[1] === undefined
        ? 'Numeric value is not recognized'
        : `Numeric value '${/["'](.*?)["']/.exec(text)?.[1]}' is not recognized`,
  ],
  [/^Constraint Error/, '100072', '22000', (_, text) => `NULL result in a non-nullable column (${text})`],
  [
    /^(?:TransactionContext|Transaction) Error: .*conflict|write-write conflict/is,
    '000625',
    '57014',
    () =>
      "Statement '01b0-fake' has locked table 'T' in transaction 1 and this lock has not yet been released.",
  ],
  [
    /^Catalog Error: .* Function with name (\S+) does not exist/,
    '002140',
    '42601',
    (name) => compiled(`Unknown function ${name}`),
  ],
  [
    /^Catalog Error: (?:Table|View|Schema) with name "?(.+?)"? already exists/,
    '002002',
    '42710',
    (name) => compiled(`Object '${name}' already exists.`),
  ],
  [
    /^(?:Parser|Binder|Catalog) Error: ([\s\S]*)/,
    '001003',
    '42000',
    (name) => compiled(`syntax error line 1 at position 0 unexpected '${name.split('\n')[0]}'.`),
  ],
]
