import assert from 'node:assert/strict'
import { tmpdir } from 'node:os'
import type { TestContext } from 'node:test'
import { CONNECTORS } from '../../connectors/index.ts'
import { type Clock, systemClock } from '../../src/base/clock.ts'
import { randomIds } from '../../src/base/ids.ts'
import { instantOf } from '../../src/base/instant.ts'
import type { Progress } from '../../src/base/progress.ts'
import type { BuiltTables } from '../../src/build/build.ts'
import { publishBuild } from '../../src/build/publish-build.ts'
import { publishedTables } from '../../src/build/published-tables.ts'
import type { RunContext } from '../../src/build/run-context.ts'
import { scratchBuild } from '../../src/build/scratch-build.ts'
import type { ConnectorEntry } from '../../src/connector/types.ts'
import { buildGraph } from '../../src/graph/build-graph.ts'
import type { Graph } from '../../src/graph/graph.ts'
import { openLedger } from '../../src/ledger/open.ts'
import { parseProject } from '../../src/spec/parse-project.ts'
import type { RunSyncOptions } from '../../src/sync/options.ts'
import { planSyncs } from '../../src/sync/plan-syncs.ts'
import type { SyncPlan, SyncResult } from '../../src/sync/results.ts'
import { runSyncs } from '../../src/sync/run-syncs.ts'
import { loadTemplates } from '../../src/template/load.ts'
import type { Row, Warehouse } from '../../src/warehouse/warehouse.ts'
import type { EngineName, Open } from './engines.ts'
import { giveRights } from './least-role.ts'
import { allRows } from './model.ts'

/** A project on a real warehouse, planned and synced as the commands do it. */
export interface Lab {
  readonly warehouse: Warehouse
  readonly warnings: string[]
  /** The project from here on. */
  use(yaml: string): void
  sql(...statements: readonly string[]): Promise<void>
  rows(query: string): Promise<readonly Row[]>
  plan(sync: string, sample?: number): Promise<SyncPlan>
  sync(sync: string, options?: LabOptions): Promise<SyncResult>
  syncs(names: readonly string[], options?: LabOptions): Promise<readonly SyncResult[]>
}

export interface LabOptions extends RunSyncOptions {
  readonly signal?: AbortSignal
  readonly clock?: Clock
  readonly build?: boolean
}

/** Those on which a lab can be. */
export type LabEngine = EngineName | 'redshift'

/** Fast enough for tests, the same in kind. */
export const FAST = {
  window: 4,
  flushMs: 20,
  retry: { maxAttempts: 5, totalMs: 10_000, baseMs: 2, capMs: 20 },
  polling: { firstMs: 2, factor: 1.5, mostMs: 20 },
}

export async function openLab(
  context: TestContext,
  engine: LabEngine,
  open: Open,
  yaml: string,
  connectors: ReadonlyMap<string, ConnectorEntry> = CONNECTORS,
): Promise<Lab> {
  return labOn(await open(context), engine, yaml, { connectors })
}

/** The same on a warehouse that is open already. */
export async function labOn(
  warehouse: Warehouse,
  engine: LabEngine,
  yaml: string,
  options: {
    readonly connectors?: ReadonlyMap<string, ConnectorEntry>
    readonly leaseSeconds?: number
    /** Run ids begin so: each process needs its own. */
    readonly runs?: string
    /** Whose tables a query of a source reads. */
    readonly queried?: string
  } = {},
): Promise<Lab> {
  const connectors = options.connectors ?? CONNECTORS
  const templates = await loadTemplates(warehouse.dialect, '/nowhere')
  const warnings: string[] = []
  const progress: Progress = { update: () => {}, done: () => {}, warn: (line) => warnings.push(line) }
  let graph = graphOf(yaml, engine, connectors)
  const { leaseSeconds, runs: prefix = 'run' } = options
  let runs = 0

  async function runOf(given: LabOptions): Promise<RunContext> {
    runs += 1
    const target = [...graph.project.targets.values()][0]
    assert.ok(target !== undefined)
    await giveRights(warehouse, {
      ...{ graph, templates, dialect: warehouse.dialect, env: {} },
      ...{ stateSchema: target.stateSchema, queried: options.queried },
    })
    const clock = given.clock ?? systemClock
    return {
      graph,
      target,
      warehouse,
      ledger: openLedger({
        warehouse,
        templates,
        stateSchema: target.stateSchema,
        project: graph.project.name,
        target: target.name,
        clock,
        leaseSeconds,
      }),
      templates,
      env: {},
      runId: `${prefix}${runs}`,
      asOf: instantOf(clock.nowMs()),
      allowPast: false,
      waitMs: leaseSeconds === undefined ? 0 : leaseSeconds * 3000,
      clock,
      ids: randomIds,
      progress,
      signal: given.signal ?? new AbortController().signal,
    }
  }

  const lab: Lab = {
    warehouse,
    warnings,
    use: (text) => {
      graph = graphOf(text, engine, connectors)
    },
    async sql(...statements) {
      for (const statement of statements) await warehouse.execute({ step: 'test', sql: statement })
    },
    rows: (query) => allRows(warehouse, query),
    async plan(sync, sample = 0) {
      const run = await runOf({})
      const built = await scratchBuild(run, [`sync:${sync}`])
      try {
        const [plan] = await planSyncs(run, built, [sync], connectors, { sample })
        assert.ok(plan !== undefined)
        return plan
      } finally {
        await built.drop()
      }
    },
    async sync(sync, options = {}) {
      const [result] = await lab.syncs([sync], options)
      assert.ok(result !== undefined)
      return result
    },
    async syncs(names, options = {}) {
      const run = await runOf(options)
      const tables = await builtTables(run, names, options.build ?? true)
      return runSyncs(run, tables, names, connectors, { delivery: FAST, ...options })
    },
  }
  return lab
}

async function builtTables(run: RunContext, names: readonly string[], build: boolean): Promise<BuiltTables> {
  if (build) await publishBuild(run, { nodes: names.map((name) => `sync:${name}`), fullRefresh: false })
  return publishedTables(run)
}

function graphOf(yaml: string, engine: LabEngine, connectors: ReadonlyMap<string, ConnectorEntry>): Graph {
  const head = `version: 1
name: lab
targets:
  dev: ${engine === 'duckdb' ? '{type: duckdb, path: warehouse.duckdb}' : `{type: ${engine}, host: 127.0.0.1, user: u, database: d}`}
`
  const text = yaml.startsWith('version:') ? yaml : `${head}${yaml}`
  const { project, errors } = parseProject(tmpdir(), [{ path: 'sluice.yml', text }])
  assert.deepEqual(
    errors.map((error) => `${error.message} ${error.at?.line}`),
    [],
  )
  assert.ok(project !== undefined)
  const manifests = new Map([...connectors].map(([name, { manifest }]) => [name, manifest]))
  const built = buildGraph(project, manifests)
  assert.deepEqual(
    built.errors.map((error) => `${error.code} ${error.message} ${error.at?.line}`),
    [],
  )
  assert.ok(built.graph !== undefined)
  return built.graph
}
