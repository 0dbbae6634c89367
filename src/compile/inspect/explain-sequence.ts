import { type Fragment, join, sql } from '../../dialect/fragment.ts'
import type { Condition, Entity, SequenceStep } from '../../spec/project.ts'
import { type SequencePart, sequenceParts } from '../conditions/sequence.ts'
import type { Expressions } from '../conditions/statement.ts'
import type { CompileContext } from '../context.ts'
import { reachTable } from '../reach/reach-table.ts'

export type Sequence = Extract<Condition, { readonly kind: 'sequence' }>

/** What tells whether one step of a sequence holds: sequences again, so that the same SQL judges them. */
export interface StepJudged {
  readonly step: SequenceStep
  readonly judged: Sequence
  /** Before this holds the step is not reached. */
  readonly gate: Sequence | undefined
}

/**
 * A step holds when the sequence up to it does. A `no_event` without a window belongs to the event behind it, which is
 * asked for without it first: so the one that fails is known.
 */
export function stepsJudged(sequence: Sequence): readonly StepJudged[] {
  const { steps } = sequence
  const known = new Map<string, Sequence>([[String([...steps.keys()]), sequence]])
  const of = (indices: readonly number[]): Sequence => {
    const key = String(indices)
    const found = known.get(key) ?? {
      ...sequence,
      steps: indices.flatMap((index) => steps[index] ?? []),
    }
    known.set(key, found)
    return found
  }
  const isPlain = (index: number) => steps[index]?.kind === 'no_event' && steps[index].within === undefined
  const upTo = (end: number) => Array.from({ length: end + 1 }, (_, index) => index)
  /** Without the `no_event` steps that stand directly before an event and have no window. */
  const bare = (end: number) => {
    const before = steps.slice(0, end).findLastIndex((step) => step.kind === 'event')
    return upTo(end).filter((index) => index <= before || !isPlain(index))
  }
  return steps.map((step, index) => {
    if (isPlain(index)) {
      const next = steps.findIndex((one, place) => place > index && one.kind === 'event')
      return { step, judged: of(upTo(next)), gate: of(bare(next)) }
    }
    return { step, judged: of(bare(index)), gate: index === 0 ? undefined : of(settled(index - 1)) }
  })

  /** Everything before the step: what is still open there belongs to the next event. */
  function settled(end: number): readonly number[] {
    const last = upTo(end).findLast((index) => !isPlain(index)) ?? 0
    return upTo(last)
  }
}

/** A moment of the chosen row for each event, and the value that all steps share. */
export interface ChosenRows {
  readonly at: ReadonlyMap<SequenceStep, Fragment>
  readonly same: Fragment | undefined
}

/**
 * Which rows satisfy the sequence: the latest choice, told backwards. Where it does not hold, the latest rows as far
 * as it goes. The reach tables must hold one entity only. Nothing for a single event whose rows have no time.
 */
export function chosenRows(
  context: CompileContext,
  entity: Entity,
  sequence: Sequence,
  expressions: Expressions,
): ChosenRows {
  const [first] = sequence.steps
  const isTimed = first !== undefined && reachTable(context, first.source, entity).hasTime
  if (!isTimed && sequence.steps.length === 1) return { at: new Map(), same: undefined }
  const parts = sequenceParts(context, entity, sequence, expressions)
  const at = new Map<SequenceStep, Fragment>()
  let next: { readonly chosen: Fragment; readonly part: SequencePart } | undefined
  for (const part of [...parts].reverse()) {
    const chosen = expressions.add('chosen', chosenOf(context, sequence, part, next))
    at.set(part.event, sql`(select moment from ${chosen})`)
    next = { chosen, part }
  }
  const same = sequence.same && next && sql`(select same from ${next.chosen})`
  return { at, same }
}

function chosenOf(
  context: CompileContext,
  sequence: Sequence,
  part: SequencePart,
  next: { readonly chosen: Fragment; readonly part: SequencePart } | undefined,
): Fragment {
  const columns = sequence.same === undefined ? sql`k.moment` : sql`k.moment, k.same`
  const latest = sql`select ${columns}, 0 as choice from ${part.reached} as k
union all
select ${columns}, 1 as choice from ${part.kept} as k`
  const rows =
    next === undefined
      ? latest
      : sql`${latest}
union all
select ${columns}, 2 as choice from ${part.kept} as k
join ${next.chosen} as c on ${join(inFront(sequence, next.part), '\n  and ')}`
  const tie =
    sequence.same === undefined ? sql`` : sql`, ${context.dialect.fn.byBytes(sql`k.same`)} desc nulls last`
  return sql`select ${columns}
from (${rows}) as k
order by k.choice desc nulls last, k.moment desc nulls last${tie}
limit 1`
}

/** That the row `k` can stand in front of the row `c` of `part`. */
function inFront(sequence: Sequence, part: SequencePart): readonly Fragment[] {
  const shares = sequence.same === undefined ? [] : [sql`c.same = k.same`]
  return [
    sql`c.moment > k.moment`,
    ...(part.until === undefined ? [] : [sql`c.moment <= ${part.until(sql`k.moment`)}`]),
    ...shares,
    ...part.noneBefore.map((rows) => {
      const same = sequence.same === undefined ? sql`` : sql` and n.same = k.same`
      return sql`not exists (select 1 from (${rows}) as n where n.moment > k.moment and n.moment < c.moment${same})`
    }),
  ]
}
