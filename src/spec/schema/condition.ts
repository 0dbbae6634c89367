import * as z from 'zod'
import { isMapping } from '../mapping.ts'
import type { Problem } from '../problem.ts'
import { choice, type PickOption } from './choice.ts'
import {
  columnName,
  expecting,
  nameText,
  pastWindow,
  positiveInteger,
  type RawSql,
  sql,
  text,
} from './common.ts'
import { pickByKey } from './keyed.ts'
import { object } from './object.ts'
import { countTests, judgeEnds, judgeTest, numberTests, type RawTest, time, valueTests } from './test.ts'

export type RawMeasure = RawTest & { readonly column: string }

export interface RawStep {
  readonly event?: string
  readonly no_event?: string
  readonly within?: string
  readonly where?: RawCondition
}

/** A condition as it is written, once it was checked: exactly one of the kinds. */
export interface RawCondition extends Omit<RawTest, 'between'> {
  readonly all?: readonly RawCondition[]
  readonly any?: readonly RawCondition[]
  readonly not?: RawCondition
  readonly trait?: string
  readonly column?: string
  readonly segment?: string
  readonly event?: string
  readonly count?: RawTest | number
  readonly sum?: RawMeasure
  readonly avg?: RawMeasure
  readonly min?: RawMeasure
  readonly max?: RawMeasure
  readonly count_distinct?: RawMeasure
  readonly between?: readonly [string | number, string | number]
  readonly where?: RawCondition
  readonly via?: readonly string[]
  readonly top?: string
  readonly bottom?: string
  readonly percent?: number
  readonly sequence?: readonly RawStep[]
  readonly same?: string
  readonly sql?: RawSql
}

/** Of an entity: traits, events, segments. */
export const condition: z.ZodType<RawCondition, RawCondition> = z.lazy(() => entityCondition)
/** Of one row of a source. */
export const rowCondition: z.ZodType<RawCondition, RawCondition> = z.lazy(() => conditionOfRow)

const OPS = Object.keys(valueTests)
const OPERATOR = {
  what: 'operator',
  keys: OPS,
  hint: 'a range is between: [LOW, HIGH]; else put each into a mapping of its own under all: or any:',
}
const sqlCondition = object({ sql: sql.meta({ description: 'In the own dialect of the target.' }) })

const trait = object(
  { trait: nameText.meta({ description: 'A trait or profile field.' }), ...valueTests },
  { one: [OPERATOR], also: judgeTest },
)
const column = object(
  { column: columnName.meta({ description: 'A column of the source.' }), ...valueTests },
  { one: [OPERATOR], also: judgeTest },
)
const segment = object({ segment: nameText.meta({ description: 'Is a member of this segment.' }) })

const count = object(countTests, { one: [{ ...OPERATOR, keys: Object.keys(countTests) }], also: judgeTest })
const numberMeasure = object(
  { column: columnName, ...numberTests },
  { one: [{ ...OPERATOR, keys: Object.keys(numberTests) }], also: judgeTest },
)
const countMeasure = object(
  { column: columnName, ...countTests },
  { one: [{ ...OPERATOR, keys: Object.keys(countTests) }], also: judgeTest },
)
const valueMeasure = object({ column: columnName, ...valueTests }, { one: [OPERATOR], also: judgeTest })

/** `count: 3` is said better than by "expected a mapping". */
const countTest = choice<RawTest>([count], (value, report) => {
  if (isMapping(value)) return count
  report({ kind: 'expected', key: 'test' })
  return undefined
})

const event = object(
  {
    event: nameText.meta({ description: 'A source with events of the entity.' }),
    count: countTest.optional().meta({ description: 'How many; default {gte: 1}.' }),
    sum: numberMeasure.optional(),
    avg: numberMeasure.optional(),
    min: valueMeasure.optional(),
    max: valueMeasure.optional(),
    count_distinct: countMeasure.optional(),
    within: pastWindow.optional().meta({ description: 'Only events of the window before as_of.' }),
    between: z.array(time, expecting('two_values')).length(2, expecting('two_values')).optional(),
    where: rowCondition.optional().meta({ description: 'Only events whose columns say so.' }),
    via: z.array(nameText, expecting('list')).min(1, expecting('filled_list')).optional(),
  },
  {
    atMostOne: [
      {
        keys: ['count', 'sum', 'avg', 'min', 'max', 'count_distinct'],
        hint: 'put each into an event of its own under all:',
      },
      { keys: ['within', 'between'] },
    ],
    also: (value, report) => judgeEnds('between', value.between, report),
  },
)

const size = {
  percent: z
    .number(expecting('percent'))
    .gt(0, expecting('percent'))
    .max(100, expecting('percent'))
    .optional(),
  count: positiveInteger.optional(),
}
const top = object({ top: nameText, ...size }, { one: [{ keys: ['percent', 'count'] }] })
const bottom = object({ bottom: nameText, ...size }, { one: [{ keys: ['percent', 'count'] }] })

const step = object(
  {
    event: nameText.optional(),
    no_event: nameText.optional(),
    within: pastWindow.optional().meta({ description: 'At most this long after the step before.' }),
    where: rowCondition.optional(),
  },
  { one: [{ keys: ['event', 'no_event'] }] },
)
const sequence = object(
  {
    sequence: z.array(step, expecting('list')).min(1, expecting('filled_list')),
    same: text.optional().meta({ description: 'A column whose value all steps share.' }),
  },
  { also: judgeSequence },
)

const entityCondition = conditionOf('condition', condition, {
  trait,
  event,
  segment,
  top,
  bottom,
  sequence,
  sql: sqlCondition,
}).meta({ id: 'condition', description: 'Of an entity: exactly one kind.' })

const conditionOfRow = conditionOf('row_condition', rowCondition, { column, sql: sqlCondition }).meta({
  id: 'row_condition',
  description: 'Of a row: exactly one kind.',
})

type ScopeKey = 'condition' | 'row_condition'

function conditionOf(
  key: ScopeKey,
  self: z.ZodType<RawCondition>,
  leaves: Readonly<Record<string, z.ZodType>>,
): z.ZodType<RawCondition, RawCondition> {
  const list = z.array(self, expecting('list'))
  const kinds: Readonly<Record<string, z.ZodType>> = {
    all: object({ all: list.meta({ description: 'Every one of them; {all: []} is everyone.' }) }),
    any: object({ any: list.meta({ description: 'At least one of them.' }) }),
    not: object({ not: self }),
    ...leaves,
  }
  const pick = pickByKey({
    kinds,
    otherwise: key,
    twoKindsHint: 'put each into a mapping of its own under all: or any:',
    secondary: OPS,
    explain: (keys) => kindOfOtherScope(key, keys, Object.keys(kinds)),
  })
  return choice<RawCondition>(Object.values(kinds), pick)
}

/** `column` in a condition of an entity, `trait` in one of a row. */
function kindOfOtherScope(
  key: ScopeKey,
  keys: readonly string[],
  names: readonly string[],
): Problem | undefined {
  const elsewhere = key === 'condition' ? 'column' : 'trait'
  if (!keys.includes(elsewhere)) return undefined
  const expected = `one of ${names.map((name) => `"${name}"`).join(', ')}`
  const hint = key === 'condition' ? COLUMN_HINT : TRAIT_HINT
  const found = `"${elsewhere}"`
  return { kind: 'said', code: 'SLU1002', expected, found, hint, mark: 'key', path: [elsewhere] }
}

const COLUMN_HINT =
  '"column" stands in the where of an event; an entity has traits and profile fields: {trait: NAME}'
const TRAIT_HINT = 'here one row is judged by its columns: {column: NAME}'

/** The first step starts the sequence; a `no_event` without a window needs a later event to end it. */
function judgeSequence(value: Readonly<Record<string, unknown>>, report: Parameters<PickOption>[1]): void {
  const steps: readonly unknown[] = Array.isArray(value.sequence) ? value.sequence : []
  const has = (index: number, key: string) => {
    const one = steps[index]
    return typeof one === 'object' && one !== null && Object.hasOwn(one, key)
  }
  const said = { kind: 'said', code: 'SLU1009', mark: 'key' } as const
  if (has(0, 'no_event'))
    report({
      ...said,
      expected: 'an "event" as the first step',
      found: '"no_event"',
      path: ['sequence', 0, 'no_event'],
    })
  else if (has(0, 'within'))
    report({
      ...said,
      expected: 'no "within" in the first step',
      found: 'one',
      hint: "a step's window starts at the step before it",
      path: ['sequence', 0, 'within'],
    })
  for (const index of steps.keys()) {
    if (index === 0 || !has(index, 'no_event') || has(index, 'within') || has(index + 1, 'event')) continue
    report({
      ...said,
      expected: '"within" in a "no_event" that no event follows',
      found: 'none',
      path: ['sequence', index, 'no_event'],
    })
  }
}
