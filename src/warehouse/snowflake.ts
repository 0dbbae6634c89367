import type { Connection, RowStatement } from 'snowflake-sdk'
import { SluiceError } from '../base/errors.ts'
import { snowflake } from '../dialect/snowflake.ts'
import { storedName } from '../dialect/snowflake-names.ts'
import type { OpenRequest } from './open-request.ts'
import { tooManyRows, warehouseError } from './problem.ts'
import { RowTransactions } from './row-transactions.ts'
import { connect, sessionStatements } from './snowflake-connect.ts'
import { clientError, snowflakeProblem } from './snowflake-errors.ts'
import { columnsOf, rowMaker } from './snowflake-rows.ts'
import { isScript } from './snowflake-script.ts'
import { refuseParameters, statementText } from './statement-text.ts'
import { createTurns } from './turns.ts'
import { type Column, READ_LIMIT, type Row, type Statement, type Warehouse } from './warehouse.ts'

/** A warehouse in one database of Snowflake; a session is one log-in. */
export async function openSnowflake(request: OpenRequest): Promise<Warehouse> {
  const session = new Session(await connect(request), request)
  try {
    await session.prepare()
  } catch (error) {
    await session.close()
    throw error
  }
  return session.warehouse()
}

/** More of a statement than its text. */
interface Asked {
  /** How many statements stand in the text; 0: as many as there are. */
  readonly statements?: number
  readonly describeOnly?: boolean
}

class Session {
  readonly #connection: Connection
  readonly #request: OpenRequest
  readonly #turns = createTurns()
  readonly #others = new Set<Warehouse>()
  readonly #transactions: RowTransactions
  #running: RowStatement | undefined
  #closed = false

  constructor(connection: Connection, request: OpenRequest) {
    this.#connection = connection
    this.#request = request
    const control = (sql: string) => async () => {
      await this.#ask({ step: 'transaction', sql })
    }
    this.#transactions = new RowTransactions({
      begin: control('begin transaction'),
      commit: control('commit'),
      rollback: control('rollback'),
    })
  }

  async prepare(): Promise<void> {
    const statements = sessionStatements(this.#request)
    await this.#ask({ step: 'session', sql: statements.join(';\n') }, { statements: statements.length })
    await this.#useStateSchema()
    const [row] = await this.#read({
      step: 'session',
      sql: 'select current_database() as name, current_schema() as place',
    })
    if (row?.name === null)
      throw new SluiceError('SLU3013', {
        message: `expected a database "${this.#request.settings.get('database')}" that the role may use, found none`,
        hint: 'check database and role of the target; the role needs usage on the database',
      })
  }

  warehouse(): Warehouse {
    return {
      dialect: snowflake,
      exclusive: false,
      version: async () => {
        const [row] = await this.#read({ step: 'version', sql: 'select current_version() as version' })
        // A release comes every week; hashes are promised to stay.
        return `snowflake ${String(row?.version).split('.')[0]}`
      },
      execute: (statement) => this.#execute(statement),
      read: (statement) => this.#read(statement),
      stream: (statement) => this.#stream(statement),
      describe: (select) => this.#describe(select),
      transaction: (work) => this.#transactions.transaction(work),
      openSession: async () => {
        const another = await openSnowflake(this.#request)
        this.#others.add(another)
        return another
      },
      cancel: () => this.#cancel(),
      close: () => this.close(),
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    for (const other of this.#others) await other.close()
    // A statement goes on without its session, unless it is told to stop.
    await this.#cancel().catch(() => {})
    await new Promise<void>((resolve) => this.#connection.destroy(() => resolve()))
  }

  #execute(statement: Statement): Promise<number> {
    return this.#turns.take(statement.step, async () => {
      await this.#transactions.before(statement.sql)
      const asked = isScript(statement.sql) ? { statements: 0 } : {}
      const done = await this.#ask(statement, asked)
      if (/\bcreate schema\b/i.test(statement.sql)) await this.#useStateSchema()
      return affected(done)
    })
  }

  #read(statement: Statement): Promise<readonly Row[]> {
    return this.#turns.take(statement.step, async () => {
      await this.#transactions.before(statement.sql)
      const done = await this.#ask(statement)
      const rows: Row[] = []
      for await (const page of this.#pages(done, statement)) {
        rows.push(...page)
        if (rows.length > READ_LIMIT) throw tooManyRows(statement.step, READ_LIMIT)
      }
      return rows
    })
  }

  async *#stream(statement: Statement): AsyncIterable<readonly Row[]> {
    const release = await this.#turns.hold(statement.step)
    try {
      await this.#transactions.before(statement.sql)
      yield* this.#pages(await this.#ask(statement), statement)
    } finally {
      release()
    }
  }

  #describe(select: Statement): Promise<readonly Column[]> {
    return this.#turns.take(select.step, async () => {
      const done = await this.#ask(select, { describeOnly: true })
      return columnsOf(done.getColumns() ?? [])
    })
  }

  /** The client fetches one piece of the result ahead, and no more until its rows are read. */
  async *#pages(done: RowStatement, { step }: Statement): AsyncIterable<readonly Row[]> {
    const make = rowMaker(done.getColumns() ?? [])
    let page: Row[] = []
    let characters = 0
    try {
      for await (const values of done.streamRows() as AsyncIterable<readonly unknown[]>) {
        page.push(make(values))
        for (const value of values) characters += typeof value === 'string' ? value.length : 8
        if (page.length < LARGEST_PAGE && characters < FULL_PAGE) continue
        yield page
        page = []
        characters = 0
      }
    } catch (error) {
      throw told(error, step)
    }
    if (page.length > 0) yield page
  }

  async #ask(statement: Statement, asked: Asked = {}): Promise<RowStatement> {
    refuseParameters(statement)
    const options = {
      sqlText: statementText(statement, this.#request.runId),
      ...(asked.describeOnly === true ? { describeOnly: true } : {}),
      ...(asked.statements === undefined ? {} : { parameters: { MULTI_STATEMENT_COUNT: asked.statements } }),
    }
    try {
      return await new Promise<RowStatement>((resolve, reject) => {
        this.#running = this.#connection.execute({
          ...options,
          complete: (error, done) => (error ? reject(error) : resolve(done as RowStatement)),
        }) as RowStatement
      })
    } catch (error) {
      throw told(error, statement.step)
    } finally {
      this.#running = undefined
    }
  }

  /** The server may not have heard of the statement yet, so it is asked until the statement ends. */
  async #cancel(): Promise<void> {
    const stopped = this.#running
    for (let tries = 0; tries < CANCEL_TRIES && stopped !== undefined; tries += 1) {
      if (this.#running !== stopped) return
      await new Promise<void>((heard) => stopped.cancel(() => heard()))
      if (this.#running === stopped) await this.#request.clock.sleep(CANCEL_AGAIN_MS)
    }
  }

  /** Temporary tables stand in the session's schema, and a new schema is the session's from then on. */
  async #useStateSchema(): Promise<void> {
    const schema = this.#request.stateSchema
    if (schema === undefined) return
    try {
      await this.#ask({ step: 'session', sql: `use schema ${snowflake.quote(storedName(schema))}` })
    } catch (error) {
      // It is not there before the first build; others stay away from it.
      if (!(error instanceof SluiceError) || error.code !== 'SLU3004') throw error
    }
  }
}

const LARGEST_PAGE = 4096
/** Characters of a page beyond which it is given out: a row may be the body of a whole batch. */
const FULL_PAGE = 1_000_000

const CANCEL_TRIES = 50
const CANCEL_AGAIN_MS = 100

function told(error: unknown, step: string): unknown {
  if (error instanceof SluiceError) return error
  return warehouseError(snowflakeProblem(clientError(error)), step)
}

/** The counts of a statement that changes rows; rows that joined several are a warning, and no more rows. */
async function affected(done: RowStatement): Promise<number> {
  if ((done.getNumUpdatedRows() ?? -1) < 0) return 0
  const columns = done.getColumns() ?? []
  let count = 0
  for await (const values of done.streamRows() as AsyncIterable<readonly unknown[]>)
    columns.forEach((column, at) => {
      if (!/multi-joined/.test(column.getName())) count += Number(values[at])
    })
  return count
}
