import { dirname } from 'node:path'
import { instantOf } from '../../src/base/instant.ts'
import { stageSteps } from '../../src/compile/sources/relation.ts'
import { temporaryTable } from '../../src/compile/tables.ts'
import type { ColumnType, Dialect } from '../../src/dialect/dialect.ts'
import { duckdb } from '../../src/dialect/duckdb.ts'
import { lit, name, render, timestamp } from '../../src/dialect/fragment.ts'
import type { Graph } from '../../src/graph/graph.ts'
import { openWarehouse } from '../../src/warehouse/open.ts'
import type { Column, Row, SqlValue, Warehouse } from '../../src/warehouse/warehouse.ts'
import { allRows } from '../support/model.ts'
import { SCHEMA } from './projects.ts'

/** What the files of a project hold, read as DuckDB reads them for a build. */
export interface FileTable {
  readonly source: string
  readonly columns: readonly Column[]
  readonly rows: readonly Row[]
}

export async function readFiles(graph: Graph, projectFile: string): Promise<readonly FileTable[]> {
  const settings = new Map([['path', ':memory:']])
  const warehouse = await openWarehouse({ type: 'duckdb', directory: '.', settings, runId: 'files' })
  const sources = [...graph.project.sources.values()].filter(({ relation }) => relation.kind === 'file')
  const context = {
    graph: { ...graph, project: { ...graph.project, directory: dirname(projectFile) } },
    dialect: duckdb,
    targetType: 'duckdb' as const,
    templates: { fill: () => lit(''), fileOf: () => '' },
    stateSchema: 'sluice',
    asOf: instantOf(0),
    env: {},
    tables: {
      output: temporaryTable,
      published: temporaryTable,
      temporary: temporaryTable,
    },
  }
  try {
    const tables: FileTable[] = []
    for (const source of sources) {
      const [step] = stageSteps({ ...context, graph: Object.assign(Object.create(graph), context.graph) }, [
        source,
      ])
      if (step === undefined) continue
      const select = render(step.query, duckdb)
      tables.push({
        source: source.name,
        columns: await warehouse.describe({ step: 'describe', sql: select }),
        rows: await allRows(warehouse, select),
      })
    }
    return tables
  } finally {
    await warehouse.close()
  }
}

/** Makes the tables in any warehouse, some hundred rows a statement. */
export async function loadTables(warehouse: Warehouse, tables: readonly FileTable[]): Promise<void> {
  const { dialect } = warehouse
  const run = (sql: string) => warehouse.execute({ step: 'load', sql })
  await run(render(dialect.table.createSchema(dialect.fold(SCHEMA)), dialect))
  for (const { source, columns, rows } of tables) {
    const table = render(name(`${SCHEMA}.${source}`), dialect)
    const defined = columns.map(
      (column) => `${render(name(column.name), dialect)} ${typeName(dialect, column.type)}`,
    )
    await run(`create table ${table} (${defined.join(', ')})`)
    for (let at = 0; at < rows.length; at += ROWS_A_STATEMENT) {
      const values = rows
        .slice(at, at + ROWS_A_STATEMENT)
        .map(
          (row) =>
            `(${columns.map(({ name, type }) => printed(dialect, row[name] ?? null, type)).join(', ')})`,
        )
      await run(`insert into ${table} values ${values.join(', ')}`)
    }
  }
}

const ROWS_A_STATEMENT = 800

function typeName({ types }: Dialect, type: ColumnType): string {
  switch (type) {
    case 'boolean':
    case 'integer':
    case 'float':
    case 'timestamp':
      return types[type]
    case 'date':
      return 'date'
    case 'decimal':
      return 'decimal(18, 6)'
    default:
      return types.text
  }
}

function printed(dialect: Dialect, value: SqlValue, type: ColumnType): string {
  if (value === null) return 'null'
  if (type === 'timestamp') return render(timestamp(String(value)), dialect)
  if (type === 'date') return `date '${value}'`
  if (type === 'integer' || type === 'float' || type === 'decimal') return String(value)
  return dialect.literal(type === 'boolean' ? Boolean(value) : String(value))
}
