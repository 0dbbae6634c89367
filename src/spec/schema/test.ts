import * as z from 'zod'
import { patternProblem } from '../forms/pattern.ts'
import { isTime, timeMs } from '../forms/time.ts'
import type { Problem } from '../problem.ts'
import { choice } from './choice.ts'
import { boolean, expecting, literal, type RawLiteral, window } from './common.ts'

type Order = string | number

export interface RawTest {
  readonly eq?: RawLiteral
  readonly ne?: RawLiteral
  readonly gt?: Order
  readonly gte?: Order
  readonly lt?: Order
  readonly lte?: Order
  readonly in?: readonly RawLiteral[]
  readonly not_in?: readonly RawLiteral[]
  readonly between?: readonly [Order, Order]
  readonly contains?: string
  readonly starts_with?: string
  readonly ends_with?: string
  readonly matches?: string
  readonly is_null?: boolean
  readonly before?: string
  readonly after?: string
  readonly within?: string
}

const ordered = z.union([z.string(), z.number()], expecting('ordered'))
const needle = z.string(expecting('text_in_test')).min(1, expecting('filled_text'))
export const time = z.string(expecting('time')).refine(isTime, expecting('time'))

/** A pattern that every warehouse reads alike. */
export const pattern = choice<string>([needle], (value, report) => {
  const wrong = typeof value === 'string' ? patternProblem(value) : undefined
  if (wrong === undefined) return needle
  const expected = 'an RE2 pattern without look-around and back-references'
  report({ kind: 'said', code: 'SLU1019', expected, found: wrong, mark: 'value' })
  return undefined
})

const literals = z.array(literal, expecting('list')).min(1, expecting('filled_list'))

const number = z.number(expecting('number_in_test'))
const numbers = z.array(number, expecting('list')).min(1, expecting('filled_list'))

/** Tests of any value. */
export const valueTests = {
  eq: literal.optional().meta({ description: 'Equal. Texts compare by bytes.' }),
  ne: literal.optional().meta({ description: 'Exactly `not: eq`, so true for a missing value.' }),
  gt: ordered.optional().meta({ description: 'Greater than; later, for a date or time.' }),
  gte: ordered.optional().meta({ description: 'Greater than or equal.' }),
  lt: ordered.optional().meta({ description: 'Less than; earlier, for a date or time.' }),
  lte: ordered.optional().meta({ description: 'Less than or equal.' }),
  in: literals.optional().meta({ description: 'One of the list.' }),
  not_in: literals.optional().meta({ description: 'Exactly `not: in`, so true for a missing value.' }),
  between: pairOf(ordered).optional().meta({ description: 'Both ends included; of times [from, to).' }),
  contains: needle.optional().meta({ description: 'Has this text in it.' }),
  starts_with: needle.optional().meta({ description: 'Starts with this text.' }),
  ends_with: needle.optional().meta({ description: 'Ends with this text.' }),
  matches: pattern.optional().meta({ description: 'An unanchored RE2 pattern; only the flag (?i).' }),
  is_null: boolean.optional().meta({ description: 'true: is missing; false: is there.' }),
  before: time.optional().meta({ description: 'Earlier than this date or time.' }),
  after: time.optional().meta({ description: 'At or later than this date or time.' }),
  within: window.optional().meta({ description: 'In the window before as_of, or `next 30 days` after it.' }),
}

export const OPERATOR = {
  what: 'operator',
  keys: Object.keys(valueTests),
  hint: 'a range is between: [LOW, HIGH]; else put each into a mapping of its own under all: or any:',
}

/** Tests of a count. */
export const countTests = {
  eq: number.optional().meta({ description: 'Equal.' }),
  ne: number.optional().meta({ description: 'Not equal.' }),
  gt: number.optional().meta({ description: 'Greater than.' }),
  gte: number.optional().meta({ description: 'Greater than or equal.' }),
  lt: number.optional().meta({ description: 'Less than.' }),
  lte: number.optional().meta({ description: 'Less than or equal.' }),
  in: numbers.optional().meta({ description: 'One of the list.' }),
  not_in: numbers.optional().meta({ description: 'None of the list.' }),
  between: pairOf(number).optional().meta({ description: 'Both ends included.' }),
}

/** Tests of a sum or an average, which is missing when there is nothing. */
export const numberTests = {
  ...countTests,
  is_null: boolean.optional().meta({ description: 'true: there is nothing; false: there is something.' }),
}

/** What single values do not show: lists of one type, ends in order. */
export function judgeTest(
  value: Readonly<Record<string, unknown>>,
  report: (problem: Problem) => void,
): void {
  for (const op of ['in', 'not_in']) judgeList(op, value[op], report)
  judgeEnds('between', value.between, report)
}

/** Two ends of one type, the lower first. */
export function judgeEnds(key: string, ends: unknown, report: (problem: Problem) => void): void {
  if (!Array.isArray(ends) || ends.length !== 2) return
  const [low, high]: readonly unknown[] = ends
  const said = { kind: 'said', code: 'SLU1009', mark: 'value', path: [key] } as const
  if (typeof low !== typeof high)
    report({ ...said, expected: 'two values of one type', found: `${typeName(low)} and ${typeName(high)}` })
  else if (isAfter(low, high))
    report({
      ...said,
      expected: 'the lower value first',
      found: `${JSON.stringify(low)} before ${JSON.stringify(high)}`,
      hint: `did you mean [${high}, ${low}]?`,
    })
}

function judgeList(key: string, list: unknown, report: (problem: Problem) => void): void {
  if (!Array.isArray(list)) return
  const types = list.map(typeName)
  const other = types.findIndex((type) => type !== types[0])
  if (other < 0 || types.includes(undefined)) return
  report({
    kind: 'said',
    code: 'SLU1009',
    expected: 'values of one type',
    found: `${types[0]} and ${types[other]}`,
    hint: types.includes('a text') ? 'put quotes around the others too' : undefined,
    mark: 'value',
    path: [key, other],
  })
}

function typeName(value: unknown): string | undefined {
  const names: Readonly<Record<string, string>> = {
    string: 'a text',
    number: 'a number',
    boolean: 'true or false',
  }
  return names[typeof value]
}

/** Texts that are both times compare as times, other texts by their bytes. */
function isAfter(low: unknown, high: unknown): boolean {
  if (typeof low === 'number' && typeof high === 'number') return low > high
  if (typeof low !== 'string' || typeof high !== 'string') return false
  if (isTime(low) && isTime(high)) return timeMs(low) > timeMs(high)
  return Buffer.compare(Buffer.from(low), Buffer.from(high)) > 0
}

function pairOf<T extends z.ZodType>(item: T) {
  return z.array(item, expecting('two_values')).length(2, expecting('two_values'))
}
