import { systemClock } from '../../src/base/clock.ts'
import { randomIds } from '../../src/base/ids.ts'
import type { Instant } from '../../src/base/instant.ts'
import { silent } from '../../src/base/progress.ts'
import type { BuildResult } from '../../src/build/build.ts'
import { publishBuild } from '../../src/build/publish-build.ts'
import type { RunContext } from '../../src/build/run-context.ts'
import { buildGraph } from '../../src/graph/build-graph.ts'
import type { Graph } from '../../src/graph/graph.ts'
import { openLedger } from '../../src/ledger/open.ts'
import { parseProject } from '../../src/spec/parse-project.ts'
import type { Project } from '../../src/spec/project.ts'
import { loadTemplates } from '../../src/template/load.ts'
import type { Row, SqlValue, Warehouse } from '../../src/warehouse/warehouse.ts'
import { giveRights } from './least-role.ts'

/** A warehouse with one made-up project that only stitches, built as often as a test wants. */
export interface IdentityLab {
  readonly warehouse: Warehouse
  /** Builds every identity of the project. */
  build(options?: BuildOptions): Promise<BuildResult>
  run(options?: BuildOptions): Promise<RunContext>
  /** Drops and makes `data.<name>`; columns are text unless their name ends in `_at` (timestamp) or `_n` (bigint). */
  load(name: string, columns: readonly string[], rows: readonly (readonly SqlValue[])[]): Promise<void>
  /** Any number of rows of small tables. */
  rows(sql: string): Promise<readonly Row[]>
  execute(sql: string): Promise<void>
  /** The same as the engine, in its session: where its temporary tables stand. */
  readonly session: Pick<IdentityLab, 'rows' | 'execute'>
}

export interface BuildOptions {
  readonly asOf?: string
  readonly yaml?: string
  readonly allowPast?: boolean
  readonly fullRefresh?: boolean
  /** Nodes to build; default: all identities. */
  readonly nodes?: readonly string[]
  readonly signal?: AbortSignal
  readonly progress?: RunContext['progress']
}

/** `yaml`: everything of a project but version, name and targets. The state schema is `schema`. */
export async function openIdentityLab(
  warehouse: Warehouse,
  yaml: string,
  schema = 'sluice',
): Promise<IdentityLab> {
  const { dialect } = warehouse
  const templates = await loadTemplates(dialect, '/nowhere')
  let runs = 0
  const executeAs = (step: string) => async (sql: string) => {
    await warehouse.execute({ step, sql })
  }
  const rowsAs = (step: string) => async (sql: string) => {
    const all: Row[] = []
    for await (const page of warehouse.stream({ step, sql })) all.push(...page)
    return all
  }
  const execute = executeAs('test')
  const run = async (options: BuildOptions = {}): Promise<RunContext> => {
    runs += 1
    const project = projectOf(options.yaml ?? yaml, dialect.name, schema)
    const target = project.targets.get('dev')
    if (target === undefined) throw new Error('no target')
    const graph = graphOf(project)
    await giveRights(warehouse, { graph, dialect, templates, stateSchema: schema, env: {} })
    return {
      graph,
      target,
      warehouse,
      ledger: openLedger({
        warehouse,
        templates,
        stateSchema: schema,
        project: project.name,
        target: 'dev',
        clock: systemClock,
      }),
      templates,
      env: {},
      runId: `run_${runs}`,
      asOf: (options.asOf ?? `2026-01-01T00:00:${String(runs % 60).padStart(2, '0')}.000Z`) as Instant,
      allowPast: options.allowPast ?? true,
      waitMs: 0,
      clock: systemClock,
      ids: randomIds,
      progress: options.progress ?? silent,
      signal: options.signal ?? new AbortController().signal,
    }
  }
  await execute(`create schema if not exists data`)
  return {
    warehouse,
    run,
    execute,
    build: async (options = {}) => {
      const context = await run(options)
      return publishBuild(context, {
        nodes: options.nodes ?? context.graph.order.filter((id) => id.startsWith('identity:')),
        fullRefresh: options.fullRefresh ?? false,
      })
    },
    load: async (name, columns, rows) => {
      await execute(`drop table if exists data.${name}`)
      await execute(`create table data.${name} (${columns.map(definition).join(', ')})`)
      for (let at = 0; at < rows.length; at += 500) {
        const values = rows
          .slice(at, at + 500)
          .map(
            (row) => `(${row.map((value) => dialect.literal(value as string | number | null)).join(', ')})`,
          )
        await execute(`insert into data.${name} values ${values.join(', ')}`)
      }
    },
    rows: rowsAs('test'),
    session: { rows: rowsAs('look'), execute: executeAs('look') },
  }
}

function definition(column: string): string {
  if (column.endsWith('_at')) return `${column} timestamp`
  return `${column} ${column.endsWith('_n') ? 'bigint' : 'varchar'}`
}

/** What a target of a type cannot do without; nothing connects by it. */
const TARGET: Readonly<Record<string, string>> = {
  bigquery: 'project: x',
  databricks: 'host: x.example',
  duckdb: 'path: x.duckdb',
  snowflake: 'account: x, user: x, warehouse: x, database: x',
}

function projectOf(yaml: string, type: string, schema: string): Project {
  const settings = TARGET[type] ?? 'host: localhost, port: 1, user: x, password: x, database: x'
  const text = `version: 1
name: lab
default_target: dev
targets: {dev: {type: ${type}, ${settings}, state_schema: ${schema}}}
${yaml}`
  const parsed = parseProject('/nowhere', [{ path: 'sluice.yml', text }])
  if (parsed.project === undefined) throw new Error(parsed.errors.map((one) => one.message).join('\n'))
  return parsed.project
}

function graphOf(project: Project): Graph {
  const { graph, errors } = buildGraph(project, new Map())
  if (graph === undefined) throw new Error(errors.map((one) => one.message).join('\n'))
  return graph
}
