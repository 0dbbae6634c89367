import { type Token, tokensOf } from '../tokens.ts'

/** One place of a statement where a bug of the generator would show. */
interface Place {
  /** The kind of bug and what is around it: the same for all places that the same line of the generator prints. */
  readonly key: string
  readonly kind: string
  readonly shown: string
  readonly edits: ReadonlyMap<number, string>
}

/** A statement of DuckDB, and every small change of it that there is. */
export class Mutable {
  readonly #tokens: readonly Token[]
  readonly places: readonly Place[]

  constructor(sql: string) {
    this.#tokens = tokensOf(sql, { backslash: false, quote: '"' })
    const code = this.#tokens.flatMap(({ kind }, at) => (kind === 'space' || kind === 'comment' ? [] : [at]))
    this.places = code.flatMap((_, at) => {
      const view = new View(this.#tokens, code, at)
      return MUTATORS.flatMap(([kind, mutate]) => {
        const edits = mutate(view)
        return edits === undefined
          ? []
          : [{ key: `${kind}: ${view.context()}`, kind, shown: view.shown(edits), edits }]
      })
    })
  }

  /** With the change in all places of this key; undefined where there is none. */
  changed(key: string): string | undefined {
    const edits = this.places.filter((place) => place.key === key).flatMap((place) => [...place.edits])
    if (edits.length === 0) return undefined
    const texts = new Map(edits)
    return this.#tokens.map(({ text }, at) => texts.get(at) ?? text).join('')
  }
}

/** The code around one token; `word(0)` is the token itself. */
class View {
  readonly tokens: readonly Token[]
  readonly code: readonly number[]
  readonly at: number

  constructor(tokens: readonly Token[], code: readonly number[], at: number) {
    this.tokens = tokens
    this.code = code
    this.at = at
  }

  token(offset = 0): Token | undefined {
    const index = this.code[this.at + offset]
    return index === undefined ? undefined : this.tokens[index]
  }

  word(offset = 0): string {
    const token = this.token(offset)
    return token === undefined || token.kind === 'literal' || token.kind === 'name'
      ? ''
      : token.text.toLowerCase()
  }

  words(...wanted: readonly string[]): boolean {
    return wanted.every((word, offset) => this.word(offset) === word)
  }

  edit(...texts: readonly (readonly [offset: number, text: string])[]): ReadonlyMap<number, string> {
    return new Map(texts.map(([offset, text]) => [this.code[this.at + offset] ?? -1, text]))
  }

  /** The nearest clause word before it at the same depth of parentheses. */
  clause(): string {
    let depth = 0
    for (let at = this.at - 1; at >= 0; at -= 1) {
      const text = this.tokens[this.code[at] ?? -1]?.text.toLowerCase() ?? ''
      if (text === ')') depth += 1
      if (text === '(') {
        if (depth === 0) return '('
        depth -= 1
      }
      if (depth === 0 && CLAUSES.has(text)) return text
    }
    return ''
  }

  /** What is around, without what differs from one entity, source or run to another. */
  context(): string {
    const around = Array.from({ length: 2 * CONTEXT + 1 }, (_, at) => this.token(at - CONTEXT))
    return around
      .map((token) => {
        if (token === undefined) return ''
        if (token.kind === 'name') return 'n'
        if (token.kind === 'number') return '0'
        return token.kind === 'literal' ? "'" : token.text.toLowerCase()
      })
      .join(' ')
  }

  /** The function in whose parentheses it stands. */
  call(): string {
    let depth = 0
    for (let offset = -1; this.token(offset) !== undefined; offset -= 1) {
      if (this.word(offset) === ')') depth += 1
      if (this.word(offset) === '(' && depth === 0) return this.word(offset - 1)
      if (this.word(offset) === '(') depth -= 1
    }
    return ''
  }

  shown(edits: ReadonlyMap<number, string>): string {
    const [from, to] = [
      this.code[Math.max(0, this.at - 6)] ?? 0,
      this.code[this.at + 6] ?? this.tokens.length,
    ]
    const text = (edit: boolean) =>
      this.tokens
        .slice(from, to)
        .map((token, index) => (edit ? (edits.get(from + index) ?? token.text) : token.text))
        .join('')
        .replaceAll(/\s+/g, ' ')
    return `${text(false)}  =>  ${text(true)}`
  }
}

/** So many words to each side. */
const CONTEXT = 1

const CLAUSES = new Set([
  'select',
  'from',
  'where',
  'on',
  'set',
  'having',
  'when',
  'by',
  'values',
  'then',
  'else',
  'using',
])

type Mutator = (view: View) => ReadonlyMap<number, string> | undefined

/** One operator or word for another. */
function swap(from: string, to: string): Mutator {
  return (view) => (view.word() === from ? view.edit([0, to]) : undefined)
}

function call(from: string, to: string): Mutator {
  return (view) => (view.words(from, '(') ? view.edit([0, to]) : undefined)
}

const isTested: (view: View) => boolean = (view) => view.clause() !== 'set'

const MUTATORS: readonly (readonly [kind: string, mutate: Mutator])[] = [
  ['< to <=', swap('<', '<=')],
  ['<= to <', swap('<=', '<')],
  ['> to >=', swap('>', '>=')],
  ['>= to >', swap('>=', '>')],
  ['= to <>', (view) => (view.word() === '=' && isTested(view) ? view.edit([0, '<>']) : undefined)],
  ['<> to =', swap('<>', '=')],
  ['+ to -', (view) => (view.word() === '+' ? view.edit([0, '-']) : undefined)],
  ['- to +', (view) => (view.word() === '-' && view.word(-1) !== '(' ? view.edit([0, '+']) : undefined)],
  ['and to or', (view) => (view.word() === 'and' && !isOfBetween(view) ? view.edit([0, 'or']) : undefined)],
  ['or to and', swap('or', 'and')],
  ['is null', (view) => (view.words('is', 'null') ? view.edit([0, 'is not']) : undefined)],
  ['is not null', (view) => (view.words('is', 'not', 'null') ? view.edit([1, '']) : undefined)],
  ['is distinct', (view) => (view.words('is', 'distinct') ? view.edit([0, 'is not']) : undefined)],
  ['not in', (view) => (view.words('not', 'in') ? view.edit([0, '']) : undefined)],
  ['in', (view) => (view.words('in', '(') && view.word(-1) !== 'not' ? view.edit([0, 'not in']) : undefined)],
  ['not exists', (view) => (view.words('not', 'exists') ? view.edit([0, '']) : undefined)],
  [
    'exists',
    (view) =>
      view.words('exists', '(') && view.word(-1) !== 'not' ? view.edit([0, 'not exists']) : undefined,
  ],
  ['not', (view) => (view.words('not', '(') ? view.edit([0, '']) : undefined)],
  ['nulls last to first', (view) => (view.words('nulls', 'last') ? view.edit([1, 'first']) : undefined)],
  ['nulls first to last', (view) => (view.words('nulls', 'first') ? view.edit([1, 'last']) : undefined)],
  ['desc to asc', swap('desc', 'asc')],
  [
    'asc to desc',
    (view) => {
      if (view.word() !== 'nulls' || view.word(-1) === 'desc') return undefined
      return view.word(-1) === 'asc' ? view.edit([-1, 'desc']) : view.edit([0, 'desc nulls'])
    },
  ],
  ['left join to join', (view) => (view.words('left', 'join') ? view.edit([0, '']) : undefined)],
  [
    'join to left join',
    (view) =>
      view.word() === 'join' && !['left', 'right', 'full', 'outer', 'cross'].includes(view.word(-1))
        ? view.edit([0, 'left join'])
        : undefined,
  ],
  [
    'full join to left',
    (view) =>
      view.words('full', 'join') || view.words('full', 'outer') ? view.edit([0, 'left']) : undefined,
  ],
  [
    'distinct dropped',
    (view) =>
      view.word() === 'distinct' && ['select', '('].includes(view.word(-1)) ? view.edit([0, '']) : undefined,
  ],
  ['union all to union', (view) => (view.words('union', 'all') ? view.edit([1, '']) : undefined)],
  [
    'where dropped',
    (view) =>
      view.word() === 'where' && view.word(1) !== 'true' ? view.edit([0, 'where true or']) : undefined,
  ],
  ['having dropped', (view) => (view.word() === 'having' ? view.edit([0, 'having true or']) : undefined)],
  ['min to max', call('min', 'max')],
  ['max to min', call('max', 'min')],
  ['sum to max', call('sum', 'max')],
  ['avg to max', call('avg', 'max')],
  ['count to sum', (view) => (view.words('count', '(', '*') ? view.edit([0, 'sum'], [2, '2']) : undefined)],
  ['row_number to rank', call('row_number', 'rank')],
  ['rank to row_number', call('rank', 'row_number')],
  ['dense_rank to rank', call('dense_rank', 'rank')],
  ['lag to lead', call('lag', 'lead')],
  ['lead to lag', call('lead', 'lag')],
  ['lower to upper', call('lower', 'upper')],
  ['least to greatest', call('least', 'greatest')],
  ['greatest to least', call('greatest', 'least')],
  [
    'true to false',
    (view) => (view.word() === 'true' && view.word(-1) !== 'where' ? view.edit([0, 'false']) : undefined),
  ],
  ['false to true', swap('false', 'true')],
  ['a number more', numberMore],
  ['another text', anotherText],
  ['a day later', dayLater],
  ['partition key dropped', partitionKeyDropped],
  ['other partition keys dropped', (view) => (view.words('partition', 'by') ? swapTwo(view) : undefined)],
]

function isOfBetween(view: View): boolean {
  let depth = 0
  for (let offset = -1; view.token(offset) !== undefined; offset -= 1) {
    const word = view.word(offset)
    if (word === ')') depth += 1
    if (word === '(' && depth === 0) return false
    if (word === '(') depth -= 1
    if (depth === 0 && word === 'between') return true
    if (depth === 0 && ['and', 'or', 'where', 'on', 'when'].includes(word)) return false
  }
  return false
}

/** A bound, or the default of what is missing. */
function numberMore(view: View): ReadonlyMap<number, string> | undefined {
  const token = view.token()
  if (token?.kind !== 'number' || !/^\d{1,9}(?:\.\d+)?$/.test(token.text)) return undefined
  const isCompared = ['<', '<=', '>', '>=', '=', '<>', 'limit', 'between'].includes(view.word(-1))
  const isDefault = view.word(-1) === ',' && view.word(1) === ')' && view.call() === 'coalesce'
  if (!isCompared && !isDefault) return undefined
  return view.edit([0, String(Number(token.text) + 1)])
}

function anotherText(view: View): ReadonlyMap<number, string> | undefined {
  const token = view.token()
  if (token?.kind !== 'literal' || !['=', '<>', '<', '>=', 'then', 'else'].includes(view.word(-1)))
    return undefined
  return view.edit([0, `${token.text.slice(0, -1)}~'`])
}

/** Of bounds that the generator works out; a text is the user's own. */
function dayLater(view: View): ReadonlyMap<number, string> | undefined {
  if (view.word(-1) !== 'timestamp') return undefined
  const token = view.token()
  const match = /^'(\d{4}-\d\d-\d\d)([ T].*)?'$/.exec(token?.kind === 'literal' ? token.text : '')
  if (match === null) return undefined
  const day = new Date(Date.parse(`${match[1]}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10)
  return view.edit([0, `'${day}${match[2] ?? ''}'`])
}

/** The first of several keys. */
function partitionKeyDropped(view: View): ReadonlyMap<number, string> | undefined {
  if (!view.words('partition', 'by')) return undefined
  const comma = firstComma(view, 2)
  if (comma === undefined) return view.edit([0, ''], ...blanks(2, endOfKeys(view, 2)), [1, ''])
  return view.edit(...blanks(2, comma + 1))
}

/** Of two keys the second alone: what a swapped name would do. */
function swapTwo(view: View): ReadonlyMap<number, string> | undefined {
  const comma = firstComma(view, 2)
  return comma === undefined ? undefined : view.edit(...blanks(comma, endOfKeys(view, 2)))
}

function firstComma(view: View, from: number): number | undefined {
  let depth = 0
  for (let offset = from; view.token(offset) !== undefined; offset += 1) {
    const word = view.word(offset)
    if (depth === 0 && (word === ')' || word === 'order')) return undefined
    if (depth === 0 && word === ',') return offset
    if (word === '(') depth += 1
    if (word === ')') depth -= 1
  }
  return undefined
}

function endOfKeys(view: View, from: number): number {
  let depth = 0
  let offset = from
  for (; view.token(offset) !== undefined; offset += 1) {
    const word = view.word(offset)
    if (depth === 0 && (word === ')' || word === 'order')) return offset
    if (word === '(') depth += 1
    if (word === ')') depth -= 1
  }
  return offset
}

function blanks(from: number, to: number): readonly (readonly [number, string])[] {
  return Array.from({ length: to - from }, (_, index) => [from + index, ''] as const)
}
