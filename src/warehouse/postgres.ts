import type { Client, QueryResult } from 'pg'
import { SluiceError } from '../base/errors.ts'
import { postgres } from '../dialect/postgres.ts'
import type { OpenRequest } from './open-request.ts'
import { connect } from './postgres-connect.ts'
import { driverError, postgresProblem } from './postgres-errors.ts'
import { typeName } from './postgres-types.ts'
import { nestedTransaction, tooManyRows, warehouseError } from './problem.ts'
import { statementText } from './statement-text.ts'
import { createTurns, type Turns } from './turns.ts'
import { type Column, READ_LIMIT, type Row, type Statement, type Warehouse } from './warehouse.ts'

/** A warehouse in one PostgreSQL database; a session is a connection. */
export async function openPostgres(request: OpenRequest): Promise<Warehouse> {
  const client = await connect(request.settings)
  return session(client, request, new Set())
}

function session(client: Client, request: OpenRequest, others: Set<Warehouse>): Warehouse {
  const turns = createTurns()
  let inTransaction = false
  let closed = false

  const run = (statement: Statement): Promise<QueryResult> =>
    turns.take(statement.step, () => query(client, statement, request.runId))

  async function transaction<T>(work: () => Promise<T>): Promise<T> {
    if (inTransaction) throw nestedTransaction()
    inTransaction = true
    try {
      await run({ step: 'transaction', sql: 'begin isolation level repeatable read' })
      const result = await work()
      await run({ step: 'transaction', sql: 'commit' })
      return result
    } catch (error) {
      // a connection that was lost has rolled back by itself
      await run({ step: 'transaction', sql: 'rollback' }).catch(() => {})
      throw error
    } finally {
      inTransaction = false
    }
  }

  return {
    dialect: postgres,
    exclusive: false,
    version: async () => {
      const { rows } = await run({
        step: 'version',
        sql: "select current_setting('server_version_num') as version",
      })
      return `postgres ${Math.floor(Number(rows[0]?.version) / 10_000)}`
    },
    execute: async (statement) => (await run(statement)).rowCount ?? 0,
    read: async (statement) => {
      const { rows } = await run(statement)
      if (rows.length > READ_LIMIT) throw tooManyRows(statement.step, READ_LIMIT)
      return rows
    },
    stream: (statement) => streamed(client, statement, request.runId, turns, () => inTransaction),
    describe: async (select) =>
      columnsOf(await run({ ...select, sql: `select * from (${select.sql}\n) as described limit 0` })),
    transaction,
    openSession: async () => {
      const another = session(await connect(request.settings), request, new Set())
      others.add(another)
      return another
    },
    cancel: () => cancelOf(client, request),
    close: async () => {
      if (closed) return
      closed = true
      for (const other of others) await other.close()
      await client.end().catch(() => {})
    },
  }
}

async function query(client: Client, statement: Statement, runId: string): Promise<QueryResult> {
  const text = statementText(statement, runId)
  const values = statement.parameters ?? []
  try {
    const result = await (values.length === 0 ? client.query(text) : client.query(text, [...values]))
    // several statements in one text give several results
    return Array.isArray(result) ? result.at(-1) : result
  } catch (error) {
    if (error instanceof SluiceError) throw error
    throw warehouseError(postgresProblem(driverError(error)), statement.step)
  }
}

function columnsOf(result: QueryResult): readonly Column[] {
  return result.fields.map((field) => ({
    name: field.name,
    type: postgres.columnType(typeName(field.dataTypeID)),
  }))
}

/** The server stops a statement of another connection only, so this takes one for a moment. */
async function cancelOf(client: Client, request: OpenRequest): Promise<void> {
  const { processID } = client as unknown as { readonly processID: number }
  const other = await connect(request.settings)
  try {
    await other.query('select pg_cancel_backend($1)', [processID])
  } finally {
    await other.end()
  }
}

const CURSOR = 'sluice_stream'

/** By a cursor of the server, inside the transaction that is open or one of its own. */
async function* streamed(
  client: Client,
  statement: Statement,
  runId: string,
  turns: Turns,
  inTransaction: () => boolean,
): AsyncIterable<readonly Row[]> {
  const release = await turns.hold(statement.step)
  const own = !inTransaction()
  const control = (sql: string) => query(client, { step: statement.step, sql }, runId)
  let done = false
  try {
    if (own) await control('begin isolation level repeatable read, read only')
    await query(
      client,
      { ...statement, sql: `declare ${CURSOR} no scroll cursor for ${statement.sql}` },
      runId,
    )
    for (let size = FIRST_PAGE; ; ) {
      const { rows } = await control(`fetch ${size} from ${CURSOR}`)
      if (rows.length > 0) yield rows
      if (rows.length < size) break
      size = nextSize(size, rows)
    }
    await control(`close ${CURSOR}`)
    if (own) await control('commit')
    done = true
  } finally {
    // the reader stopped, or a statement failed
    if (!done) await control(own ? 'rollback' : `close ${CURSOR}`).catch(() => {})
    release()
  }
}

const FIRST_PAGE = 64
const LARGEST_PAGE = 4096
/** Characters of a page beyond which no larger one is fetched: a row may be the body of a whole batch. */
const FULL_PAGE = 1_000_000

function nextSize(size: number, rows: readonly Row[]): number {
  const sample = rows.slice(0, 16)
  const characters = sample.reduce((sum, row) => sum + charactersOf(row), 0)
  const page = (characters / sample.length) * rows.length
  if (page > FULL_PAGE) return Math.max(1, Math.floor(size / 2))
  return page * 2 > FULL_PAGE ? size : Math.min(LARGEST_PAGE, size * 2)
}

function charactersOf(row: Row): number {
  return Object.values(row).reduce<number>(
    (sum, value) => sum + (typeof value === 'string' ? value.length : 8),
    0,
  )
}
