import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Lease, Ledger, PlanRecord } from '../../src/ledger/ledger.ts'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import { forEachOf } from '../support/dialects.ts'
import { ENGINES } from '../support/engines.ts'
import { commitByHand, emptyState, type Marks, type OracleState } from './commit-oracle.ts'
import { AT, ledgerOn, planRecord, read } from './lab.ts'
import { countsOf, planTable, type TestPlanRow } from './plan-rows.ts'

const KEYS = [...'abcdefghijklmnopqrstuvwx']
const MOST = KEYS.length
const RULES = { nextTryAt: AT, at: AT }

/** Every key in any role, whatever the snapshot holds: also what a plan made against another snapshot would say. */
const role = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('add', 'change', 'remove') },
  { weight: 3, arbitrary: fc.constantFrom('held', 'left', 'wanted_by', 'limit', 'back', 'absent') },
)

const marks: fc.Arbitrary<Omit<Marks, 'runId'>> = fc
  .record({
    roles: fc.array(role, { minLength: KEYS.length, maxLength: KEYS.length }),
    hashes: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: KEYS.length, maxLength: KEYS.length }),
    perBatch: fc.integer({ min: 1, max: 4 }),
    noKey: fc.boolean(),
    started: fc.array(fc.boolean(), { minLength: MOST, maxLength: MOST }),
    ranges: fc.array(fc.tuple(fc.integer({ min: 1, max: MOST }), fc.integer({ min: 0, max: 4 })), {
      maxLength: 6,
    }),
    rejects: fc.uniqueArray(
      fc.record({
        seq: fc.integer({ min: 1, max: MOST }),
        ambiguous: fc.boolean(),
        reason: fc.constantFrom('x', 'y'),
      }),
      { maxLength: 8, selector: ({ seq }) => seq },
    ),
    dropGone: fc.boolean(),
  })
  .map(({ roles, hashes, perBatch, noKey, started, ranges, rejects, dropGone }) => {
    const rows: TestPlanRow[] = []
    let seq = 0
    for (const [index, key] of KEYS.entries()) {
      const is = roles[index]
      const base = { seq: null, batch: null, reason: null, key, entity: `e${hashes[index]}`, hash: null }
      if (is === 'add' || is === 'change' || is === 'remove') {
        seq += 1
        const hash = is === 'remove' ? null : (hashes[index] ?? 0)
        rows.push({ ...base, seq, batch: Math.ceil(seq / perBatch), op: is, hash })
      } else if (is === 'held') {
        rows.push(
          { ...base, op: 'held', reason: 'duplicate_key' },
          { ...base, op: 'held', reason: 'duplicate_key' },
        )
      } else if (is === 'left' || is === 'back') rows.push({ ...base, op: is })
      else if (is === 'wanted_by' || is === 'limit') rows.push({ ...base, op: 'left', reason: is })
    }
    if (noKey)
      rows.push({ seq: null, batch: null, op: 'held', reason: 'no_key', key: null, entity: 'e9', hash: null })
    const batches = [...new Set(rows.flatMap((row) => row.batch ?? []))].filter((batch) => started[batch - 1])
    return {
      rows,
      started: batches.flatMap((batch) => {
        const seqs = rows.flatMap((row) => (row.batch === batch ? (row.seq ?? []) : []))
        return [1, 2].map((attempt) => ({ batch, attempt, lo: Math.min(...seqs), hi: Math.max(...seqs) }))
      }),
      ranges: ranges
        .map(([lo, more]) => ({ lo, hi: Math.min(lo + more, seq) }))
        .filter(({ lo, hi }) => lo <= hi),
      rejects: rejects.filter((reject) => reject.seq <= seq),
      dropGone,
    }
  })

async function send(
  ledger: Ledger,
  lease: Lease,
  warehouse: Warehouse,
  plan: PlanRecord,
  one: Marks,
): Promise<void> {
  await ledger.syncs.freeze(lease, plan, planTable(warehouse, plan.sync, one.rows))
  await ledger.syncs.markStarted(lease, plan, one.started)
  const rejected = one.rejects.map((reject) => ({ ...reject, attempts: 1 }))
  await ledger.syncs.acknowledge(lease, plan, one.ranges, rejected.slice(0, 1))
  await ledger.syncs.acknowledge(lease, plan, [], rejected.slice(1))
}

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
