import { moment } from '../../dialect/ledger-value.ts'
import type { Row } from '../../warehouse/warehouse.ts'
import { inChunks } from '../chunks.ts'
import type { EndedJob, JobMoves, PlanRecord, SeqRange, StartedJob } from '../ledger.ts'
import { ascending } from '../order.ts'
import type { LedgerSession } from '../session.ts'
import { flagOf, instantIn, numberOf, textOf } from '../values.ts'

/** Jobs that destinations work on by themselves, of plans on their way: one row a range of a job. */
export class Jobs {
  readonly #session: LedgerSession

  constructor(session: LedgerSession) {
    this.#session = session
  }

  /** Ended ones first: a destination may give a batch that is started again the id that it had before. */
  async move(plan: PlanRecord, { ended, started }: JobMoves): Promise<void> {
    for (const state of new Set(ended.map((job) => job.state)))
      await this.#end(
        plan,
        state,
        ended.filter((job) => job.state === state),
      )
    const rows = started.flatMap((job) => job.ranges.map((range) => rowOf(plan, job, range)))
    for (const some of inChunks(rows))
      await this.#session.execute('record_jobs', this.#session.db.insertInto('jobs').values(some))
  }

  /** By their first row. */
  async open(plan: PlanRecord): Promise<readonly StartedJob[]> {
    const running = this.#session.db
      .selectFrom('jobs')
      .selectAll()
      .where('sync', '=', plan.sync)
      .where('run_id', '=', plan.runId)
      .where('state', '=', 'running')
    const rows = await this.#session.readAll('open_jobs', (last, limit) =>
      running
        .where('lo', '>', last === undefined ? 0 : numberOf(last, 'lo'))
        .orderBy('lo', ascending)
        .limit(limit),
    )
    return jobsIn(rows)
  }

  async forget({ sync, runId }: PlanRecord): Promise<void> {
    const jobs = this.#session.db.deleteFrom('jobs').where('sync', '=', sync).where('run_id', '=', runId)
    await this.#session.execute('forget_jobs', jobs)
  }

  async rename(from: string, to: string): Promise<void> {
    const renamed = this.#session.db.updateTable('jobs').set({ sync: to }).where('sync', '=', from)
    await this.#session.execute('rename_jobs', renamed)
  }

  async #end(plan: PlanRecord, state: EndedJob['state'], jobs: readonly EndedJob[]): Promise<void> {
    for (const some of inChunks(jobs)) {
      const [first] = some
      if (first === undefined) continue
      const ended = this.#session.db
        .updateTable('jobs')
        .set({ state, polled_at: moment(first.at) })
        .where('sync', '=', plan.sync)
        .where('run_id', '=', plan.runId)
        .where('state', '=', 'running')
        .where(
          'job_id',
          'in',
          some.map(({ jobId }) => jobId),
        )
      await this.#session.execute('end_jobs', ended)
    }
  }
}

function rowOf({ sync, runId }: PlanRecord, job: StartedJob, { lo, hi }: SeqRange) {
  return {
    ...{ sync, run_id: runId, batch: job.batch, lo, hi, job_id: job.jobId, state: 'running' },
    object: job.object,
    ...{
      started_at: moment(job.startedAt),
      polled_at: null,
      attempts: job.attempts,
      ambiguous: job.ambiguous,
    },
  }
}

function jobsIn(rows: readonly Row[]): readonly StartedJob[] {
  const jobs = new Map<string, StartedJob & { readonly ranges: SeqRange[] }>()
  for (const row of rows) {
    const jobId = textOf(row, 'job_id')
    const range = { lo: numberOf(row, 'lo'), hi: numberOf(row, 'hi') }
    const known = jobs.get(jobId)
    if (known !== undefined) known.ranges.push(range)
    else
      jobs.set(jobId, {
        jobId,
        object: textOf(row, 'object'),
        batch: numberOf(row, 'batch'),
        ranges: [range],
        attempts: numberOf(row, 'attempts'),
        ambiguous: flagOf(row, 'ambiguous'),
        startedAt: instantIn(row, 'started_at'),
      })
  }
  return [...jobs.values()]
}
