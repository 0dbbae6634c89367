import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { SyncLedger } from '../../src/ledger/ledger.ts'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import { forEachEngine, type Open } from '../support/engines.ts'
import { AT, ledgerOn, planRecord, read } from './lab.ts'
import { countsOf, planTable, type TestPlanRow } from './plan-rows.ts'

const RULES = { dropGone: false, nextTryAt: AT, at: AT }

forEachEngine((engine, open) => {
  const name = (sentence: string) => `${engine}: ${sentence}`

  test(
    name('what was noted late is dirty once it is taken, and is there when it may have been added'),
    async (t) => {
      const { syncs, lease, snapshot, note } = await lab(t, open, ['email'])
      await note(['a', 'change'], ['b', 'remove'], ['n', 'add'], ['o', 'remove'])
      assert.equal((await syncs.snapshot('vips'))?.late, 4)
      assert.deepEqual(await snapshot(), [
        { key: 'a', dirty: false, gone: false },
        { key: 'b', dirty: false, gone: false },
        { key: 'c', dirty: false, gone: true },
      ])
      await syncs.takeLate(lease, 'vips')
      assert.deepEqual(await snapshot(), [
        { key: 'a', dirty: true, gone: false },
        { key: 'b', dirty: true, gone: false },
        { key: 'c', dirty: false, gone: true },
        { key: 'n', dirty: true, gone: false },
      ])
      const info = await syncs.snapshot('vips')
      assert.deepEqual([info?.late, info?.rows, info?.dirty], [0, 4, 3])
      assert.equal(info?.modelDigest, undefined, 'the next plan must compare')
    },
  )

  test(name('one that left comes back only when it may have been written again'), async (t) => {
    const { syncs, lease, snapshot, note } = await lab(t, open, ['email'])
    await note(['c', 'remove'])
    await syncs.takeLate(lease, 'vips')
    assert.deepEqual((await snapshot()).at(-1), { key: 'c', dirty: true, gone: true })
    await note(['c', 'change'], ['c', 'remove'])
    await syncs.takeLate(lease, 'vips')
    assert.deepEqual((await snapshot()).at(-1), { key: 'c', dirty: true, gone: false })
  })

  test(name('keys of several fields are put there with their parts'), async (t) => {
    const { syncs, lease, warehouse, note } = await lab(t, open, ['first', 'last'])
    await note(['x\\|y|z\\\\', 'add'])
    await syncs.takeLate(lease, 'vips')
    assert.deepEqual(
      await read(warehouse, "select part_1, part_2 from sluice.snapshot_vips where key like 'x%'"),
      [{ part_1: 'x|y', part_2: 'z\\' }],
    )
  })

  test(
    name('more rows than one statement takes are noted and taken, and another sync keeps its own'),
    async (t) => {
      const { syncs, lease, note } = await lab(t, open, ['email'])
      const many = Array.from({ length: 2300 }, (_, at) => [`k${10_000 + at}`, 'add'] as const)
      await note(...many)
      await syncs.noteLate({ sync: 'others', token: 1, at: AT, rows: [{ key: 'a', op: 'add' }] })
      await syncs.takeLate(lease, 'vips')
      const info = await syncs.snapshot('vips')
      assert.deepEqual([info?.late, info?.rows, info?.dirty], [0, 2303, 2300])
      await syncs.ensureSnapshot(lease, { ...SNAPSHOT, sync: 'others', keyFields: ['email'] })
      assert.equal((await syncs.snapshot('others'))?.late, 1)
    },
  )

  test(name('who holds no lease may note, but not take'), async (t) => {
    const { syncs, lease, ledger, note } = await lab(t, open, ['email'])
    await ledger.unlock('sync:vips')
    await note(['a', 'change'])
    await assert.rejects(syncs.takeLate(lease, 'vips'), { code: 'SLU5002' })
    assert.equal((await syncs.snapshot('vips'))?.late, 1)
  })

  test(name('a sync that is renamed takes what was noted of it along'), async (t) => {
    const { syncs, ledger, note, lease } = await lab(t, open, ['email'])
    await note(['a', 'change'])
    await lease.release()
    const own = await ledger.acquire('sync:guests', 'run-2')
    await syncs.renameSnapshot(own, 'vips', 'guests')
    assert.equal((await syncs.snapshot('guests'))?.late, 1)
    await own.release()
  })
})

const SNAPSHOT = { account: 'portal 1', hashVersion: '1' }

/** A snapshot with `a` and `b` as they were sent, and `c`, which left. */
async function lab(t: TestContext, open: Open, keyFields: readonly string[]) {
  const warehouse = await open(t)
  const ledger = await ledgerOn(warehouse, {})
  const lease = await ledger.acquire('sync:vips', 'run-1')
  t.after(() => lease.release())
  const { syncs } = ledger
  await syncs.ensureSnapshot(lease, { ...SNAPSHOT, sync: 'vips', keyFields })
  if (keyFields.length === 1) await sent(warehouse, syncs, lease)
  const note = (...rows: readonly (readonly [string, 'add' | 'change' | 'remove'])[]) =>
    syncs.noteLate({ sync: 'vips', token: lease.token, at: AT, rows: rows.map(([key, op]) => ({ key, op })) })
  const snapshot = () =>
    read(warehouse, 'select key, hash is null as dirty, gone from sluice.snapshot_vips order by key')
  return { warehouse, ledger, lease, syncs, note, snapshot }
}

async function sent(warehouse: Warehouse, syncs: SyncLedger, lease: Parameters<SyncLedger['commit']>[0]) {
  const rows = ['a', 'b', 'c'].map((key, at) => row(key, at + 1, 'add'))
  const first = planRecord({ counts: countsOf(rows) })
  await syncs.freeze(lease, first, planTable(warehouse, 'vips', rows))
  await syncs.acknowledge(lease, first, [{ lo: 1, hi: 3 }], [])
  await syncs.commit(lease, first, RULES)
  const left = [row('c', null, 'left')]
  const second = planRecord({ runId: 'run-2', planId: 'ffffffff', counts: countsOf(left) })
  await syncs.freeze(lease, second, planTable(warehouse, 'vips', left))
  await syncs.commit(lease, second, RULES)
}

function row(key: string, seq: number | null, op: TestPlanRow['op']): TestPlanRow {
  return { seq, batch: seq, op, reason: null, key, entity: `e-${key}`, hash: seq === null ? null : 7 }
}
