import { SluiceError } from '../../base/errors.ts'
import { EMPTY, type Fragment, join, lit, sql, timestamp } from '../../dialect/fragment.ts'
import { valuesOf } from '../../dialect/values/values.ts'
import type { Condition, Entity, SequenceStep, Window } from '../../spec/project.ts'
import type { CompileContext } from '../context.ts'
import { reachedColumn, reachedTime, reachTable, reachTableName } from '../reach/reach-table.ts'
import { tableOf } from '../sources/relation.ts'
import { lengthOf } from '../time/window.ts'
import { filterOf } from './measure.ts'
import { type Expressions, idColumn } from './statement.ts'

export type Sequence = Extract<Condition, { readonly kind: 'sequence' }>

/**
 * The ids for which some choice of rows satisfies all steps, one row an entity.
 *
 * Step by step, each expression keeps the rows that can be the end of a choice so far. A row of the next step stays
 * when any kept row lies in front of it within the window, which one pass over both in order of time tells: a later
 * row in front does not always reach further (a month after January 30 can be before a month after January 29), so
 * it is the furthest end of all rows in front that counts.
 */
export function sequenceQuery(
  context: CompileContext,
  entity: Entity,
  sequence: Sequence,
  expressions: Expressions,
): Fragment {
  const compiling: Compiling = { context, entity, sequence, expressions }
  const [first, ...more] = partsOf(sequence.steps)
  if (first === undefined)
    throw new SluiceError('SLU9001', { message: 'expected a sequence of steps, found none', at: sequence.at })
  // A single event is in no order, so its rows need no time.
  if (sequence.steps.length === 1)
    return sql`select distinct ${idColumn(entity)} from (${anyRow(compiling, first.event)}) as e`
  let kept = firstRows(compiling, first).kept
  for (const part of more) kept = nextRows(compiling, kept, part).kept
  return sql`select distinct ${idColumn(entity)} from ${kept}`
}

/** One event of a sequence, for those who want to know which rows were chosen. */
export interface SequencePart {
  readonly event: SequenceStep
  /** The rows that can be the end of a choice so far: entity, `moment`, and `same` where the steps share a value. */
  readonly reached: Fragment
  /** Those of them after which nothing forbidden happens. */
  readonly kept: Fragment
  /** Rows (`moment`, `same`) of which none lies between a row in front and the row of this part. */
  readonly noneBefore: readonly Fragment[]
  /** The last moment at which this part's row may follow one at `moment`; undefined: any later one. */
  readonly until: ((moment: Fragment) => Fragment) | undefined
}

/** The events of a sequence, in order; adds to `expressions`. */
export function sequenceParts(
  context: CompileContext,
  entity: Entity,
  sequence: Sequence,
  expressions: Expressions,
): readonly SequencePart[] {
  const compiling: Compiling = { context, entity, sequence, expressions }
  const [first, ...more] = partsOf(sequence.steps)
  if (first === undefined) return []
  const asPart = (part: Part, rows: PartRows): SequencePart => ({
    event: part.event,
    ...rows,
    noneBefore: part.noneBefore.map((step) => stepRows(compiling, step, EMPTY)),
    until: part.event.within && ((moment) => endOf(context, moment, part.event.within)),
  })
  let rows = firstRows(compiling, first)
  const parts = [asPart(first, rows)]
  for (const part of more) {
    rows = nextRows(compiling, rows.kept, part)
    parts.push(asPart(part, rows))
  }
  return parts
}

type PartRows = Pick<SequencePart, 'reached' | 'kept'>

function firstRows(compiling: Compiling, part: Part): PartRows {
  const reached = compiling.expressions.add('sequence', stepRows(compiling, part.event, EMPTY))
  return { reached, kept: stayQuiet(compiling, reached, part.quiet) }
}

function nextRows(compiling: Compiling, before: Fragment, part: Part): PartRows {
  const reached = compiling.expressions.add('sequence', followedBy(compiling, before, part))
  return { reached, kept: stayQuiet(compiling, reached, part.quiet) }
}

interface Compiling {
  readonly context: CompileContext
  readonly entity: Entity
  readonly sequence: Sequence
  readonly expressions: Expressions
}

/** An event with what must not happen around it. */
interface Part {
  readonly event: SequenceStep
  /** `no_event` steps without a window before it: nothing between the event in front and this one. */
  readonly noneBefore: readonly SequenceStep[]
  /** `no_event` steps with a window after it. */
  readonly quiet: readonly SequenceStep[]
}

function partsOf(steps: readonly SequenceStep[]): readonly Part[] {
  const parts: { event: SequenceStep; noneBefore: SequenceStep[]; quiet: SequenceStep[] }[] = []
  let noneBefore: SequenceStep[] = []
  for (const step of steps) {
    if (step.kind === 'event') {
      parts.push({ event: step, noneBefore, quiet: [] })
      noneBefore = []
    } else if (step.within === undefined) noneBefore.push(step)
    else parts.at(-1)?.quiet.push(step)
  }
  return parts
}

/** Rows of one step: entity, time and the value that all steps share. */
function stepRows(compiling: Compiling, step: SequenceStep, more: Fragment): Fragment {
  const { context, entity, sequence } = compiling
  const table = reachTable(context, step.source, entity)
  const at = reachedTime(table, step.at)
  const same =
    sequence.same && context.dialect.fn.asText(reachedColumn(context, table, sequence.same.value).sql)
  const shared = same === undefined ? EMPTY : sql`, ${same} as same`
  return sql`select r.${idColumn(entity)}${shared}, ${at} as moment${more}
from ${tableOf(reachTableName(context, table))} as r
where ${join([sql`${at} is not null`, ...conditionsOf(compiling, step)], ' and ')}`
}

function anyRow(compiling: Compiling, step: SequenceStep): Fragment {
  const { context, entity } = compiling
  const table = tableOf(reachTableName(context, reachTable(context, step.source, entity)))
  const conditions = conditionsOf(compiling, step)
  const where = conditions.length === 0 ? EMPTY : sql`\nwhere ${join(conditions, ' and ')}`
  return sql`select r.${idColumn(entity)} from ${table} as r${where}`
}

/** A row without the value that all steps share can be no step. */
function conditionsOf(compiling: Compiling, step: SequenceStep): readonly Fragment[] {
  const { context, entity, sequence } = compiling
  const table = reachTable(context, step.source, entity)
  const filter = filterOf(context, table, { ...step, within: undefined, between: undefined })
  const same = sequence.same && reachedColumn(context, table, sequence.same.value).sql
  return [
    ...(same === undefined ? [] : [sql`${same} is not null`]),
    ...(filter === undefined ? [] : [filter]),
  ]
}

/**
 * What a row is to the step: it may follow, it must not be between, it is in front. At one time they sort in this
 * order, so that rows of equal times do not follow each other, and what happens at the same time is not between.
 */
const LATER = 0
const NONE = 1
const EARLIER = 2

const IN_ORDER = sql`order by moment nulls last, kind nulls last`

/** Rows of the next event that follow a kept one, within the window and with nothing forbidden between. */
function followedBy(compiling: Compiling, kept: Fragment, part: Part): Fragment {
  const { context, expressions } = compiling
  const at = (step: SequenceStep) => reachedTime(reachTable(context, step.source, compiling.entity), step.at)
  const rows = [
    sql`select k.*, ${EARLIER} as kind, ${endOf(context, sql`k.moment`, part.event.within)} as until
from ${kept} as k`,
    stepRows(compiling, part.event, sql`, ${LATER} as kind, ${at(part.event)} as until`),
    ...part.noneBefore.map((step) => stepRows(compiling, step, sql`, ${NONE} as kind, ${at(step)} as until`)),
  ]
  const group = groupOf(compiling)
  let ordered = expressions.add('rows', join(rows, '\nunion all\n'))
  let stretch = EMPTY
  if (part.noneBefore.length > 0) {
    // what must not be between cuts time into stretches: both rows lie in one
    stretch = sql`, stretch`
    ordered = expressions.add(
      'stretches',
      sql`select r.*, sum(case when kind = ${NONE} then 1 else 0 end) over (
    partition by ${group} ${IN_ORDER} rows unbounded preceding) as stretch
from ${ordered} as r`,
    )
  }
  const reaching = expressions.add(
    'reaching',
    sql`select r.*, max(case when kind = ${EARLIER} then until end) over (
    partition by ${group}${stretch} ${IN_ORDER} rows unbounded preceding) as furthest
from ${ordered} as r`,
  )
  const follows = part.event.within === undefined ? sql`furthest is not null` : sql`moment <= furthest`
  return sql`select ${group}, moment
from ${reaching}
where kind = ${LATER} and ${follows}`
}

/** The kept rows after which nothing forbidden happens, for windows that are over at `as_of`. */
function stayQuiet(compiling: Compiling, kept: Fragment, steps: readonly SequenceStep[]): Fragment {
  return steps.reduce(
    (rows, step) => compiling.expressions.add('sequence', quietAfter(compiling, rows, step)),
    kept,
  )
}

function quietAfter(compiling: Compiling, kept: Fragment, step: SequenceStep): Fragment {
  const { context, expressions } = compiling
  const group = groupOf(compiling)
  const rows = expressions.add(
    'rows',
    sql`select k.*, ${EARLIER} as kind
from ${kept} as k
union all
${stepRows(compiling, step, sql`, ${NONE} as kind`)}`,
  )
  const broken = expressions.add(
    'broken',
    sql`select r.*, min(case when kind = ${NONE} then moment end) over (
    partition by ${group} ${IN_ORDER} rows between current row and unbounded following) as next_at
from ${rows} as r`,
  )
  const end = endOf(context, sql`moment`, step.within)
  return sql`select ${group}, moment
from ${broken}
where kind = ${EARLIER}
  and (next_at is null or next_at > ${end})
  and ${end} < ${timestamp(context.asOf)}`
}

function endOf(context: CompileContext, at: Fragment, within: Window | undefined): Fragment {
  if (within === undefined) return at
  const length = lengthOf(within)
  if (length.kind === 'fixed') return context.dialect.fn.addSeconds(at, lit(length.seconds))
  return valuesOf(context.dialect).addMonths(at, length.months, context.graph.project.timezone)
}

/** What all steps share: the entity, and the value of `same`. */
function groupOf({ entity, sequence }: Compiling): Fragment {
  return sequence.same === undefined ? idColumn(entity) : sql`${idColumn(entity)}, same`
}
