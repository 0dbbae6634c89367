import type { RunSyncOptions } from '../../src/sync/options.ts'
import type { Spoil } from './controls.ts'
import { Engine, type Surroundings } from './engine.ts'
import { finalBreaches, Watch } from './invariants.ts'
import type { PlanRules } from './memory-plans.ts'
import { MemoryWarehouse, type WarehouseWeather } from './memory-session.ts'
import { type Model, POISON_BATCH, POISON_ROW } from './model.ts'
import { Network, type NetworkFault, type NetworkWeather } from './network.ts'
import type { World } from './world.ts'

export interface StageSetting {
  readonly world: World
  readonly model: Model
  readonly rules: PlanRules
  /** One process at a time can have the warehouse open. */
  readonly exclusive: boolean
  readonly network: NetworkWeather
  readonly warehouse: WarehouseWeather
  readonly spoil?: Spoil | undefined
}

export interface SimulationFigures {
  readonly events: number
  readonly engines: number
  readonly deaths: number
  readonly pauses: number
  readonly requests: number
  readonly rows: number
  readonly repeats: number
  readonly resumed: number
}

export interface Simulation {
  readonly seed: number
  /** Empty: all promises were kept. */
  readonly breaches: readonly string[]
  readonly figures: SimulationFigures
  readonly trace: readonly string[]
}

export const HOUR_MS = 60 * 60 * 1000

/** No run takes longer, whatever befalls it: retries, waits for a lease, pauses and all. */
const LONGEST_RUN_MS = 12 * HOUR_MS

const WHY = {
  nothing: 'nothing can happen any more',
  endless: 'it does the same again and again',
  over: 'it takes too long',
}

/** Longer than any lease, so that it surely ran out. */
const AFTER_ALL_LEASES_MS = 200_000

/** A model, a warehouse, a destination, and engines between them. What is played on it is said elsewhere. */
export class Stage {
  readonly world: World
  readonly model: Model
  readonly warehouse: MemoryWarehouse
  readonly network: Network
  readonly engines: Engine[] = []
  readonly #rules: PlanRules
  readonly #spoil: Spoil
  readonly #watch: Watch
  readonly #breaches: string[] = []
  #weather: WarehouseWeather
  /** Of the project, and of the warehouse's hash. */
  version = 0
  hashVersion = 1
  pauses = 0

  constructor(setting: StageSetting) {
    const { world, model, rules, exclusive, network, warehouse, spoil = {} } = setting
    this.world = world
    this.model = model
    this.#rules = rules
    this.#weather = warehouse
    this.#spoil = spoil
    this.warehouse = new MemoryWarehouse(exclusive)
    this.#watch = new Watch(this.warehouse, world)
    const poison = {
      row: ({ fields }: { readonly fields: Readonly<Record<string, unknown>> }) => fields.v === POISON_ROW,
      batch: ({ fields }: { readonly fields: Readonly<Record<string, unknown>> }) =>
        fields.v === POISON_BATCH,
    }
    this.network = new Network(world, network, poison, (request) => this.#watch.sent(request))
  }

  get isBroken(): boolean {
    return this.#breaches.length > 0
  }

  start(options: RunSyncOptions = {}): Engine {
    const surroundings: Surroundings = {
      world: this.world,
      warehouse: this.warehouse,
      weather: { wayMs: () => this.#weather.wayMs(), breaks: () => this.#weather.breaks() },
      network: this.network,
      rules: this.#rules,
      model: () => this.model.rows,
      hashVersion: () => `memory ${this.hashVersion}`,
      spoil: this.#spoil,
    }
    const name = `run${this.engines.length + 1}`
    const skewMs = this.world.random.below(4000) - 2000
    const engine = new Engine(surroundings, { name, version: this.version, skewMs, options })
    this.engines.push(engine)
    return engine
  }

  async passes(ms: number): Promise<void> {
    let isOver = false
    this.world.after(ms, () => {
      isOver = true
    })
    await this.world.run(() => isOver)
  }

  async untilOver(engines: readonly Engine[]): Promise<void> {
    const giveUpMs = this.world.nowMs + LONGEST_RUN_MS
    const isOver = () => engines.every((one) => one.isOver) || this.world.nowMs > giveUpMs
    const how = await this.world.run(isOver)
    for (const { isOver: over, process } of engines)
      if (!over) this.#breaches.push(`${process.name} never ended: ${WHY[how]}`)
    for (const { ended } of engines) this.#breaches.push(...this.#watch.ended(ended))
  }

  /** A last run, in which nothing goes wrong any more and the model rests. */
  async lastRun(): Promise<void> {
    if (this.isBroken) return
    this.network.weather = CALM_NETWORK
    this.#weather = { wayMs: () => 1 + this.world.random.below(5), breaks: () => undefined }
    await this.passes(AFTER_ALL_LEASES_MS)
    this.world.note('world', 'all is well from here on')
    const engine = this.start()
    await this.untilOver([engine])
    if (this.isBroken) return
    this.#breaches.push(
      ...finalBreaches({
        ended: engine.ended,
        rules: this.#rules,
        model: this.model.rows,
        there: this.network.rows,
        tables: this.warehouse.tables,
      }),
    )
  }

  told(seed: number): Simulation {
    return {
      seed,
      breaches: [...this.#breaches, ...this.#watch.breaches, ...this.warehouse.breaches],
      figures: {
        events: this.world.happened,
        engines: this.engines.length,
        deaths: this.engines.filter(({ process }) => process.isDead).length,
        pauses: this.pauses,
        requests: this.network.requests,
        rows: this.#watch.rows,
        repeats: this.#watch.repeats,
        resumed: this.engines.filter(({ ended }) => ended?.result?.resumed === true).length,
      },
      trace: this.world.trace ?? [],
    }
  }
}

export const NO_FAULTS: Readonly<Record<NetworkFault, number>> = {
  refused: 0,
  unreachable: 0,
  before: 0,
  after: 0,
  hangs: 0,
  partial: 0,
  picky: 0,
  misconfigured: 0,
}

export const CALM_NETWORK: NetworkWeather = {
  wayMs: { least: 5, most: 50 },
  faults: NO_FAULTS,
  gapPercent: 0,
}
