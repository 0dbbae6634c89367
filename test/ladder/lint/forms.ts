import type { Token } from '../tokens.ts'

/**
 * Forms that mean something else on another warehouse, or something else tomorrow (dialects.md, 1.1). `where` is the
 * step: the warehouse's own clock may be asked by leases and the doctor only.
 */
export function formsIn(code: readonly Token[], place: Place): readonly string[] {
  const words = code.map(({ kind, text }) =>
    kind === 'name' || kind === 'literal' ? text : text.toLowerCase(),
  )
  return code.flatMap((_, at) => RULES.flatMap((rule) => rule(words, at, code, place) ?? []))
}

interface Place {
  readonly where: string
  /** `a / b`, as far as they are known to be right. */
  readonly divisions: ReadonlySet<string>
}

type Rule = (words: readonly string[], at: number, code: readonly Token[], place: Place) => string | undefined

const CLOCKS = new Set([
  'now',
  'current_timestamp',
  'current_date',
  'current_time',
  'current_datetime',
  'localtimestamp',
  'localtime',
  'getdate',
  'sysdate',
  'systimestamp',
  'clock_timestamp',
  'statement_timestamp',
  'transaction_timestamp',
  'today',
  'sysdatetime',
])

/** Leases expire by the warehouse's clock, and the doctor compares it with ours. */
const MAY_ASK_THE_CLOCK = /\b(?:ledger\.\w*lease\w*|doctor\.clock)\b/

const RULES: readonly Rule[] = [
  (words, at, code, { where }) =>
    code[at]?.kind === 'word' && CLOCKS.has(words[at] ?? '') && !MAY_ASK_THE_CLOCK.test(where)
      ? `asks for the time by ${words[at]}`
      : undefined,
  (words, at) =>
    words[at] === 'order' &&
    words[at + 1] === 'by' &&
    !isNumbered(words, at + 2) &&
    !orderIsFull(words, at + 2)
      ? 'order by without nulls first or last'
      : undefined,
  (words, at) => (isCall(words, at, 'concat') ? 'concat' : undefined),
  (words, at) => (isCall(words, at, 'concat_ws') ? 'concat_ws' : undefined),
  (words, at, _, { divisions }) =>
    words[at] === '/' && !isFraction(words, at) && !divisions.has(`${words[at - 1]} / ${words[at + 1]}`)
      ? 'integer /'
      : undefined,
  (words, at) =>
    /^(?:date|timestamp|datetime)?_?trunc$/.test(words[at] ?? '') &&
    /^'?week'?$/i.test(wordIn(words, at, 'week') ?? '')
      ? 'trunc to week'
      : undefined,
  (words, at) => (isCall(words, at, 'regexp_like') ? 'bare regexp_like' : undefined),
  (words, at) => (isIndex(words, at) ? 'array index' : undefined),
  (words, at) =>
    (isCall(words, at, 'substr') || isCall(words, at, 'substring')) && startsAtZero(words, at)
      ? 'substring from 0'
      : undefined,
  (words, at) =>
    ['least', 'greatest'].includes(words[at] ?? '') && words[at + 1] === '(' && hasNullLiteral(words, at + 1)
      ? `${words[at]} of null`
      : undefined,
  (words, at) =>
    words[at] === '||' && (words[at - 1] === 'null' || words[at + 1] === 'null') ? '|| of null' : undefined,
  (words, at) => (words[at] === 'natural' && words[at + 1] === 'join' ? 'natural join' : undefined),
  (words, at) =>
    words[at] === 'merge' && words[at + 1] === 'into' && !isProvenUnique(words, at)
      ? 'merge of rows not proven unique'
      : undefined,
]

function isCall(words: readonly string[], at: number, name: string): boolean {
  return words[at] === name && words[at + 1] === '('
}

/** The words of a call or list in parentheses, `open` being where the first one stands, cut at its commas. */
function argumentsOf(words: readonly string[], open: number): readonly (readonly string[])[] {
  const list: string[][] = [[]]
  let depth = 0
  for (let at = open; at < words.length; at += 1) {
    const word = words[at] ?? ''
    if (word === '(') depth += 1
    if (word === ')') depth -= 1
    if (depth === 0) return list
    if (word === ',' && depth === 1) list.push([])
    else if (at > open) list.at(-1)?.push(word)
  }
  return list
}

/**
 * But for the first of an ordered aggregate, which counts from 1 only where PostgreSQL's dialect prints it, and for one
 * that says itself from where it counts.
 */
function isIndex(words: readonly string[], at: number): boolean {
  if (words[at] !== '[' || !/^[\w"`)\]]/.test(words[at - 1] ?? '')) return false
  const isFirstOfAggregate = words.slice(at - 2, at + 3).join('') === '))[1]' && words.includes('array_agg')
  return !isFirstOfAggregate && !['safe_offset', 'safe_ordinal'].includes(words[at + 1] ?? '')
}

const ENDS_ORDER = new Set([
  'limit',
  'offset',
  'rows',
  'range',
  'groups',
  'union',
  'fetch',
  ';',
  'qualify',
  'separator',
])

/**
 * The one exception: texts that are joined stand in the order of a number of ours that is never null, and the joining
 * functions of some warehouses take no `nulls last`.
 */
function isNumbered(words: readonly string[], from: number): boolean {
  const at = words[from + 1] === '.' ? from + 2 : from
  return /^["`]?(?:position|seq|place)["`]?$/.test(words[at] ?? '') && words[at + 1] === ')'
}

/** Whether each key of a list says where nulls go. */
function orderIsFull(words: readonly string[], from: number): boolean {
  let depth = 0
  let key: string[] = []
  for (let at = from; at <= words.length; at += 1) {
    const word = words[at] ?? ';'
    if (depth === 0 && (word === ',' || word === ')' || ENDS_ORDER.has(word))) {
      if (key.at(-2) !== 'nulls' || !['first', 'last'].includes(key.at(-1) ?? '')) return false
      if (word !== ',') return true
      key = []
      continue
    }
    if (word === '(') depth += 1
    if (word === ')') depth -= 1
    key.push(word)
  }
  return true
}

/** One of the two is a number with a fraction, or a cast to a float stands before it. */
function isFraction(words: readonly string[], at: number): boolean {
  const near = words.slice(Math.max(0, at - 4), at + 4)
  return near.some(
    (word) => /^\d+\.\d+|^\d+e/.test(word) || word === 'double' || word === 'float64' || word === 'precision',
  )
}

function wordIn(words: readonly string[], at: number, wanted: string): string | undefined {
  return argumentsOf(words, at + 1)
    .flat()
    .find((word) => word.toLowerCase().replaceAll("'", '') === wanted)
}

function startsAtZero(words: readonly string[], at: number): boolean {
  return argumentsOf(words, at + 1)[1]?.join('') === '0'
}

function hasNullLiteral(words: readonly string[], open: number): boolean {
  return argumentsOf(words, open).some((argument) => argument.length === 1 && argument[0] === 'null')
}

/** By a number of each row, by a group, or because it is one row that is read from nothing. */
function isProvenUnique(words: readonly string[], at: number): boolean {
  const using = words.indexOf('using', at)
  const source = argumentsOf(words, using + 1).flat()
  const isOneRow = words[using + 1] === '(' && !source.includes('from')
  return isOneRow || source.includes('row_number') || source.join(' ').includes('group by')
}
