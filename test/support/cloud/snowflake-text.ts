import { type Lexicon, type Token, tokensOf } from './tokens.ts'

/** Snowflake's SQL that could not be read, as its compiler says so. */
export class CompileError extends Error {
  readonly code: string
  readonly sqlState: string

  constructor(code: string, sqlState: string, message: string) {
    super(`SQL compilation error:\n${message}`)
    this.code = code
    this.sqlState = sqlState
  }
}

export const LEXICON: Lexicon = {
  backslashEscapes: true,
  doubledQuotes: true,
  nameQuote: '"',
  textInDoubleQuotes: false,
}

/**
 * A statement of Snowflake as DuckDB runs it: functions by the reviewed macros of `snowflake-functions.ts`, names with
 * their case. Throws CompileError for what Snowflake does not have.
 */
export function duckdbText(sql: string, now: Date): string {
  return new Printer(now).print(tokensOf(sql, LEXICON))
}

/**
 * Names differ by case in Snowflake and do not in DuckDB, so that a small letter is written as a mark and the capital:
 * what looks for "email" does not find EMAIL.
 */
export function encodedName(name: string): string {
  return name.replaceAll(/[a-z~]/g, (letter) => `~${letter.toUpperCase()}`)
}

export function decodedName(name: string): string {
  return name.replaceAll(/~(.)/g, (_, letter: string) => letter.toLowerCase())
}

/** A bare word as Snowflake folds it. */
export function foldedWord(word: string): string {
  return word.replaceAll(/[a-z]/g, (letter) => letter.toUpperCase())
}

/** Functions that are the same in both, for what is asked of them here. */
const SAME = new Set(
  `ABS AVG CHR COALESCE CONTAINS COUNT DATE_TRUNC DENSE_RANK FIRST_VALUE FLOOR GREATEST IFNULL LAG LAST_VALUE
LEAD LEFT LENGTH LOG LOWER LPAD LTRIM MAX MD5 MIN MOD NTILE NULLIF POWER RANK REPEAT REPLACE RIGHT ROUND
ROW_NUMBER RTRIM SPLIT_PART SQRT SUBSTR SUBSTRING SUM TRANSLATE TRIM UPPER`.split(/\s+/),
)

/** Those that have another name, or are macros of ours. */
const RENAMED: Readonly<Record<string, string>> = {
  BOOLAND_AGG: 'BOOL_AND',
  BOOLOR_AGG: 'BOOL_OR',
  CEIL: 'CEIL',
  COUNT_IF: 'COUNT_IF',
  CONVERT_TIMEZONE: 'SFX.MAIN.CONVERT_TIMEZONE',
  CURRENT_ROLE: 'SFX.MAIN.CURRENT_ROLE',
  CURRENT_DATABASE: 'SFX.MAIN.SESSION_DATABASE',
  CURRENT_SCHEMA: 'SFX.MAIN.SESSION_SCHEMA',
  CURRENT_VERSION: 'SFX.MAIN.CURRENT_VERSION',
  ENDSWITH: 'ENDS_WITH',
  GREATEST_IGNORE_NULLS: 'GREATEST',
  IFF: 'IF',
  LEAST_IGNORE_NULLS: 'LEAST',
  OCTET_LENGTH: 'STRLEN',
  PARSE_JSON: 'SFX.MAIN.PARSE_JSON',
  REGEXP_INSTR: 'SFX.MAIN.REGEXP_INSTR',
  REGEXP_REPLACE: 'SFX.MAIN.REGEXP_REPLACE',
  SHA2: 'SFX.MAIN.SHA2',
  STARTSWITH: 'STARTS_WITH',
  TO_CHAR: 'SFX.MAIN.TO_CHAR',
  TO_JSON: 'SFX.MAIN.TO_JSON',
  TRY_TO_TIMESTAMP_TZ: 'SFX.MAIN.TRY_TO_TIMESTAMP_TZ',
}

/** Words that may stand before a parenthesis and are no functions. */
const KEYWORDS = new Set(
  `ALL AND ANY AS BETWEEN BY CASE CAST CHAR CHECK COLUMN DECIMAL DISTINCT ELSE EXCEPT EXISTS FROM GROUP HAVING IN INSERT INTERSECT
INTO IS JOIN KEY LIKE LIMIT NOT NUMERIC ON OR ORDER OVER PARTITION QUALIFY SELECT SET SOME TABLE THEN TRY_CAST UNION UNIQUE
USING VALUES VARCHAR WHEN WHERE WITH`.split(/\s+/),
)

/** What stands before a name that is followed by a list of columns. */
const BEFORE_LISTED = new Set('AS INTO TABLE EXISTS RECURSIVE'.split(' '))

/** Of PostgreSQL or DuckDB, and not of Snowflake. */
const LACKING: readonly RegExp[] = [
  /\bFILTER \(/,
  /\bIS (?:NOT )?(?:TRUE|FALSE)\b/,
  /\b(?:NOT )?MATERIALIZED\b/,
  /\bON CONFLICT\b/,
  /\bRETURNING\b/,
  /\bDISTINCT ON\b/,
  /\bCOLLATE "/,
  /\bAS TEXT\b/,
  /\bRESTRICT\b/,
]

class Printer {
  readonly #now: Date

  constructor(now: Date) {
    this.#now = now
  }

  print(tokens: readonly Token[]): string {
    refuseLacking(tokens)
    return this.#printed(tokens.filter(({ kind }) => kind !== 'comment'))
  }

  #printed(tokens: readonly Token[]): string {
    let text = ''
    for (let at = 0; at < tokens.length; ) {
      const [printed, end] = this.#pieceAt(tokens, at)
      text += printed
      at = end
    }
    return text
  }

  #pieceAt(tokens: readonly Token[], at: number): readonly [text: string, end: number] {
    const token = tokens[at]
    if (token === undefined) return ['', at + 1]
    if (token.kind === 'text') return [`'${token.text.replaceAll("'", "''")}'`, at + 1]
    if (token.kind === 'name') return [`"${encodedName(token.text).replaceAll('"', '""')}"`, at + 1]
    if (token.kind === 'number') return [wideNumber(tokens, at), at + 1]
    if (token.kind !== 'word') return [token.text, at + 1]
    const word = foldedWord(token.text)
    const opens = place(tokens, at + 1)
    const isCalled = tokens[opens]?.text === '(' && tokens[opens]?.kind === 'sign'
    const special = this.#special(word, tokens, at, isCalled ? opens : undefined)
    if (special !== undefined) return special
    if (word === 'INFORMATION_SCHEMA' && tokens[opens]?.text === '.')
      return ['SFX.INFORMATION_SCHEMA_OF', at + 1]
    return [isCalled ? calledName(word, tokens, at) : word, at + 1]
  }

  /** What is no plain word or call in DuckDB. */
  #special(
    word: string,
    tokens: readonly Token[],
    at: number,
    opens: number | undefined,
  ): readonly [text: string, end: number] | undefined {
    const closes = opens === undefined ? undefined : closing(tokens, opens)
    const args = () => listed(tokens.slice((opens ?? 0) + 1, closes)).map((one) => this.#printed(one))
    const end = (closes ?? at) + 1
    switch (word) {
      case 'TIMESTAMP_NTZ':
        return ['TIMESTAMP', end]
      case 'TIMESTAMP_TZ':
      case 'TIMESTAMP_LTZ':
        return ['TIMESTAMPTZ', end]
      case 'NUMBER':
        return [numberType(opens === undefined ? [] : args()), end]
      case 'FLOAT':
      case 'REAL':
        return ['DOUBLE', at + 1]
      case 'VARIANT':
        return ['JSON', at + 1]
      case 'STRING':
        return ['VARCHAR', at + 1]
      // A table function of its own is one of DuckDB's that may look aside anyway.
      case 'LATERAL':
        return ['', at + 1]
      // Rights are kept aside here, by the name of the table.
      case 'COPY':
      // Keys are not enforced there.
      case 'PRIMARY':
        return ['', place(tokens, at + 1) + 1]
      default:
        if (opens === undefined) return undefined
        return this.#calledSpecially(word, tokens, args, end)
    }
  }

  #calledSpecially(
    word: string,
    tokens: readonly Token[],
    args: () => readonly string[],
    end: number,
  ): readonly [text: string, end: number] | undefined {
    switch (word) {
      case 'HASH':
        return [`SFX.MAIN.HASH_OF([${args().map((one) => `SFX.MAIN.HASHED(${one})`)}])`, end]
      case 'DATEADD': {
        const [part = '', ...rest] = args()
        return [`SFX.MAIN.DATEADD('${part.trim()}', ${rest.join(', ')})`, end]
      }
      case 'SYSDATE':
        return [`TIMESTAMP '${this.#now.toISOString().slice(0, -1)}'`, end]
      case 'SPLIT_TO_TABLE': {
        const name = place(tokens, place(tokens, end) + 1)
        return [
          `UNNEST(STRING_SPLIT(${args().join(', ')})) AS ${this.#printed(tokens.slice(name, name + 1))}(VALUE)`,
          name + 1,
        ]
      }
      case 'LISTAGG':
        return this.#listagg(tokens, args().join(', '), end)
      default:
        return undefined
    }
  }

  /** Of nothing it is an empty text. */
  #listagg(tokens: readonly Token[], args: string, end: number): readonly [text: string, end: number] {
    const within = place(tokens, end)
    if (foldedWord(tokens[within]?.text ?? '') !== 'WITHIN') return [`COALESCE(STRING_AGG(${args}), '')`, end]
    const opens = place(tokens, place(tokens, within + 1) + 1)
    const closes = closing(tokens, opens)
    return [`COALESCE(STRING_AGG(${args} ${this.#printed(tokens.slice(opens + 1, closes))}), '')`, closes + 1]
  }
}

/** Whole numbers have 38 digits there, so that a product of two does not overflow. */
function wideNumber(tokens: readonly Token[], at: number): string {
  const { text = '' } = tokens[at] ?? {}
  const isFactor = tokens[place(tokens, at + 1)]?.text === '*'
  return isFactor && /^\d+$/.test(text) ? `CAST(${text} AS BIGINT)` : text
}

function refuseLacking(tokens: readonly Token[]): void {
  const code = tokens
    .filter(({ kind }) => kind !== 'comment')
    .map(({ kind, text }) => (kind === 'text' ? "''" : kind === 'name' ? '"x"' : foldedWord(text)))
    .join('')
    .replaceAll(/\s+/g, ' ')
  for (const word of LACKING) {
    const found = word.exec(code)?.[0]
    if (found !== undefined)
      throw new CompileError('001003', '42000', `syntax error line 1 at position 0 unexpected '${found}'.`)
  }
}

function calledName(word: string, tokens: readonly Token[], at: number): string {
  const before = tokens.slice(0, at).findLast(({ kind }) => kind !== 'space')
  if (KEYWORDS.has(word) || before?.text === '.' || before?.text === ')') return word
  if (before !== undefined && BEFORE_LISTED.has(foldedWord(before.text))) return word
  if (SAME.has(word)) return word
  const renamed = RENAMED[word]
  if (renamed !== undefined) return renamed
  throw new CompileError('002140', '42601', `Unknown function ${word}`)
}

/** A hash has 19 digits and 64 bits. */
function numberType(args: readonly string[]): string {
  const [precision = '38', scale = '0'] = args.map((one) => one.trim())
  return scale === '0' && Number(precision) <= 19 ? 'BIGINT' : `DECIMAL(${precision}, ${scale})`
}

/** The place of the next token that is no space. */
function place(tokens: readonly Token[], from: number): number {
  let at = from
  while (tokens[at]?.kind === 'space') at += 1
  return at
}

function closing(tokens: readonly Token[], opens: number): number {
  let depth = 0
  for (let at = opens; at < tokens.length; at += 1) {
    const token = tokens[at]
    if (token?.kind !== 'sign') continue
    if (token.text === '(') depth += 1
    if (token.text === ')') depth -= 1
    if (depth === 0) return at
  }
  throw new CompileError('001003', '42000', "syntax error line 1 at position 0 unexpected '<EOF>'.")
}

/** What stands between commas, outside of parentheses. */
function listed(tokens: readonly Token[]): readonly (readonly Token[])[] {
  const pieces: Token[][] = [[]]
  let depth = 0
  for (const token of tokens) {
    if (token.kind === 'sign' && '(['.includes(token.text)) depth += 1
    if (token.kind === 'sign' && ')]'.includes(token.text)) depth -= 1
    if (token.kind === 'sign' && token.text === ',' && depth === 0) pieces.push([])
    else pieces.at(-1)?.push(token)
  }
  return pieces.length === 1 && pieces[0]?.every(({ kind }) => kind === 'space') ? [] : pieces
}
