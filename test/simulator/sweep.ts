import type { Spoil } from './controls.ts'
import { Model } from './model.ts'
import { MANIFEST, type NetworkWeather } from './network.ts'
import { CALM_NETWORK, NO_FAULTS, Stage } from './stage.ts'
import { World, type Wreck } from './world.ts'

/** How the run that dies is disturbed beside: not at all, or by requests that fail though they were done. */
const NETWORKS: readonly NetworkWeather[] = [
  CALM_NETWORK,
  { wayMs: { least: 5, most: 50 }, faults: { ...NO_FAULTS, after: 40 }, gapPercent: 0 },
]

/** The step at which an earlier run died, whose plan the run takes up: all of it was on the way. Undefined: none did. */
const EARLIER = [undefined, 20]

export interface Sweep {
  /** Steps at which a run died. */
  readonly deaths: number
  readonly breaches: readonly string[]
}

/**
 * A small sync, killed after its first step, after its second, and so on to its last; with all that was on its way lost,
 * and with all of it arriving. Meanwhile the model goes back to what it was, so that whoever forgets what was sent finds
 * nothing to do.
 */
export async function sweep(spoil: Spoil = {}, deathsBefore = EARLIER): Promise<Sweep> {
  let deaths = 0
  const breaches: string[] = []
  for (const earlier of deathsBefore)
    for (const exclusive of [true, false])
      for (const network of NETWORKS)
        for (const wreck of ['arrives', 'lost'] satisfies Wreck[])
          for (let step = 1; ; step += 1) {
            const one = await killedAt({ step, earlier, wreck, network, exclusive, spoil })
            breaches.push(...one.breaches.map((breach) => `after step ${step}, ${wreck}: ${breach}`))
            if (!one.died) break
            deaths += 1
          }
  return { deaths, breaches }
}

async function killedAt(death: {
  readonly step: number
  readonly earlier: number | undefined
  readonly wreck: Wreck
  readonly network: NetworkWeather
  readonly exclusive: boolean
  readonly spoil: Spoil
}): Promise<{ readonly died: boolean; readonly breaches: readonly string[] }> {
  const world = new World(1)
  const { random } = world
  const model = new Model(random, 0, false)
  const stage = new Stage({
    world,
    model,
    rules: {
      mode: 'mirror',
      onRemove: 'delete',
      idempotent: true,
      batchItems: MANIFEST.objects.contacts?.batch.maxItems ?? 1,
    },
    exclusive: death.exclusive,
    network: CALM_NETWORK,
    warehouse: { wayMs: () => 1 + random.below(15), breaks: () => undefined },
    spoil: death.spoil,
  })
  const before = rows({ a: '1', b: '1', c: '1', d: '1', e: '1' })
  model.rows = before
  await stage.untilOver([stage.start()])
  model.rows = rows({ a: '2', b: '2', c: '2', d: '2', f: '1', g: '1' })
  stage.network.weather = death.network
  if (death.earlier !== undefined) {
    const first = stage.start()
    first.process.dieAfter(death.earlier, death.wreck)
    await stage.untilOver([first])
  }
  const engine = stage.start()
  engine.process.dieAfter(death.step, death.wreck)
  await stage.untilOver([engine])
  model.rows = before
  await stage.lastRun()
  return { died: engine.process.isDead, breaches: stage.told(1).breaches }
}

function rows(values: Readonly<Record<string, string>>) {
  return Object.entries(values).map(([key, value]) => ({ key, value, entity: null, consents: true }))
}
