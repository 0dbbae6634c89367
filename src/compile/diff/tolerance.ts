import { SluiceError } from '../../base/errors.ts'
import type { ColumnType } from '../../dialect/dialect.ts'
import { type Fragment, id, join, sql } from '../../dialect/fragment.ts'
import type { BoundSync } from '../../graph/graph.ts'
import type { CompileContext } from '../context.ts'
import type { RawModel } from './raw-model.ts'

/** A mapped field whose small moves are no change. */
export interface ToleratedField {
  readonly field: string
  readonly column: string
  /** The greatest move that is none. */
  readonly most: number
}

/** The numbers of a row as they are sent, or were sent last. */
export const NUMBERS = 'numbers'

/** In the order in which `numbers` has them: by name. */
export function toleratedFields({ sync }: BoundSync, raw: RawModel): readonly ToleratedField[] {
  const most = new Map(sync.tolerance.map((one) => [one.field.value, one.most]))
  return raw.fields.flatMap(({ field, column }) => {
    const found = most.get(field)
    return found === undefined ? [] : [{ field, column, most: found }]
  })
}

/** Throws SLU4311 for a field with a tolerance that is no number. */
export function checkTolerated(
  { sync }: BoundSync,
  raw: RawModel,
  types: ReadonlyMap<string, ColumnType>,
): void {
  for (const { field } of sync.tolerance) {
    const column = raw.fields.find((one) => one.field === field.value)?.column ?? ''
    const type = types.get(column) ?? 'other'
    if (NUMERIC.has(type)) continue
    throw new SluiceError('SLU4311', {
      message: `expected numbers for "${field.value}", which has a tolerance, found values of type ${type}`,
      at: field.at,
      hint: `map a number, such as {sql: "cast(... as double precision)"}, or take the tolerance out`,
    })
  }
}

const NUMERIC: ReadonlySet<ColumnType> = new Set(['integer', 'decimal', 'float'])

/** `12.5,,3`: with commas between, empty where one is missing. */
export function numbersText(
  context: CompileContext,
  fields: readonly ToleratedField[],
  typeOf: (column: string) => ColumnType,
): Fragment {
  const { fn } = context.dialect
  const texts = fields.map(({ column }) => {
    const text = fn.canonicalText(sql`t.${id(column)}`, typeOf(column))
    return sql`coalesce(${text}, '')`
  })
  return texts.reduce((all, text) => sql`${all} || ',' || ${text}`)
}

/**
 * Whether a number of the model's row `d` moved by more than its tolerance from what was sent last, of the snapshot's
 * row `s`. What was sent is not known of rows that an earlier version wrote: they moved.
 */
export function movedTooFar(context: CompileContext, fields: readonly ToleratedField[]): Fragment {
  const moves = fields.map(({ most }, index) => moved(context, index + 1, most))
  return sql`(${numbersMoved(context)} and (s.numbers is null or ${join(moves, '\n  or ')}))`
}

/** Whether any of them is another at all. */
export function numbersMoved({ dialect }: CompileContext): Fragment {
  return dialect.fn.isDistinct(sql`d.numbers`, sql`s.numbers`)
}

/**
 * As doubles. The difference of two is off by less than `PRECISION` of the greater one, so a move of exactly the
 * tolerance is within it: 0.8 - 0.7 is more than 0.1 otherwise. Written so that no step of it leaves the range of a
 * double, which is an error to some engines.
 */
function moved(context: CompileContext, part: number, most: number): Fragment {
  const { fn } = context.dialect
  const [now, sent] = [fn.splitPart(sql`d.numbers`, ',', part), fn.splitPart(sql`s.numbers`, ',', part)]
  const [a, b] = [fn.asFloat(now), fn.asFloat(sent)]
  const largest = fn.greatest([sql`abs(${a})`, sql`abs(${b})`, fn.asFloat(sql`${LEAST}`)])
  const bound = sql`(${most} + ${PRECISION} * ${largest})`
  const isText = sql`${now} = '' or ${sent} = '' or ${fn.length(now)} > ${LONGEST} or ${fn.length(sent)} > ${LONGEST}`
  return sql`case when ${isText} then ${now} <> ${sent} else ${a} > ${b} + ${bound} or ${a} < ${b} - ${bound} end`
}

/** Half a dozen roundings to 2^-53 of a number. */
const PRECISION = 1e-15
/** `PRECISION` of it is still a double. */
const LEAST = 1e-290
/** Digits of decimals beyond it may be beyond doubles too. */
const LONGEST = 300
