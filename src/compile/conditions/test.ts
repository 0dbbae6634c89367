import { assertNever, SluiceError } from '../../base/errors.ts'
import type { Position } from '../../base/position.ts'
import { type Fragment, isNotTrue, join, lit, sql, timestamp } from '../../dialect/fragment.ts'
import { valuesOf } from '../../dialect/values/values.ts'
import { isTime } from '../../spec/forms/time.ts'
import type { Literal, Test } from '../../spec/project.ts'
import type { CompileContext } from '../context.ts'
import { timeLiteral } from '../time/literal.ts'
import { windowBounds } from '../time/window.ts'
import type { Value } from './value.ts'

/**
 * One test of one value as SQL that is true when it holds. Else it is false or, for a missing value, null; `ne`,
 * `not_in` and `is_null` are never null. The type of the literal says how it compares:
 *
 * - a number or boolean with the value as it is;
 * - a text with the value as text, by bytes;
 * - a text that is an ISO date or time with a value that is a time, or whose text is one, as times; with any other
 *   value as text.
 *
 * Throws: SLU4310 for an order of numbers asked of a column that is read as text.
 */
export function testOf(context: CompileContext, value: Value, test: Test, at: Position): Fragment {
  switch (test.op) {
    case 'ne':
      return isNotTrue(equals(context, value, test.value))
    case 'not_in':
      return isNotTrue(isOneOf(context, value, test.values))
    case 'eq':
      return equals(context, value, test.value)
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return compares(context, value, test.op, test.value, at)
    case 'in':
      return isOneOf(context, value, test.values)
    case 'between':
      return isBetween(context, value, test.low, test.high, at)
    case 'is_null':
      return test.value ? sql`${value.sql} is null` : sql`${value.sql} is not null`
    default:
      return textOrTimeTest(context, value, test)
  }
}

type TextOrTimeTest = Exclude<
  Test,
  { readonly op: 'eq' | 'ne' | 'gt' | 'gte' | 'lt' | 'lte' | 'in' | 'not_in' | 'between' | 'is_null' }
>

function textOrTimeTest(context: CompileContext, value: Value, test: TextOrTimeTest): Fragment {
  const { fn } = context.dialect
  switch (test.op) {
    case 'contains':
      return fn.contains(textOf(context, value), lit(test.text))
    case 'starts_with':
      return fn.startsWith(textOf(context, value), lit(test.text))
    case 'ends_with':
      return fn.endsWith(textOf(context, value), lit(test.text))
    case 'matches':
      return fn.matches(textOf(context, value), lit(test.text))
    case 'before':
      return sql`${fn.asTimestamp(value.sql)} < ${timeLiteral(test.time)}`
    case 'after':
      return sql`${fn.asTimestamp(value.sql)} >= ${timeLiteral(test.time)}`
    case 'within': {
      const bounds = windowBounds(test.window, context.asOf, context.graph.project.timezone)
      return isInTime(fn.asTimestamp(value.sql), timestamp(bounds.from), timestamp(bounds.to))
    }
    default:
      return assertNever(test, 'test')
  }
}

function equals(context: CompileContext, value: Value, literal: Literal): Fragment {
  if (typeof literal === 'string')
    return byKind(context, value, literal, {
      time: (time) => sql`${time} = ${timeLiteral(literal)}`,
      text: (text) => sql`${text} = ${lit(literal)}`,
    })
  if (value.type === 'text') return sql`${textOf(context, value)} = ${lit(String(literal))}`
  return sql`${value.sql} = ${lit(literal)}`
}

type Order = 'gt' | 'gte' | 'lt' | 'lte'

const SIGNS: Readonly<Record<Order, Fragment>> = { gt: sql`>`, gte: sql`>=`, lt: sql`<`, lte: sql`<=` }

function compares(
  context: CompileContext,
  value: Value,
  order: Order,
  literal: Literal,
  at: Position,
): Fragment {
  const sign = SIGNS[order]
  if (typeof literal === 'string')
    return byKind(context, value, literal, {
      time: (time) => sql`${time} ${sign} ${timeLiteral(literal)}`,
      text: (text) => sql`${context.dialect.fn.byBytes(text)} ${sign} ${lit(literal)}`,
    })
  refuseTextAsNumber(value, literal, at)
  return sql`${value.sql} ${sign} ${lit(literal)}`
}

/** Numbers and texts with both ends, times half-open. */
function isBetween(
  context: CompileContext,
  value: Value,
  low: Literal,
  high: Literal,
  at: Position,
): Fragment {
  if (typeof low === 'string' && typeof high === 'string') {
    const text = (x: Fragment) => sql`${context.dialect.fn.byBytes(x)} between ${lit(low)} and ${lit(high)}`
    if (!isTime(high)) return text(textOf(context, value))
    return byKind(context, value, low, {
      time: (time) => isInTime(time, timeLiteral(low), timeLiteral(high)),
      text,
    })
  }
  refuseTextAsNumber(value, low, at)
  return sql`${value.sql} between ${lit(low)} and ${lit(high)}`
}

function isOneOf(context: CompileContext, value: Value, literals: readonly Literal[]): Fragment {
  const isText = literals.every((literal) => typeof literal === 'string')
  if (isText && comparesAsTime(value) && literals.some(isTime))
    return sql`(${join(
      literals.map((literal) => equals(context, value, literal)),
      ' or ',
    )})`
  if (isText || value.type === 'text')
    return sql`${textOf(context, value)} in (${join(
      literals.map((literal) => lit(String(literal))),
      ', ',
    )})`
  return sql`${value.sql} in (${join(literals.map(lit), ', ')})`
}

interface Kinds {
  readonly time: (time: Fragment) => Fragment
  readonly text: (text: Fragment) => Fragment
}

/** How a text literal compares with this value: as a time, as text, or by what each single value is. */
function byKind(context: CompileContext, value: Value, literal: string, kinds: Kinds): Fragment {
  const asText = kinds.text(textOf(context, value))
  if (!isTime(literal) || !comparesAsTime(value)) return asText
  if (value.type === 'time') return kinds.time(context.dialect.fn.asTimestamp(value.sql))
  return valuesOf(context.dialect).asTimeElse(value.sql, kinds.time, asText)
}

function comparesAsTime(value: Value): boolean {
  return value.type === 'time' || value.type === 'unknown'
}

function isInTime(time: Fragment, from: Fragment, to: Fragment): Fragment {
  return sql`${time} >= ${from} and ${time} < ${to}`
}

function textOf(context: CompileContext, value: Value): Fragment {
  return value.type === 'text' ? value.sql : context.dialect.fn.asText(value.sql)
}

function refuseTextAsNumber(value: Value, literal: Literal, at: Position): void {
  if (value.type !== 'text') return
  throw new SluiceError('SLU4310', {
    message: `expected a text to compare with a column that is read as text, found ${literal}`,
    at,
    hint: `write "${literal}" to compare as text, or give the column a type under "types" of its source`,
  })
}
