import { SluiceError } from '../../base/errors.ts'
import { windowOf } from '../forms/window.ts'
import type { Condition, EventCondition, SequenceStep, Test } from '../project.ts'
import type { RawCondition, RawMeasure, RawStep } from '../schema/condition.ts'
import type { RawTest } from '../schema/test.ts'
import type { Places } from '../yaml/places.ts'
import { located, locatedAt, locatedList, sqlTextAt, windowAt } from './common.ts'

/** A checked condition as the union that `graph` and `compile` read; every node with its place. */
export function conditionOf(raw: RawCondition, places: Places): Condition {
  const at = places.self(raw)
  if (raw.all !== undefined) return { kind: 'all', at, of: raw.all.map((one) => conditionOf(one, places)) }
  if (raw.any !== undefined) return { kind: 'any', at, of: raw.any.map((one) => conditionOf(one, places)) }
  if (raw.not !== undefined) return { kind: 'not', at, of: conditionOf(raw.not, places) }
  if (raw.trait !== undefined) return { kind: 'trait', at, name: raw.trait, test: testOf(raw, places) }
  if (raw.column !== undefined) return { kind: 'column', at, name: raw.column, test: testOf(raw, places) }
  if (raw.segment !== undefined) return { kind: 'segment', at, name: raw.segment }
  if (raw.event !== undefined) return eventOf(raw, raw.event, places)
  if (raw.sequence !== undefined) {
    const steps = raw.sequence.map((step) => stepOf(step, places))
    return { kind: 'sequence', at, steps, same: located(raw, 'same', places) }
  }
  if (raw.sql !== undefined) return { kind: 'sql', at, sql: sqlTextAt(raw.sql, raw, 'sql', places) }
  return rankOf(raw, places)
}

function rankOf(raw: RawCondition, places: Places): Condition {
  const { top, bottom, percent, count } = raw
  const by = top ?? bottom
  if (by === undefined) throw impossible('a condition without a kind')
  return {
    kind: 'rank',
    at: places.self(raw),
    end: top === undefined ? 'bottom' : 'top',
    by,
    size:
      percent === undefined ? { kind: 'count', value: Number(count) } : { kind: 'percent', value: percent },
  }
}

const MEASURES = ['sum', 'avg', 'min', 'max', 'count_distinct'] as const

function eventOf(raw: RawCondition, source: string, places: Places): EventCondition {
  return {
    kind: 'event',
    at: places.self(raw),
    source: locatedAt(source, raw, 'event', places),
    measure: measureOf(raw, places),
    within: windowAt(raw.within, raw, places),
    between: raw.between === undefined ? undefined : [String(raw.between[0]), String(raw.between[1])],
    where: raw.where === undefined ? undefined : conditionOf(raw.where, places),
    via: raw.via === undefined ? undefined : locatedList(raw.via, places),
  }
}

/** An event condition without a measure asks whether there is one event. */
const AT_LEAST_ONE: Test = { op: 'gte', value: 1 }

function measureOf(raw: RawCondition, places: Places): EventCondition['measure'] {
  for (const kind of MEASURES) {
    const measure: RawMeasure | undefined = raw[kind]
    if (measure === undefined) continue
    return {
      kind,
      column: locatedAt(measure.column, measure, 'column', places),
      test: testOf(measure, places),
    }
  }
  const test = typeof raw.count === 'object' ? testOf(raw.count, places) : AT_LEAST_ONE
  return { kind: 'count', column: undefined, test }
}

function stepOf(raw: RawStep, places: Places): SequenceStep {
  const kind = raw.event === undefined ? 'no_event' : 'event'
  return {
    kind,
    at: places.self(raw),
    source: locatedAt(raw.event ?? raw.no_event ?? '', raw, kind, places),
    within: windowAt(raw.within, raw, places),
    where: raw.where === undefined ? undefined : conditionOf(raw.where, places),
  }
}

const COMPARISONS = ['eq', 'ne', 'gt', 'gte', 'lt', 'lte'] as const
const TEXTS = ['contains', 'starts_with', 'ends_with', 'matches'] as const

function testOf(raw: RawTest, places: Places): Test {
  for (const op of COMPARISONS) {
    const value = raw[op]
    if (value !== undefined) return { op, value }
  }
  for (const op of TEXTS) {
    const text = raw[op]
    if (text !== undefined) return { op, text }
  }
  return otherTestOf(raw, places)
}

function otherTestOf(raw: RawTest, places: Places): Test {
  if (raw.in !== undefined) return { op: 'in', values: raw.in }
  if (raw.not_in !== undefined) return { op: 'not_in', values: raw.not_in }
  if (raw.between !== undefined) return { op: 'between', low: raw.between[0], high: raw.between[1] }
  if (raw.is_null !== undefined) return { op: 'is_null', value: raw.is_null }
  if (raw.before !== undefined) return { op: 'before', time: raw.before }
  if (raw.after !== undefined) return { op: 'after', time: raw.after }
  if (raw.within !== undefined)
    return { op: 'within', window: windowOf(raw.within, places.value(raw, 'within')) }
  throw impossible('a test without an operator')
}

function impossible(what: string): SluiceError {
  return new SluiceError('SLU9001', { message: `expected the schema to refuse ${what}, found one` })
}
