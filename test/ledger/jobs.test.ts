import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { SluiceError } from '../../src/base/errors.ts'
import type { StartedJob } from '../../src/ledger/ledger.ts'
import { forEachEngine, type Open } from '../support/engines.ts'
import { AT, ledgerOn, planRecord, read } from './lab.ts'
import { countsOf, planTable, type TestPlanRow } from './plan-rows.ts'

const row = (key: string, seq: number): TestPlanRow => ({
  ...{ seq, batch: 1 + Math.floor((seq - 1) / 2), op: 'add', reason: null, key, entity: `e-${key}`, hash: 7 },
})
const SIX = ['a', 'b', 'c', 'd', 'e', 'f'].map((key, at) => row(key, at + 1))

const job = (jobId: string, changes: Partial<StartedJob>): StartedJob => ({
  ...{
    jobId,
    object: 'people',
    batch: 1,
    ranges: [{ lo: 1, hi: 2 }],
    attempts: 1,
    ambiguous: false,
    startedAt: AT,
  },
  ...changes,
})

async function lab(t: TestContext, open: Open) {
  const warehouse = await open(t)
  const ledger = await ledgerOn(warehouse)
  const lease = await ledger.acquire('sync:vips', 'run-1')
  t.after(() => lease.release())
  const { syncs } = ledger
  await syncs.ensureSnapshot(lease, {
    ...{ sync: 'vips', account: 'portal 1', keyFields: ['email'], hashVersion: '1' },
  })
  const plan = planRecord({ counts: countsOf(SIX) })
  await syncs.freeze(lease, plan, planTable(warehouse, 'vips', SIX))
  return { warehouse, ledger, lease, syncs, plan }
}

const RULES = { dropGone: false, nextTryAt: AT, at: AT }

forEachEngine((engine, open) => {
  const name = (sentence: string) => `${engine}: ${sentence}`

  test(
    name('a job is open from its start until it is said to have ended, with its rows as handed over'),
    async (t) => {
      const { lease, syncs, plan } = await lab(t, open)
      assert.deepEqual(await syncs.openJobs(plan), [])
      const first = job('j1', {})
      const gaps = [
        { lo: 3, hi: 3 },
        { lo: 5, hi: 6 },
      ]
      const second = job('j2', { batch: 2, ranges: gaps, attempts: 3, ambiguous: true })
      await syncs.acknowledge(lease, plan, [], [], { started: [second, first], ended: [] })
      assert.deepEqual(await syncs.openJobs(plan), [first, second])
      await syncs.acknowledge(lease, plan, [{ lo: 1, hi: 2 }], [], {
        started: [],
        ended: [{ jobId: 'j1', state: 'done', at: AT }],
      })
      assert.deepEqual(await syncs.openJobs(plan), [second])
      assert.deepEqual(await syncs.openJobs({ ...plan, runId: 'run-2' }), [])
    },
  )

  test(name('a batch that is started again under the id it had is open again'), async (t) => {
    const { warehouse, lease, syncs, plan } = await lab(t, open)
    await syncs.acknowledge(lease, plan, [], [], { started: [job('j1', {})], ended: [] })
    const again = job('j1', { attempts: 2 })
    const ended = { jobId: 'j1', state: 'failed', at: AT } as const
    await syncs.acknowledge(lease, plan, [], [], { started: [again], ended: [ended] })
    assert.deepEqual(await syncs.openJobs(plan), [again])
    const states = await read(warehouse, 'select state from sluice.jobs order by state')
    assert.deepEqual(states, [{ state: 'failed' }, { state: 'running' }])
  })

  test(name('jobs are forgotten with the plan, whose unanswered rows are dirty'), async (t) => {
    const { warehouse, lease, syncs, plan } = await lab(t, open)
    await syncs.markStarted(lease, plan, [{ batch: 1, lo: 1, hi: 2, attempt: 1 }])
    await syncs.acknowledge(lease, plan, [], [], { started: [job('j1', {})], ended: [] })
    const counts = await syncs.commit(lease, plan, RULES)
    assert.deepEqual([counts.applied, counts.unanswered], [0, 6])
    assert.deepEqual(await read(warehouse, 'select 1 as one from sluice.jobs'), [])
    const dirty = await read(
      warehouse,
      'select key from sluice.snapshot_vips where hash is null order by key',
    )
    assert.deepEqual(dirty, [{ key: 'a' }, { key: 'b' }])
  })

  test(name('jobs move with a sync that is renamed'), async (t) => {
    const { lease, syncs, plan } = await lab(t, open)
    await syncs.acknowledge(lease, plan, [], [], { started: [job('j1', {})], ended: [] })
    await syncs.renameSnapshot(lease, 'vips', 'friends')
    const open_ = await syncs.openPlan('friends')
    assert.ok(open_ !== undefined)
    assert.deepEqual(await syncs.openJobs(open_), [job('j1', {})])
  })

  test(name('a holder that lost its lease writes no job'), async (t) => {
    const { ledger, warehouse, lease, syncs, plan } = await lab(t, open)
    await ledger.unlock('sync:vips')
    const writing = syncs.acknowledge(lease, plan, [], [], { started: [job('j1', {})], ended: [] })
    await assert.rejects(writing, (error) => error instanceof SluiceError && error.code === 'SLU5002')
    assert.deepEqual(await read(warehouse, 'select 1 as one from sluice.jobs'), [])
  })

  test(name('thousands of jobs are all found again'), async (t) => {
    const { lease, syncs, plan } = await lab(t, open)
    const started = Array.from({ length: 2500 }, (_, at) =>
      job(`j${at}`, { batch: at + 1, ranges: [{ lo: at + 1, hi: at + 1 }] }),
    )
    await syncs.acknowledge(lease, plan, [], [], { started, ended: [] })
    assert.deepEqual(await syncs.openJobs(plan), started)
  })
})
