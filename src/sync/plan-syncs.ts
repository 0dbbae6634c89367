import { SluiceError } from '../base/errors.ts'
import type { BuiltTables } from '../build/build.ts'
import { compileContext } from '../build/compile-context.ts'
import type { RunContext } from '../build/run-context.ts'
import type { CompileContext } from '../compile/context.ts'
import { textReader } from '../compile/diff/destination-text.ts'
import { sampleStep } from '../compile/diff/sample.ts'
import type { TypedModel } from '../compile/diff/typed-model.ts'
import { statementOf } from '../compile/render-step.ts'
import { checkSettings } from '../connector/settings.ts'
import type { ConnectorEntry, Settings } from '../connector/types.ts'
import type { BoundSync } from '../graph/graph.ts'
import type { SnapshotInfo } from '../ledger/ledger.ts'
import type { Row } from '../warehouse/warehouse.ts'
import { asSluiceError } from './as-sluice-error.ts'
import { openDestination } from './destination.ts'
import { brokenGuard } from './guards.ts'
import { changesOf, checkModel, NO_FIGURES } from './outcome.ts'
import { describeModel, PlanMaker } from './plan/make-plan.ts'
import { planInput } from './plan/plan-input.ts'
import { requireBuilt } from './require-built.ts'
import type { GuardVerdict, SyncPlan } from './results.ts'

export interface PlanSyncOptions {
  /** Masked rows of each plan; 0: none. */
  readonly sample: number
}

/**
 * What each sync would send now. Reads only: the plans stand in temporary tables and are gone afterwards. What goes
 * wrong with one sync is told in its plan.
 */
export async function planSyncs(
  run: RunContext,
  tables: BuiltTables,
  syncs: readonly string[],
  connectors: ReadonlyMap<string, ConnectorEntry>,
  options: PlanSyncOptions,
): Promise<readonly SyncPlan[]> {
  const context = compileContext(run, tables.tables)
  const plans: SyncPlan[] = []
  for (const name of syncs) {
    run.progress.update(`sync ${name}: planning`)
    try {
      plans.push(await planSync(run, context, run.graph.bound(name), connectors, options))
    } catch (error) {
      plans.push(failedPlan(name, asSluiceError(error)))
    }
  }
  return plans
}

async function planSync(
  run: RunContext,
  context: CompileContext,
  bound: BoundSync,
  connectors: ReadonlyMap<string, ConnectorEntry>,
  options: PlanSyncOptions,
): Promise<SyncPlan> {
  requireBuilt(bound)
  const { name, guard } = bound.sync
  const snapshot = await snapshotNow(run, bound)
  const moved = snapshot && (await accountVerdict(run, bound, connectors, snapshot))
  const openJobs = await tellOfInterrupted(run, name)
  tellOfLate(run, name, snapshot)
  const model = await describeModel(run, context, bound, (snapshot?.rows ?? 0) === 0)
  const input = await planInput(run, model, snapshot, settingsSoFar(run, bound), false)
  const maker = new PlanMaker(run, context, input, snapshot, true)
  try {
    // A sample shows the held rows too, which stand in the plan only.
    const figures = await maker.judge(options.sample === 0)
    const made = figures.rests === true ? undefined : await maker.number(undefined)
    const planned = made?.counts ?? figures
    checkModel(name, planned)
    const { add, change, remove, left, unchanged, held, heldBy, resync = 0, withinTolerance = 0 } = planned
    return {
      name,
      planId: changesOf(planned) === 0 ? undefined : made?.planId,
      ...{ add, change, remove, left, unchanged, held, heldBy, resync, withinTolerance },
      apiCalls: planned.batches,
      bytesRead: maker.bytesRead,
      openJobs,
      guard: moved ?? brokenGuard(guard, figures),
      sample: await sample(run, context, model, options.sample),
      error: undefined,
    }
  } finally {
    await maker.drop().catch(() => {})
  }
}

/** Its own, or that of the sync that it was renamed from, which moves when it runs. */
async function snapshotNow(run: RunContext, { sync }: BoundSync): Promise<SnapshotInfo | undefined> {
  const own = await run.ledger.syncs.snapshot(sync.name)
  if (own !== undefined || sync.renamedFrom === undefined) return own
  return run.ledger.syncs.snapshot(sync.renamedFrom)
}

/** Whether it is still the account that the snapshot tells of. One that does not answer now is asked when it is sent to. */
async function accountVerdict(
  run: RunContext,
  bound: BoundSync,
  connectors: ReadonlyMap<string, ConnectorEntry>,
  snapshot: SnapshotInfo,
): Promise<GuardVerdict | undefined> {
  const destination = await openDestination(run, bound, connectors, { looksOnly: true })
  try {
    if ((await destination.account()) === snapshot.account) return undefined
    return { name: 'account', limit: snapshot.account, value: snapshot.rows }
  } catch (error) {
    if (!(error instanceof SluiceError) || error.kind !== 'unavailable') throw error
    run.progress.warn(`sync ${bound.sync.name}: ${error.message}`)
    return undefined
  } finally {
    await destination.close()
  }
}

/** What can be read of the settings: a plan without a snapshot needs no credentials, and those may not be here. */
function settingsSoFar(run: RunContext, { manifest, destination }: BoundSync): Settings {
  return checkSettings(manifest, destination, textReader(run.env)).settings
}

/** Gives how many jobs of its plan the destination still works on. */
async function tellOfInterrupted(run: RunContext, name: string): Promise<number> {
  const open = await run.ledger.syncs.openPlan(name)
  if (open === undefined) return 0
  const jobs = (await run.ledger.syncs.openJobs(open)).length
  const why = jobs === 0 ? 'was interrupted' : `left ${jobs} ${jobs === 1 ? 'job' : 'jobs'} open`
  run.progress.warn(
    `sync ${name}: run ${open.runId} ${why}; its plan ${open.planId} is settled before this one is made`,
  )
  return jobs
}

function tellOfLate({ progress }: RunContext, name: string, snapshot: SnapshotInfo | undefined): void {
  const { late = 0 } = snapshot ?? {}
  if (late === 0) return
  progress.warn(
    `sync ${name}: ${late} ${late === 1 ? 'row' : 'rows'} may have been sent after their run lost the lease; the next run sends them once more, or removes them`,
  )
}

async function sample(
  run: RunContext,
  context: CompileContext,
  model: TypedModel,
  limit: number,
): Promise<readonly Row[]> {
  if (limit === 0) return []
  const rows: Row[] = []
  const step = sampleStep(context, model, limit)
  for await (const page of run.warehouse.stream(statementOf(step, context.dialect))) rows.push(...page)
  return rows
}

function failedPlan(name: string, error: SluiceError): SyncPlan {
  return {
    name,
    planId: undefined,
    ...NO_FIGURES,
    apiCalls: 0,
    openJobs: 0,
    guard: undefined,
    sample: [],
    error,
  }
}
