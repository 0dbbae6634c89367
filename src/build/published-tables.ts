import { temporaryTable } from '../compile/tables.ts'
import type { TableName } from '../dialect/dialect.ts'
import type { BuiltTables } from './build.ts'
import type { RunContext } from './run-context.ts'

/** The tables of the last published build, whatever its time and project. */
export function publishedTables(run: RunContext): BuiltTables {
  const published = publishedTable(run)
  return { tables: { output: published, published, temporary: temporaryTable }, drop: async () => {} }
}

export function publishedTable(run: RunContext): (logicalName: string) => TableName {
  return (logicalName) => ({ schema: run.target.stateSchema, name: logicalName })
}
