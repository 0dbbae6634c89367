import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { CONNECTORS } from '../../../connectors/index.ts'
import { type Clock, systemClock } from '../../../src/base/clock.ts'
import { instantOf } from '../../../src/base/instant.ts'
import { silent } from '../../../src/base/progress.ts'
import { publishBuild } from '../../../src/build/publish-build.ts'
import { publishedTables } from '../../../src/build/published-tables.ts'
import type { RunContext } from '../../../src/build/run-context.ts'
import { openLedger } from '../../../src/ledger/open.ts'
import type { RunSyncOptions } from '../../../src/sync/options.ts'
import type { SyncResult } from '../../../src/sync/results.ts'
import { runSyncs } from '../../../src/sync/run-syncs.ts'
import { loadTemplates } from '../../../src/template/load.ts'
import type { Warehouse } from '../../../src/warehouse/warehouse.ts'
import { makeAdPlatform } from '../../support/audience-destination.ts'
import { makeCrm } from '../../support/crm.ts'
import { type ReceivedChange, startReceiver } from '../../support/receiver.ts'
import { AS_OF_MS, firstData, loadStatements } from './data.ts'
import { sceneGraph } from './graph.ts'
import { SYNCS, sceneProject } from './project.ts'

/** One project on one warehouse, built and sent as the commands do it, by a clock and ids of its own. */
export interface Scene {
  readonly warehouse: Warehouse
  run(): RunContext
  sql(...statements: readonly string[]): Promise<void>
  build(options?: { readonly fullRefresh?: boolean }): Promise<void>
  sync(options?: RunSyncOptions): Promise<readonly SyncResult[]>
  /** Everything that destinations were sent since it was asked last, sorted. */
  takeSent(): readonly string[]
  /** Keys that the receiver refuses from here on. */
  refuse(...keys: readonly string[]): void
}

/** One request after the other and one flush at the end: the same statements in the same order every time. */
const DELIVERY = {
  window: 1,
  flushMs: 600_000,
  retry: { maxAttempts: 2, totalMs: 1000, baseMs: 1, capMs: 2 },
}

export async function openScene(context: TestContext, warehouse: Warehouse): Promise<Scene> {
  const receiver = await startReceiver(context)
  const crm = makeCrm()
  const ads = makeAdPlatform()
  const connectors = new Map([...CONNECTORS, ...crm.connectors, ...ads.connectors])
  const refused = new Set<string>()
  const candidates = warehouse.dialect.similarity.jaro_winkler !== undefined
  const yaml = sceneProject({ url: receiver.url, candidates })
  const templates = await loadTemplates(warehouse.dialect, '/nowhere')
  const graph = sceneGraph(yaml, connectors)
  const { project } = graph
  const target = project.targets.get('dev')
  assert.ok(target !== undefined)
  let runs = 0

  receiver.reply = ({ changes }) => {
    const answers = changes.map((change) => refused.has(keyOf(change)))
    if (!answers.includes(true)) return undefined
    receiver.take(changes.filter((_, at) => !answers[at]))
    const results = answers.map((no) =>
      no ? { status: 'rejected', error: 'bad row' } : { status: 'applied' },
    )
    return { status: 200, body: { results } }
  }

  const scene: Scene = {
    warehouse,
    run: () => {
      runs += 1
      // The first run is on the edges that the data was made for.
      const clock = clockAt(AS_OF_MS + runs - 1)
      return {
        graph,
        target,
        warehouse,
        ledger: openLedger({
          warehouse,
          templates,
          stateSchema: target.stateSchema,
          project: project.name,
          target: target.name,
          clock,
        }),
        templates,
        env: {},
        runId: `run${runs}`,
        asOf: instantOf(AS_OF_MS + runs - 1),
        allowPast: false,
        waitMs: 0,
        clock,
        ids: countedIds(runs),
        progress: silent,
        signal: new AbortController().signal,
      }
    },
    async sql(...statements) {
      for (const sql of statements) await warehouse.execute({ step: 'data', sql })
    },
    async build({ fullRefresh = false } = {}) {
      const run = scene.run()
      await publishBuild(run, { nodes: run.graph.order.filter((id) => !id.startsWith('sync:')), fullRefresh })
    },
    async sync(options = {}) {
      const run = scene.run()
      const built = await publishedTables(run)
      return runSyncs(run, built, SYNCS, connectors, { delivery: DELIVERY, ...options })
    },
    takeSent() {
      const sent = [
        ...receiver.requests.flatMap(({ sync, changes }) =>
          changes.map(({ op, key, fields }) => JSON.stringify([sync, op, key, fields])),
        ),
        ...ads.batches.flatMap(({ sync, changes }) =>
          changes().map((change) => JSON.stringify([sync, change])),
        ),
        ...crm.changes.map(({ op, key, fields }) => JSON.stringify(['crm', op, key, fields])),
      ]
      receiver.requests.length = 0
      crm.changes.length = 0
      ads.batches.length = 0
      return sent.sort()
    },
    refuse(...keys) {
      refused.clear()
      for (const key of keys) refused.add(key)
    },
  }
  await scene.sql(...loadStatements(warehouse.dialect, firstData()))
  return scene
}

function keyOf({ key }: ReceivedChange): string {
  return Object.values(key).join('|')
}

/** Time stands still in a run, so that what is recorded says the same every time. */
function clockAt(ms: number): Clock {
  return { ...systemClock, nowMs: () => ms }
}

function countedIds(run: number): RunContext['ids'] {
  let made = 0
  return {
    hex: (bytes) => {
      made += 1
      return `${run.toString(16)}${made.toString(16).padStart(3, '0')}`
        .padStart(bytes * 2, '0')
        .slice(-bytes * 2)
    },
  }
}
