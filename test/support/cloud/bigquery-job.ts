import type { Answer, EngineSession } from './bigquery-engine.ts'
import { BigqueryRefusal } from './bigquery-refusal.ts'
import type { WireRow } from './bigquery-rows.ts'

export interface Configuration {
  readonly dryRun?: boolean
  readonly jobTimeoutMs?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly query: {
    readonly query: string
    readonly priority?: string
    readonly createSession?: boolean
    readonly maximumBytesBilled?: string
    readonly defaultDataset?: object
    readonly connectionProperties?: readonly { readonly key: string; readonly value: string }[]
  }
}

/** A job of the service, from its start until it is forgotten with the service. */
export class FakeJob {
  readonly #id: string
  readonly #configuration: Configuration
  readonly #session: EngineSession
  readonly sessionId: string
  readonly #done: Promise<void>
  #answer: Answer | undefined
  #refusal: BigqueryRefusal | undefined

  constructor(id: string, configuration: Configuration, session: EngineSession, sessionId: string) {
    this.#id = id
    this.#configuration = configuration
    this.#session = session
    this.sessionId = sessionId
    this.#done = this.#run()
  }

  /** What a job would do, without doing it. */
  static async dryRun(id: string, configuration: Configuration, session: EngineSession): Promise<object> {
    const { fields, bytes } = await session.look(configuration.query.query)
    return {
      jobReference: referenceOf(id),
      configuration,
      status: { state: 'DONE' },
      statistics: {
        totalBytesProcessed: String(bytes),
        query: { totalBytesProcessed: String(bytes), schema: { fields } },
      },
    }
  }

  get runs(): boolean {
    return this.#answer === undefined && this.#refusal === undefined
  }

  resource(): object {
    const failed =
      this.#refusal === undefined
        ? {}
        : { errorResult: errorOf(this.#refusal), errors: [errorOf(this.#refusal)] }
    return {
      jobReference: referenceOf(this.#id),
      configuration: this.#configuration,
      status: { state: this.runs ? 'RUNNING' : 'DONE', ...failed },
      statistics: { sessionInfo: { sessionId: this.sessionId } },
    }
  }

  cancelled(): object {
    if (this.runs) this.#session.cancel()
    return this.resource()
  }

  /** A page of what it gave; waits for it for a while. */
  async results(query: URLSearchParams): Promise<object> {
    await Promise.race([
      this.#done,
      pause(Math.min(Number(query.get('timeoutMs') ?? 10_000), LONGEST_WAIT_MS)),
    ])
    if (this.#refusal !== undefined) throw this.#refusal
    const answer = this.#answer
    if (answer === undefined) return { jobReference: referenceOf(this.#id), jobComplete: false }
    const from = Number(query.get('pageToken') ?? 0)
    const rows = pageOf(answer.rows, from, Number(query.get('maxResults') ?? 10_000))
    const next = from + rows.length
    return {
      jobReference: referenceOf(this.#id),
      jobComplete: true,
      totalRows: String(answer.rows.length),
      ...(answer.fields.length === 0 ? {} : { schema: { fields: answer.fields } }),
      ...(rows.length === 0 ? {} : { rows }),
      // Whoever asks for no rows is told of none to come.
      ...(next < answer.rows.length && query.get('maxResults') !== '0' ? { pageToken: String(next) } : {}),
      ...(answer.affected === undefined ? {} : { numDmlAffectedRows: String(answer.affected) }),
    }
  }

  async #run(): Promise<void> {
    const { jobTimeoutMs, query } = this.#configuration
    const timer =
      jobTimeoutMs === undefined ? undefined : setTimeout(() => this.#session.cancel(), Number(jobTimeoutMs))
    try {
      await this.#checkBytes()
      this.#answer = await this.#session.run(query.query)
    } catch (error) {
      this.#refusal =
        error instanceof BigqueryRefusal
          ? error
          : new BigqueryRefusal('internalError', `the fake failed: ${String(error)}`)
    } finally {
      clearTimeout(timer)
    }
  }

  async #checkBytes(): Promise<void> {
    const most = this.#configuration.query.maximumBytesBilled
    if (
      most === undefined ||
      !/^\s*(?:\/\*.*?\*\/)?\s*(?:select|with)/s.test(this.#configuration.query.query)
    )
      return
    const { bytes } = await this.#session.look(this.#configuration.query.query)
    if (bytes > Number(most))
      throw new BigqueryRefusal(
        'bytesBilledLimitExceeded',
        `Query exceeded limit for bytes billed: ${most}. ${bytes} or higher required.`,
      )
  }
}

const LONGEST_WAIT_MS = 500
/** The service ends a page at some megabytes; the fake a little earlier. */
const PAGE_BYTES = 1_000_000

function pageOf(rows: readonly WireRow[], from: number, most: number): readonly WireRow[] {
  let bytes = 0
  let end = from
  while (end < rows.length && end - from < most && (bytes < PAGE_BYTES || end === from)) {
    bytes += JSON.stringify(rows[end]).length
    end += 1
  }
  return rows.slice(from, end)
}

function referenceOf(jobId: string): object {
  return { projectId: 'shop-1', jobId, location: 'EU' }
}

function errorOf({ reason, message }: BigqueryRefusal): object {
  return { reason, message, location: 'query' }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds).unref()
  })
}
