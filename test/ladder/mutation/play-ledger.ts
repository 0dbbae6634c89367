import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import fc from 'fast-check'
import { SluiceError } from '../../../src/base/errors.ts'
import type { Lease, Ledger, PlanRecord, StartedJob } from '../../../src/ledger/ledger.ts'
import type { Warehouse } from '../../../src/warehouse/warehouse.ts'
import type { Marks } from '../../ledger/commit-oracle.ts'
import { marks, RULES, send } from '../../ledger/commit-runs.ts'
import { AT, ledgerOn, planRecord, run } from '../../ledger/lab.ts'
import { countsOf, planTable, type TestPlanRow } from '../../ledger/plan-rows.ts'
import { neighbours } from './neighbours.ts'
import type { Over } from './replay.ts'

/** As test/ledger/leases.test.ts asks for them, by two runs that begin at once. */
export async function playLeases(_: TestContext, warehouse: Warehouse, over: Over): Promise<void> {
  await neighbours(warehouse, ['leases', 'meta'])
  const shared = { ...warehouse, exclusive: false }
  const ledger = await ledgerOn(shared)
  const other = await ledgerOn(shared)
  await Promise.all([ledger.prepare(), other.prepare()])
  // Whoever wrote it later is not the owner.
  await run(
    warehouse,
    `insert into sluice.meta select 2, version, 'later', target, timestamp '2099-01-01' from sluice.meta`,
  )
  await (await ledgerOn(shared)).prepare()
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
  // More than are read at once.
  await run(
    warehouse,
    `insert into sluice.leases select 'x' || i, '', 0, timestamp '2000-01-01' from generate_series(1000, 2100) as r(i)`,
  )
  await ledger.leases()
  await sync.release()
  await playPublished(ledger, warehouse)
  await playAlone(warehouse)
  over('delivery')
}

/** Two builds, of which the later one forgets two nodes among more than are read at once. */
async function playPublished(ledger: Ledger, warehouse: Warehouse): Promise<void> {
  const build = await ledger.acquire('build', 'run-3', 0)
  const node = (id: string) => ({ id, fingerprint: 'f', asOf: AT, runId: 'run-3', rows: 1 })
  const record = (buildNumber: number, stale: readonly string[], ...ids: readonly string[]) =>
    build.fenced(() =>
      ledger.published.record({
        ...{ runId: 'run-3', buildNumber, asOf: AT, made: [], stale },
        nodes: ids.map(node),
      }),
    )
  await record(1, [], 'identity:a', 'identity:b', 'identity:c')
  await run(
    warehouse,
    `insert into sluice.published select 'x' || i, 'f', timestamp '2026-01-01', 'run-0', i from generate_series(1000, 2100) as r(i)`,
  )
  await record(2, [], 'identity:a', 'identity:b')
  await ledger.published.nodes()
  await ledger.published.nextBuildNumber()
  await ledger.published.lastAsOf()
  await build.release()
}

/** Where no other process can have the warehouse, the run that holds a lease is dead when another one asks. */
async function playAlone(warehouse: Warehouse): Promise<void> {
  await (await ledgerOn(warehouse)).acquire('alone', 'run-1', 0)
  const next = await ledgerOn(warehouse)
  await refused(next.acquire('alone', 'run-1', 0))
  const taken = await next.acquire('alone', 'run-2', 0)
  await refused((await ledgerOn(warehouse)).acquire('alone', 'run-2', 0))
  await taken.release()
}

/** As test/ledger/commit.test.ts compares it with commits by hand, beside another sync of which nothing may change. */
export async function playCommits(_: TestContext, warehouse: Warehouse, over: Over): Promise<void> {
  const ledger = await ledgerOn(warehouse)
  const lease = await ledger.acquire('sync:vips', 'run-1')
  const beside = await ledger.acquire('sync:beside', 'run-1')
  for (const sync of ['vips', 'beside']) {
    const made = { sync, account: 'a', keyFields: ['email'], hashVersion: '1' }
    await ledger.syncs.ensureSnapshot(sync === 'vips' ? lease : beside, made)
  }
  await playBeside(ledger, beside, warehouse)
  const commit = async (one: Omit<Marks, 'runId'>, at: number) => {
    const plan = await sent(ledger, lease, warehouse, { ...one, runId: `run-${at}` })
    // Twice: the second time as if the end of the commit had not reached the warehouse.
    for (let time = 0; time < 2; time += 1) {
      if (time > 0) await send(ledger, lease, warehouse, plan, one as Marks)
      await ledger.syncs.acknowledged(plan)
      await ledger.syncs.openPlan('vips')
      await ledger.syncs.plans()
      await ledger.syncs.commit(lease, plan, { ...RULES, dropGone: one.dropGone })
      over('delivery')
    }
    await ledger.syncs.snapshot('vips')
    await ledger.receipts.rejected('vips')
  }
  for (const [at, one] of fc.sample(marks, { seed: 3, numRuns: 10 }).entries()) await commit(one, at)
  for (const [at, one] of [...STUBBORN, NOTHING_TO_DO].entries()) {
    await commit(one, 10 + at)
    // The row that waits by now may be tried at once, and none of the sync beside.
    if (at === 4) {
      await run(warehouse, WAITING_BESIDE)
      await ledger.receipts.makeDue(lease, 'vips', { keys: [], reason: undefined })
    }
    over('delivery')
  }
  await playAside(ledger, { vips: lease, beside }, warehouse)
  over('delivery')
  await refused(
    ledger.syncs.freeze(lease, planRecord({ counts: countsOf(TWICE) }), planTable(warehouse, 'vips', TWICE)),
  )
  await beside.release()
  await lease.release()
}

/** A plan of another sync of the same run, with jobs that its destination works on. */
async function playBeside(ledger: Ledger, lease: Lease, warehouse: Warehouse): Promise<void> {
  const { syncs } = ledger
  const [one] = fc.sample(marks, { seed: 4, numRuns: 1 })
  if (one === undefined) return
  const plan = await sent(ledger, lease, warehouse, { ...one, runId: 'run-1' }, 'beside')
  // The same jobs of another run and of another sync.
  for (const other of [plan, { ...plan, runId: 'run-0' }, { ...plan, sync: 'many' }])
    await syncs.acknowledge(lease, other, [], [], { started: JOBS, ended: [] })
  await syncs.acknowledge(lease, plan, [], [], {
    started: [],
    ended: [{ jobId: 'j3', state: 'done', at: AT }],
  })
  await syncs.openJobs(plan)
  await syncs.openJobs({ ...plan, sync: 'vips' })
  await syncs.noteLate({ sync: 'beside', token: 1, at: AT, rows: [{ key: 'a', op: 'add' }] })
  // More than are read at once, of a plan of yet another sync and run.
  const many = { ...plan, sync: 'many', runId: 'run-0' }
  await run(
    warehouse,
    `insert into sluice.acks (sync, run_id, lo, hi) select 'many', 'run-0', 2 * i, 2 * i from generate_series(1, 1100) as r(i)`,
  )
  await syncs.acknowledged(many)
  const jobs = Array.from({ length: 1100 }, (_, at) => job(`j${at}`, at + 1))
  await syncs.acknowledge(lease, many, [], [], { started: jobs, ended: [] })
  await syncs.openJobs(many)
}

const job = (jobId: string, at: number): StartedJob => ({
  ...{
    jobId,
    object: 'people',
    batch: at,
    ranges: [{ lo: at, hi: at }],
    attempts: 1,
    ambiguous: false,
    startedAt: AT,
  },
})

/** Of which the third ends. */
const JOBS = [job('j2', 2), job('j1', 1), job('j3', 3)]

/** Plans that a guard stopped, of which the second stands for the first; and more snapshots than are read at once. */
async function playAside(
  { syncs }: Ledger,
  leases: Readonly<Record<'vips' | 'beside', Lease>>,
  warehouse: Warehouse,
): Promise<void> {
  const rows = [added('aside', 1, 1)]
  for (const sync of ['vips', 'vips', 'beside'] as const) {
    const plan = planRecord({ sync, state: 'guarded', counts: countsOf(rows) })
    await syncs.freeze(leases[sync], plan, planTable(warehouse, sync, rows))
    await syncs.guardedPlan(sync, plan.planId)
  }
  await run(
    warehouse,
    `insert into sluice.snapshots (sync, account, key_fields, hash_version, row_count, gone_count, dirty_count, digest)
select 'x' || i, 'a', '["email"]', '1', 0, 0, 0, '0:0' from generate_series(1000, 2100) as r(i)`,
  )
  await syncs.snapshots()
}

async function sent(
  ledger: Ledger,
  lease: Lease,
  warehouse: Warehouse,
  one: Marks,
  sync = 'vips',
): Promise<PlanRecord> {
  const plan = planRecord({ sync, runId: one.runId, counts: countsOf(one.rows), modelDigest: 'm' })
  await send(ledger, lease, warehouse, plan, one)
  return plan
}

const added = (key: string, seq: number, hash: number): TestPlanRow => ({
  ...{ seq, batch: 1, op: 'add', reason: null, key, entity: `e-${key}`, hash },
})

const WAITING_BESIDE = `insert into sluice.receipts (sync, run_id, plan_id, status, reason, op, key, next_try_at, recorded_at)
select 'beside', run_id, plan_id, status, reason, op, key, recorded_at, recorded_at from sluice.receipts where sync = 'vips'`

const STARTED = [{ batch: 1, attempt: 1, lo: 1, hi: 2 }]

/** The same row is rejected again and again, until it has to wait; then as another one. */
const STUBBORN: readonly Omit<Marks, 'runId'>[] = [7, 7, 7, 7, 7, 8].map((hash) => ({
  rows: [added('stubborn', 1, hash), added('taken', 2, hash)],
  started: STARTED,
  ranges: [{ lo: 1, hi: 2 }],
  rejects: [{ seq: 1, ambiguous: false, reason: 'x' }],
  dropGone: false,
}))

const NOTHING_TO_DO: Omit<Marks, 'runId'> = {
  rows: [],
  started: [],
  ranges: [],
  rejects: [],
  dropGone: false,
}

/** No plan: a key stands twice. */
const TWICE = [added('twice', 1, 1), added('twice', 2, 2)]

async function refused(asked: Promise<unknown>): Promise<void> {
  await asked.then(
    () => assert.fail('taken'),
    (error: unknown) => assert.ok(error instanceof SluiceError),
  )
}
