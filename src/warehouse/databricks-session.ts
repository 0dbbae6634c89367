import { SluiceError } from '../base/errors.ts'
import { randomIds } from '../base/ids.ts'
import { databricks } from '../dialect/databricks.ts'
import { afterConflicts } from './conflicts.ts'
import type { StatementAnswer, StatementApi, StatementRequest } from './databricks-api.ts'
import { pagesOf } from './databricks-results.ts'
import { isOrphan, SCRATCH_PREFIX, ScratchTables, scratchPrefix } from './databricks-scratch.ts'
import { type Running, runToEnd } from './databricks-statements.ts'
import type { OpenRequest } from './open-request.ts'
import { tooManyRows } from './problem.ts'
import { refuseParameters, statementText } from './statement-text.ts'
import { READ_LIMIT, type Row, type Statement } from './warehouse.ts'

/** What the sessions of one warehouse share. */
export interface Workspace {
  readonly api: StatementApi
  readonly request: OpenRequest
  readonly timeoutMs: number | undefined
  /** The state schema stands, and forgotten tables are gone. */
  isSwept: boolean
}

/** What is wanted of a statement: only one that does not write may be sent twice. */
type Kind = 'write' | 'read' | 'stream'

/** The state schema of a target that does not say it. */
const DEFAULT_STATE_SCHEMA = 'sluice'

/** The statements of one session, each by itself, and its temporary tables. */
export class DatabricksSession {
  readonly #workspace: Workspace
  readonly #schema: string
  readonly #scratch: ScratchTables
  #running: Running | undefined
  #closed = false

  constructor(workspace: Workspace) {
    const { clock, stateSchema } = workspace.request
    this.#workspace = workspace
    this.#schema = stateSchema ?? DEFAULT_STATE_SCHEMA
    this.#scratch = new ScratchTables(this.#schema, scratchPrefix(clock.nowMs(), randomIds.hex(4)))
  }

  /** Rows affected. */
  async execute(statement: Statement): Promise<number> {
    try {
      return affected(await this.run(statement, 'write'))
    } catch (error) {
      const asked = SCHEMA_MADE.exec(statement.sql)?.[1]
      if (asked === undefined || !isRefused(error)) throw error
      // the right to make one is asked for even where it stands
      const sql = schemaNamed(asked.replaceAll('``', '`'))
      if ((await this.read({ step: statement.step, sql }, 1)).length === 0) throw error
      return 0
    }
  }

  async read(statement: Statement, most: number): Promise<readonly Row[]> {
    const { api, request } = this.#workspace
    const rows: Row[] = []
    for await (const page of pagesOf(api, request.clock, await this.run(statement, 'read'))) {
      rows.push(...page)
      if (rows.length > most) throw tooManyRows(statement.step, most)
    }
    return rows
  }

  /** A write that another one was in the way of did nothing: it is tried again after that one. */
  async run(statement: Statement, kind: Kind): Promise<StatementAnswer> {
    if (this.#closed) throw closedSession()
    const { sql, makes, done } = this.#scratch.named(statement.sql)
    if (makes) await this.#prepare()
    const { clock } = this.#workspace.request
    const asked = () => this.#once({ ...statement, sql }, kind)
    const answer = await afterConflicts(asked, { clock, tries: TRIES, firstPauseMs: FIRST_PAUSE_MS })
    done()
    return answer
  }

  async cancel(): Promise<void> {
    const running = this.#running
    if (running === undefined) return
    running.stop.abort()
    if (running.statementId !== undefined) await this.#workspace.api.cancel(running.statementId)
  }

  /** Stops what runs, and drops what is left of its temporary tables. */
  async close(): Promise<void> {
    this.#closed = true
    await this.cancel().catch(() => {})
    const step = 'session.close'
    // What cannot be dropped now is swept when it is a day old.
    for (const sql of this.#scratch.drops()) await this.#once({ step, sql }, 'write').catch(() => {})
  }

  async #once(statement: Statement, kind: Kind): Promise<StatementAnswer> {
    const { api, request, timeoutMs } = this.#workspace
    const running: Running = { stop: new AbortController() }
    this.#running = running
    try {
      return await runToEnd(api, requestOf(statement, request, kind), running, {
        ...{ clock: request.clock, timeoutMs, step: statement.step },
        repeatable: kind !== 'write',
      })
    } finally {
      this.#running = undefined
    }
  }

  /** Before the first temporary table of all sessions. */
  async #prepare(): Promise<void> {
    const { request } = this.#workspace
    if (this.#workspace.isSwept) return
    this.#workspace.isSwept = true
    const step = 'session.scratch'
    await this.execute({ step, sql: `create schema if not exists ${databricks.quote(this.#schema)}` })
    for (const { name, is_view } of await this.read({ step, sql: orphansIn(this.#schema) }, READ_LIMIT))
      if (isOrphan(String(name), request.clock.nowMs()))
        await this.#once({ step, sql: dropOf(this.#schema, String(name), is_view === true) }, 'write').catch(
          () => {},
        )
  }
}

const TRIES = 5
const FIRST_PAUSE_MS = 200

function requestOf(statement: Statement, { runId }: OpenRequest, kind: Kind): StatementRequest {
  refuseParameters(statement)
  return {
    statement: statementText(statement, runId),
    disposition: kind === 'stream' ? 'EXTERNAL_LINKS' : 'INLINE',
    // One more than may be read, so that too many are told from enough.
    ...(kind === 'read' ? { row_limit: READ_LIMIT + 1 } : {}),
    query_tags: [
      { key: 'sluice_step', value: statement.step },
      { key: 'sluice_run', value: runId },
    ],
  }
}

/** Of rows that were inserted, changed or deleted; statements of other kinds say nothing. */
function affected({ manifest, result }: StatementAnswer): number {
  const place = (manifest?.schema.columns ?? []).findIndex(({ name }) => name === 'num_affected_rows')
  return Number(result?.data_array?.[0]?.[place] ?? 0)
}

const SCHEMA_MADE = /^create schema if not exists `((?:[^`]|``)+)`$/

function schemaNamed(schema: string): string {
  return `select schema_name from information_schema.schemata where schema_name = ${databricks.literal(schema.toLowerCase())}`
}

/** The oldest first, as many as are read at once. */
function orphansIn(schema: string): string {
  return `select table_name as name, table_type like '%VIEW' as is_view
from information_schema.tables
where table_schema = ${databricks.literal(schema.toLowerCase())} and startswith(table_name, ${databricks.literal(SCRATCH_PREFIX)})
order by table_name nulls last
limit ${READ_LIMIT}`
}

function dropOf(schema: string, name: string, isView: boolean): string {
  return `drop ${isView ? 'view' : 'table'} if exists ${databricks.quote(schema)}.${databricks.quote(name)}`
}

function isRefused(error: unknown): boolean {
  return error instanceof SluiceError && error.code === 'SLU3002'
}

function closedSession(): SluiceError {
  return new SluiceError('SLU3011', {
    message: 'expected the session to be open, found that it was closed',
  })
}
