import type { Random } from '../support/random.ts'
import type { Spoil } from './controls.ts'
import type { Engine } from './engine.ts'
import type { PlanRules } from './memory-plans.ts'
import type { WarehouseWeather } from './memory-session.ts'
import { Model } from './model.ts'
import { MANIFEST, type NetworkWeather } from './network.ts'
import { HOUR_MS, NO_FAULTS, type Simulation, Stage } from './stage.ts'
import { World, type Wreck } from './world.ts'

/** One world, as its seed says: some runs in which anything may go wrong, and a last one in which nothing does. */
export async function simulate(options: {
  readonly seed: number
  readonly trace?: boolean
  /** Broken on purpose, for the controls. */
  readonly spoil?: Spoil | undefined
}): Promise<Simulation> {
  const { seed, trace = false, spoil } = options
  const world = new World(seed, trace)
  const { random } = world
  const stage = new Stage({
    world,
    spoil,
    model: new Model(random, 4 + random.below(9), random.chance(40)),
    rules: rulesOf(random),
    exclusive: random.chance(30),
    // By the seed, not by chance: worlds without are what they were before there were gaps.
    network: networkWeather(random, seed % 4 === 0 ? 25 : 0),
    warehouse: warehouseWeather(random),
  })
  for (let rounds = 2 + random.below(3); rounds > 0 && !stage.isBroken; rounds -= 1) await playRound(stage)
  await stage.lastRun()
  return stage.told(seed)
}

async function playRound(stage: Stage): Promise<void> {
  const { random } = stage.world
  stage.model.change(random.below(7))
  if (random.chance(8)) stage.version += 1
  if (random.chance(4)) stage.hashVersion += 1
  changeDuring(stage)
  const engines = [startOne(stage)]
  if (!stage.warehouse.exclusive && random.chance(35)) {
    stage.world.after(random.below(100_000), () => engines.push(startOne(stage)))
    await stage.passes(100_000)
  }
  await stage.untilOver(engines)
  await stage.passes(random.chance(10) ? random.below(1.5 * HOUR_MS) : random.below(180_000))
  if (random.chance(2)) await stage.passes(25 * HOUR_MS)
}

function changeDuring({ world, model }: Stage): void {
  const { random } = world
  for (let times = random.below(4); times > 0; times -= 1)
    world.after(random.below(40_000), () => model.change(1 + random.below(3)))
}

function startOne(stage: Stage): Engine {
  const { world, warehouse } = stage
  const { random } = world
  const engine = stage.start()
  if (random.chance(60))
    engine.process.dieAfter(1 + random.below(120), random.pick<Wreck>(['arrives', 'lost', 'either']))
  if (!warehouse.exclusive && random.chance(30))
    world.after(random.below(random.pick([1000, 60_000])), () => {
      if (engine.isOver) return
      stage.pauses += 1
      engine.process.pause(1000 + random.below(250_000), random.chance(25))
    })
  return engine
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

function networkWeather(random: Random, gapPercent: number): NetworkWeather {
  const wayMs = { least: 1, most: random.pick([20, 500, 8000]) }
  if (random.chance(25)) return { wayMs, faults: NO_FAULTS, gapPercent }
  const often = random.pick([2, 6, 14])
  const faults = Object.fromEntries(Object.keys(NO_FAULTS).map((fault) => [fault, random.below(often)]))
  return { wayMs, faults: { ...NO_FAULTS, ...faults, misconfigured: random.below(2) }, gapPercent }
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
