import { type DuckDBConnection, DuckDBInstance, StatementType } from '@duckdb/node-api'
import { BIGQUERY_MACROS } from './bigquery-functions.ts'
import { BigqueryRefusal, refusalOf } from './bigquery-refusal.ts'
import { type Field, fieldOf, rowsOf, type WireRow } from './bigquery-rows.ts'
import { refusedByEngine } from './bigquery-rules.ts'
import { duckdbText, statementsOf } from './bigquery-text.ts'
import { type Datasets, GoogleCatalog } from './google-catalog.ts'
import type { GoogleSql } from './google-sql.ts'

export interface Answer {
  readonly fields: readonly Field[]
  readonly rows: readonly WireRow[]
  /** Of a statement that changes rows. */
  readonly affected: number | undefined
}

/** Where a project's statements are run: one DuckDB, of which a session is a connection. */
export class BigqueryEngine {
  readonly #instance: DuckDBInstance
  readonly #analyser: GoogleSql | undefined
  readonly #shared: Datasets = new Map([['region-eu', new Map()]])

  private constructor(instance: DuckDBInstance, analyser: GoogleSql | undefined) {
    this.#instance = instance
    this.#analyser = analyser
  }

  /** With the analyser in front where there is one. */
  static async start(analyser: GoogleSql | undefined): Promise<BigqueryEngine> {
    const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
    const engine = new BigqueryEngine(instance, analyser)
    const first = await engine.openSession('project')
    await first.raw(BIGQUERY_MACROS)
    first.end()
    return engine
  }

  async openSession(project: string): Promise<EngineSession> {
    const connection = await this.#instance.connect()
    await connection.run("set timezone = 'UTC'")
    const catalog = this.#analyser === undefined ? undefined : new GoogleCatalog(this.#analyser, this.#shared)
    return new EngineSession(connection, catalog, project)
  }

  close(): void {
    this.#instance.closeSync()
  }
}

export class EngineSession {
  readonly #connection: DuckDBConnection
  readonly #catalog: GoogleCatalog | undefined
  readonly #project: string
  /** Of a cancelled job: what DuckDB says of it is no error of the statement. */
  #isCancelled = false

  constructor(connection: DuckDBConnection, catalog: GoogleCatalog | undefined, project: string) {
    this.#connection = connection
    this.#catalog = catalog
    this.#project = project
  }

  /** A statement or a script of GoogleSQL. Rejects with BigqueryRefusal. */
  async run(script: string): Promise<Answer> {
    this.#isCancelled = false
    let answer = NOTHING
    for (const statement of statementsOf(script)) answer = await this.#one(statement)
    return answer
  }

  /** The columns that a query would give, and the bytes that a statement would read. */
  async look(script: string): Promise<{ readonly fields: readonly Field[]; readonly bytes: number }> {
    let fields: readonly Field[] = []
    let bytes = 0
    for (const statement of statementsOf(script)) {
      await this.#judge(statement, false)
      bytes += await this.#bytesOf(statement)
      if (isQuery(statement)) fields = await this.#described(statement)
    }
    return { fields, bytes }
  }

  /** DuckDB's own SQL. */
  async raw(sql: string): Promise<void> {
    for (const statement of sql.split(/;\n/))
      if (statement.trim() !== '') await this.#connection.run(statement)
  }

  cancel(): void {
    this.#isCancelled = true
    this.#connection.interrupt()
  }

  end(): void {
    this.#connection.closeSync()
  }

  async #one(statement: string): Promise<Answer> {
    await this.#judge(statement, true)
    if (/^\s*(?:set @@|call bq\.)/i.test(statement)) return NOTHING
    return this.#trying(async () => {
      const grant = GRANT.exec(statement)
      if (grant !== null) return this.#grant(grant)
      const before = await this.#rights(statement)
      const reader = await this.#connection.runAndReadAll(duckdbText(statement, new Date()))
      await before()
      if (!isQuery(statement))
        return { ...NOTHING, affected: isDml(reader.statementType) ? reader.rowsChanged : undefined }
      const names = reader.columnNames()
      return {
        fields: names.map((name, index) => fieldOf(name, reader.columnType(index))),
        rows: rowsOf(reader),
        affected: undefined,
      }
    })
  }

  async #judge(statement: string, learns: boolean): Promise<void> {
    if (this.#catalog === undefined) return
    const refusal = refusedByEngine(statement) ?? (await this.#catalog.refusal(statement, learns))
    if (refusal !== undefined) throw refusalOf(refusal, this.#project)
  }

  async #described(statement: string): Promise<readonly Field[]> {
    return this.#trying(async () => {
      const prepared = await this.#connection.prepare(duckdbText(statement, new Date()))
      const fields = Array.from({ length: prepared.columnCount }, (_, index) =>
        fieldOf(prepared.columnName(index), prepared.columnType(index)),
      )
      prepared.destroySync()
      return fields
    })
  }

  /** As if every value had eight bytes. */
  async #bytesOf(statement: string): Promise<number> {
    const reader = await this.#connection.runAndReadAll(
      'select schema_name, table_name, estimated_size * column_count * 8 as bytes from duckdb_tables()',
    )
    return reader
      .getRowObjects()
      .filter(({ schema_name, table_name }) => statement.includes(`\`${schema_name}\`.\`${table_name}\``))
      .reduce((sum, { bytes }) => sum + Number(bytes), 0)
  }

  /** The rights on a table go where it goes, and end where it ends. */
  async #rights(statement: string): Promise<() => Promise<void>> {
    const gone = /^\s*drop table (?:if exists )?`([^`]+)`\.`([^`]+)`/.exec(statement)
    const named = /^\s*alter table `([^`]+)`\.`([^`]+)` rename to `([^`]+)`/.exec(statement)
    const [, schema = '', table = '', to] = gone ?? named ?? []
    return async () => {
      const where = `where object_schema = '${schema}' and object_name = '${table}'`
      if (gone !== null) await this.#connection.run(`delete from bq.privileges ${where}`)
      if (named !== null)
        await this.#connection.run(`update bq.privileges set object_name = '${to}' ${where}`)
    }
  }

  async #grant([, role, schema, table, grantee]: RegExpExecArray): Promise<Answer> {
    await this.#connection.run(
      `insert into bq.privileges values ('${schema}', '${table}', 'TABLE', '${role}', '${grantee}')`,
    )
    return NOTHING
  }

  async #trying<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (this.#isCancelled)
        throw new BigqueryRefusal('stopped', 'Job execution was cancelled: User requested cancellation')
      throw refusalOf(error instanceof Error ? error.message : String(error), this.#project)
    }
  }
}

const NOTHING: Answer = { fields: [], rows: [], affected: undefined }

const GRANT = /^\s*grant `([^`]+)` on table `([^`]+)`\.`([^`]+)` to ["']([^"']+)["']/

function isQuery(statement: string): boolean {
  return /^\s*(?:select|with|\()/i.test(statement)
}

function isDml(type: StatementType): boolean {
  return [
    StatementType.INSERT,
    StatementType.UPDATE,
    StatementType.DELETE,
    StatementType.MERGE_INTO,
  ].includes(type)
}
