import { instantOf } from '../base/instant.ts'
import { compileContext } from '../build/compile-context.ts'
import { publishedTables } from '../build/published-tables.ts'
import type { RunContext } from '../build/run-context.ts'
import type { CompileContext } from '../compile/context.ts'
import { clockStep, foldStep, probeSteps } from '../compile/inspect/doctor.ts'
import { statementOf } from '../compile/render-step.ts'
import type { Step } from '../compile/step.ts'
import type { PlanRecord } from '../ledger/ledger.ts'
import type { Row } from '../warehouse/warehouse.ts'
import { type Check, check } from './doctor-check.ts'
import { sourceCheck } from './doctor-sources.ts'
import { tryAndTakeBack } from './take-back.ts'

/**
 * What is to be known of the warehouse before a run: its clock, the state schema, every source, what earlier runs
 * left. Changes nothing; what it tries in the state schema is rolled back.
 */
export async function warehouseChecks(run: RunContext): Promise<readonly Check[]> {
  const context = compileContext(run, publishedTables(run).tables)
  const state = await stateCheck(run, context)
  const checks = [await clockCheck(run, context), await lettersCheck(run, context), state]
  // One that is another's tells nothing of ours.
  if (state.status !== 'failed') checks.push(await snapshotsCheck(run), await plansCheck(run))
  for (const source of run.graph.project.sources.values())
    checks.push(await sourceCheck(run, context, source))
  return checks
}

const MOST_SKEW_MS = 5000

/** Leases go by the warehouse's clock alone; windows and schedules begin with ours. */
function clockCheck(run: RunContext, context: CompileContext): Promise<Check> {
  return check('clock', async () => {
    const before = run.clock.nowMs()
    const { warehouse_time: told } = await readOne(run, context, clockStep(context))
    const after = run.clock.nowMs()
    const theirs = Date.parse(String(told))
    // The answer was made at some time between the two.
    const skewMs = theirs < before ? theirs - before : Math.max(0, theirs - after)
    const seconds = Math.abs(skewMs / 1000).toFixed(1)
    if (Math.abs(skewMs) <= MOST_SKEW_MS)
      return { message: 'this machine and the warehouse have the same time' }
    return {
      status: 'warning',
      message: `the warehouse is ${seconds} s ${skewMs > 0 ? 'ahead of' : 'behind'} this machine, which has ${instantOf(after)}`,
      hint: 'set both by NTP: runs see events up to the time of this machine',
    }
  })
}

function lettersCheck(run: RunContext, context: CompileContext): Promise<Check> {
  return check('letters', async () => {
    const { lowered, uppered } = await readOne(run, context, foldStep(context))
    if (lowered === 'é' && uppered === 'É') return { message: 'lower and upper case know all letters' }
    return {
      status: 'warning',
      message: 'lower and upper case know the letters a to z only: É and é stay two texts',
      hint: 'use a database with a locale such as C.UTF-8 or en_US.UTF-8 (its lc_ctype is C)',
    }
  })
}

function stateCheck(run: RunContext, context: CompileContext): Promise<Check> {
  const { stateSchema, name } = run.target
  return check('state schema', async () => {
    const builds = await run.ledger.published.nextBuildNumber()
    // What a build would make.
    await tryAndTakeBack(run, context, probeSteps(context))
    const what = builds > 1 ? `${builds - 1} builds of this project on ${name}` : 'no build yet'
    return { message: `${stateSchema}: may be written; ${what}` }
  })
}

function snapshotsCheck({ graph, ledger }: RunContext): Promise<Check> {
  return check('snapshots', async () => {
    const { syncs } = graph.project
    const known = new Set([...syncs.values()].flatMap((sync) => [sync.name, sync.renamedFrom ?? sync.name]))
    const snapshots = await ledger.syncs.snapshots()
    const orphans = snapshots.filter(({ sync }) => !known.has(sync)).map(({ sync }) => sync)
    if (orphans.length === 0)
      return { message: snapshots.length === 0 ? 'none yet' : 'each is of a sync of the project' }
    return {
      status: 'warning',
      message: `the project has no sync any more for the snapshots of ${orphans.join(', ')}`,
      hint: `what they delivered stays at their destinations; a sync that was renamed says so: renamed_from: ${orphans[0]}`,
    }
  })
}

function plansCheck({ ledger }: RunContext): Promise<Check> {
  return check('plans', async () => {
    const plans = await ledger.syncs.plans()
    const leases = await ledger.leases()
    const running = new Set(leases.filter(({ expired }) => !expired).map((lease) => lease.name))
    const waiting = plans.filter((plan) => plan.state === 'guarded' || !running.has(`sync:${plan.sync}`))
    if (waiting.length === 0) return { message: 'none was interrupted, or stopped by a guard' }
    return {
      status: 'warning',
      message: waiting.map(wordsOf).join('; '),
      hint: [...new Set(waiting.map(hintOf))].join('; '),
    }
  })
}

function wordsOf({ state, sync, planId, createdAt }: PlanRecord): string {
  const what = state === 'guarded' ? 'was stopped by a guard' : 'was interrupted'
  return `plan ${planId} of ${sync}, made ${createdAt}, ${what}`
}

function hintOf({ state, sync, planId }: PlanRecord): string {
  if (state === 'guarded') return `send exactly it: sluice sync -s ${sync} --accept ${planId}`
  return `finish it: sluice sync -s ${sync}; or throw it away: sluice state drop-plan ${sync}`
}

async function readOne(run: RunContext, context: CompileContext, step: Step): Promise<Row> {
  const [row] = await run.warehouse.read(statementOf(step, context.dialect))
  return row ?? {}
}
