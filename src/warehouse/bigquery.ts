import { SluiceError } from '../base/errors.ts'
import { randomIds } from '../base/ids.ts'
import { bigquery } from '../dialect/bigquery.ts'
import { type BigqueryService, bigqueryService } from './bigquery-client.ts'
import { BigqueryJobs, type Page, type StartedJob } from './bigquery-jobs.ts'
import { withFacts } from './bigquery-marks.ts'
import { type BigquerySettings, bigquerySettings } from './bigquery-settings.ts'
import { columnsOf, rowsOf, type SchemaField } from './bigquery-values.ts'
import { afterConflicts } from './conflicts.ts'
import type { OpenRequest } from './open-request.ts'
import { tooManyRows } from './problem.ts'
import { RowTransactions } from './row-transactions.ts'
import { refuseParameters } from './statement-text.ts'
import { createTurns } from './turns.ts'
import { type Column, READ_LIMIT, type Row, type Statement, type Warehouse } from './warehouse.ts'

/** A warehouse in the datasets of one Google Cloud project. A session is one of BigQuery's own. */
export async function openBigquery(request: OpenRequest): Promise<Warehouse> {
  const settings = await bigquerySettings(request)
  const service = await bigqueryService(settings, request)
  return (await BigquerySession.open({ service, settings, request })).warehouse()
}

interface Project {
  readonly service: BigqueryService
  readonly settings: BigquerySettings
  readonly request: OpenRequest
}

interface SessionPlace {
  readonly sessionId: string | undefined
  readonly location: string | undefined
}

class BigquerySession {
  readonly #project: Project
  readonly #jobs: BigqueryJobs
  readonly #place: SessionPlace
  readonly #turns = createTurns()
  readonly #others = new Set<Warehouse>()
  readonly #transactions = new RowTransactions({
    begin: () => this.#control('begin transaction'),
    commit: () => this.#control('commit transaction'),
    rollback: () => this.#control('rollback transaction'),
  })
  #closed = false

  private constructor(project: Project, jobs: BigqueryJobs, place: SessionPlace) {
    this.#project = project
    this.#jobs = jobs
    this.#place = place
  }

  /** Throws SLU3001, SLU3002, SLU3004 or SLU3013. */
  static async open(project: Project): Promise<BigquerySession> {
    const { service, settings, request } = project
    const jobs = new BigqueryJobs(service, settings, request, (request.ids ?? randomIds).hex(6))
    try {
      const sql = `set @@dataset_project_id = ${bigquery.literal(settings.project)}`
      const job = await jobs.start(
        { step: 'session', sql },
        { createSession: true, location: settings.location },
      )
      await jobs.firstPage(job, 'session', 0)
      return new BigquerySession(project, jobs, {
        sessionId: job.statistics.sessionInfo?.sessionId,
        location: job.location,
      })
    } catch (error) {
      throw openingError(error)
    }
  }

  warehouse(): Warehouse {
    return {
      dialect: bigquery,
      exclusive: false,
      // FARM_FINGERPRINT is the same in every version.
      version: async () => 'bigquery 1',
      execute: (statement) => this.#turns.take(statement.step, () => this.#execute(statement)),
      read: (statement) => this.#turns.take(statement.step, () => this.#read(statement)),
      stream: (statement) => this.#stream(statement),
      describe: (select) => this.#turns.take(select.step, () => this.#describe(select)),
      estimate: (statement) => this.#turns.take(statement.step, () => this.#estimate(statement)),
      transaction: (work) => this.#transactions.transaction(work),
      openSession: async () => {
        const another = (await BigquerySession.open(this.#project)).warehouse()
        this.#others.add(another)
        return another
      },
      cancel: () => this.#jobs.cancel(),
      close: () => this.#close(),
    }
  }

  async #execute(statement: Statement): Promise<number> {
    try {
      const { page } = await this.#answered(statement, 0)
      return Number(page.numDmlAffectedRows ?? 0)
    } catch (error) {
      const dataset = MADE_DATASET.exec(statement.sql)?.[1]
      if (dataset === undefined || !(await this.#isThere(dataset))) throw error
      return 0
    }
  }

  /** Who may make no datasets may use one that is there. */
  async #isThere(dataset: string): Promise<boolean> {
    const sql = `select table_name from ${dataset}.INFORMATION_SCHEMA.TABLES limit 0`
    return this.#answered({ step: 'dataset', sql }, 0).then(
      () => true,
      () => false,
    )
  }

  async #read(statement: Statement): Promise<readonly Row[]> {
    try {
      const { job, page } = await this.#answered(statement, READ_LIMIT + 1)
      const rows = [...rowsOf(page.schema, page.rows)]
      // A page ends early where its rows are long.
      for (let token = page.pageToken; token !== undefined && rows.length <= READ_LIMIT; ) {
        const next = await this.#jobs.nextPage(job, statement.step, READ_LIMIT + 1, token)
        rows.push(...rowsOf(next.schema ?? page.schema, next.rows))
        token = next.pageToken
      }
      if (rows.length > READ_LIMIT) throw tooManyRows(statement.step, READ_LIMIT)
      return rows
    } catch (error) {
      if (isAboutNoDataset(error, statement.sql)) return []
      throw error
    }
  }

  /** The service keeps what a query gave: a reader that stops leaves nothing open. */
  async *#stream(statement: Statement): AsyncIterable<readonly Row[]> {
    const release = await this.#turns.hold(statement.step)
    try {
      const { job, page } = await this.#answered(statement, PAGE_ROWS)
      for (let one: Page = page; ; ) {
        const rows = rowsOf(one.schema ?? page.schema, one.rows)
        if (rows.length > 0) yield rows
        if (one.pageToken === undefined) return
        one = await this.#jobs.nextPage(job, statement.step, PAGE_ROWS, one.pageToken)
      }
    } finally {
      release()
    }
  }

  /** A dry run costs nothing. */
  async #describe(select: Statement): Promise<readonly Column[]> {
    const { statistics } = await this.#dryRun(select)
    return columnsOf(statistics.query?.schema)
  }

  async #estimate(statement: Statement): Promise<number> {
    const { statistics } = await this.#dryRun(statement)
    return Number(statistics.query?.totalBytesProcessed ?? statistics.totalBytesProcessed ?? 0)
  }

  async #dryRun(statement: Statement): Promise<StartedJob> {
    return this.#jobs.start(await this.#completed(statement), { ...this.#place, dryRun: true })
  }

  async #answered(
    statement: Statement,
    rows: number,
  ): Promise<{ readonly job: StartedJob; readonly page: Page }> {
    refuseParameters(statement)
    await this.#transactions.before(statement.sql)
    const completed = await this.#completed(statement)
    const asked = async () => {
      const job = await this.#jobs.start(completed, this.#place)
      return { job, page: await this.#jobs.firstPage(job, statement.step, rows) }
    }
    return afterConflicts(asked, {
      clock: this.#project.request.clock,
      tries: CONFLICT_TRIES,
      firstPauseMs: CONFLICT_PAUSE_MS,
      mayTryAgain: () => !this.#transactions.isOpen,
    })
  }

  async #control(sql: string): Promise<void> {
    const job = await this.#jobs.start({ step: 'transaction', sql }, this.#place)
    await this.#jobs.firstPage(job, 'transaction', 0)
  }

  async #completed(statement: Statement): Promise<Statement> {
    const { location } = this.#place
    const sql = await withFacts(statement.sql, { location, columnsOf: (table) => this.#columnsOf(table) })
    return { ...statement, sql }
  }

  async #columnsOf(table: string): Promise<readonly SchemaField[]> {
    const sql = `select * from ${bigquery.scratch(table)}`
    try {
      const { statistics } = await this.#jobs.start(
        { step: 'columns', sql },
        { ...this.#place, dryRun: true },
      )
      return statistics.query?.schema?.fields ?? []
    } catch (error) {
      if (error instanceof SluiceError && error.code === 'SLU3004') return []
      throw error
    }
  }

  async #close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    for (const other of this.#others) await other.close()
    // rolls back what is open and drops temporary tables; a session that is left alone ends after a day
    const abort = { step: 'session', sql: 'call bq.abort_session()' }
    await this.#jobs.start(abort, { ...this.#place, tries: 1 }).catch(() => {})
  }
}

/** Rows of one page; the service ends it earlier where they are long, at some 10 MB. */
const PAGE_ROWS = 5000

const MADE_DATASET = /^create schema if not exists (`[^`]+`)$/

const CONFLICT_TRIES = 6
const CONFLICT_PAUSE_MS = 200

/** At the start nothing was lost yet: the service was not to be had. */
function openingError(error: unknown): unknown {
  if (!(error instanceof SluiceError) || error.code !== 'SLU3011') return error
  return new SluiceError('SLU3001', {
    message: error.message,
    hint: 'check the network, and api_endpoint of the target where it has one',
  })
}

/** A dataset that is not there has no tables: its own views are not there either. */
function isAboutNoDataset(error: unknown, sql: string): boolean {
  if (!(error instanceof SluiceError) || error.code !== 'SLU3004') return false
  const dataset = /^expected a dataset "([^"]+)"/.exec(error.message)?.[1]
  return dataset !== undefined && sql.includes(`${bigquery.quote(dataset)}.INFORMATION_SCHEMA.`)
}
