import { SluiceError } from '../../src/base/errors.ts'
import { epochMsOf } from '../../src/base/instant.ts'
import { HeldLease, type Moment, momentOf, type TakenLease } from '../../src/ledger/held-lease.ts'
import type {
  JobMoves,
  Lease,
  Ledger,
  NewSnapshot,
  PlanRecord,
  Receipts,
  RejectedRows,
  SnapshotInfo,
  StartedJob,
  SyncLedger,
} from '../../src/ledger/ledger.ts'
import type { Statement } from '../../src/warehouse/warehouse.ts'
import { answeredRanges, commitInMemory, marksOf } from './memory-commit.ts'
import type { MemorySession } from './memory-session.ts'
import { type MemoryTables, openPlanOf, type PlanRow, type ReceiptRow, removeWhere } from './memory-tables.ts'
import { START_MS } from './world.ts'

/** Statements that keep a plan, as the memory's own plans make them. */
const KEPT = new WeakMap<Statement, readonly PlanRow[]>()

export function keepRows(rows: readonly PlanRow[]): readonly Statement[] {
  const statement: Statement = { step: 'keep', sql: '' }
  KEPT.set(statement, rows)
  return [statement]
}

const LEASE_SECONDS = 60
const POLL_MS = 1000
const GUARDED_MS = 24 * 60 * 60 * 1000

/** The ledger of one process, on tables of a memory. What a sync never asks for is not in it. */
export function memoryLedger(session: MemorySession): Ledger {
  const acquire = (name: string, runId: string, waitMs?: number, seconds = 0) =>
    acquired(session, { name, runId, waitMs, seconds: Math.max(LEASE_SECONDS, seconds) })
  return {
    runs: {
      ...absent<Ledger['runs']>('runs'),
      recordSync: (row) => session.write('record sync', ({ syncRuns }) => void syncRuns.push(row)),
    },
    published: absent('published'),
    syncs: memorySyncs(session, acquire),
    receipts: memoryReceipts(session),
    history: absent('history'),
    schemaVersion: 0,
    transfer: absent('transfer'),
    own: absent('own'),
    prepare: () => Promise.resolve(),
    acquire,
    leases: () =>
      session.read('leases', ({ leases }) =>
        [...leases].map(([name, { runId, token, expiresAtMs }]) => ({
          ...{ name, runId, token },
          expiresAt: new Date(START_MS + expiresAtMs).toISOString(),
          expired: expiresAtMs <= session.nowMs(),
        })),
      ),
    unlock: (name) =>
      session.writeLease('unlock', name, ({ leases }) => {
        const row = leases.get(name)
        if (row === undefined) return false
        Object.assign(row, { token: row.token + 1, expiresAtMs: 0 })
        return true
      }),
    dropPrefixed: () => Promise.resolve(),
  }
}

function absent<T extends object>(what: string): T {
  return new Proxy({} as T, {
    get: (_, name) => {
      throw new Error(`the simulator has no ${what}.${String(name)}`)
    },
    ownKeys: () => [],
  })
}

async function acquired(
  session: MemorySession,
  wanted: {
    readonly name: string
    readonly runId: string
    readonly waitMs: number | undefined
    readonly seconds: number
  },
): Promise<Lease> {
  const { name, runId, waitMs, seconds } = wanted
  const { clock } = session
  const giveUpAt = clock.monotonicMs() + (waitMs ?? seconds * 1000)
  for (;;) {
    const takenAt = momentOf(clock)
    const token = await session.writeLease('take lease', name, ({ leases }) => {
      const row = leases.get(name) ?? { runId: '', token: 0, expiresAtMs: -1 }
      leases.set(name, row)
      const nowMs = session.nowMs()
      if (row.expiresAtMs > nowMs && !(session.exclusive && row.runId !== runId)) return undefined
      Object.assign(row, { runId, token: row.token + 1, expiresAtMs: nowMs + seconds * 1000 })
      return row.token
    })
    if (token !== undefined) return held(session, { name, token, seconds, takenAt })
    const restMs = giveUpAt - clock.monotonicMs()
    if (restMs <= 0)
      throw new SluiceError('SLU5001', { message: `expected the lease "${name}" to become free` })
    await clock.sleep(Math.min(restMs, POLL_MS))
  }
}

function held(session: MemorySession, taken: TakenLease & { readonly takenAt: Moment }): Lease {
  const lease = new HeldLease(session, taken, async () => {})
  if (!session.exclusive) lease.keepAlive()
  return lease
}

function memorySyncs(session: MemorySession, acquire: Ledger['acquire']): SyncLedger {
  const write = <T>(lease: Lease, what: string, work: (tables: MemoryTables) => T) =>
    lease.fenced(() => session.write(what, work))
  return {
    ...readsOf(session),
    ensureSnapshot: (lease, snapshot) =>
      write(lease, 'ensure snapshot', (tables) => ensureSnapshot(tables, snapshot)),
    async renameSnapshot(lease, from, to) {
      const can = await session.read(
        'can rename',
        ({ snapshots }) => snapshots.has(from) && !snapshots.has(to),
      )
      if (!can) return
      const old = await acquire(`sync:${from}`, `renamed to ${to}`, 0)
      await write(lease, 'rename', (tables) => rename(tables, from, to)).finally(() => old.release())
    },
    markAllDirty: (lease, sync) => write(lease, 'mark all dirty', (tables) => markAllDirty(tables, sync)),
    noteLate: ({ sync, rows }) =>
      session.write('note late', ({ late }) => void late.push(...rows.map((row) => ({ sync, ...row })))),
    takeLate: (lease, sync) => write(lease, 'take late', (tables) => takeLate(tables, sync)),
    freeze: (lease, record, statements) =>
      write(lease, 'freeze plan', (tables) => freeze(tables, record, rowsKept(statements))),
    setState: (lease, record, state) =>
      write(lease, `plan is ${state}`, (tables) => setState(tables, record, state)),
    markStarted: (lease, plan, batches) =>
      write(lease, `mark started ${batches.map(({ batch }) => batch).join(' ')}`, ({ starts }) => {
        starts.push(...batches.map((one) => ({ ...one, sync: plan.sync, runId: plan.runId })))
      }),
    acknowledge: (lease, plan, ranges, rejected, jobs) =>
      write(lease, `acknowledge ${ranges.map(({ lo, hi }) => `${lo}-${hi}`).join(' ')}`, (tables) => {
        const of = { sync: plan.sync, runId: plan.runId }
        tables.acks.push(...ranges.map(({ lo, hi }) => ({ ...of, lo, hi, reject: undefined })))
        tables.acks.push(...rejected.map((reject) => ({ ...of, lo: reject.seq, hi: reject.seq, reject })))
        if (jobs !== undefined) moveJobs(tables, plan, jobs)
      }),
    commit: (lease, plan, rules) =>
      write(lease, 'commit plan', (tables) => commitInMemory(tables, plan, rules)),
    dropOldPlans: (lease, sync) =>
      write(lease, 'drop old plans', ({ plans }) => {
        const since = session.clock.nowMs() - GUARDED_MS
        removeWhere(plans, ({ record }) => isAside(record, sync) && epochMsOf(record.createdAt) < since)
      }),
    dropGuardedPlans: (lease, sync) =>
      write(lease, 'drop guarded plans', ({ plans }) => {
        const ids = plans.flatMap(({ record }) => (isAside(record, sync) ? [record.planId] : []))
        removeWhere(plans, ({ record }) => isAside(record, sync))
        return ids
      }),
  }
}

type Reads =
  | 'snapshots'
  | 'writePauseMs'
  | 'snapshot'
  | 'plans'
  | 'openPlan'
  | 'guardedPlan'
  | 'openJobs'
  | 'acknowledged'
  | 'rejectedSoFar'
  | 'snapshotTable'
  | 'planTable'
  | 'receiptsTable'

function readsOf(session: MemorySession): Pick<SyncLedger, Reads> {
  return {
    writePauseMs: 0,
    snapshots: () =>
      session.read('snapshots', (tables) =>
        [...tables.snapshots.keys()].sort().flatMap((sync) => infoOf(tables, sync) ?? []),
      ),
    snapshot: (sync) => session.read('snapshot', (tables) => infoOf(tables, sync)),
    snapshotTable: (sync) => ({ schema: 'memory', name: `snapshot_${sync}` }),
    planTable: (sync) => ({ schema: 'memory', name: `plan_${sync}` }),
    receiptsTable: () => ({ schema: 'memory', name: 'receipts' }),
    plans: () => session.read('plans', ({ plans }) => plans.map(({ record }) => record)),
    openPlan: (sync) => session.read('open plan', (tables) => openPlanOf(tables, sync)?.record),
    guardedPlan: (sync, planId) =>
      session.read('guarded plan', ({ plans }) => {
        const since = session.clock.nowMs() - GUARDED_MS
        const found = plans.find(({ record }) => isAside(record, sync) && record.planId === planId)
        return found && epochMsOf(found.record.createdAt) >= since ? found.record : undefined
      }),
    openJobs: (plan) => session.read('open jobs', (tables) => openJobs(tables, plan)),
    acknowledged: (plan) => session.read('acknowledged', (tables) => answeredRanges(tables, plan)),
    rejectedSoFar: (plan) =>
      session.read('rejected so far', ({ acks }) => {
        const rejects = marksOf(acks, plan).flatMap(({ reject }) => reject?.seq ?? [])
        return new Set(rejects).size
      }),
  }
}

function memoryReceipts(session: MemorySession): Receipts {
  const rejectedOf = ({ receipts }: MemoryTables, sync: string, meant: RejectedRows) =>
    receipts.filter((one) => one.sync === sync && isMeant(one, meant))
  return {
    ...absent<Receipts>('receipts'),
    rejected: (sync) => session.read('rejected', (tables) => rejectedOf(tables, sync, EVERY).length),
    count: (sync, meant, now) =>
      session.read('count rejected', (tables) => {
        const rows = rejectedOf(tables, sync, meant)
        return { rows: rows.length, later: rows.filter(({ nextTryAt = '' }) => nextTryAt > now).length }
      }),
    makeDue: (lease, sync, meant) =>
      lease.fenced(() =>
        session.write('make due', (tables) => {
          for (const one of rejectedOf(tables, sync, meant)) one.nextTryAt = undefined
        }),
      ),
  }
}

const EVERY: RejectedRows = { keys: [], reason: undefined }

function isMeant({ status, key, reason }: ReceiptRow, meant: RejectedRows): boolean {
  const isKey = meant.keys.length === 0 || meant.keys.includes(key ?? '')
  return status === 'rejected' && isKey && reason.toLowerCase().includes((meant.reason ?? '').toLowerCase())
}

function isAside(record: PlanRecord, sync: string): boolean {
  return record.sync === sync && record.state === 'guarded'
}

function infoOf({ snapshots, late }: MemoryTables, sync: string): SnapshotInfo | undefined {
  const found = snapshots.get(sync)
  if (found === undefined) return undefined
  const { rows, account, keyFields, hashVersion, modelDigest, lastCounts } = found
  const all = [...rows]
  const figures = {
    rows: all.length,
    gone: all.filter(([, { gone }]) => gone).length,
    dirty: all.filter(([, { gone, hash }]) => hash === null && !gone).length,
    late: late.filter((one) => one.sync === sync).length,
    digest: JSON.stringify(all.map(([key, { hash, gone }]) => [key, hash, gone]).sort()),
  }
  return { sync, account, keyFields, hashVersion, ...figures, modelDigest, lastCounts }
}

function ensureSnapshot({ snapshots }: MemoryTables, wanted: NewSnapshot): void {
  const { sync, account, keyFields, hashVersion } = wanted
  const forgotten = { modelDigest: undefined, lastCounts: undefined }
  const found = snapshots.get(sync)
  if (found === undefined) {
    snapshots.set(sync, { account, keyFields, hashVersion, ...forgotten, rows: new Map() })
    return
  }
  if (found.keyFields.length !== keyFields.length)
    throw new SluiceError('SLU5005', { message: `expected the key of "${sync}" to have as many fields` })
  const same =
    found.account === account &&
    found.hashVersion === hashVersion &&
    JSON.stringify(found.keyFields) === JSON.stringify(keyFields)
  if (!same) Object.assign(found, { account, keyFields, hashVersion, ...forgotten })
}

function markAllDirty({ snapshots }: MemoryTables, sync: string): void {
  const found = snapshots.get(sync)
  if (found === undefined) return
  for (const row of found.rows.values()) row.hash = null
  Object.assign(found, { modelDigest: undefined, lastCounts: undefined })
}

function takeLate({ snapshots, late }: MemoryTables, sync: string): void {
  const found = snapshots.get(sync)
  if (found === undefined) return
  for (const { key, op } of late.filter((one) => one.sync === sync)) {
    const row = found.rows.get(key)
    if (row !== undefined) Object.assign(row, { hash: null, gone: row.gone && op === 'remove' })
    else if (op !== 'remove') found.rows.set(key, { hash: null, entity: null, gone: false })
  }
  removeWhere(late, (one) => one.sync === sync)
  Object.assign(found, { modelDigest: undefined, lastCounts: undefined })
}

function rename(tables: MemoryTables, from: string, to: string): void {
  const found = tables.snapshots.get(from)
  if (found === undefined) return
  tables.snapshots.delete(from)
  tables.snapshots.set(to, found)
  removeWhere(tables.plans, ({ record }) => isAside(record, from))
  const open = openPlanOf(tables, from)
  if (open !== undefined) open.record = { ...open.record, sync: to }
  for (const marks of [tables.starts, tables.acks, tables.jobs] as { sync: string }[][]) {
    removeWhere(marks, ({ sync }) => sync === to)
    for (const mark of marks) if (mark.sync === from) mark.sync = to
  }
  for (const one of [...tables.receipts, ...tables.late]) if (one.sync === from) one.sync = to
}

function rowsKept([statement]: readonly Statement[]): readonly PlanRow[] {
  const rows = statement && KEPT.get(statement)
  if (rows === undefined) throw new Error('expected a plan of the memory, found statements')
  return rows
}

function freeze(tables: MemoryTables, record: PlanRecord, rows: readonly PlanRow[]): void {
  refuseSecond(tables, record)
  checkPlan(record, rows)
  if (record.state === 'guarded') forgetAside(tables, record)
  tables.plans.push({ record, rows })
  for (const marks of [tables.starts, tables.acks] as { sync: string }[][])
    removeWhere(marks, ({ sync }) => sync === record.sync)
}

function setState(tables: MemoryTables, record: PlanRecord, state: PlanRecord['state']): void {
  if (record.state === state) return
  refuseSecond(tables, { ...record, state })
  const found = tables.plans.find(
    ({ record: one }) =>
      one.sync === record.sync && one.planId === record.planId && one.state === record.state,
  )
  if (state === 'guarded') forgetAside(tables, record)
  if (found !== undefined) found.record = { ...found.record, state }
}

function forgetAside({ plans }: MemoryTables, { sync, planId }: PlanRecord): void {
  removeWhere(plans, ({ record }) => isAside(record, sync) && record.planId === planId)
}

function refuseSecond(tables: MemoryTables, record: PlanRecord): void {
  if (record.state === 'sending' && openPlanOf(tables, record.sync) !== undefined)
    throw new SluiceError('SLU9001', { message: 'expected no plan on its way, found one' })
}

function checkPlan({ counts }: PlanRecord, rows: readonly PlanRow[]): void {
  const of = (op: PlanRow['op']) => rows.filter((row) => row.op === op).length
  const seqs = rows.flatMap(({ seq }) => seq ?? []).sort((a, b) => a - b)
  const keys = rows.flatMap(({ op, key }) => (op === 'held' ? [] : [key]))
  const fits =
    of('add') === counts.add &&
    of('change') === counts.change &&
    of('remove') === counts.remove &&
    seqs.length === counts.add + counts.change + counts.remove &&
    seqs.every((seq, index) => seq === index + 1) &&
    new Set(keys).size === keys.length &&
    !keys.includes(null)
  if (!fits) throw new SluiceError('SLU5006', { message: 'expected a plan to hold what was counted' })
}

function moveJobs({ jobs }: MemoryTables, plan: PlanRecord, { ended, started }: JobMoves): void {
  for (const { jobId, state } of ended)
    for (const row of marksOf(jobs, plan)) if (row.job.jobId === jobId) row.state = state
  jobs.push(...started.map((job) => ({ sync: plan.sync, runId: plan.runId, job, state: 'running' as const })))
}

function openJobs({ jobs }: MemoryTables, plan: PlanRecord): readonly StartedJob[] {
  const first = ({ ranges }: StartedJob) => Math.min(...ranges.map(({ lo }) => lo))
  const open = marksOf(jobs, plan).flatMap(({ state, job }) => (state === 'running' ? [job] : []))
  return open.sort((a, b) => first(a) - first(b))
}
