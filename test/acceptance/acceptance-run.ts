import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { CONNECTORS } from '../../connectors/index.ts'
import { type Clock, systemClock } from '../../src/base/clock.ts'
import { randomIds } from '../../src/base/ids.ts'
import { instantOf } from '../../src/base/instant.ts'
import { silent } from '../../src/base/progress.ts'
import { publishBuild } from '../../src/build/publish-build.ts'
import { publishedTables } from '../../src/build/published-tables.ts'
import type { RunContext } from '../../src/build/run-context.ts'
import { scratchBuild } from '../../src/build/scratch-build.ts'
import { identityStats } from '../../src/inspect/identity-stats.ts'
import { preview } from '../../src/inspect/preview.ts'
import { openLedger } from '../../src/ledger/open.ts'
import { planSyncs } from '../../src/sync/plan-syncs.ts'
import { runSyncs } from '../../src/sync/run-syncs.ts'
import { loadTemplates } from '../../src/template/load.ts'
import type { Row, Warehouse } from '../../src/warehouse/warehouse.ts'
import { sceneGraph } from '../ladder/scene/graph.ts'
import { type Receiver, startReceiver } from '../support/receiver.ts'
import { FAST } from '../support/sync-lab.ts'
import { loadTables, readFiles } from './load.ts'
import { type Case, projectText, questionFor, type Step, stepsOf, textFor } from './projects.ts'

/** Runs the steps of one case on an empty warehouse, as its commands would, and holds them to their figures. */
export async function runCase(
  context: TestContext,
  warehouse: Warehouse,
  folder: string,
  project: Case,
): Promise<void> {
  const receiver = await startReceiver(context)
  const written = inside(projectText(folder, project)).replace(/\$\{HOOK_URL:-[^}]*\}/, receiver.url)
  const files = await readFiles(sceneGraph(written, CONNECTORS), `${folder}/${project}/sluice.yml`)
  await loadTables(warehouse, files)
  const graph = sceneGraph(textFor(warehouse.dialect, project, written), CONNECTORS)
  const run = await runsOf(warehouse, graph)
  for (const step of stepsOf(folder, project)) {
    const asked = `${project}: ${step.sql ?? step.run?.join(' ')}`
    if (step.sql !== undefined) {
      const sql = questionFor(warehouse.dialect, project, step.sql)
      const rows = await warehouse.read({ step: 'question', sql })
      assert.deepEqual(rows.map(numbersIn), step.rows, asked)
      continue
    }
    receiver.clear()
    const answer = await command(run, step.run ?? [])
    for (const [path, expected] of Object.entries(step.json ?? {}))
      assert.deepEqual(found(answer, path), expected, `${asked}: ${path}`)
    checkReceived(receiver, step, asked)
  }
}

/** Without its head: the test has a target of its own. */
function inside(text: string): string {
  return text
    .replace(/^version: .*\n/m, '')
    .replace(/^name: .*\n/m, '')
    .replace(/^default_target: .*\n/m, '')
    .replace(/^targets:\n(?: .*\n)+/m, '')
}

/** Warehouses that write slowly are waited for between two flushes, for half a minute: here for a moment. */
const HASTY: Clock = { ...systemClock, sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 5), signal) }

type MakeRun = (asOf: string | undefined) => RunContext

async function runsOf(warehouse: Warehouse, graph: RunContext['graph']): Promise<MakeRun> {
  const templates = await loadTemplates(warehouse.dialect, '/nowhere')
  const target = graph.project.targets.get('dev')
  assert.ok(target !== undefined)
  let runs = 0
  return (asOf) => {
    runs += 1
    const { stateSchema } = target
    const project = graph.project.name
    return {
      graph,
      target,
      warehouse,
      ledger: openLedger({ warehouse, templates, stateSchema, project, target: 'dev', clock: HASTY }),
      templates,
      env: {},
      runId: `run${runs}`,
      asOf: instantOf(asOf === undefined ? systemClock.nowMs() : Date.parse(asOf)),
      allowPast: false,
      waitMs: 0,
      clock: HASTY,
      ids: randomIds,
      progress: silent,
      signal: new AbortController().signal,
    }
  }
}

async function command(make: MakeRun, args: readonly string[]): Promise<unknown> {
  const at = args.indexOf('--as-of')
  const run = make(at < 0 ? undefined : args[at + 1])
  const [verb = '', name = ''] = args
  const { order, project } = run.graph
  const syncs = [...project.syncs.keys()]
  switch (verb) {
    case 'validate':
      return { ok: true }
    case 'build':
      await publishBuild(run, { nodes: order.filter((id) => !id.startsWith('sync:')), fullRefresh: false })
      return {}
    case 'preview':
      return preview(run, { segment: name, limit: 5, by: undefined, overlap: undefined, unmask: false })
    case 'identity': {
      const entity = [...project.entities.values()].find(({ identity }) => identity !== undefined)
      assert.ok(entity !== undefined && name === 'stats')
      return identityStats(run, entity)
    }
    case 'plan': {
      const nodes = syncs.map((sync) => `sync:${sync}`)
      const built = await scratchBuild(run, nodes)
      try {
        const plans = await planSyncs(run, built, syncs, CONNECTORS, { sample: 0 })
        for (const { name: sync, error } of plans) assert.equal(error, undefined, sync)
        return { syncs: plans }
      } finally {
        await built.drop()
      }
    }
    case 'sync': {
      await publishBuild(run, { nodes: syncs.map((sync) => `sync:${sync}`), fullRefresh: false })
      const results = await runSyncs(run, await publishedTables(run), syncs, CONNECTORS, { delivery: FAST })
      for (const { name, error } of results) assert.equal(error, undefined, name)
      return { syncs: results }
    }
    default:
      return assert.fail(`expected a command that the test knows, found ${verb}`)
  }
}

/** `syncs.NAME.x` finds an element of a list by its name. */
function found(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((at, key) => {
    if (Array.isArray(at)) return at.find((item) => item.name === key)
    return (at as Readonly<Record<string, unknown>> | undefined)?.[key]
  }, value)
}

function checkReceived({ requests }: Receiver, { hook }: Step, asked: string): void {
  const sizes = requests.map(({ changes }) => changes.length)
  if (hook?.changes !== undefined)
    assert.equal(
      sizes.reduce((sum, size) => sum + size, 0),
      hook.changes,
      `${asked}: changes received`,
    )
  if (hook?.largest_batch !== undefined)
    assert.equal(Math.max(0, ...sizes), hook.largest_batch, `${asked}: batch`)
}

function numbersIn(row: Row): Row {
  return Object.fromEntries(
    Object.entries(row).map(([column, value]) => [
      column.toLowerCase(),
      value === null ? null : Number(value),
    ]),
  )
}
