import type { Row, Warehouse } from '../../../src/warehouse/warehouse.ts'
import { isCounted } from '../scene/counts.ts'
import type { Moment } from './timeline.ts'

/** What is compared when a build or a delivery is over: sorted rows by table. */
export type State = Readonly<Record<string, readonly string[]>>
export type ReadState = (warehouse: Warehouse) => Promise<State>

/** What is known of a scene that nobody changed. */
export interface Baseline {
  /** By moment: the tables that it wrote, as they stood after it. */
  readonly prints: readonly ReadonlyMap<string, string>[]
  /** By moment: what it read. */
  readonly rows: readonly (string | undefined)[]
  /** After these moments everything that the other engine holds too is compared. */
  readonly states: ReadonlyMap<number, State>
  readonly marks: Marks
  readonly readState: ReadState
  /** Tables whose every column is compared: another row in them is told at once. */
  readonly exact: RegExp
}

export type Point = 'build' | 'delivery'

/** Says that a build or a delivery is over. */
export type Over = (point: Point) => void

/** The moments after which a build or a delivery was over. */
export type Marks = ReadonlyMap<number, Point>

/** `broken`: a statement failed. `same`: it changed nothing at all. `unseen`: what it changed shows nowhere. */
export type Verdict = 'broken' | 'different' | 'same' | 'unseen'

/** Plays the whole timeline once. */
export async function baselineOf(
  warehouse: Warehouse,
  timeline: readonly Moment[],
  marks: Marks,
  readState: ReadState,
  exact: RegExp,
): Promise<Baseline> {
  const prints: ReadonlyMap<string, string>[] = []
  const rows: (string | undefined)[] = []
  const states = new Map<number, State>()
  for (const moment of timeline) {
    rows.push(await run(warehouse, moment, moment.statement.sql))
    prints.push(await printsOf(warehouse, moment.called))
    if (marks.has(moment.at)) states.set(moment.at, await readState(warehouse))
  }
  return { prints, rows, states, marks, readState, exact }
}

/** The text of a statement with the bug in it, or undefined where the bug does not show. */
export type Change = (moment: Moment) => string | undefined

/**
 * What one changed generator does from a moment on, until the delivery that follows is over. The warehouse stands before
 * that moment, as it does afterwards.
 */
export async function verdictFrom(
  warehouse: Warehouse,
  timeline: readonly Moment[],
  baseline: Baseline,
  from: number,
  change: Change,
): Promise<Verdict> {
  const fork = new Fork(warehouse, timeline, baseline, change)
  await warehouse.execute({ step: 'fork', sql: 'begin transaction' })
  try {
    return await fork.play(from)
  } finally {
    await warehouse.execute({ step: 'fork', sql: 'rollback' }).catch(() => {})
  }
}

/**
 * Only what depends on a table that came out otherwise is run, and what that needs; everything else would come out as
 * it did.
 */
class Fork {
  readonly #warehouse: Warehouse
  readonly #timeline: readonly Moment[]
  readonly #baseline: Baseline
  readonly #change: Change
  readonly #other = new Set<string>()
  /** Moments that were passed over, in their order. */
  readonly #waiting = new Set<Moment>()

  constructor(warehouse: Warehouse, timeline: readonly Moment[], baseline: Baseline, change: Change) {
    this.#warehouse = warehouse
    this.#timeline = timeline
    this.#baseline = baseline
    this.#change = change
  }

  async play(from: number): Promise<Verdict> {
    let hasChanged = false
    for (let at = from; at < this.#timeline.length; at += 1) {
      const moment = this.#timeline[at]
      if (moment === undefined) break
      try {
        if (await this.#step(moment)) return 'different'
      } catch {
        return 'broken'
      }
      hasChanged ||= this.#other.size > 0
      if (at === from && !hasChanged) return 'same'
      const state = this.#baseline.states.get(at)
      if (state === undefined) continue
      if (this.#other.size > 0 && (await this.#differs(state))) return 'different'
      if (this.#baseline.marks.get(at) === 'delivery') return 'unseen'
    }
    return 'unseen'
  }

  /** Whether something came out otherwise that is compared with the other engine. */
  async #step(moment: Moment): Promise<boolean> {
    const changed = this.#change(moment)
    if (changed === undefined && !meets(moment.reads, this.#other) && !meets(moment.writes, this.#other)) {
      if (moment.writes.size > 0) this.#waiting.add(moment)
      return false
    }
    await this.#catchUp(moment.at, moment.reads, moment.writes)
    const rows = await run(this.#warehouse, moment, changed ?? moment.statement.sql)
    const before = this.#baseline.prints[moment.at]
    for (const [table, print] of await printsOf(this.#warehouse, moment.called)) {
      if (print === before?.get(table)) this.#other.delete(table)
      else if (this.#baseline.exact.test(table)) return true
      else this.#other.add(table)
    }
    const isOther = rows !== this.#baseline.rows[moment.at]
    return isOther && (changed !== undefined || isTold(moment))
  }

  /** Runs what was passed over before and made what these tables hold, or looked at what is about to go, in order. */
  async #catchUp(before: number, reads: ReadonlySet<string>, writes: ReadonlySet<string>): Promise<void> {
    for (const moment of [...this.#waiting]) {
      if (moment.at >= before || !this.#waiting.has(moment)) continue
      const isNeeded =
        meets(moment.writes, reads) || meets(moment.writes, writes) || meets(moment.reads, writes)
      if (!isNeeded) continue
      this.#waiting.delete(moment)
      await this.#catchUp(moment.at, moment.reads, moment.writes)
      await run(this.#warehouse, moment, moment.statement.sql)
    }
  }

  async #differs(expected: State): Promise<boolean> {
    await this.#catchUp(Number.POSITIVE_INFINITY, new Set(Object.keys(expected)), new Set())
    const state = await this.#baseline.readState(this.#warehouse)
    return JSON.stringify(state) !== JSON.stringify(expected)
  }
}

function meets(some: ReadonlySet<string>, others: ReadonlySet<string>): boolean {
  return [...some].some((one) => others.has(one))
}

/** Numbers of rows, and what a run tells, decides by or sends; the figures of identity's rounds differ between engines. */
function isTold({ statement: { kind, step } }: Moment): boolean {
  return kind === 'execute' || IS_TOLD.test(step)
}

const IS_TOLD =
  /^(?:sync\.\w+\.(?:bodies|batches|count|compared)|ledger\.\w+|identity\.\w+\.(?:incremental\.)?(?:check_delta|count_moves))$/

/** What it read, as text, or how many rows it made, changed or dropped; undefined where engines may differ in that. */
async function run(warehouse: Warehouse, moment: Moment, sql: string): Promise<string | undefined> {
  // One that does not end is told by the tests' own limits of time.
  const limit = setTimeout(() => void warehouse.cancel?.(), MOST_MS)
  try {
    return await answered(warehouse, moment, sql)
  } finally {
    clearTimeout(limit)
  }
}

/** A hundred times what the slowest statement takes. */
const MOST_MS = 5000

async function answered(
  warehouse: Warehouse,
  { statement }: Moment,
  sql: string,
): Promise<string | undefined> {
  const { kind, step, parameters } = statement
  if (kind === 'execute') {
    const count = await warehouse.execute({ step: 'replay', sql, parameters })
    return isCounted(step) || REWRITES.test(step) ? String(count) : undefined
  }
  const rows: Row[] = []
  for await (const page of warehouse.stream({ step: 'replay', sql, parameters })) rows.push(...page)
  return JSON.stringify(rows.map(comparable), (_, value) =>
    typeof value === 'bigint' ? String(value) : value,
  )
}

/** By the engine's own hash, but as many as must be: test/identity/rewritten.test.ts. */
const REWRITES = /^identity\.\w+\.(?:incremental\.)?(?:add|remove)_identity$/

function comparable(row: Row): Row {
  return Object.fromEntries(Object.entries(row).filter(([column]) => !ENGINES_OWN.test(column)))
}

/** How many `hashes` there are is the same for all. */
const ENGINES_OWN = /hash(?!es$)|_hashes|digest|plan_id/

/** The rows of each table in one number; nothing for a table that is not there. */
async function printsOf(
  warehouse: Warehouse,
  called: Moment['called'],
): Promise<ReadonlyMap<string, string>> {
  const prints = new Map([...called.keys()].map((table) => [table, 'none']))
  const selects = [...called].flatMap(([table, name]) =>
    name === undefined
      ? []
      : // No table has a column of this name, which would be taken for the row.
        [
          `select '${table}' as t, count(*) || ' ' || coalesce(sum(hash(whole_row)), 0) as p from ${name} as whole_row`,
        ],
  )
  if (selects.length === 0) return prints
  const rows = await warehouse.read({ step: 'print', sql: selects.join('\nunion all\n') })
  for (const { t, p } of rows) prints.set(String(t), String(p))
  return prints
}
