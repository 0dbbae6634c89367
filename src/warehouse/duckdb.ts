import {
  BIGINT,
  DOUBLE,
  type DuckDBConnection,
  type DuckDBResult,
  type DuckDBType,
  HUGEINT,
  StatementType,
} from '@duckdb/node-api'
import { SluiceError } from '../base/errors.ts'
import type { ColumnType } from '../dialect/dialect.ts'
import { duckdb } from '../dialect/duckdb.ts'
import type { OpenConnection } from './duckdb-connection.ts'
import { duckdbProblem } from './duckdb-errors.ts'
import { type OpenFile, openFile } from './duckdb-file.ts'
import { rowsOf } from './duckdb-values.ts'
import type { OpenRequest } from './open-request.ts'
import { nestedTransaction, tooManyRows, warehouseError } from './problem.ts'
import { statementText } from './statement-text.ts'
import { createTurns, type Turns } from './turns.ts'
import {
  type Column,
  READ_LIMIT,
  type Row,
  type SqlValue,
  type Statement,
  type Warehouse,
} from './warehouse.ts'

/** A warehouse in one DuckDB file. Its sessions are connections of one instance, which alone has the file. */
export async function openDuckdb(request: OpenRequest): Promise<Warehouse> {
  const file = await openFile(request)
  return session(file, file.connection, request.runId, () => file.close())
}

function session(
  file: OpenFile,
  connection: OpenConnection,
  runId: string,
  close: () => Promise<void>,
): Warehouse {
  const turns = createTurns()
  let inTransaction = false
  let closed = false

  const run = <T>(statement: Statement, use: (result: DuckDBResult) => Promise<T>): Promise<T> =>
    turns.take(statement.step, () =>
      classified(statement.step, () =>
        connection.call(async (one) => use(await start(one, statement, runId))),
      ),
    )

  const control = (sql: string): Promise<unknown> => run({ step: 'transaction', sql }, async () => undefined)

  async function transaction<T>(work: () => Promise<T>): Promise<T> {
    if (inTransaction) throw nestedTransaction()
    inTransaction = true
    try {
      await control('begin transaction')
      const result = await work()
      await control('commit')
      return result
    } catch (error) {
      // the statement that failed may have ended the transaction already
      await control('rollback').catch(() => {})
      throw error
    } finally {
      inTransaction = false
    }
  }

  async function closeOnce(): Promise<void> {
    if (closed) return
    closed = true
    await close()
  }

  return {
    dialect: duckdb,
    exclusive: true,
    version: async () => {
      const [row] = await run({ step: 'version', sql: 'select version() as version' }, (result) =>
        all(result, 1),
      )
      return `duckdb ${String(row?.version).replace(/^v/, '')}`
    },
    execute: (statement) => run(statement, affected),
    read: (statement) => run(statement, (result) => limited(result, statement.step)),
    stream: (statement) => streamed(connection, statement, runId, turns),
    describe: (select) =>
      turns.take(select.step, () =>
        classified(select.step, () => connection.call((one) => columnsOf(one, select, runId))),
      ),
    transaction,
    openSession: async () => {
      const another = await file.connect()
      return session(file, another, runId, async () => {
        await another.end()
        another.duckdb.closeSync()
      })
    },
    cancel: async () => connection.duckdb.interrupt(),
    close: closeOnce,
  }
}

async function classified<T>(step: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof SluiceError) throw error
    throw warehouseError(duckdbProblem(error instanceof Error ? error.message : String(error)), step)
  }
}

function start(connection: DuckDBConnection, statement: Statement, runId: string): Promise<DuckDBResult> {
  const text = statementText(statement, runId)
  const values = statement.parameters
  if (values === undefined || values.length === 0) return connection.stream(text)
  return connection.stream(text, [...values], values.map(typeOf) as DuckDBType[])
}

/** Whole numbers go as such, whatever their size; DuckDB finds the types of all others. */
function typeOf(value: SqlValue): DuckDBType | undefined {
  if (typeof value === 'bigint') return BigInt.asIntN(64, value) === value ? BIGINT : HUGEINT
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BIGINT : DOUBLE
  return undefined
}

async function affected(result: DuckDBResult): Promise<number> {
  const chunks = await result.fetchAllChunks()
  // `create table as` gives its count as a row only; other definitions give a row of nothing
  if (result.statementType === StatementType.CREATE) return Number(chunks[0]?.getRows()[0]?.[0] ?? 0)
  return result.rowsChanged
}

async function limited(result: DuckDBResult, step: string): Promise<readonly Row[]> {
  const rows = await all(result, READ_LIMIT + 1)
  if (rows.length > READ_LIMIT) throw tooManyRows(step, READ_LIMIT)
  return rows
}

async function all(result: DuckDBResult, enough: number): Promise<readonly Row[]> {
  const rows: Row[] = []
  const names = result.deduplicatedColumnNames()
  const types = result.columnTypes()
  while (rows.length < enough) {
    const chunk = await result.fetchChunk()
    if (chunk === null || chunk.rowCount === 0) break
    rows.push(...rowsOf(chunk, names, types))
  }
  return rows
}

async function* streamed(
  connection: OpenConnection,
  statement: Statement,
  runId: string,
  turns: Turns,
): AsyncIterable<readonly Row[]> {
  const release = await turns.hold(statement.step)
  try {
    const result = await classified(statement.step, () =>
      connection.call((one) => start(one, statement, runId)),
    )
    const names = result.deduplicatedColumnNames()
    const types = result.columnTypes()
    for (;;) {
      const chunk = await classified(statement.step, () => connection.call(() => result.fetchChunk()))
      if (chunk === null || chunk.rowCount === 0) return
      yield rowsOf(chunk, names, types)
    }
  } finally {
    release()
  }
}

/** JSON is text with another name. */
function columnTypeOf(type: DuckDBType): ColumnType {
  return duckdb.columnType(type.alias ?? String(type))
}

/** A prepared statement is bound but not run. */
async function columnsOf(
  connection: DuckDBConnection,
  select: Statement,
  runId: string,
): Promise<readonly Column[]> {
  const prepared = await connection.prepare(statementText(select, runId))
  try {
    return Array.from({ length: prepared.columnCount }, (_, index) => ({
      name: prepared.columnName(index),
      type: columnTypeOf(prepared.columnType(index)),
    }))
  } finally {
    prepared.destroySync()
  }
}
