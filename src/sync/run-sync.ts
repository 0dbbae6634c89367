import { SluiceError } from '../base/errors.ts'
import type { BuiltTables } from '../build/build.ts'
import { compileContext } from '../build/compile-context.ts'
import type { RunContext } from '../build/run-context.ts'
import type { ConnectorEntry } from '../connector/types.ts'
import type { BoundSync } from '../graph/graph.ts'
import type { Lease, NewSnapshot, SnapshotInfo } from '../ledger/ledger.ts'
import { acceptPlan } from './accept.ts'
import { audienceFound } from './audience-found.ts'
import { confess } from './confess.ts'
import { isStuck } from './deliver/deliver.ts'
import type { DeliveryPolicy } from './deliver/delivery.ts'
import { LateBatches } from './deliver/late-batches.ts'
import { type Destination, openDestination } from './destination.ts'
import type { Egress } from './egress.ts'
import { DEFAULT_DELIVERY, type RunSyncOptions } from './options.ts'
import type { SentPlan, SyncOutcome } from './outcome.ts'
import type { AccountPaces } from './pace/account-paces.ts'
import { accountOf, paceLimits } from './pace/limits.ts'
import type { PlanSource } from './plan/plan-source.ts'
import { warehousePlans } from './plan/warehouse-plans.ts'
import { planAndSend, whatIsWrong } from './plan-and-send.ts'
import { requireBuilt } from './require-built.ts'
import { settle } from './settle.ts'
import { keyFieldsOf, type SyncRun, snapshotOf } from './sync-run.ts'

/** What one sync of a run works with. */
export interface SyncRequest {
  readonly run: RunContext
  readonly tables: BuiltTables
  readonly bound: BoundSync
  readonly connectors: ReadonlyMap<string, ConnectorEntry>
  readonly options: RunSyncOptions
  readonly paces: AccountPaces
}

/** Lease, settle, plan, guards, send, commit (design section 6). Throws what ends the sync before it has figures. */
export async function runSync(request: SyncRequest, onSent: (sent: Egress) => void): Promise<SyncOutcome> {
  const { run, bound, connectors, options } = request
  requireBuilt(bound)
  const destination = await openDestination(run, bound, connectors, options)
  try {
    return await withLease(request, destination)
  } finally {
    onSent(destination.sent())
    await destination.close()
  }
}

/** Small writes come at the warehouse's pace. */
function policyOf({ ledger }: RunContext): DeliveryPolicy {
  return { ...DEFAULT_DELIVERY, flushMs: Math.max(DEFAULT_DELIVERY.flushMs, ledger.syncs.writePauseMs) }
}

async function withLease(request: SyncRequest, destination: Destination): Promise<SyncOutcome> {
  const { run, bound, options } = request
  const { name } = bound.sync
  const account = await destination.account()
  // A request must be able to time out, and its answer be written down, before the lease ends.
  const seconds = Math.ceil((2 * destination.timeoutMs()) / 1000)
  const policy = { ...policyOf(run), ...options.delivery }
  const lease = await run.ledger.acquire(`sync:${name}`, run.runId, run.waitMs, seconds)
  destination.sendUnder(lease)
  const sync: SyncRun = {
    run,
    bound,
    plans: plansOf(request, destination),
    destination,
    lease,
    late: new LateBatches(lease),
    fingerprint: run.graph.nodes.get(`sync:${name}`)?.fingerprint ?? '',
    account,
    policy,
    pace: request.paces.of(accountOf(bound, account), paceLimits(bound, policy.window)),
    deadlineMs: options.deadlineMs,
  }
  let outcome: SyncOutcome | undefined
  try {
    outcome = await whileLeased(sync, options)
    const audience = hasSent(outcome) ? await audienceFound(sync) : undefined
    return { ...outcome, audience }
  } catch (error) {
    throw await causeOf(error, lease)
  } finally {
    await confess(sync)
    // A session that no longer answers would keep us for ever; another one must not keep the lease for it.
    if (isStuck(outcome?.error)) lease.abandon()
    else await lease.release()
  }
}

/** Something was answered for, and nothing went wrong. */
function hasSent({ error, resumed, sent }: SyncOutcome): boolean {
  return error === undefined && (resumed?.applied ?? 0) + (sent?.applied ?? 0) > 0
}

/** Who lost the lease finds plans gone that it knew of: then the lease is what went wrong. */
async function causeOf(error: unknown, lease: Lease): Promise<unknown> {
  if (lease.validForMs() > 0) return error
  try {
    await lease.fenced(async () => {})
    return error
  } catch (found) {
    return found instanceof SluiceError && found.code === 'SLU5002' ? found : error
  }
}

function plansOf({ run, tables, bound, options }: SyncRequest, { settings }: Destination): PlanSource {
  return (
    options.plans?.(run, bound) ?? warehousePlans(run, compileContext(run, tables.tables), bound, settings)
  )
}

async function whileLeased(sync: SyncRun, options: RunSyncOptions): Promise<SyncOutcome> {
  const { run, bound, lease } = sync
  const { syncs } = run.ledger
  const { name, renamedFrom } = bound.sync
  const afresh = options.fullResync === true || options.adopt === true
  await syncs.dropOldPlans(lease, name)
  if (renamedFrom !== undefined) await syncs.renameSnapshot(lease, renamedFrom, name)
  const before = await syncs.snapshot(name)
  if (before !== undefined) {
    const moved = otherAccount(sync, before, options)
    if (moved !== undefined) return moved
  }
  const accepted = options.accept === undefined ? undefined : await syncs.guardedPlan(name, options.accept)
  if (options.accept !== undefined && accepted === undefined) return { skipped: true }
  const resumed = await settle(sync, !afresh && accepted === undefined)
  if (resumed?.stopped !== undefined) return { resumed, error: resumed.stopped }
  if (resumed?.open === true) return { resumed }
  const snapshot = await readySnapshot(sync, options)
  if (options.retry !== undefined) await run.ledger.receipts.makeDue(lease, name, options.retry)
  const outcome =
    accepted === undefined
      ? await planAndSend(sync, snapshot, options)
      : await acceptPlan(sync, accepted, snapshot)
  return withResumed(sync, outcome, resumed)
}

/** What is wrong with this run's own plan is told first. */
function withResumed(sync: SyncRun, outcome: SyncOutcome, resumed: SentPlan | undefined): SyncOutcome {
  if (resumed === undefined || outcome.error !== undefined) return { ...outcome, resumed }
  return { ...outcome, resumed, ...whatIsWrong(sync, resumed) }
}

/** The snapshot, made or brought to this account and hash; all of it dirty where it says nothing any more. */
async function readySnapshot(sync: SyncRun, options: RunSyncOptions): Promise<SnapshotInfo> {
  const { ledger, progress } = sync.run
  const { syncs } = ledger
  const wanted = await snapshotOf(sync)
  const found = await currentSnapshot(sync)
  if (found !== undefined && isTiedTo(found, wanted) && options.fullResync !== true) return found
  await syncs.ensureSnapshot(sync.lease, wanted)
  const rehashed = found !== undefined && found.rows > 0 && found.hashVersion !== wanted.hashVersion
  if (rehashed)
    progress.warn(
      `sync ${wanted.sync}: the warehouse hashes differently since it was updated, so all rows are sent once more`,
    )
  if (options.fullResync === true || rehashed) await syncs.markAllDirty(sync.lease, wanted.sync)
  const ready = await syncs.snapshot(wanted.sync)
  if (ready !== undefined) return ready
  throw new SluiceError('SLU9001', { message: `expected a snapshot of "${wanted.sync}", found none` })
}

/** With what was sent too late marked dirty. */
async function currentSnapshot({ run, bound, lease }: SyncRun): Promise<SnapshotInfo | undefined> {
  const { syncs } = run.ledger
  const { name } = bound.sync
  const found = await syncs.snapshot(name)
  if (found?.late === undefined || found.late === 0) return found
  await syncs.takeLate(lease, name)
  run.progress.warn(
    `sync ${name}: ${found.late} ${found.late === 1 ? 'row' : 'rows'} may have been sent after their run lost the lease; they are sent once more`,
  )
  return syncs.snapshot(name)
}

function isTiedTo(found: SnapshotInfo, { account, hashVersion, keyFields }: NewSnapshot): boolean {
  return (
    found.account === account &&
    found.hashVersion === hashVersion &&
    JSON.stringify(found.keyFields) === JSON.stringify(keyFields)
  )
}

/** What was acknowledged by another account, or under other keys, says nothing of this one. */
function otherAccount(
  sync: SyncRun,
  snapshot: SnapshotInfo,
  { fullResync, adopt }: RunSyncOptions,
): SyncOutcome | undefined {
  const { name, match, at } = sync.bound.sync
  const fields = keyFieldsOf(sync.bound)
  if (adopt === true) return undefined
  if (snapshot.rows > 0 && JSON.stringify(snapshot.keyFields) !== JSON.stringify(fields))
    return {
      error: new SluiceError('SLU5102', {
        message: `expected the key of "${name}" to be ${snapshot.keyFields.join(', ')} as in its snapshot, found ${fields.join(', ')}`,
        at: match[0]?.at ?? at,
        hint: 'other keys are other rows there: give the sync a new name, or take the model as delivered: --adopt',
      }),
    }
  if (fullResync === true || snapshot.account === sync.account) return undefined
  return {
    guard: { name: 'account', limit: snapshot.account, value: snapshot.rows },
    error: new SluiceError('SLU5102', {
      message: `expected the destination of "${name}" to be ${snapshot.account}, where its snapshot was acknowledged, found ${sync.account}`,
      at: sync.bound.destination.settingsAt,
      hint: 'to send everything to the new one: --full-resync; when it has all rows already: --adopt',
    }),
  }
}
