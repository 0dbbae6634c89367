import * as z from 'zod'
import type { Problem } from '../problem.ts'
import { choice } from './choice.ts'
import { columnName, expecting, nameOf, positiveInteger, type RawSql, sql } from './common.ts'
import { eventOf } from './event.ts'
import { pickByKey } from './keyed.ts'
import { object } from './object.ts'
import { sequenceOf } from './sequence.ts'
import { judgeTest, OPERATOR, type RawTest, valueTests } from './test.ts'

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

const sqlCondition = object({ sql: sql.meta({ description: 'In the own dialect of the target.' }) })

const trait = object(
  { trait: nameOf('values').meta({ description: 'A trait or profile field.' }), ...valueTests },
  { one: [OPERATOR], also: judgeTest },
)
const column = object(
  { column: columnName.meta({ description: 'A column of the source.' }), ...valueTests },
  { one: [OPERATOR], also: judgeTest },
)
const segment = object({ segment: nameOf('segments').meta({ description: 'Is a member of this segment.' }) })

const percent = z
  .number(expecting('percent'))
  .gt(0, expecting('percent'))
  .max(100, expecting('percent'))
  .meta({ description: 'Share of the members with a value, rounded up.' })
const size = {
  percent: percent.optional(),
  count: positiveInteger.optional().meta({ description: 'How many.' }),
}
const sizes = { one: [{ keys: ['percent', 'count'] }] }
const top = object(
  { top: nameOf('values').meta({ description: 'Those with the greatest.' }), ...size },
  sizes,
)
const bottom = object(
  { bottom: nameOf('values').meta({ description: 'Those with the least.' }), ...size },
  sizes,
)

const entityCondition = conditionOf('condition', condition, {
  trait,
  event: eventOf(rowCondition),
  segment,
  top,
  bottom,
  sequence: sequenceOf(rowCondition),
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
    not: object({ not: self.meta({ description: 'It does not hold.' }) }),
    ...leaves,
  }
  const pick = pickByKey({
    kinds,
    otherwise: key,
    twoKindsHint: 'put each into a mapping of its own under all: or any:',
    explain: (keys) => kindOfOtherScope(key, keys, Object.keys(kinds)),
  })
  return choice<RawCondition>(Object.values(kinds), pick)
}

/** `column` in a condition of an entity; `trait`, `event` and so on in one of a row. */
function kindOfOtherScope(
  key: ScopeKey,
  keys: readonly string[],
  names: readonly string[],
): Problem | undefined {
  const others = key === 'condition' ? ['column'] : ENTITY_KINDS
  const elsewhere = keys.find((name) => others.includes(name))
  if (elsewhere === undefined) return undefined
  const expected = `one of ${names.map((name) => `"${name}"`).join(', ')}`
  const hint = key === 'condition' ? COLUMN_HINT : TRAIT_HINT
  const found = `"${elsewhere}"`
  return { kind: 'said', code: 'SLU1002', expected, found, hint, mark: 'key', path: [elsewhere] }
}

const ENTITY_KINDS = ['trait', 'event', 'segment', 'top', 'bottom', 'sequence']
const COLUMN_HINT =
  '"column" stands in the where of an event; an entity has traits and profile fields: {trait: NAME}'
const TRAIT_HINT = 'here one row is judged by its columns: {column: NAME}'
