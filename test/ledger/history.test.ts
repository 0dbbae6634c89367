import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Instant, instantOf } from '../../src/base/instant.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import { forEachEngine } from '../support/engines.ts'
import { ledgerOn, planRecord, read, run, SCHEMA, shared } from './lab.ts'
import { planTable } from './plan-rows.ts'

const BEFORE = '2026-01-01T00:00:00.000Z' as Instant
const REMEMBERED = { before: BEFORE, syncs: ['vips', 'rare'] }

/** Days before the moment up to which is forgotten; negative: after it. */
function started(ledger: Ledger, runId: string, days: number): Promise<void> {
  const startedAt = instantOf(Date.parse(BEFORE) - days * 86_400_000)
  return ledger.runs.start({ runId, command: 'sync', asOf: startedAt, fingerprint: 'f', startedAt })
}

function ran(warehouse: Warehouse, runId: string, sync: string, status: string): Promise<void> {
  return run(
    warehouse,
    `insert into ${SCHEMA}.sync_runs (run_id, sync, status, adds, changes, removes, left_rows, unchanged, held, held_by, applied, rejected, pending, requests, seconds, resumed)
values ('${runId}', '${sync}', '${status}', 0, 0, 0, 0, 0, 0, '{}', 0, 0, 0, 0, 0, false)`,
  )
}

function receipt(
  warehouse: Warehouse,
  sync: string,
  runId: string,
  status: string,
  day: string,
): Promise<void> {
  return run(
    warehouse,
    `insert into ${SCHEMA}.receipts (sync, run_id, plan_id, status, reason, op, key, recorded_at)
values ('${sync}', '${runId}', 'p', '${status}', 'x', 'add', '${runId}', timestamp '${day} 00:00:00')`,
  )
}

async function column(warehouse: Warehouse, sql: string): Promise<readonly string[]> {
  return (await read(warehouse, sql)).map((row) => Object.values(row).join(' ')).sort()
}

forEachEngine((engine, open) => {
  const name = (sentence: string) => `${engine}: ${sentence}`

  test(
    name(
      'old runs are forgotten with their syncs, but not what a plan, a rejected row, a lease or a due sync needs',
    ),
    async (t) => {
      const warehouse = shared(await open(t))
      const ledger = await ledgerOn(warehouse)
      await ledger.prepare()
      const old = ['old', 'served', 'failed', 'planned', 'rejecting', 'rejecting_gone', 'leased', 'gone']
      for (const [index, id] of old.entries()) await started(ledger, id, 100 - index)
      await started(ledger, 'young', -1)
      await ran(warehouse, 'old', 'rare', 'done')
      await ran(warehouse, 'served', 'rare', 'partial')
      await ran(warehouse, 'failed', 'rare', 'failed')
      await ran(warehouse, 'gone', 'removed_sync', 'done')
      await ran(warehouse, 'young', 'vips', 'done')
      await receipt(warehouse, 'vips', 'rejecting', 'rejected', '2025-10-01')
      await receipt(warehouse, 'removed_sync', 'rejecting_gone', 'rejected', '2025-10-01')
      const lease = await ledger.acquire('sync:vips', 'leased')
      await ledger.syncs.freeze(lease, planRecord({ runId: 'planned' }), planTable(warehouse, 'vips', []))
      const due = await ledger.runs.lastServedMs()
      const found = await ledger.history.old(REMEMBERED)
      assert.deepEqual(found.runs.toSorted(), ['failed', 'gone', 'old', 'rejecting_gone'])
      const history = await ledger.acquire('history', 'run')
      await ledger.history.forget(history, found, REMEMBERED)
      assert.deepEqual(await column(warehouse, `select run_id from ${SCHEMA}.runs`), [
        'leased',
        'planned',
        'rejecting',
        'served',
        'young',
      ])
      assert.deepEqual(await column(warehouse, `select run_id, sync from ${SCHEMA}.sync_runs`), [
        'served rare',
        'young vips',
      ])
      const after = await ledger.runs.lastServedMs()
      assert.deepEqual([after.get('rare'), after.get('vips')], [due.get('rare'), due.get('vips')])
      assert.deepEqual(await ledger.history.old(REMEMBERED), { runs: [], receiptsOf: [], marksOf: [] })
      await history.release()
      await lease.release()
    },
  )

  test(name('receipts go only of syncs that are no longer in the project, and only old ones'), async (t) => {
    const warehouse = await open(t)
    const ledger = await ledgerOn(warehouse)
    await ledger.prepare()
    await receipt(warehouse, 'vips', 'a', 'held', '2025-10-01')
    await receipt(warehouse, 'vips', 'b', 'rejected', '2025-10-01')
    await receipt(warehouse, 'removed_sync', 'c', 'rejected', '2025-10-01')
    await receipt(warehouse, 'removed_sync', 'd', 'held', '2026-01-02')
    await receipt(warehouse, 'renamed', 'e', 'held', '2026-01-02')
    const found = await ledger.history.old(REMEMBERED)
    assert.deepEqual(found, { runs: [], receiptsOf: ['removed_sync'], marksOf: [] })
    const lease = await ledger.acquire('history', 'run')
    await ledger.history.forget(lease, found, REMEMBERED)
    assert.deepEqual(await column(warehouse, `select run_id from ${SCHEMA}.receipts`), ['a', 'b', 'd', 'e'])
    await lease.release()
  })

  test(name('marks go when their plan is gone and their run is old or forgotten'), async (t) => {
    const warehouse = await open(t)
    const ledger = await ledgerOn(warehouse)
    const lease = await ledger.acquire('sync:vips', 'planned')
    await started(ledger, 'planned', 50)
    await started(ledger, 'old', 50)
    await started(ledger, 'young', -1)
    await ledger.syncs.freeze(lease, planRecord({ runId: 'planned' }), planTable(warehouse, 'vips', []))
    for (const id of ['planned', 'old', 'young', 'unknown']) {
      await run(warehouse, `insert into ${SCHEMA}.acks (sync, run_id, lo, hi) values ('vips', '${id}', 1, 2)`)
      await run(
        warehouse,
        `insert into ${SCHEMA}.starts (sync, run_id, batch, lo, hi, attempt) values ('vips', '${id}', 1, 1, 2, 1)`,
      )
    }
    await run(
      warehouse,
      `insert into ${SCHEMA}.starts (sync, run_id, batch, lo, hi, attempt) values ('vips', 'only_started', 1, 1, 2, 1)`,
    )
    const found = await ledger.history.old(REMEMBERED)
    assert.deepEqual(found.marksOf, ['old', 'only_started', 'unknown'])
    await ledger.history.forget(lease, found, REMEMBERED)
    assert.deepEqual(await column(warehouse, `select run_id from ${SCHEMA}.acks`), ['planned', 'young'])
    assert.deepEqual(await column(warehouse, `select run_id from ${SCHEMA}.starts`), ['planned', 'young'])
    await lease.release()
  })

  test(name('nothing is old where nothing is, and a lost lease forgets nothing'), async (t) => {
    const warehouse = shared(await open(t))
    const ledger = await ledgerOn(warehouse)
    assert.deepEqual(await ledger.history.old({ ...REMEMBERED, syncs: [] }), {
      runs: [],
      receiptsOf: [],
      marksOf: [],
    })
    await ledger.prepare()
    await started(ledger, 'old', 50)
    const found = await ledger.history.old({ ...REMEMBERED, syncs: [] })
    assert.deepEqual(found.runs, ['old'])
    const lease = await ledger.acquire('history', 'run')
    await ledger.unlock('history')
    await assert.rejects(ledger.history.forget(lease, found, REMEMBERED), { code: 'SLU5002' })
    assert.equal((await ledger.runs.list(5)).length, 1)
    await lease.release()
  })
})
