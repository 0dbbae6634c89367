import { type Lexicon, type Token, tokensOf } from './tokens.ts'

export const GOOGLE_LEXICON: Lexicon = {
  backslashEscapes: true,
  doubledQuotes: false,
  nameQuote: '`',
  textInDoubleQuotes: true,
  escapedNames: true,
}

/** A word of GoogleSQL that the stand-in has no meaning for. */
export class UnknownFunction extends Error {}

/** One statement of GoogleSQL as DuckDB runs it; `now` is the time of the statement. */
export function duckdbText(statement: string, now: Date): string {
  const tokens = tokensOf(statement, GOOGLE_LEXICON).filter(({ kind }) => kind !== 'comment')
  return new Printer(now).print(tokens).replace(COPY, '$1 as select * from $2')
}

const COPY = /^(\s*create or replace table \S+) copy (\S+)\s*$/i

/** The statements of a script. */
export function statementsOf(script: string): readonly string[] {
  const statements: string[] = ['']
  for (const token of tokensOf(script, GOOGLE_LEXICON)) {
    if (token.kind === 'sign' && token.text === ';') statements.push('')
    else if (token.kind !== 'comment') statements.push(`${statements.pop() ?? ''}${written(token)}`)
  }
  return statements.filter((one) => one.trim() !== '')
}

function written({ kind, text }: Token): string {
  if (kind === 'text')
    return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\0', '\\x00')}'`
  if (kind === 'name')
    return `\`${text.replaceAll('\\', '\\\\').replaceAll('`', '\\`').replaceAll('\n', '\\n')}\``
  return text
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'varchar',
  int64: 'bigint',
  float64: 'double',
  bool: 'boolean',
  // Levenshtein's distance is of bytes on DuckDB, whatever the type.
  bytes: 'varchar',
  timestamp: 'timestamptz',
  datetime: 'timestamp',
  bignumeric: 'decimal(38, 17)',
}

/** The same in both, for what is asked of them here. */
const SAME = new Set(
  `abs coalesce count sum min max avg floor ceil round mod nullif lower upper translate length replace strpos starts_with ends_with trim
substring substr string_agg row_number rank dense_rank first_value last_value lag lead greatest least md5 sha256 sign
pow power ln log if ifnull unnest error lpad rpad ltrim rtrim repeat concat array_agg`.split(/\s+/),
)

const RENAMED: Readonly<Record<string, string>> = {
  byte_length: 'strlen',
  logical_or: 'bool_or',
  logical_and: 'bool_and',
  array_reverse: 'list_reverse',
  countif: 'count_if',
  timestamp: 'bq.to_timestamp',
}

const MACROS = new Set(
  `to_json_string json_value to_hex farm_fingerprint regexp_contains regexp_replace split format format_timestamp format_date
datetime code_points_to_string edit_distance`.split(/\s+/),
)

/** Words that stand before a parenthesis and call nothing. */
const KEYWORDS = new Set(
  `all and any as between by case cast decimal numeric distinct else except exists from group having in insert intersect into is
join like limit not on or order over partition select set table then union using values varchar when where with lateral
restrict offset safe_offset ordinal safe_ordinal interval over exists`.split(/\s+/),
)

/** Types that are functions too. */
const CALLED_TYPES = new Set(['timestamp', 'datetime'])

class Printer {
  readonly #now: Date

  constructor(now: Date) {
    this.#now = now
  }

  print(tokens: readonly Token[]): string {
    let text = ''
    for (let at = 0; at < tokens.length; ) {
      const [printed, end] = this.#pieceAt(tokens, at)
      text += printed
      at = end
    }
    return text
  }

  #pieceAt(tokens: readonly Token[], at: number): Piece {
    const token = tokens[at] ?? { kind: 'sign', text: '' }
    if (token.kind === 'text') return [`'${token.text.replaceAll("'", "''")}'`, at + 1]
    if (token.kind === 'name') return this.#nameAt(tokens, at, token.text)
    if (token.kind === 'sign' && token.text === '[') return this.#indexAt(tokens, at)
    if (token.kind !== 'word') return [token.text, at + 1]
    const word = token.text.toLowerCase()
    // A temporary table is found first by its bare name.
    if (word === '_session') return ['', at + 2]
    // Of the standard, in tests that all dialects share.
    if (word === 'timestamp' && ZONED.test(after(tokens, at))) return ['timestamptz', at + 7]
    if (word === 'distinct' && wordBefore(tokens, at) === 'union') return ['', at + 1]
    const opens = place(tokens, at + 1)
    const isAfterDot = tokens[at - 1]?.text === '.'
    if (isAfterDot || tokens[opens]?.text !== '(')
      return [isAfterDot ? token.text : typeOr(tokens, at, word, token.text), at + 1]
    return this.#callAt(tokens, at, word, opens)
  }

  /** A dataset whose catalog is asked for, or a name. */
  #nameAt(tokens: readonly Token[], at: number, name: string): Piece {
    const quoted = `"${name.replaceAll('"', '""')}"`
    if (tokens[at + 1]?.text !== '.' || tokens[at + 2]?.text !== 'INFORMATION_SCHEMA') return [quoted, at + 1]
    const view = tokens[at + 4]?.text ?? ''
    return [`(${catalogView(view, name)})`, at + 5]
  }

  /** `[safe_offset(2)]` counts from 0, DuckDB from 1; any other bracket is a list. */
  #indexAt(tokens: readonly Token[], at: number): Piece {
    if (tokens[at + 1]?.text !== 'safe_offset') return ['[', at + 1]
    const closes = closing(tokens, at + 2)
    return [`[${this.print(tokens.slice(at + 3, closes))} + 1]`, closes + 2]
  }

  #callAt(tokens: readonly Token[], at: number, word: string, opens: number): Piece {
    const closes = closing(tokens, opens)
    const inside = tokens.slice(opens + 1, closes)
    const args = () => listed(inside).map((one) => this.print(one))
    switch (word) {
      case 'current_timestamp':
        return [`timestamptz '${this.#now.toISOString()}'`, closes + 1]
      case 'cast':
      case 'safe_cast':
        return [this.#cast(word, inside), closes + 1]
      case 'timestamp_trunc':
        return [`date_trunc('${args()[1]?.trim()}', ${args()[0]})`, closes + 1]
      case 'timestamp_add':
      case 'datetime_add':
        return [this.#added(inside), closes + 1]
      case 'unnest':
        return this.#unnest(tokens, args().join(', '), closes)
      case 'struct':
        return [`row(${args().join(', ')})`, closes + 1]
      default:
        return [this.#functionName(tokens, at, word), at + 1]
    }
  }

  #functionName(tokens: readonly Token[], at: number, word: string): string {
    if (KEYWORDS.has(word) || (word in TYPES && !CALLED_TYPES.has(word)))
      return typeOr(tokens, at, word, word)
    if (isNamed(tokens, at) || SAME.has(word)) return word
    const renamed = RENAMED[word] ?? (MACROS.has(word) ? `bq.${word}` : undefined)
    if (renamed !== undefined) return renamed
    throw new UnknownFunction(`Function not found: ${word}`)
  }

  #cast(word: string, inside: readonly Token[]): string {
    const as = inside.findLastIndex(({ kind, text }) => kind === 'word' && text.toLowerCase() === 'as')
    const value = this.print(inside.slice(0, as))
    const written = this.print(inside.slice(as + 1)).trim()
    const type = TYPES[written] ?? written
    if (word === 'cast' && type === 'varchar' && inside.at(-1)?.text === 'string')
      return `bq.as_string(${value})`
    return `${word === 'cast' ? 'cast' : 'try_cast'}(${value} as ${type})`
  }

  #added(inside: readonly Token[]): string {
    const [at = [], step = []] = listed(inside)
    const words = step.filter(({ kind }) => kind !== 'space')
    const unit = words.at(-1)?.text.toLowerCase() ?? ''
    // A whole number has 64 bits there, and 32 on DuckDB.
    const amount = this.print(words.slice(1, -1)).replaceAll(/\b1000000\b/g, '1000000::bigint')
    return `(${this.print(at)} + to_${unit}s(${amount}))`
  }

  #unnest(tokens: readonly Token[], list: string, closes: number): Piece {
    const rest = tokens
      .slice(closes + 1)
      .filter(({ kind }) => kind !== 'space')
      .slice(0, 6)
    const [as, name, , offset, , place] = rest.map(({ text }) => text)
    // The name is of the value there, and of the table here.
    if (as === 'as' && name !== 'offset' && offset !== 'offset') {
      const end = tokens.findIndex((token, index) => index > closes && token === rest[1])
      return [
        `unnest(${list}) as ${this.print(tokens.slice(end, end + 1))}(${this.print(tokens.slice(end, end + 1))})`,
        end + 1,
      ]
    }
    if (as !== 'as' || offset !== 'offset') return [`unnest(${list})`, closes + 1]
    const end = tokens.findIndex((token, index) => index > closes && token === rest[5])
    return [`(select unnest(${list}) as ${name}, generate_subscripts(${list}, 1) as ${place})`, end + 1]
  }
}

const ZONED = /^ with time zone\b/

function after(tokens: readonly Token[], at: number): string {
  return tokens
    .slice(at + 1, at + 8)
    .map(({ text }) => text)
    .join('')
}

type Piece = readonly [text: string, end: number]

/** Types have other names; behind a name of a column in a list they are types too. */
function typeOr(tokens: readonly Token[], at: number, word: string, text: string): string {
  const type = TYPES[word]
  if (type === undefined) return text
  if (word !== 'timestamp' && word !== 'datetime') return type
  // A literal, or a type.
  const after = tokens[place(tokens, at + 1)]
  return after?.kind === 'text' || isTypePlace(tokens, at) ? type : text
}

function isTypePlace(tokens: readonly Token[], at: number): boolean {
  const before = wordBefore(tokens, at)
  const named = tokens.slice(0, at).findLast(({ kind }) => kind !== 'space')
  return before === 'as' || named?.kind === 'name'
}

function isNamed(tokens: readonly Token[], at: number): boolean {
  const before = wordBefore(tokens, at)
  return before === 'into' || before === 'as' || before === 'table'
}

function wordBefore(tokens: readonly Token[], at: number): string | undefined {
  const before = tokens.slice(0, at).findLast(({ kind }) => kind !== 'space')
  return before?.kind === 'word' ? before.text.toLowerCase() : undefined
}

function catalogView(view: string, dataset: string): string {
  const schema = `'${dataset.replaceAll("'", "''")}'`
  switch (view) {
    case 'TABLES':
      return `select table_name, schema_name as table_schema, 'BASE TABLE' as table_type from duckdb_tables() where schema_name = ${schema}`
    case 'COLUMNS':
      return `select table_name, schema_name as table_schema, column_name, bq.type_name(data_type) as data_type, column_index as ordinal_position from duckdb_columns() where schema_name = ${schema}`
    case 'OBJECT_PRIVILEGES':
      return 'select * from bq.privileges'
    default:
      throw new UnknownFunction(`Table not found: INFORMATION_SCHEMA.${view}`)
  }
}

/** The place of the next token that is no space. */
function place(tokens: readonly Token[], from: number): number {
  const found = tokens.findIndex(({ kind }, at) => at >= from && kind !== 'space')
  return found === -1 ? tokens.length : found
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
  throw new SyntaxError('Syntax error: Expected ")" but got end of statement')
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
  return pieces
}
