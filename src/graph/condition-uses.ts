import type { Located, Position } from '../base/position.ts'
import type { Condition, EventCondition, SequenceStep, SqlText, Window } from '../spec/project.ts'

/** A profile field or trait that a condition names, in the mapping that starts at `at`. */
export interface ValueUse {
  readonly name: string
  readonly at: Position
  readonly key: 'trait' | 'top' | 'bottom'
}

/** Rows of a source that a condition of an entity asks about. */
export interface RowsUse {
  readonly source: Located<string>
  /** Null where the language has no word to choose a way. */
  readonly via: readonly Located<string>[] | null | undefined
  /** What asks when the rows happened. */
  readonly timed: { readonly what: 'within' | 'between' | 'sequence'; readonly at: Position } | undefined
}

/** A segment that a condition names, in the mapping that starts at `at`. */
export interface SegmentUse {
  readonly name: string
  readonly at: Position
}

/** What a condition of an entity refers to, at any depth. */
export interface ConditionUses {
  readonly values: readonly ValueUse[]
  readonly rows: readonly RowsUse[]
  readonly segments: readonly SegmentUse[]
  /** SQL over the profile. */
  readonly sqls: readonly SqlText[]
  /** SQL over the rows of a source, inside a `where`. */
  readonly rowSqls: readonly SqlText[]
}

const KNOWN = new WeakMap<Condition, ConditionUses>()

/** Remembered: checks, needs and fingerprints ask for the same. */
export function usesOf(condition: Condition): ConditionUses {
  const known = KNOWN.get(condition)
  if (known !== undefined) return known
  const uses = new Uses()
  uses.add(condition)
  KNOWN.set(condition, uses)
  return uses
}

/** The user's SQL in a condition of a row. */
export function rowSqlsOf(where: Condition | undefined): readonly SqlText[] {
  switch (where?.kind) {
    case 'all':
    case 'any':
      return where.of.flatMap(rowSqlsOf)
    case 'not':
      return rowSqlsOf(where.of)
    case 'sql':
      return [where.sql]
    default:
      return []
  }
}

class Uses implements ConditionUses {
  readonly values: ValueUse[] = []
  readonly rows: RowsUse[] = []
  readonly segments: SegmentUse[] = []
  readonly sqls: SqlText[] = []
  readonly rowSqls: SqlText[] = []

  add(condition: Condition): void {
    switch (condition.kind) {
      case 'all':
      case 'any':
        for (const one of condition.of) this.add(one)
        return
      case 'not':
        this.add(condition.of)
        return
      case 'trait':
        this.values.push({ name: condition.name, at: condition.at, key: 'trait' })
        return
      case 'rank':
        this.values.push({ name: condition.by, at: condition.at, key: condition.end })
        return
      case 'segment':
        this.segments.push({ name: condition.name, at: condition.at })
        return
      case 'event':
        this.#event(condition)
        return
      case 'sequence':
        for (const step of condition.steps) this.#step(step)
        return
      case 'sql':
        this.sqls.push(condition.sql)
        return
      case 'column':
        return
    }
  }

  #event({ source, via, within, between, where, at }: EventCondition): void {
    this.rows.push({ source, via, timed: timedBy(within, between, at) })
    this.rowSqls.push(...rowSqlsOf(where))
  }

  #step({ source, where, at }: SequenceStep): void {
    this.rows.push({ source, via: null, timed: { what: 'sequence', at } })
    this.rowSqls.push(...rowSqlsOf(where))
  }
}

function timedBy(
  within: Window | undefined,
  between: readonly [string, string] | undefined,
  at: Position,
): RowsUse['timed'] {
  if (within !== undefined) return { what: 'within', at: within.at }
  return between === undefined ? undefined : { what: 'between', at }
}
