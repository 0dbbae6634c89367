import { NO_WORD_EDGE, WORD_EDGE } from '../../../src/dialect/pattern/java-pattern.ts'
import { type Lexicon, nextToken, printForDuckdb, type Token, tokensOf } from './tokens.ts'

/** How Databricks writes texts and names, by its manual. */
const LEXICON: Lexicon = {
  backslashEscapes: true,
  doubledQuotes: false,
  nameQuote: '`',
  textInDoubleQuotes: true,
}

/** The statements for DuckDB that do what one of Databricks does; several for a compound statement. */
export function duckdbStatements(sql: string): readonly string[] {
  return piecesOf(tokensOf(sql, LEXICON))
    .map((tokens) => printForDuckdb(rewritten(tokens), wordFor))
    .filter((text) => !ONLY_PROPERTIES.test(text))
}

/** What is left of a statement that sets properties of a table. */
const ONLY_PROPERTIES = /^\s*alter\s+table\s[^()]*\sset\s*$/i

/** What a statement is, by its first word: `select`, `insert`, `create`. */
export function verbOf(sql: string): string {
  const first = tokensOf(sql, LEXICON).find(({ kind }) => kind === 'word')
  return first?.text.toLowerCase() ?? ''
}

/** Functions and types by the name that DuckDB, or a macro of ours, has for them. */
const WORDS: Readonly<Record<string, string>> = {
  string: 'varchar',
  timestamp_ntz: 'timestamp',
  timestamp: 'timestamptz',
  binary: 'blob',
  variant: 'json',
  btrim: 'trim',
  octet_length: 'strlen',
  explode: 'unnest',
  split: 'string_split',
  startswith: 'starts_with',
  endswith: 'ends_with',
  typeof: 'dbx_typeof',
  regexp_replace: 'dbx_regexp_replace',
  encode: 'dbx_encode',
  decode: 'dbx_decode',
  to_json: 'dbx_to_json',
  current_user: 'dbx_current_user',
  current_catalog: 'current_database',
  current_timestamp: 'now',
}

function wordFor(text: string): string | undefined {
  return WORDS[text.toLowerCase()]
}

function isWord(token: Token | undefined, text: string): boolean {
  return token?.kind === 'word' && token.text.toLowerCase() === text
}

function isSign(token: Token | undefined, text: string): boolean {
  return token?.kind === 'sign' && token.text === text
}

/** `begin a; b; end` is two statements. */
function piecesOf(tokens: readonly Token[]): readonly (readonly Token[])[] {
  const words = tokens.filter(({ kind }) => kind !== 'space' && kind !== 'comment')
  if (!isWord(words[0], 'begin') || !isWord(words.at(-1), 'end')) return [tokens]
  const inside = words.slice(1, -1)
  const pieces: Token[][] = [[]]
  for (const token of inside)
    if (isSign(token, ';')) pieces.push([])
    else pieces.at(-1)?.push(token, { kind: 'space', text: ' ' })
  return pieces.filter((piece) => piece.length > 0)
}

function rewritten(tokens: readonly Token[]): readonly Token[] {
  const out: Token[] = []
  for (let at = 0; at < tokens.length; at += 1) {
    const rewrite = REWRITES.find(({ word }) => isWord(tokens[at], word))?.rewrite(tokens, at)
    if (rewrite === undefined) out.push(tokens[at] as Token)
    else {
      out.push(...rewrite.tokens)
      at = rewrite.last
    }
  }
  return out
}

interface Rewritten {
  readonly tokens: readonly Token[]
  /** The place of the last token that it stands for. */
  readonly last: number
}

type Rewrite = (tokens: readonly Token[], at: number) => Rewritten | undefined

const REWRITES: readonly { readonly word: string; readonly rewrite: Rewrite }[] = [
  { word: 'temp', rewrite: refusedTemporary },
  { word: 'temporary', rewrite: refusedTemporary },
  { word: 'rlike', rewrite: rlike },
  { word: 'xxhash64', rewrite: xxhash64 },
  { word: 'listagg', rewrite: listagg },
  { word: 'using', rewrite: usingDelta },
  // What explodes may look aside anyway.
  { word: 'lateral', rewrite: (_, at) => ({ tokens: [], last: at }) },
  { word: 'tblproperties', rewrite: properties },
  { word: 'rename', rewrite: renameTo },
  { word: 'information_schema', rewrite: informationSchema },
]

/** A request has no session that could hold one. */
function refusedTemporary(): never {
  throw new SyntaxError('Parser Error: syntax error at or near "temp"')
}

function raw(text: string): Token {
  return { kind: 'sign', text }
}

/** `~` of DuckDB matches whole texts. Java's edges of words are RE2's. */
function rlike(tokens: readonly Token[], at: number): Rewritten | undefined {
  const place = placeAfter(tokens, at)
  const pattern = tokens[place]
  if (pattern?.kind !== 'text') return undefined
  const re2 = pattern.text.replaceAll(WORD_EDGE, '\\b').replaceAll(NO_WORD_EDGE, '\\B')
  return { tokens: [raw('~ '), { kind: 'text', text: `(?s:.*)(?:${re2})(?s:.*)` }], last: place }
}

/** A list of hashes, from which the missing ones fall out, as they do there. */
function xxhash64(tokens: readonly Token[], at: number): Rewritten | undefined {
  const call = callAt(tokens, at)
  if (call === undefined) return undefined
  const hashes = call.arguments.flatMap((one, index) => [
    raw(`${index === 0 ? '' : ', '}dbx_hash(`),
    ...rewritten(one),
    raw(')'),
  ])
  return { tokens: [raw('dbx_xxhash64(['), ...hashes, raw('])')], last: call.last }
}

/** The order stands inside. */
function listagg(tokens: readonly Token[], at: number): Rewritten | undefined {
  const call = callAt(tokens, at)
  const within = call === undefined ? -1 : placeAfter(tokens, call.last)
  if (call === undefined || !isWord(tokens[within], 'within')) return undefined
  const order = callAt(tokens, placeAfter(tokens, within))
  if (order === undefined) return undefined
  const inside = call.arguments.flatMap((one, index) => [
    ...(index === 0 ? [] : [raw(',')]),
    ...rewritten(one),
  ])
  const ordered = order.arguments.flatMap((one, index) => [
    ...(index === 0 ? [] : [raw(',')]),
    ...rewritten(one),
  ])
  return { tokens: [raw('string_agg('), ...inside, raw(' '), ...ordered, raw(')')], last: order.last }
}

function usingDelta(tokens: readonly Token[], at: number): Rewritten | undefined {
  const place = placeAfter(tokens, at)
  return isWord(tokens[place], 'delta') ? { tokens: [], last: place } : undefined
}

function properties(tokens: readonly Token[], at: number): Rewritten | undefined {
  const call = callAt(tokens, at)
  return call === undefined ? undefined : { tokens: [], last: call.last }
}

/** DuckDB renames within the schema, by a bare name. */
function renameTo(tokens: readonly Token[], at: number): Rewritten | undefined {
  const to = placeAfter(tokens, at)
  if (!isWord(tokens[to], 'to')) return undefined
  const name = tokens.findLast(({ kind }) => kind === 'name' || kind === 'word')
  return name === undefined ? undefined : { tokens: [raw('rename to '), name], last: tokens.length - 1 }
}

function informationSchema(tokens: readonly Token[], at: number): Rewritten | undefined {
  const dot = placeAfter(tokens, at)
  return isSign(tokens[dot], '.') ? { tokens: [raw('memory.dbx_information_schema.')], last: dot } : undefined
}

interface Call {
  readonly arguments: readonly (readonly Token[])[]
  /** Of the closing parenthesis. */
  readonly last: number
}

/** The call, or what else stands in parentheses, after the word at `at`. */
function callAt(tokens: readonly Token[], at: number): Call | undefined {
  const open = placeAfter(tokens, at)
  if (!isSign(tokens[open], '(')) return undefined
  const found: Token[][] = [[]]
  for (let place = open + 1, depth = 1; place < tokens.length; place += 1) {
    const token = tokens[place] as Token
    if (isSign(token, '(')) depth += 1
    if (isSign(token, ')')) depth -= 1
    if (depth === 0) return { arguments: found, last: place }
    if (depth === 1 && isSign(token, ',')) found.push([])
    else found.at(-1)?.push(token)
  }
  return undefined
}

function placeAfter(tokens: readonly Token[], at: number): number {
  const next = nextToken(tokens, at)
  return next === undefined ? tokens.length : tokens.indexOf(next, at + 1)
}
