/** One piece of SQL text; the text of all tokens, joined, is the text that was cut. */
export interface Token {
  readonly kind: 'word' | 'number' | 'literal' | 'name' | 'comment' | 'space' | 'operator'
  readonly text: string
}

export interface TokenRules {
  /** A backslash in a text takes the meaning of the next character away. */
  readonly backslash: boolean
  /** What stands around a name that is exact. */
  readonly quote: '"' | '`'
}

/** Cuts SQL as far as a lint and a mutator need it. Throws for a text, name or comment that is not closed. */
export function tokensOf(sql: string, rules: TokenRules): readonly Token[] {
  const tokens: Token[] = []
  let at = 0
  while (at < sql.length) {
    const token = tokenAt(sql, at, rules)
    tokens.push(token)
    at += token.text.length
  }
  return tokens
}

/** The tokens that mean something: without spaces and comments. */
export function codeOf(tokens: readonly Token[]): readonly Token[] {
  return tokens.filter(({ kind }) => kind !== 'space' && kind !== 'comment')
}

const PATTERNS: readonly (readonly [Token['kind'], RegExp])[] = [
  ['space', /\s+/y],
  ['comment', /--[^\n]*|\/\*[\s\S]*?\*\//y],
  ['literal', /\$(?<tag>\w*)\$[\s\S]*?\$\k<tag>\$/y],
  ['word', /[A-Za-z_][A-Za-z0-9_]*/y],
  ['number', /[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?/y],
  ['operator', /<=|>=|<>|!=|\|\||::|->>|->|!~|[-+*/%<>=(),.;[\]~:?@#&|^{}$]/y],
]
const PLAIN_TEXT = /'(?:[^']|'')*'/y
const ESCAPED_TEXT = /'(?:[^'\\]|''|\\[\s\S])*'/y

function tokenAt(sql: string, at: number, { backslash, quote }: TokenRules): Token {
  const first = sql[at]
  if (first === "'") return matched('literal', backslash ? ESCAPED_TEXT : PLAIN_TEXT, sql, at)
  if (first === '"' && quote !== '"') return matched('literal', /"(?:[^"\\]|\\[\s\S])*"/y, sql, at)
  if (first === quote)
    return matched('name', quote === '"' ? /"(?:[^"]|"")*"/y : /`(?:[^`\\]|``|\\[\s\S])*`/y, sql, at)
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = at
    const found = pattern.exec(sql)?.[0]
    if (found !== undefined) return { kind, text: found }
  }
  throw new SyntaxError(`no token at ${at}: ${sql.slice(at, at + 40)}`)
}

function matched(kind: Token['kind'], pattern: RegExp, sql: string, at: number): Token {
  pattern.lastIndex = at
  const found = pattern.exec(sql)?.[0]
  if (found === undefined) throw new SyntaxError(`not closed at ${at}: ${sql.slice(at, at + 40)}`)
  return { kind, text: found }
}
