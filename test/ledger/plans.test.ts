import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { SluiceError } from '../../src/base/errors.ts'
import { instantOf } from '../../src/base/instant.ts'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import { forEachOf } from '../support/dialects.ts'
import { ENGINES, type Open } from '../support/engines.ts'
import { AT, ledgerOn, planRecord, read } from './lab.ts'
import { countsOf, planTable, type TestPlanRow } from './plan-rows.ts'

const code = (expected: string) => (error: unknown) => error instanceof SluiceError && error.code === expected
const SNAPSHOT = { sync: 'vips', account: 'portal 1', keyFields: ['email'], hashVersion: '1' }
const RULES = { dropGone: false, nextTryAt: AT, at: AT }

const row = (key: string, seq: number | null, op: TestPlanRow['op'] = 'add'): TestPlanRow => ({
  seq,
  batch: seq,
  op,
  reason: op === 'held' ? 'consent' : null,
  key,
  entity: `e-${key}`,
  hash: op === 'remove' || seq === null ? null : 7,
})

const FOUR = [row('a', 1), row('b', 2), row('c', 3), row('d', 4)]

async function lab(t: TestContext, open: Open) {
  const warehouse = await open(t)
  const ledger = await ledgerOn(warehouse, {
    clock: { ...systemClock, nowMs: () => Date.parse(AT) },
  })
  const lease = await ledger.acquire('sync:vips', 'run-1')
  t.after(() => lease.release())
  const { syncs } = ledger
  await syncs.ensureSnapshot(lease, SNAPSHOT)
  return { warehouse, ledger, lease, syncs }
}

const tables = async (warehouse: Warehouse, like: string) =>
  (
    await read(
      warehouse,
      `select table_name as name from information_schema.tables where table_schema = 'sluice' and table_name like '${like}' order by 1`,
    )
  ).map(({ name }) => name)

forEachOf([...ENGINES, 'redshift'], (engine, open) => {
  const name = (sentence: string) => `${engine}: ${sentence}`

  test(name('a dropped plan makes exactly the rows dirty that were perhaps sent'), async (t) => {
    const { warehouse, lease, syncs } = await lab(t, open)
    const first = planRecord({ counts: countsOf(FOUR.slice(0, 2)) })
    await syncs.freeze(lease, first, planTable(warehouse, 'vips', FOUR.slice(0, 2)))
    await syncs.acknowledge(lease, first, [{ lo: 1, hi: 2 }], [])
    await syncs.commit(lease, first, RULES)
    // Then a run is killed: one change answered, one sent, one never sent; a removal and an addition on their way.
    const rows = [
      row('b', 1, 'remove'),
      { ...row('a', 2, 'change'), hash: 8 },
      row('c', 3),
      row('d', 4),
      row('e', 5),
    ]
    const killed = planRecord({ runId: 'run-2', planId: 'ffffffff', counts: countsOf(rows) })
    await syncs.freeze(lease, killed, planTable(warehouse, 'vips', rows))
    await syncs.markStarted(
      lease,
      killed,
      [1, 2, 3, 4].map((seq) => ({ batch: seq, lo: seq, hi: seq, attempt: 1 })),
    )
    await syncs.acknowledge(lease, killed, [{ lo: 3, hi: 3 }], [])
    assert.deepEqual(await syncs.commit(lease, killed, RULES), {
      ...{ applied: 1, rejected: 0, unanswered: 4 },
      answeredOps: { add: 1, change: 0, remove: 0 },
    })
    const snapshot = await read(
      warehouse,
      'select key, hash is null as dirty, gone from sluice.snapshot_vips order by key',
    )
    assert.deepEqual(snapshot, [
      { key: 'a', dirty: true, gone: false },
      { key: 'b', dirty: true, gone: false },
      { key: 'c', dirty: false, gone: false },
      { key: 'd', dirty: true, gone: false },
    ])
    assert.equal((await syncs.snapshot('vips'))?.dirty, 3)
    for (const left of ['acks', 'starts', 'plans'])
      assert.deepEqual(await read(warehouse, `select * from sluice.${left}`), [])
    assert.deepEqual(await tables(warehouse, 'plan%'), ['plans'])
  })

  test(name('answers of many flushes are told as ranges without gaps, in order'), async (t) => {
    const { warehouse, lease, syncs } = await lab(t, open)
    const plan = planRecord({ counts: countsOf(FOUR) })
    await syncs.freeze(lease, plan, planTable(warehouse, 'vips', FOUR))
    assert.deepEqual(await syncs.acknowledged(plan), [])
    await syncs.acknowledge(lease, plan, [], [])
    await syncs.acknowledge(
      lease,
      plan,
      [
        { lo: 8, hi: 9 },
        { lo: 1, hi: 2 },
      ],
      [],
    )
    await syncs.acknowledge(
      lease,
      plan,
      [
        { lo: 3, hi: 3 },
        { lo: 9, hi: 20 },
        { lo: 2, hi: 2 },
      ],
      [],
    )
    assert.deepEqual(await syncs.acknowledged(plan), [
      { lo: 1, hi: 3 },
      { lo: 8, hi: 20 },
    ])
    const gaps = Array.from({ length: 2300 }, (_, index) => ({ lo: 100 + index * 2, hi: 100 + index * 2 }))
    await syncs.acknowledge(lease, plan, gaps, [])
    assert.deepEqual((await syncs.acknowledged(plan)).slice(2), gaps)
  })

  test(
    name('a plan stopped by a guard is kept a day, is not open, and is sent when it is accepted'),
    async (t) => {
      const { warehouse, lease, syncs } = await lab(t, open)
      const record = planRecord({ state: 'guarded', counts: countsOf(FOUR), modelDigest: 'm' })
      await syncs.freeze(lease, record, planTable(warehouse, 'vips', FOUR))
      // The next run finds the same changes: one such plan is enough.
      await syncs.freeze(lease, record, planTable(warehouse, 'vips', FOUR))
      assert.deepEqual(await tables(warehouse, 'plan_%vips%'), ['plan_vips_0a1b2c3d'])
      assert.equal(await syncs.openPlan('vips'), undefined)
      assert.deepEqual(await syncs.guardedPlan('vips', '0a1b2c3d'), record)
      assert.equal(await syncs.guardedPlan('vips', '00000000'), undefined)
      await syncs.setState(lease, record, 'sending')
      const open_ = await syncs.openPlan('vips')
      assert.deepEqual(open_, { ...record, state: 'sending' })
      assert.deepEqual(await tables(warehouse, 'plan_%vips%'), ['plan_vips'])
      assert.ok(open_ !== undefined)
      await syncs.acknowledge(lease, open_, [{ lo: 1, hi: 4 }], [])
      assert.equal((await syncs.commit(lease, open_, RULES)).applied, 4)
      assert.equal((await syncs.snapshot('vips'))?.modelDigest, 'm')
      assert.deepEqual(await syncs.plans(), [])
    },
  )

  test(name('guarded plans older than a day are not found, and are dropped'), async (t) => {
    const { warehouse, lease, syncs } = await lab(t, open)
    const old = planRecord({
      state: 'guarded',
      planId: '11111111',
      createdAt: instantOf(Date.parse(AT) - 25 * 3_600_000),
      counts: countsOf(FOUR),
    })
    const fresh = planRecord({ state: 'guarded', counts: countsOf(FOUR) })
    for (const one of [old, fresh]) await syncs.freeze(lease, one, planTable(warehouse, 'vips', FOUR))
    assert.equal(await syncs.guardedPlan('vips', old.planId), undefined)
    await syncs.dropOldPlans(lease, 'vips')
    assert.deepEqual(await tables(warehouse, 'plan_%vips%'), ['plan_vips_0a1b2c3d'])
    assert.deepEqual(await syncs.plans(), [fresh])
  })

  test(name('a sending plan is put aside under its id'), async (t) => {
    const { warehouse, lease, syncs } = await lab(t, open)
    const record = planRecord({ counts: countsOf(FOUR) })
    await syncs.freeze(lease, record, planTable(warehouse, 'vips', FOUR))
    await syncs.setState(lease, record, 'guarded')
    assert.equal(await syncs.openPlan('vips'), undefined)
    assert.deepEqual(await syncs.guardedPlan('vips', record.planId), { ...record, state: 'guarded' })
  })

  for (const [why, rows, counts] of [
    ['counts another number of rows', FOUR, { add: 3 }],
    ['has a key twice', [row('a', 1), row('a', 2)], { add: 2 }],
    ['has a key twice among rows that are not sent', [row('a', 1), row('a', null, 'back')], { add: 1 }],
    ['has a gap in seq', [row('a', 1), row('b', 3)], { add: 2 }],
    ['has a row to send without a number', [row('a', 1), row('b', null)], { add: 2 }],
  ] as const)
    test(name(`a plan that ${why} is our bug, and is not recorded`), async (t) => {
      const { warehouse, lease, syncs } = await lab(t, open)
      const record = planRecord({ counts })
      await assert.rejects(syncs.freeze(lease, record, planTable(warehouse, 'vips', rows)), code('SLU5006'))
      assert.equal(await syncs.openPlan('vips'), undefined)
      assert.deepEqual(await tables(warehouse, 'plan_%vips%'), [])
    })

  test(name('no second plan may hide one that is on its way'), async (t) => {
    const { warehouse, lease, syncs } = await lab(t, open)
    const record = planRecord({ counts: countsOf(FOUR) })
    await syncs.freeze(lease, record, planTable(warehouse, 'vips', FOUR))
    await assert.rejects(syncs.freeze(lease, record, planTable(warehouse, 'vips', FOUR)), code('SLU9001'))
    assert.deepEqual(await tables(warehouse, 'plan_%vips%'), ['plan_vips'])
  })

  test(
    name('a snapshot that is renamed keeps its rows, its receipts and its interrupted plan'),
    async (t) => {
      const { warehouse, ledger, syncs } = await lab(t, open)
      const lease = await ledger.acquire('sync:lovers', 'run-3')
      const old = await ledger.acquire('sync:old', 'run-3')
      await syncs.ensureSnapshot(old, { ...SNAPSHOT, sync: 'old' })
      const rows = [...FOUR, row('h', null, 'held')]
      const plan = planRecord({ sync: 'old', counts: countsOf(rows) })
      await syncs.freeze(old, plan, planTable(warehouse, 'old', rows))
      await syncs.acknowledge(old, plan, [{ lo: 1, hi: 4 }], [])
      await syncs.commit(old, plan, RULES)
      const next = planRecord({ sync: 'old', runId: 'run-4', counts: countsOf([row('z', 1)]) })
      await syncs.freeze(old, next, planTable(warehouse, 'old', [row('z', 1)]))
      await syncs.markStarted(old, next, [{ batch: 1, lo: 1, hi: 1, attempt: 1 }])
      await old.release()
      const before = await syncs.snapshot('old')
      await syncs.renameSnapshot(lease, 'old', 'lovers')
      await syncs.renameSnapshot(lease, 'old', 'lovers')
      assert.equal(await syncs.snapshot('old'), undefined)
      assert.deepEqual(await syncs.snapshot('lovers'), { ...before, sync: 'lovers' })
      assert.deepEqual(await syncs.openPlan('lovers'), { ...next, sync: 'lovers' })
      assert.deepEqual(
        (await ledger.receipts.summary('run-1')).map(({ sync, status, reason, rows: count }) => [
          sync,
          status,
          reason,
          count,
        ]),
        [['lovers', 'held', 'consent', 1]],
      )
      const moved = await syncs.openPlan('lovers')
      assert.ok(moved !== undefined)
      await syncs.commit(lease, moved, RULES)
      assert.deepEqual(await read(warehouse, 'select key from sluice.snapshot_lovers where hash is null'), [
        { key: 'z' },
      ])
      // One that has a snapshot of its own keeps it.
      await syncs.renameSnapshot(lease, 'lovers', 'vips')
      assert.equal((await syncs.snapshot('vips'))?.rows, 0)
      await lease.release()
    },
  )

  test(name('a snapshot tells its account, and one of another key is refused'), async (t) => {
    const { lease, syncs } = await lab(t, open)
    await syncs.ensureSnapshot(lease, { ...SNAPSHOT, account: 'portal 2', keyFields: ['mail'] })
    const info = await syncs.snapshot('vips')
    assert.deepEqual([info?.account, info?.keyFields], ['portal 2', ['mail']])
    await assert.rejects(
      syncs.ensureSnapshot(lease, { ...SNAPSHOT, keyFields: ['email', 'region'] }),
      code('SLU5005'),
    )
  })

  test(name('the digest tells snapshots apart, whatever the order in which their rows came'), async (t) => {
    const { warehouse, ledger, lease, syncs } = await lab(t, open)
    const digestOf = async (sync: string, rows: readonly TestPlanRow[]) => {
      await syncs.ensureSnapshot(lease, { ...SNAPSHOT, sync })
      const numbered = rows.map((one, index) => ({ ...one, seq: index + 1, batch: 1 }))
      const plan = planRecord({ sync, counts: countsOf(numbered) })
      await syncs.freeze(lease, plan, planTable(warehouse, sync, numbered))
      await syncs.acknowledge(lease, plan, [{ lo: 1, hi: rows.length }], [])
      await syncs.commit(lease, plan, RULES)
      return (await syncs.snapshot(sync))?.digest
    }
    const there = await digestOf('one', FOUR)
    assert.equal(await digestOf('two', [...FOUR].reverse()), there)
    assert.notEqual(await digestOf('three', [row('x', 1), ...FOUR.slice(1)]), there)
    await syncs.markAllDirty(lease, 'one')
    const dirty = await syncs.snapshot('one')
    assert.equal(dirty?.dirty, 4)
    assert.notEqual(dirty?.digest, there)
    assert.equal((await syncs.snapshots()).length, 4)
    assert.deepEqual(
      (await ledger.leases()).map(({ name: lease_ }) => lease_),
      ['sync:vips'],
    )
  })

  test(name('keys of several fields keep their parts'), async (t) => {
    const { warehouse, lease, syncs } = await lab(t, open)
    await syncs.ensureSnapshot(lease, { ...SNAPSHOT, sync: 'pairs', keyFields: ['email', 'region'] })
    const plan = planRecord({ sync: 'pairs', keyFields: ['email', 'region'], counts: { add: 1 } })
    await syncs.freeze(lease, plan, planTable(warehouse, 'pairs', [row('a', 1)], 2))
    await syncs.acknowledge(lease, plan, [{ lo: 1, hi: 1 }], [])
    await syncs.commit(lease, plan, RULES)
    assert.deepEqual(await read(warehouse, 'select key, part_1, part_2 from sluice.snapshot_pairs'), [
      { key: 'a', part_1: 'a1', part_2: 'a2' },
    ])
  })
})
