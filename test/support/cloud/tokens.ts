/** How a dialect writes texts and names; what is not said here is the same everywhere. */
export interface Lexicon {
  /** A backslash escapes in texts. */
  readonly backslashEscapes: boolean
  /** Two quotes in a text are one. */
  readonly doubledQuotes: boolean
  /** What names are quoted by. */
  readonly nameQuote: '"' | '`'
  /** Texts may stand in double quotes too. */
  readonly textInDoubleQuotes: boolean
  /** A backslash escapes in names too. */
  readonly escapedNames?: boolean
}

/** A piece of SQL text; literals and quoted names are decoded. `text` of all others is as it stood. */
export interface Token {
  readonly kind: 'text' | 'name' | 'word' | 'number' | 'comment' | 'space' | 'sign'
  readonly text: string
}

/** Cuts SQL into tokens. Throws for a text or name that does not end. */
export function tokensOf(sql: string, lexicon: Lexicon): readonly Token[] {
  const tokens: Token[] = []
  for (let at = 0; at < sql.length; ) {
    const [token, end] = tokenAt(sql, at, lexicon)
    tokens.push(token)
    at = end
  }
  return tokens
}

/** As DuckDB reads them: `word` may say how a bare word is written there. */
export function printForDuckdb(
  tokens: readonly Token[],
  word: (text: string, at: number, tokens: readonly Token[]) => string | undefined = () => undefined,
): string {
  return tokens.map((token, at) => printed(token, () => word(token.text, at, tokens))).join('')
}

function printed({ kind, text }: Token, word: () => string | undefined): string {
  if (kind === 'text') return `'${text.replaceAll("'", "''")}'`
  if (kind === 'name') return `"${text.replaceAll('"', '""')}"`
  return kind === 'word' ? (word() ?? text) : text
}

/** The next token after `at` that is neither space nor comment. */
export function nextToken(tokens: readonly Token[], at: number): Token | undefined {
  return tokens.slice(at + 1).find(({ kind }) => kind !== 'space' && kind !== 'comment')
}

function tokenAt(sql: string, at: number, lexicon: Lexicon): readonly [token: Token, end: number] {
  const first = sql[at] ?? ''
  const isText = first === "'" || (first === '"' && lexicon.textInDoubleQuotes)
  if (isText) return quoted(sql, at, 'text', lexicon)
  if (first === lexicon.nameQuote) return quoted(sql, at, 'name', lexicon)
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = at
    const text = pattern.exec(sql)?.[0]
    if (text !== undefined) return [{ kind, text }, at + text.length]
  }
  return [{ kind: 'sign', text: first }, at + 1]
}

const PATTERNS: readonly (readonly [kind: Token['kind'], pattern: RegExp])[] = [
  ['comment', /--[^\n]*|\/\*.*?\*\//sy],
  ['space', /\s+/y],
  ['word', /[\p{L}_][\p{L}\p{N}_$]*/uy],
  ['number', /\d+(?:\.\d*)?(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?/iy],
  ['sign', /<=>|<>|<=|>=|!=|\|\||::|=>|->>|->/y],
]

function quoted(
  sql: string,
  at: number,
  kind: 'text' | 'name',
  lexicon: Lexicon,
): readonly [token: Token, end: number] {
  const quote = sql[at] ?? ''
  const doubles = kind === 'name' || lexicon.doubledQuotes
  const escapes = kind === 'text' ? lexicon.backslashEscapes : lexicon.escapedNames === true
  let text = ''
  for (let place = at + 1; place < sql.length; ) {
    const letter = sql[place] ?? ''
    if (letter === '\\' && escapes) {
      const [value, length] = escaped(sql, place)
      text += value
      place += length
    } else if (letter !== quote) {
      text += letter
      place += 1
    } else if (doubles && sql[place + 1] === quote) {
      text += quote
      place += 2
    } else return [{ kind, text }, place + 1]
  }
  throw new SyntaxError(`expected the ${kind} that begins at ${at} to end, found the end of the statement`)
}

const ESCAPES: Readonly<Record<string, string>> = {
  ...{ n: '\n', r: '\r', t: '\t', b: '\b', f: '\f', v: '\v', a: '\x07', '0': '\0' },
}

/** What a backslash and what follows it stand for, and how many characters they are. */
function escaped(sql: string, at: number): readonly [value: string, length: number] {
  const hex = /^\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8}))/i.exec(sql.slice(at, at + 10))
  const digits = hex?.[1] ?? hex?.[2] ?? hex?.[3]
  if (hex !== null && digits !== undefined)
    return [String.fromCodePoint(Number.parseInt(digits, 16)), hex[0].length]
  const next = sql[at + 1] ?? ''
  return [ESCAPES[next] ?? next, 2]
}
