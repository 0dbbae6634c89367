import { GOOGLE_LEXICON } from './bigquery-text.ts'
import { tokensOf } from './tokens.ts'

/** What BigQuery refuses of GoogleSQL that the analyser lets pass; undefined where it takes the statement. */
export function refusedByEngine(statement: string): string | undefined {
  const tokens = tokensOf(statement, GOOGLE_LEXICON).filter(
    ({ kind }) => kind !== 'space' && kind !== 'comment',
  )
  const words = tokens.map(({ kind, text }) =>
    kind === 'word' ? text.toLowerCase() : kind === 'sign' ? text : '',
  )
  return outerJoinWithoutEquality(words) ?? nullsLast(words)
}

/** An outer join needs an equality of both sides. */
function outerJoinWithoutEquality(words: readonly string[]): string | undefined {
  for (const [at, word] of words.entries()) {
    if (!OUTER.has(word) || !['join', 'outer'].includes(words[at + 1] ?? '')) continue
    const on = atThisDepth(words, at + 1, (one) => one === 'on')
    const end = atThisDepth(words, on + 1, (one) => ENDS.has(one))
    if (!words.slice(on, end).some((one, index) => one === '=' && depthAt(words, on, on + index) === 0))
      return `${word.toUpperCase()} OUTER JOIN cannot be used without a condition that is an equality of fields from both sides of the join.`
  }
  return undefined
}

const OUTER = new Set(['left', 'right', 'full'])
const ENDS = new Set(
  'where group order having limit left right full inner join cross union qualify window ) when ,'.split(' '),
)

/** The first such word outside of parentheses that open later; the end when there is none. */
function atThisDepth(words: readonly string[], from: number, fits: (word: string) => boolean): number {
  let depth = 0
  for (let at = from; at < words.length; at += 1) {
    const word = words[at] ?? ''
    if (depth === 0 && fits(word)) return at
    if (word === '(') depth += 1
    if (word === ')') depth -= 1
    if (depth < 0) return at
  }
  return words.length
}

function depthAt(words: readonly string[], from: number, to: number): number {
  const between = words.slice(from, to)
  return between.filter((one) => one === '(').length - between.filter((one) => one === ')').length
}

/** Missing values come last in ascending order nowhere in an aggregate, nor in a window that aggregates over a range. */
function nullsLast(words: readonly string[]): string | undefined {
  const open: { readonly caller: string; readonly from: number }[] = []
  let closed = ''
  for (const [at, word] of words.entries()) {
    if (word === '(')
      open.push({ caller: words[at - 1] === 'over' ? `over ${closed}` : (words[at - 1] ?? ''), from: at })
    if (word === ')') closed = open.pop()?.caller ?? ''
    const inside = open.at(-1)
    if (word !== 'nulls' || words[at + 1] !== 'last' || words[at - 1] === 'desc' || inside === undefined)
      continue
    if (AGGREGATES.has(inside.caller))
      return 'NULLS LAST not supported with ascending sort order in aggregate functions.'
    const [over, aggregate = ''] = inside.caller.split(' ')
    const window = words.slice(
      inside.from,
      atThisDepth(words, inside.from + 1, (one) => one === ')'),
    )
    if (over === 'over' && AGGREGATES.has(aggregate) && !window.includes('rows'))
      return 'NULLS LAST not supported with ascending sort order in RANGE clauses of analytic functions.'
  }
  return undefined
}

const AGGREGATES = new Set(
  'sum count min max avg string_agg array_agg logical_or logical_and countif first_value last_value'.split(
    ' ',
  ),
)
