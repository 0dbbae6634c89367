import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { type DatabricksFailure, failureOf } from './databricks-failures.ts'
import { CATALOG, MACROS } from './databricks-macros.ts'
import { duckdbStatements, verbOf } from './databricks-sql.ts'
import { cellsOf, typeText } from './databricks-values.ts'

export interface EngineResult {
  readonly columns: readonly { readonly name: string; readonly type_text: string }[]
  readonly rows: readonly (readonly (string | null)[])[]
}

/** A statement that runs, and how it is stopped. */
export interface EngineStatement {
  readonly done: Promise<EngineResult | DatabricksFailure>
  stop(): void
}

export const CATALOG_NAME = 'shop_catalog'

/** DuckDB under the rules of Databricks: one catalog, whose statements are each their own. */
export class DatabricksEngine {
  readonly #instance: DuckDBInstance
  readonly #free: DuckDBConnection[] = []
  readonly #timezone: string

  private constructor(instance: DuckDBInstance, timezone: string) {
    this.#instance = instance
    this.#timezone = timezone
  }

  static async open(timezone: string): Promise<DatabricksEngine> {
    const instance = await DuckDBInstance.create(':memory:')
    const first = await instance.connect()
    await first.run(`attach ':memory:' as ${CATALOG_NAME}`)
    await first.run(`create schema ${CATALOG_NAME}."default"`)
    for (const macro of MACROS) await first.run(`create macro memory.main.${macro}`)
    for (const statement of CATALOG) await first.run(statement)
    first.closeSync()
    return new DatabricksEngine(instance, timezone)
  }

  run(sql: string): EngineStatement {
    let stop = () => {}
    const done = this.#connection().then(async (connection) => {
      stop = () => connection.interrupt()
      try {
        return await answerOf(connection, sql)
      } catch (error) {
        return failureOf(error instanceof Error ? error.message : String(error))
      } finally {
        this.#free.push(connection)
      }
    })
    return { done, stop: () => stop() }
  }

  /** What a test makes there by itself, in DuckDB's own words. */
  async prepare(sql: string): Promise<void> {
    const connection = await this.#connection()
    await connection.run(sql)
    this.#free.push(connection)
  }

  close(): void {
    for (const connection of this.#free) connection.closeSync()
    this.#instance.closeSync()
  }

  async #connection(): Promise<DuckDBConnection> {
    const free = this.#free.pop()
    if (free !== undefined) return free
    const made = await this.#instance.connect()
    await made.run(`set search_path = '${CATALOG_NAME}.default,memory.main'`)
    await made.run(`set TimeZone = '${this.#timezone}'`)
    await made.run(`set default_null_order = 'nulls_first_on_asc_last_on_desc'`)
    return made
  }
}

const CHANGES: ReadonlySet<string> = new Set(['insert', 'update', 'delete', 'merge'])

async function answerOf(connection: DuckDBConnection, sql: string): Promise<EngineResult> {
  const verb = verbOf(sql)
  let result: EngineResult = { columns: [], rows: [] }
  for (const statement of duckdbStatements(sql)) {
    const reader = await connection.runAndReadAll(statement)
    if (CHANGES.has(verb)) result = changed(reader.rowsChanged)
    else if (verb === 'select' || verb === 'with' || verb === 'values')
      result = {
        columns: reader.columnNames().map((name, index) => ({
          name,
          type_text: typeText(reader.columnType(index)),
        })),
        rows: cellsOf(reader),
      }
  }
  return result
}

function changed(rows: number): EngineResult {
  return {
    columns: ['num_affected_rows', 'num_inserted_rows'].map((name) => ({ name, type_text: 'BIGINT' })),
    rows: [[String(rows), String(rows)]],
  }
}
