import type { Ledger } from '../../src/ledger/ledger.ts'
import type { Random } from '../support/random.ts'
import { Engine, type Surroundings } from './engine.ts'
import { finalBreaches, Watch } from './invariants.ts'
import type { PlanRules } from './memory-plans.ts'
import { MemoryWarehouse, type WarehouseWeather } from './memory-session.ts'
import { Model, POISON_BATCH, POISON_ROW } from './model.ts'
import { MANIFEST, Network, type NetworkFault, type NetworkWeather } from './network.ts'
import { World, type Wreck } from './world.ts'

export interface SimulationOptions {
  readonly seed: number
  readonly trace?: boolean
  /** A ledger that is broken on purpose, for the controls. */
  readonly spoil?: ((ledger: Ledger) => Ledger) | undefined
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

/** One world from its first run to a last one in which nothing goes wrong, and what it says of our promises. */
export async function simulate(options: SimulationOptions): Promise<Simulation> {
  const scene = new Scene(options)
  await scene.play()
  return scene.told()
}

const HOUR_MS = 60 * 60 * 1000

/** No run takes longer, whatever befalls it: retries, waits for a lease, pauses and all. */
const LONGEST_RUN_MS = 12 * HOUR_MS

class Scene {
  readonly #seed: number
  readonly #world: World
  readonly #random: Random
  readonly #model: Model
  readonly #warehouse: MemoryWarehouse
  readonly #rules: PlanRules
  readonly #network: Network
  readonly #watch: Watch
  readonly #spoil: ((ledger: Ledger) => Ledger) | undefined
  readonly #engines: Engine[] = []
  readonly #breaches: string[] = []
  #weather: WarehouseWeather
  #version = 0
  #hashVersion = 1
  #pauses = 0

  constructor({ seed, trace = false, spoil }: SimulationOptions) {
    this.#seed = seed
    this.#world = new World(seed, trace)
    const random = this.#world.random
    this.#random = random
    this.#model = new Model(random, 4 + random.below(9), random.chance(40))
    this.#warehouse = new MemoryWarehouse(random.chance(30))
    this.#rules = rulesOf(random)
    this.#weather = warehouseWeather(random)
    this.#watch = new Watch(this.#warehouse, this.#world)
    const poison = {
      row: ({ fields }: { readonly fields: Readonly<Record<string, unknown>> }) => fields.v === POISON_ROW,
      batch: ({ fields }: { readonly fields: Readonly<Record<string, unknown>> }) =>
        fields.v === POISON_BATCH,
    }
    this.#network = new Network(this.#world, networkWeather(random), poison, (request) =>
      this.#watch.sent(request),
    )
    this.#spoil = spoil
  }

  async play(): Promise<void> {
    const rounds = 2 + this.#random.below(3)
    for (let round = 0; round < rounds && this.#breaches.length === 0; round += 1) await this.#round()
    if (this.#breaches.length === 0) await this.#lastRun()
  }

  told(): Simulation {
    const { requests } = this.#network
    return {
      seed: this.#seed,
      breaches: [...this.#breaches, ...this.#watch.breaches, ...this.#warehouse.breaches],
      figures: {
        events: this.#world.happened,
        engines: this.#engines.length,
        deaths: this.#engines.filter(({ process }) => process.isDead).length,
        pauses: this.#pauses,
        requests,
        rows: this.#watch.rows,
        repeats: this.#watch.repeats,
        resumed: this.#engines.filter(({ ended }) => ended?.result?.resumed === true).length,
      },
      trace: this.#world.trace ?? [],
    }
  }

  async #round(): Promise<void> {
    const random = this.#random
    this.#model.change(random.below(7))
    if (random.chance(8)) this.#version += 1
    if (random.chance(4)) this.#hashVersion += 1
    this.#changeDuring()
    const engines = [this.#start()]
    if (!this.#warehouse.exclusive && random.chance(35)) {
      this.#world.after(random.below(100_000), () => engines.push(this.#start()))
      await this.#passes(100_000)
    }
    await this.#untilOver(engines)
    await this.#passes(random.chance(10) ? random.below(90 * 60_000) : random.below(180_000))
    if (random.chance(2)) await this.#passes(25 * HOUR_MS)
  }

  #changeDuring(): void {
    for (let times = this.#random.below(4); times > 0; times -= 1)
      this.#world.after(this.#random.below(40_000), () => this.#model.change(1 + this.#random.below(3)))
  }

  #start(): Engine {
    const random = this.#random
    const engine = this.#engine()
    if (random.chance(60))
      engine.process.dieAfter(1 + random.below(120), random.pick<Wreck>(['arrives', 'lost', 'either']))
    if (!this.#warehouse.exclusive && random.chance(30))
      this.#world.after(random.below(60_000), () => {
        this.#pauses += 1
        engine.process.pause(1000 + random.below(250_000))
      })
    return engine
  }

  #engine(): Engine {
    const surroundings: Surroundings = {
      world: this.#world,
      warehouse: this.#warehouse,
      weather: { wayMs: () => this.#weather.wayMs(), breaks: () => this.#weather.breaks() },
      network: this.#network,
      rules: this.#rules,
      model: () => this.#model.rows,
      hashVersion: () => `memory ${this.#hashVersion}`,
      ...(this.#spoil && { spoil: this.#spoil }),
    }
    const name = `run${this.#engines.length + 1}`
    const skewMs = this.#random.below(4000) - 2000
    const engine = new Engine(surroundings, { name, version: this.#version, skewMs })
    this.#engines.push(engine)
    return engine
  }

  /** Nothing goes wrong any more, and the model rests. */
  async #lastRun(): Promise<void> {
    this.#network.weather = CALM_NETWORK
    this.#weather = { wayMs: () => 1 + this.#random.below(5), breaks: () => undefined }
    await this.#passes(200_000)
    this.#world.note('world', 'all is well from here on')
    const engine = this.#engine()
    await this.#untilOver([engine])
    if (this.#breaches.length > 0) return
    const { rows } = this.#model
    this.#breaches.push(
      ...finalBreaches({
        ended: engine.ended,
        rules: this.#rules,
        model: rows,
        there: this.#network.rows,
        tables: this.#warehouse.tables,
      }),
    )
  }

  async #passes(ms: number): Promise<void> {
    let isOver = false
    this.#world.after(ms, () => {
      isOver = true
    })
    await this.#world.run(() => isOver)
  }

  async #untilOver(engines: readonly Engine[]): Promise<void> {
    const giveUpMs = this.#world.nowMs + LONGEST_RUN_MS
    const isOver = () => engines.every((one) => one.isOver) || this.#world.nowMs > giveUpMs
    const how = await this.#world.run(isOver)
    for (const { isOver: over, process } of engines)
      if (!over)
        this.#breaches.push(
          `${process.name} never ended: ${how === 'nothing' ? 'nothing can happen any more' : 'it takes too long'}`,
        )
    for (const { ended } of engines) this.#breaches.push(...this.#watch.ended(ended))
  }
}

function rulesOf(random: Random): PlanRules {
  const mode = random.chance(60) ? 'mirror' : 'upsert'
  return {
    mode,
    onRemove: mode === 'mirror' ? 'delete' : random.pick(['nothing', 'delete', 'clear']),
    idempotent: true,
    batchItems: MANIFEST.objects.contacts?.batch.maxItems ?? 1,
  }
}

const NO_FAULTS: Readonly<Record<NetworkFault, number>> = {
  refused: 0,
  unreachable: 0,
  before: 0,
  after: 0,
  hangs: 0,
  partial: 0,
  misconfigured: 0,
}

const CALM_NETWORK: NetworkWeather = { wayMs: { least: 5, most: 50 }, faults: NO_FAULTS }

function networkWeather(random: Random): NetworkWeather {
  const wayMs = { least: 1, most: random.pick([20, 500, 8000]) }
  if (random.chance(25)) return { wayMs, faults: NO_FAULTS }
  const often = random.pick([2, 6, 14])
  const faults = Object.fromEntries(Object.keys(NO_FAULTS).map((fault) => [fault, random.below(often)]))
  return { wayMs, faults: { ...NO_FAULTS, ...faults, misconfigured: random.below(2) } }
}

/** Mostly quick; in some worlds a statement may take longer than a lease. */
function warehouseWeather(random: Random): WarehouseWeather {
  const slowPercent = random.pick([0, 0, 0, 2])
  const slowMs = random.pick([3000, 20_000, 45_000])
  const breaksPerMille = random.pick([0, 0, 0, 4])
  return {
    wayMs: () => 1 + random.below(random.chance(slowPercent) ? slowMs : 15),
    breaks: () => {
      if (breaksPerMille === 0 || random.below(1000) >= breaksPerMille) return undefined
      return random.pick(['before', 'after'] as const)
    },
  }
}
