import { instantOf } from '../../base/instant.ts'
import { type Fragment, id, isTrue, sql } from '../../dialect/fragment.ts'
import { timeMs } from '../../spec/forms/time.ts'
import type { Condition, Entity, EventCondition, Segment } from '../../spec/project.ts'
import { combine } from '../conditions/combine.ts'
import { type LeafPlan, leavesOf, planLeaves, profileValue } from '../conditions/leaves.ts'
import { Expressions } from '../conditions/statement.ts'
import type { CompileContext } from '../context.ts'
import { columnPii, shownColumns } from '../mask/privacy.ts'
import { referencesIn } from '../references/expand-sql.ts'
import { profileType } from '../sources/column-type.ts'
import { tableOf } from '../sources/relation.ts'
import { windowBounds } from '../time/window.ts'
import { rankColumns } from './explain-rank.ts'
import { chosenRows, type Sequence, type StepJudged, stepsJudged } from './explain-sequence.ts'
import { measureWords, stepWords, wordsOf } from './explain-words.ts'

/** One predicate of a segment, with the columns of the statement that answers it. */
export interface AskedNode {
  readonly kind: Condition['kind'] | 'no_event'
  /** In the words of the project, one line. */
  readonly text: string
  /** The column that says whether it holds; it is null where that was not judged. */
  readonly holds: string
  readonly values: readonly AskedValue[]
  /** `[from, to)`, of a predicate about a window. */
  readonly window: { readonly from: string; readonly to: string } | undefined
  readonly of: readonly AskedNode[]
}

interface AskedValue {
  readonly name: string
  readonly column: string
}

/** One column of the statement. */
export interface AskedColumn {
  readonly name: string
  readonly sql: Fragment
  /** A value that anybody may see; any other is masked by its type. */
  readonly isShown: boolean
}

/** Everything that is asked about one entity and one segment. */
export interface Asking {
  readonly entity: Entity
  readonly segment: Segment
  readonly expressions: Expressions
  readonly joins: readonly Fragment[]
  readonly columns: readonly AskedColumn[]
  readonly root: AskedNode
  /** Pairs of columns that must be equal, by the segment that they are about: its condition, and its table. */
  readonly equal: ReadonlyMap<string, readonly [judged: string, member: string]>
}

/**
 * The questions of a segment's whole tree, segments inside it included (each shown where it stands first). They are
 * answered by the fragments of which the build makes its own statement.
 */
export function askingOf(context: CompileContext, entity: Entity, segment: Segment): Asking {
  return new Asker(context, entity, segment).ask()
}

/** The segment and all that are inside it, each once. */
export function segmentsInside(context: CompileContext, segment: Segment): readonly Segment[] {
  const found = new Map<string, Segment>()
  const visit = (one: Segment | undefined): void => {
    if (one === undefined || found.has(one.name)) return
    found.set(one.name, one)
    for (const leaf of leavesOf(one.where))
      if (leaf.kind === 'segment') visit(context.graph.project.segments.get(leaf.name))
  }
  visit(segment)
  return [...found.values()]
}

class Asker {
  readonly #context: CompileContext
  readonly #entity: Entity
  readonly #segment: Segment
  readonly #relation: Fragment
  readonly #expressions: Expressions
  readonly #plan: LeafPlan
  readonly #steps = new Map<Sequence, readonly StepJudged[]>()
  readonly #shown: ReadonlySet<string>
  readonly #columns: AskedColumn[] = []
  readonly #joins: Fragment[] = []
  readonly #equal = new Map<string, readonly [string, string]>()

  constructor(context: CompileContext, entity: Entity, segment: Segment) {
    this.#context = context
    this.#entity = entity
    this.#segment = segment
    this.#relation = tableOf(context.tables.output(entity.name))
    this.#expressions = new Expressions(entity)
    this.#shown = shownColumns(context.graph, entity)
    const conditions = segmentsInside(context, segment).map(({ where }) => where)
    for (const leaf of conditions.flatMap(leavesOf))
      if (leaf.kind === 'sequence') this.#steps.set(leaf, stepsJudged(leaf))
    const asked = [...this.#steps.values()].flatMap((steps) =>
      steps.flatMap(({ judged, gate }) => (gate === undefined ? [judged] : [judged, gate])),
    )
    const rows = { entity, relation: this.#relation }
    this.#plan = planLeaves(
      context,
      rows,
      [...conditions, ...new Set(asked.filter((one) => !this.#steps.has(one)))],
      this.#expressions,
    )
  }

  ask(): Asking {
    const { name, where } = this.#segment
    this.#equal.set(name, ['judged', 'judged'])
    const root = this.#node(where)
    this.#equal.set(name, [root.holds, this.#answer(sql`${id('member')}.${this.#idColumn()} is not null`)])
    const member = sql`left join ${tableOf(this.#context.tables.output(`segment_${name}`))} as ${id('member')} on ${id('member')}.${this.#idColumn()} = p.${this.#idColumn()}`
    return {
      entity: this.#entity,
      segment: this.#segment,
      expressions: this.#expressions,
      joins: [...this.#plan.joins, ...this.#joins, member],
      columns: this.#columns,
      root,
      equal: this.#equal,
    }
  }

  #node(condition: Condition): AskedNode {
    const holds = this.#answer(isTrue(combine(condition, this.#plan.leaf)))
    return {
      kind: condition.kind,
      text: wordsOf(condition),
      holds,
      values: this.#valuesOf(condition),
      window: this.#windowOf(condition),
      of: this.#inside(condition, holds),
    }
  }

  #inside(condition: Condition, holds: string): readonly AskedNode[] {
    switch (condition.kind) {
      case 'all':
      case 'any':
        return condition.of.map((one) => this.#node(one))
      case 'not':
        return [this.#node(condition.of)]
      case 'segment': {
        const segment = this.#context.graph.project.segments.get(condition.name)
        if (segment === undefined || this.#equal.has(condition.name)) return []
        this.#equal.set(condition.name, [holds, holds])
        const inner = this.#node(segment.where)
        this.#equal.set(condition.name, [inner.holds, holds])
        return [inner]
      }
      case 'sequence':
        return this.#stepsOf(condition)
      default:
        return []
    }
  }

  #stepsOf(sequence: Sequence): readonly AskedNode[] {
    const chosen = chosenRows(this.#context, this.#entity, sequence, this.#expressions)
    return (this.#steps.get(sequence) ?? []).map(({ step, judged, gate }, index) => {
      const holds = isTrue(this.#plan.leaf(judged))
      const at = chosen.at.get(step)
      const { same } = sequence
      const shared =
        index > 0 || same === undefined || chosen.same === undefined
          ? []
          : [this.#value(same.value, chosen.same, this.#isColumnShown(step.source.value, same.value))]
      return {
        kind: step.kind,
        text: stepWords(step),
        holds: this.#answer(
          gate === undefined ? holds : sql`case when ${this.#plan.leaf(gate)} then ${holds} end`,
        ),
        values: [...(at === undefined ? [] : [this.#value('at', at, true)]), ...shared],
        window: undefined,
        of: [],
      }
    })
  }

  #valuesOf(condition: Condition): readonly AskedValue[] {
    switch (condition.kind) {
      case 'trait':
        return [this.#profileValue(condition.name, condition)]
      case 'sql':
        return referencesIn(this.#context, condition.sql)
          .filter((name) => profileType(this.#context.graph, this.#entity, name) !== null)
          .map((name) => this.#profileValue(name, condition))
      case 'event':
        return this.#eventValue(condition)
      case 'rank': {
        const by = profileValue(this.#context, this.#entity, sql`p`, condition.by, condition.at)
        const ranked = rankColumns(this.#context, this.#entity, this.#relation, {
          by,
          condition,
          expressions: this.#expressions,
          number: this.#joins.length + 1,
        })
        this.#joins.push(ranked.join)
        const isShown = this.#shown.has(condition.by)
        return [
          this.#value(condition.by, by.sql, isShown),
          ...ranked.numbers.map(([name, number]) => this.#value(name, number, true)),
          this.#value('last_in', ranked.lastIn, isShown),
        ]
      }
      default:
        return []
    }
  }

  #profileValue(name: string, { at }: Condition): AskedValue {
    const value = profileValue(this.#context, this.#entity, sql`p`, name, at)
    return this.#value(name, value.sql, this.#shown.has(name))
  }

  #eventValue(condition: EventCondition): readonly AskedValue[] {
    const value = this.#plan.measured(condition)
    if (value === undefined) return []
    const { column } = condition.measure
    const isShown = column !== undefined && this.#isColumnShown(condition.source.value, column.value)
    return [this.#value(measureWords(condition), value.sql, isShown)]
  }

  #isColumnShown(source: string, column: string): boolean {
    return columnPii(this.#context.graph, source, column) === 'none'
  }

  #windowOf(condition: Condition): AskedNode['window'] {
    const { asOf, graph } = this.#context
    if (condition.kind === 'trait' && condition.test.op === 'within')
      return windowBounds(condition.test.window, asOf, graph.project.timezone)
    if (condition.kind !== 'event') return undefined
    if (condition.within !== undefined) return windowBounds(condition.within, asOf, graph.project.timezone)
    if (condition.between === undefined) return undefined
    const [from, to] = condition.between
    return { from: instantOf(timeMs(from)), to: instantOf(timeMs(to)) }
  }

  #value(name: string, fragment: Fragment, isShown: boolean): AskedValue {
    const column = `v${this.#columns.length + 1}`
    this.#columns.push({ name: column, sql: fragment, isShown })
    return { name, column }
  }

  #answer(fragment: Fragment): string {
    const column = `h${this.#columns.length + 1}`
    this.#columns.push({ name: column, sql: fragment, isShown: true })
    return column
  }

  #idColumn(): Fragment {
    return id(`${this.#entity.name}_id`)
  }
}
