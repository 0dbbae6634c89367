import assert from 'node:assert/strict'
import { instantOf } from '../../src/base/instant.ts'
import type { RunContext } from '../../src/build/run-context.ts'
import { buildGraph } from '../../src/graph/build-graph.ts'
import type { Graph } from '../../src/graph/graph.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { parseProject } from '../../src/spec/parse-project.ts'
import type { RunSyncOptions } from '../../src/sync/options.ts'
import type { SyncResult } from '../../src/sync/results.ts'
import { runSyncs } from '../../src/sync/run-syncs.ts'
import { Random } from '../support/random.ts'
import type { Spoil } from './controls.ts'
import { memoryLedger } from './memory-ledger.ts'
import { type ModelRow, memoryPlans, type PlanRules } from './memory-plans.ts'
import { MemorySession, type MemoryWarehouse, type WarehouseWeather } from './memory-session.ts'
import { MANIFEST, type Network } from './network.ts'
import { Process, type World } from './world.ts'

/** What all engines of one world share. */
export interface Surroundings {
  readonly world: World
  readonly warehouse: MemoryWarehouse
  readonly weather: WarehouseWeather
  readonly network: Network
  readonly rules: PlanRules
  readonly model: () => readonly ModelRow[]
  readonly hashVersion: () => string
  /** Broken on purpose, for the controls. */
  readonly spoil: Spoil
}

export interface EngineRequest {
  readonly name: string
  /** Another text of the project, so another fingerprint. */
  readonly version: number
  readonly skewMs: number
  readonly options?: RunSyncOptions
}

/** One run of the real `runSyncs` in a process of its own. */
export class Engine {
  readonly process: Process
  /** What it said in the end; undefined while it runs, and for ever when it died. */
  ended: { readonly result?: SyncResult; readonly error?: unknown } | undefined

  constructor(surroundings: Surroundings, request: EngineRequest) {
    this.process = new Process(surroundings.world, request.name)
    void this.#run(surroundings, request)
  }

  get isOver(): boolean {
    return this.ended !== undefined || this.process.isDead
  }

  async #run(surroundings: Surroundings, request: EngineRequest): Promise<void> {
    const { world, network, rules, model, hashVersion } = surroundings
    const { process } = this
    const clock = process.clock(request.skewMs)
    const { warehouse, weather, spoil } = surroundings
    const session = new MemorySession(warehouse, process, clock, weather, spoil.unfenced)
    const ledger = memoryLedger(session)
    const run = contextOf(request, rules, world, clock, spoil.ledger?.(ledger, warehouse) ?? ledger)
    try {
      const [result] = await runSyncs(
        run,
        { tables: absent('tables'), drop: async () => {} },
        [SYNC],
        new Map([[MANIFEST.name, network.entry(process)]]),
        {
          plans: (of) => memoryPlans(session, { run: of, rules, model, hashVersion }),
          delivery: { window: WINDOW },
          ...request.options,
        },
      )
      assert.ok(result !== undefined)
      this.ended = { result }
    } catch (error) {
      this.ended = { error }
    }
    const { result, error } = this.ended
    world.note(process.name, `ends: ${result === undefined ? String(error) : resultText(result)}`)
  }
}

export const SYNC = 'people'
export const WINDOW = 3

function contextOf(
  { name, version }: EngineRequest,
  rules: PlanRules,
  world: World,
  clock: RunContext['clock'],
  ledger: Ledger,
): RunContext {
  const graph = graphOf(rules, version)
  const [target] = graph.project.targets.values()
  assert.ok(target !== undefined)
  const random = new Random(world.random.below(2 ** 31))
  return {
    graph,
    target,
    warehouse: absent('warehouse'),
    ledger,
    templates: absent('templates'),
    env: {},
    runId: name,
    asOf: instantOf(clock.nowMs()),
    allowPast: false,
    waitMs: undefined,
    clock,
    ids: { hex: (bytes) => Array.from({ length: bytes * 2 }, () => random.below(16).toString(16)).join('') },
    progress: { update: () => {}, done: () => {}, warn: () => {} },
    signal: new AbortController().signal,
  }
}

/** SQL has no place in a simulated world. */
function absent<T extends object>(what: string): T {
  return new Proxy({} as T, {
    get: (_, name) => {
      if (name === 'tables') return undefined
      throw new Error(`the simulator has no ${what}.${String(name)}`)
    },
  })
}

const GRAPHS = new Map<string, Graph>()

/** Guards are off: rows come and go as they like here. */
function graphOf({ mode, onRemove }: PlanRules, version: number): Graph {
  const text = `version: 1
name: simulated
targets: {dev: {type: duckdb, path: none.duckdb}}
sources:
  - {name: people, table: crm.people, primary_key: id}
destinations:
  - {name: crm, connector: ${MANIFEST.name}, settings: {}}
syncs:
  - name: ${SYNC}
    source: people
    to: crm.contacts
    mode: ${mode}
    match: {email: email}
    map: {v: ${version === 0 ? 'v' : `{sql: "{v} || '${version}'"}`}}
${mode === 'mirror' ? '' : `    on_remove: ${onRemove}\n`}    guard: {max_remove: 100%, min_rows: 0, max_rejected: 100%}
`
  const known = GRAPHS.get(text)
  if (known !== undefined) return known
  const { project, errors } = parseProject('/project', [{ path: 'sluice.yml', text }])
  assert.deepEqual(
    errors.map(({ message }) => message),
    [],
  )
  assert.ok(project !== undefined)
  const built = buildGraph(project, new Map([[MANIFEST.name, MANIFEST]]))
  assert.deepEqual(
    built.errors.map(({ message }) => message),
    [],
  )
  assert.ok(built.graph !== undefined)
  GRAPHS.set(text, built.graph)
  return built.graph
}

function resultText({ status, applied, rejected, pending, resumed, error }: SyncResult): string {
  const figures = `${applied} applied, ${rejected} rejected, ${pending} pending`
  return `${status}, ${figures}${resumed ? ', resumed' : ''}${error === undefined ? '' : `, ${error.code} ${error.message}`}`
}
