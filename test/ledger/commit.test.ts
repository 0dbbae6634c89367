import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Ledger } from '../../src/ledger/ledger.ts'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import { forEachOf } from '../support/dialects.ts'
import { ENGINES } from '../support/engines.ts'
import { commitByHand, emptyState, type OracleState } from './commit-oracle.ts'
import { marks, RULES, send } from './commit-runs.ts'
import { ledgerOn, planRecord, read } from './lab.ts'
import { countsOf } from './plan-rows.ts'

async function stored(warehouse: Warehouse) {
  const snapshot = await read(
    warehouse,
    'select key, cast(hash as bigint) as hash, entity_id, gone from sluice.snapshot_vips order by key',
  )
  const rejected = await read(
    warehouse,
    `select key, cast(hash as bigint) as hash, attempts, run_id, reason, next_try_at is not null as waits
from sluice.receipts where status = 'rejected' order by key`,
  )
  const kept = await read(
    warehouse,
    `select status, reason, key from sluice.receipts where status <> 'rejected' order by status, reason, key`,
  )
  return { snapshot, rejected, kept: kept.map((row) => `${row.status} ${row.reason} ${row.key}`).sort() }
}

function expected(state: OracleState) {
  const sorted = <T>(map: ReadonlyMap<string, T>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1))
  return {
    snapshot: sorted(state.snapshot).map(([key, { hash, entity, gone }]) => ({
      key,
      hash,
      entity_id: entity,
      gone,
    })),
    rejected: sorted(state.rejected).map(([key, { hash, attempts, runId, reason, waits }]) => ({
      key,
      hash,
      attempts,
      run_id: runId,
      reason,
      waits,
    })),
    kept: state.kept,
  }
}

forEachOf([...ENGINES, 'redshift'], (engine, open) => {
  test(`${engine}: commits of any plans, answers and crashes leave what the rules say, once or twice`, async (t) => {
    const warehouse = await open(t)
    const ledger = await ledgerOn(warehouse)
    const lease = await ledger.acquire('sync:vips', 'run-1')
    t.after(() => lease.release())
    let database = 0
    await fc.assert(
      fc.asyncProperty(fc.array(marks, { minLength: 2, maxLength: 4 }), async (runs) => {
        database += 1
        for (const table of ['receipts', 'snapshots', 'plans'])
          await warehouse.execute({ step: 'test', sql: `delete from sluice.${table}` })
        const made = { sync: 'vips', account: 'a', keyFields: ['email'], hashVersion: '1' }
        await ledger.syncs.ensureSnapshot(lease, made)
        const state = emptyState()
        for (const [index, one] of runs.entries()) {
          const run = { ...one, runId: `run-${database}-${index}` }
          const plan = planRecord({ runId: run.runId, counts: countsOf(run.rows), modelDigest: 'm' })
          const rules = { ...RULES, dropGone: run.dropGone }
          await send(ledger, lease, warehouse, plan, run)
          const counts = commitByHand(state, run)
          assert.deepEqual(await ledger.syncs.commit(lease, plan, rules), counts)
          assert.deepEqual(await stored(warehouse), expected(state))
          const none = {
            ...{ applied: 0, rejected: 0, unanswered: 0 },
            answeredOps: { add: 0, change: 0, remove: 0 },
          }
          assert.deepEqual(await ledger.syncs.commit(lease, plan, rules), none, 'committed before')
          // As if the end of the commit had not reached the warehouse.
          await send(ledger, lease, warehouse, plan, run)
          await ledger.syncs.commit(lease, plan, rules)
          assert.deepEqual(await stored(warehouse), expected(state))
          await checkInfo(ledger, state)
        }
      }),
      { numRuns: 8 },
    )
  })
})

async function checkInfo(ledger: Ledger, state: OracleState): Promise<void> {
  const info = await ledger.syncs.snapshot('vips')
  const rows = [...state.snapshot.values()]
  const dirty = rows.filter((row) => row.hash === null && !row.gone).length
  assert.equal(info?.rows, rows.length)
  assert.equal(info?.gone, rows.filter((row) => row.gone).length)
  assert.equal(info?.dirty, dirty)
  if (dirty > 0 || state.rejected.size > 0) assert.equal(info?.modelDigest, undefined)
  assert.equal(await ledger.receipts.rejected('vips'), state.rejected.size)
  assert.equal(await ledger.syncs.openPlan('vips'), undefined)
}
