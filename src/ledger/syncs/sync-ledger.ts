import type { Leases } from '../leases.ts'
import type { SyncLedger } from '../ledger.ts'
import type { StateSchema } from '../prepare.ts'
import type { LedgerSession } from '../session.ts'
import { commitPlan } from './commit.ts'
import { Jobs } from './jobs.ts'
import { LateRows } from './late-rows.ts'
import { Marks } from './marks.ts'
import { Plans } from './plans.ts'
import { Snapshots } from './snapshots.ts'

/** Every write is one transaction that first proves the lease. */
export function openSyncLedger(session: LedgerSession, schema: StateSchema, leases: Leases): SyncLedger {
  const snapshots = new Snapshots(session, schema)
  const plans = new Plans(session, schema)
  const jobs = new Jobs(session)
  const marks = new Marks(session)
  const late = new LateRows(session, snapshots)
  return {
    writePauseMs: session.warehouse.dialect.supports.smallWritePauseMs,
    snapshots: () => snapshots.all(),
    snapshot: (sync) => snapshots.find(sync),
    snapshotTable: (sync) => snapshots.table(sync),
    planTable: (plan) => plans.table(plan),
    receiptsTable: () => session.table('receipts'),
    ensureSnapshot: (lease, snapshot) => lease.fenced(() => snapshots.ensure(snapshot)),
    async renameSnapshot(lease, from, to) {
      if (!(await snapshots.canRename(from, to))) return
      // Nobody may be sending under the old name meanwhile.
      const name = `sync:${from}`
      const old = lease.name === name ? undefined : await leases.acquire(name, `renamed to ${to}`, 0)
      try {
        await lease.fenced(async () => {
          await plans.rename(from, to)
          await marks.rename(from, to)
          await jobs.rename(from, to)
          await late.rename(from, to)
          // Last, because the snapshot's own row is what says that there is something to rename.
          await snapshots.rename(from, to)
        })
      } finally {
        await old?.release()
      }
    },
    markAllDirty: (lease, sync) => lease.fenced(() => snapshots.markAllDirty(sync)),
    noteLate: (rows) => late.note(rows),
    takeLate: (lease, sync) => lease.fenced(() => late.take(sync)),
    plans: () => plans.all(),
    openPlan: (sync) => plans.open(sync),
    guardedPlan: (sync, planId) => plans.guarded(sync, planId),
    freeze: (lease, record, createTable) => lease.fenced(() => plans.create(record, createTable)),
    setState: (lease, record, state) => lease.fenced(() => plans.setState(record, state)),
    markStarted: (lease, plan, batches) => lease.fenced(() => marks.start(plan, batches)),
    acknowledge: (lease, plan, ranges, rejected, moves) =>
      lease.fenced(async () => {
        await marks.acknowledge(plan, ranges, rejected)
        if (moves !== undefined) await jobs.move(plan, moves)
      }),
    openJobs: (plan) => jobs.open(plan),
    acknowledged: (plan) => marks.acknowledged(plan),
    rejectedSoFar: (plan) => marks.rejected(plan),
    commit: (lease, plan, rules) =>
      lease.fenced(() => commitPlan({ session, snapshots, plans, marks, jobs }, plan, rules)),
    async dropOldPlans(lease, sync) {
      if (await plans.hasOld(sync)) await lease.fenced(() => plans.dropOld(sync))
    },
    dropGuardedPlans: (lease, sync) => lease.fenced(() => plans.dropAside(sync)),
  }
}
