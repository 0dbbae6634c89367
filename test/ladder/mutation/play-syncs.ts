import type { TestContext } from 'node:test'
import type { Warehouse } from '../../../src/warehouse/warehouse.ts'
import { makeAdPlatform } from '../../support/audience-destination.ts'
import { CONTACTS_TABLE } from '../../support/audience-scene.ts'
import { Random } from '../../support/random.ts'
import { startReceiver } from '../../support/receiver.ts'
import { labOn } from '../../support/sync-lab.ts'
import {
  PROJECT as AUDIENCE_PROJECT,
  playAudience,
  playAudienceEdges,
  SHARED,
} from '../../sync/audience-history.ts'
import { HISTORIES, History, PLAIN, project, TABLE } from '../../sync/modes-history.ts'
import { playPlanEdges as playEdgesOfPlans, playPlans as playPlanWorld } from '../../sync/plan-world.ts'
import { playScene } from '../scene/play.ts'
import { openScene } from '../scene/run.ts'
import type { Over } from './replay.ts'

/** The whole scene, as it is compared with PostgreSQL. */
export async function playActs(context: TestContext, warehouse: Warehouse, over: Over): Promise<void> {
  const scene = await openScene(context, warehouse)
  await playScene(scene, { marked: (point) => over(point === 'built' ? 'build' : 'delivery') })
}

/** As test/sync/modes.test.ts compares what is sent with plain code: of its histories those with the most rules. */
export async function playModes(context: TestContext, warehouse: Warehouse, over: Over): Promise<void> {
  for (const seed of [2, 5, 7, 8]) {
    const rulesInTurn = HISTORIES[seed] ?? []
    const receiver = await startReceiver(context)
    const lab = await labOn(warehouse, 'duckdb', project(receiver.url, 'map: {city: city}'))
    await lab.sql('drop schema if exists sluice cascade', 'drop table if exists people', TABLE)
    const history = new History(lab, receiver, new Random(seed + 1))
    for (let step = 0; step < 9; step += 1) {
      await history.step(step, rulesInTurn[Math.floor(step / 3) % rulesInTurn.length] ?? PLAIN)
      over('delivery')
    }
  }
}

/** As test/sync/audience-histories.test.ts compares what an audience holds with plain code. */
export async function playAudiences(_: TestContext, warehouse: Warehouse, over: Over): Promise<void> {
  for (const seed of [1, 2]) {
    const ads = makeAdPlatform()
    const lab = await labOn(warehouse, 'duckdb', AUDIENCE_PROJECT, { connectors: ads.connectors })
    await lab.sql('drop schema if exists sluice cascade', 'drop table if exists contacts', CONTACTS_TABLE)
    await playAudience(
      lab,
      ads,
      { random: new Random(seed), steps: 14 },
      { ran: () => over('delivery'), clean: () => {} },
    )
  }
  const ads = makeAdPlatform()
  const lab = await labOn(warehouse, 'duckdb', SHARED, { connectors: ads.connectors })
  await lab.sql('drop schema if exists sluice cascade', 'drop table if exists contacts', CONTACTS_TABLE)
  await playAudienceEdges(lab, ads, () => over('delivery'))
}

/** As test/sync/plans-same.test.ts compares them with PostgreSQL's. */
export async function playPlans(_: TestContext, warehouse: Warehouse, over: Over): Promise<void> {
  await playPlanWorld(warehouse, 'duckdb', new Random(1), () => over('delivery'))
}

export async function playPlanEdges(_: TestContext, warehouse: Warehouse, over: Over): Promise<void> {
  await playEdgesOfPlans(warehouse, 'duckdb', () => over('delivery'))
}
