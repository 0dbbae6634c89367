import fc from 'fast-check'
import type { Lease, Ledger, PlanRecord } from '../../src/ledger/ledger.ts'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import type { Marks } from './commit-oracle.ts'
import { AT } from './lab.ts'
import { planTable, type TestPlanRow } from './plan-rows.ts'

const KEYS = [...'abcdefghijklmnopqrstuvwx']
const MOST = KEYS.length
export const RULES = { nextTryAt: AT, at: AT }

/** Every key in any role, whatever the snapshot holds: also what a plan made against another snapshot would say. */
const role = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('add', 'change', 'remove') },
  { weight: 3, arbitrary: fc.constantFrom('held', 'left', 'wanted_by', 'limit', 'back', 'absent') },
)

export const marks: fc.Arbitrary<Omit<Marks, 'runId'>> = fc
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

/** Up to the commit: frozen, started and answered. */
export async function send(
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
