import { type Fragment, lit, sql } from '../../dialect/fragment.ts'
import { READ_LIMIT } from '../../warehouse/warehouse.ts'
import { inChunks } from '../chunks.ts'
import type { PlanRecord, RejectedRow, SeqRange, StartedBatch } from '../ledger.ts'
import type { LedgerSession } from '../session.ts'
import { numberOf } from '../values.ts'

/** What is known of the rows of a plan on their way: which were started, which the destination answered for. */
export class Marks {
  readonly #session: LedgerSession

  constructor(session: LedgerSession) {
    this.#session = session
  }

  async start(plan: PlanRecord, batches: readonly StartedBatch[]): Promise<void> {
    const { db } = this.#session
    const rows = batches.map(({ batch, lo, hi, attempt }) => ({ ...ofPlan(plan), batch, lo, hi, attempt }))
    for (const some of inChunks(rows))
      await this.#session.execute('mark_started', db.insertInto('starts').values(some))
  }

  async acknowledge(
    plan: PlanRecord,
    ranges: readonly SeqRange[],
    rejected: readonly RejectedRow[],
  ): Promise<void> {
    const { db } = this.#session
    const answers = ranges.map(({ lo, hi }) => ({
      ...ofPlan(plan),
      lo,
      hi,
      reason: null,
      attempts: null,
      ambiguous: null,
    }))
    const rejects = rejected.map(({ seq, reason, attempts, ambiguous }) => ({
      ...ofPlan(plan),
      lo: seq,
      hi: seq,
      reason,
      attempts,
      ambiguous,
    }))
    for (const some of inChunks([...answers, ...rejects]))
      await this.#session.execute('acknowledge', db.insertInto('acks').values(some))
  }

  async acknowledged(plan: PlanRecord): Promise<readonly SeqRange[]> {
    const all: SeqRange[] = []
    for (;;) {
      const rest = sql`select lo, hi from (${this.answered(plan)}) as answered
where lo > ${all.at(-1)?.lo ?? 0} order by lo nulls last limit ${READ_LIMIT}`
      const rows = await this.#session.read('acknowledged', rest)
      all.push(...rows.map((row) => ({ lo: numberOf(row, 'lo'), hi: numberOf(row, 'hi') })))
      if (rows.length < READ_LIMIT) return all
    }
  }

  /** A row may have been written down twice. */
  async rejected(plan: PlanRecord): Promise<number> {
    const rejected = this.#session.db
      .selectFrom('acks')
      .select((one) => one.fn.count('lo').distinct().as('row_count'))
      .where('sync', '=', plan.sync)
      .where('run_id', '=', plan.runId)
      .where('reason', 'is not', null)
    const [row = {}] = await this.#session.read('rejected_so_far', rejected)
    return numberOf(row, 'row_count')
  }

  /** `(lo, hi)`: the answers merged to as few ranges as there are gaps. */
  answered(plan: PlanRecord): Fragment {
    return this.#session.template('answered_ranges', {
      acks: this.#session.named('acks'),
      sync: lit(plan.sync),
      run_id: lit(plan.runId),
    })
  }

  /** Of this plan only: a statement that comes late must not touch what another run knows of its own. */
  async forget({ sync, runId }: PlanRecord): Promise<void> {
    const { db } = this.#session
    for (const table of ['starts', 'acks'] as const) {
      const marks = db.deleteFrom(table).where('sync', '=', sync).where('run_id', '=', runId)
      await this.#session.execute(`forget_${table}`, marks)
    }
  }

  async rename(from: string, to: string): Promise<void> {
    const { db } = this.#session
    await this.#session.execute(
      'rename_starts',
      db.updateTable('starts').set({ sync: to }).where('sync', '=', from),
    )
    await this.#session.execute(
      'rename_acks',
      db.updateTable('acks').set({ sync: to }).where('sync', '=', from),
    )
  }
}

/** A sync has one plan on its way at a time, and `run_id` is the plan's own, also when another run resumes it. */
function ofPlan(plan: PlanRecord): { readonly sync: string; readonly run_id: string } {
  return { sync: plan.sync, run_id: plan.runId }
}
