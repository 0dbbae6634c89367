import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import fc from 'fast-check'
import { SluiceError } from '../../../src/base/errors.ts'
import type { Warehouse } from '../../../src/warehouse/warehouse.ts'
import { marks, RULES, send } from '../../ledger/commit-runs.ts'
import { ledgerOn, planRecord } from '../../ledger/lab.ts'
import { countsOf } from '../../ledger/plan-rows.ts'
import { Random } from '../../support/random.ts'
import { startReceiver } from '../../support/receiver.ts'
import { labOn } from '../../support/sync-lab.ts'
import { HISTORIES, History, PLAIN, project, TABLE } from '../../sync/modes-history.ts'
import { playPlans as playPlanWorld } from '../../sync/plan-world.ts'
import { playScene } from '../scene/play.ts'
import { openScene } from '../scene/run.ts'
import type { Over } from './replay.ts'

/** The whole scene, as it is compared with PostgreSQL. */
export async function playActs(context: TestContext, warehouse: Warehouse, over: Over): Promise<void> {
  const scene = await openScene(context, warehouse)
  await playScene(scene, { marked: (point) => over(point === 'built' ? 'build' : 'delivery') })
}

/** As test/ledger/commit.test.ts compares it with commits by hand. */
export async function playCommits(_: TestContext, warehouse: Warehouse, over: Over): Promise<void> {
  const ledger = await ledgerOn(warehouse)
  const lease = await ledger.acquire('sync:vips', 'run-1')
  const made = { sync: 'vips', account: 'a', keyFields: ['email'], hashVersion: '1' }
  await ledger.syncs.ensureSnapshot(lease, made)
  for (const [at, one] of fc.sample(marks, { seed: 3, numRuns: 10 }).entries()) {
    const run = { ...one, runId: `run-${at}` }
    const plan = planRecord({ runId: run.runId, counts: countsOf(run.rows), modelDigest: 'm' })
    // Twice: the second time as if the end of the commit had not reached the warehouse.
    for (let time = 0; time < 2; time += 1) {
      await send(ledger, lease, warehouse, plan, run)
      await ledger.syncs.commit(lease, plan, { ...RULES, dropGone: run.dropGone })
      over('delivery')
    }
    await ledger.syncs.snapshot('vips')
    await ledger.receipts.rejected('vips')
  }
  await lease.release()
}

/** As test/sync/modes.test.ts compares what is sent with plain code: of its histories those with the most rules. */
export async function playModes(context: TestContext, warehouse: Warehouse, over: Over): Promise<void> {
  for (const seed of [2, 5, 8]) {
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

/** As test/sync/plans-same.test.ts compares them with PostgreSQL's. */
export async function playPlans(_: TestContext, warehouse: Warehouse, over: Over): Promise<void> {
  await playPlanWorld(warehouse, 'duckdb', new Random(1), () => over('delivery'))
}

/** As test/ledger/leases.test.ts asks for them. */
export async function playLeases(_: TestContext, warehouse: Warehouse, over: Over): Promise<void> {
  const shared = { ...warehouse, exclusive: false }
  const ledger = await ledgerOn(shared)
  const other = await ledgerOn(shared)
  const build = await ledger.acquire('build', 'run-1', 0)
  await refused(other.acquire('build', 'run-2', 0))
  const sync = await other.acquire('sync:vips', 'run-2', 0)
  await refused(other.acquire('build', 'run-1', 0))
  await build.fenced(async () => {})
  await build.release()
  await build.release()
  await refused(build.fenced(async () => {}))
  const taken = await other.acquire('build', 'run-2', 0)
  await ledger.unlock('build')
  await ledger.unlock('none')
  await refused(taken.fenced(async () => {}))
  await sync.fenced(async () => {})
  await ledger.leases()
  await sync.release()
  over('delivery')
}

async function refused(asked: Promise<unknown>): Promise<void> {
  await asked.then(
    () => assert.fail('taken'),
    (error: unknown) => assert.ok(error instanceof SluiceError),
  )
}
