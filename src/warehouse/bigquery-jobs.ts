import type { Job } from '@google-cloud/bigquery'
import { SluiceError } from '../base/errors.ts'
import type { BigqueryService } from './bigquery-client.ts'
import { bigqueryProblem, type DriverError, driverError, isPassing } from './bigquery-errors.ts'
import type { BigquerySettings } from './bigquery-settings.ts'
import type { RawRow, Schema } from './bigquery-values.ts'
import type { OpenRequest } from './open-request.ts'
import { warehouseError } from './problem.ts'
import { statementText } from './statement-text.ts'
import type { Statement } from './warehouse.ts'

/** A page of what a job gives; `totalRows` and the counts of changed rows are told with the first. */
export interface Page {
  readonly jobComplete: boolean
  readonly schema?: Schema
  readonly rows?: readonly RawRow[]
  readonly pageToken?: string
  readonly numDmlAffectedRows?: string
}

/** What the service says of a job that it would run, or has begun to. */
interface JobStatistics {
  readonly sessionInfo?: { readonly sessionId: string }
  readonly totalBytesProcessed?: string
  readonly query?: { readonly schema?: Schema; readonly totalBytesProcessed?: string }
}

export interface StartedJob {
  readonly id: string
  readonly location: string | undefined
  readonly statistics: JobStatistics
}

export interface JobOptions {
  readonly sessionId?: string | undefined
  readonly createSession?: boolean
  readonly dryRun?: boolean
  readonly location?: string | undefined
  /** How often the request that makes it is sent at most; default: until the service is to be had, for a while. */
  readonly tries?: number
}

/**
 * The jobs of one session. Each has an id that we make, so that a request of which nobody knows whether it came through
 * can be sent again: the service makes a job once.
 */
export class BigqueryJobs {
  readonly #service: BigqueryService
  readonly #settings: BigquerySettings
  readonly #request: OpenRequest
  readonly #prefix: string
  #made = 0
  #running: Job | undefined

  /** `name` tells this session's jobs from all others. */
  constructor(service: BigqueryService, settings: BigquerySettings, request: OpenRequest, name: string) {
    this.#service = service
    this.#settings = settings
    this.#request = request
    this.#prefix = `sluice_${request.runId.replaceAll(/[^\w-]/g, '_')}_${name}`
  }

  /** Starts a statement. Throws SLU3xxx when it was refused at once. */
  async start(statement: Statement, options: JobOptions): Promise<StartedJob> {
    this.#made += 1
    const jobId = `${this.#prefix}_${this.#made}`
    const job = await this.#insert(jobId, statement, options)
    this.#running = options.dryRun === true ? undefined : job
    const { statistics = {}, jobReference } = job.metadata as {
      readonly statistics?: JobStatistics
      readonly jobReference?: { readonly location?: string }
    }
    return { id: jobId, location: jobReference?.location ?? options.location, statistics }
  }

  /** Waits for the job to end, then gives its first rows. */
  async firstPage(job: StartedJob, step: string, maxResults: number): Promise<Page> {
    try {
      for (;;) {
        const page = await this.#page(job, step, { maxResults, timeoutMs: WAIT_MS })
        if (page.jobComplete) return page
        await this.#request.clock.sleep(POLL_PAUSE_MS)
      }
    } finally {
      this.#running = undefined
    }
  }

  nextPage(job: StartedJob, step: string, maxResults: number, pageToken: string): Promise<Page> {
    return this.#page(job, step, { maxResults, pageToken })
  }

  /** Asks the service to stop the job that runs; nothing when none does. */
  async cancel(): Promise<void> {
    const job = this.#running
    if (job !== undefined) await this.#trying(job.id ?? '', 'cancel', () => job.cancel())
  }

  #insert(jobId: string, statement: Statement, options: JobOptions): Promise<Job> {
    let sent = 0
    const send = async () => {
      sent += 1
      try {
        const [job] = await this.#service.client.createJob({
          jobId,
          ...(options.location === undefined ? {} : { location: options.location }),
          configuration: this.#configuration(statement, options),
        })
        return job
      } catch (error) {
        // the request before this one came through after all
        if (sent > 1 && driverError(error).status === 409) return this.#found(jobId, options)
        throw error
      }
    }
    return this.#trying(jobId, statement.step, send, options.tries)
  }

  async #found(jobId: string, { location }: JobOptions): Promise<Job> {
    const job = this.#service.client.job(jobId, location === undefined ? {} : { location })
    await job.getMetadata()
    return job
  }

  #configuration(statement: Statement, { sessionId, createSession, dryRun }: JobOptions): object {
    const { dataset, project, priority, maximumBytesBilled, jobTimeoutMs } = this.#settings
    return {
      ...(dryRun === true ? { dryRun } : {}),
      ...(jobTimeoutMs === undefined ? {} : { jobTimeoutMs: String(jobTimeoutMs) }),
      labels: this.#labels(statement.step),
      query: {
        query: statementText(statement, this.#request.runId),
        useLegacySql: false,
        priority,
        ...(maximumBytesBilled === undefined ? {} : { maximumBytesBilled }),
        ...(dataset === undefined ? {} : { defaultDataset: { projectId: project, datasetId: dataset } }),
        ...(createSession === true ? { createSession } : {}),
        ...(sessionId === undefined
          ? {}
          : { connectionProperties: [{ key: 'session_id', value: sessionId }] }),
      },
    }
  }

  #labels(step: string): Readonly<Record<string, string>> {
    const { runId, project } = this.#request
    return {
      tool: 'sluice',
      run: labelOf(runId),
      step: labelOf(step),
      ...(project === undefined ? {} : { project: labelOf(project) }),
    }
  }

  #page(job: StartedJob, step: string, query: Readonly<Record<string, string | number>>): Promise<Page> {
    return this.#trying(job.id, step, () =>
      this.#service.ask<Page>('GET', `/queries/${job.id}`, {
        location: job.location,
        'formatOptions.useInt64Timestamp': true,
        ...query,
      }),
    )
  }

  /** Again and again while the service is not to be had, each time with the same job. */
  async #trying<T>(jobId: string, step: string, request: () => Promise<T>, tries = TRIES): Promise<T> {
    for (let tried = 1; ; tried += 1) {
      try {
        return await request()
      } catch (error) {
        if (error instanceof SluiceError) throw error
        const told = driverError(error)
        if (!isPassing(told) || tried === tries) throw refusal(told, step, jobId)
        await this.#request.clock.sleep(FIRST_PAUSE_MS * 2 ** (tried - 1))
      }
    }
  }
}

/** How long the service holds the answer of a job that still runs. */
const WAIT_MS = 10_000
const POLL_PAUSE_MS = 200

/** With pauses that double, some twenty seconds in all. */
const TRIES = 7
const FIRST_PAUSE_MS = 300

/** The job's id is what a project's history is searched by. */
function refusal(error: DriverError, step: string, jobId: string): SluiceError {
  const { message, ...problem } = bigqueryProblem(error)
  return warehouseError({ ...problem, message: `${message} (job ${jobId})` }, step)
}

/** Letters, digits, `_` and `-`, at most 63. */
function labelOf(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]/g, '_')
    .slice(0, 63)
}
