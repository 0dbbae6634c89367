import type { Condition, EventCondition, Literal, SequenceStep, Test, Window } from '../../spec/project.ts'

/** A condition in the words of the project, on one line; of `all`, `any` and `not` only what they ask of the rest. */
export function wordsOf(condition: Condition): string {
  switch (condition.kind) {
    case 'all':
      return condition.of.length === 0 ? 'everyone' : 'all of'
    case 'any':
      return condition.of.length === 0 ? 'no one' : 'at least one of'
    case 'not':
      return 'not'
    case 'trait':
    case 'column':
      return `${condition.name} ${testWords(condition.test)}`
    case 'event':
      return eventWords(condition)
    case 'segment':
      return `in segment ${condition.name}`
    case 'rank': {
      const { kind, value } = condition.size
      return `${condition.end} ${value}${kind === 'percent' ? '%' : ''} by ${condition.by}`
    }
    case 'sequence': {
      const same = condition.same === undefined ? '' : `, same ${condition.same.value}`
      return `sequence of ${condition.steps.length} ${condition.steps.length === 1 ? 'step' : 'steps'}${same}`
    }
    case 'sql':
      return `sql ${oneLine(condition.sql.default?.value ?? [...condition.sql.byTarget.values()][0]?.value ?? '')}`
  }
}

/** `no orders where status eq paid within 7 days`. */
export function stepWords(step: SequenceStep): string {
  const none = step.kind === 'no_event' ? 'no ' : ''
  return `${none}${step.source.value}${whereWords(step.where)}${withinWords(step.within)}`
}

/** What an event condition measures: `count`, `sum of total`. */
export function measureWords({ measure }: EventCondition): string {
  return measure.column === undefined ? measure.kind : `${measure.kind} of ${measure.column.value}`
}

function eventWords(condition: EventCondition): string {
  const { source, via, where, within, between, measure } = condition
  const way = via === undefined ? '' : ` via ${via.map(({ value }) => value).join(', ')}`
  const times = between === undefined ? '' : ` between ${between[0]} and ${between[1]}`
  const asked = `${measureWords(condition)} ${testWords(measure.test)}`
  return `${source.value}${way}${whereWords(where)}: ${asked}${withinWords(within)}${times}`
}

function testWords(test: Test): string {
  switch (test.op) {
    case 'in':
    case 'not_in':
      return `${test.op} [${test.values.map(shown).join(', ')}]`
    case 'between':
      return `between ${shown(test.low)} and ${shown(test.high)}`
    case 'contains':
    case 'starts_with':
    case 'ends_with':
    case 'matches':
      return `${test.op} ${shown(test.text)}`
    case 'is_null':
      return test.value ? 'is missing' : 'is not missing'
    case 'before':
    case 'after':
      return `${test.op} ${test.time}`
    case 'within':
      return `within ${windowWords(test.window)}`
    default:
      return `${test.op} ${shown(test.value)}`
  }
}

function whereWords(where: Condition | undefined): string {
  return where === undefined ? '' : ` where ${inlineWords(where)}`
}

/** A condition of a row inside a sentence. */
function inlineWords(condition: Condition): string {
  switch (condition.kind) {
    case 'all':
      return condition.of.length === 0 ? 'any' : condition.of.map(inlineWords).join(' and ')
    case 'any':
      return condition.of.length === 0 ? 'none' : `(${condition.of.map(inlineWords).join(' or ')})`
    case 'not':
      return `not (${inlineWords(condition.of)})`
    default:
      return wordsOf(condition)
  }
}

function withinWords(within: Window | undefined): string {
  return within === undefined ? '' : ` within ${windowWords(within)}`
}

function windowWords({ amount, unit, next }: Window): string {
  return `${next ? 'next ' : ''}${amount} ${amount === 1 ? unit.slice(0, -1) : unit}`
}

function shown(literal: Literal): string {
  const isPlain = typeof literal !== 'string' || /^[\p{L}\p{N}_@.:+-]+$/u.test(literal)
  return isPlain ? String(literal) : JSON.stringify(literal)
}

const LONGEST_SQL = 100

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > LONGEST_SQL ? `${line.slice(0, LONGEST_SQL)}...` : line
}
