import { SluiceError } from '../../base/errors.ts'
import { nearestHint } from '../../base/nearest.ts'
import type { RunContext } from '../../build/run-context.ts'
import type { PlanRecord } from '../../ledger/ledger.ts'
import type { Answer } from '../answer.ts'
import type { CommandContext } from '../context.ts'
import type { Style } from '../render/style.ts'
import { count, plural, table } from '../render/table.ts'
import { openRun } from '../run-context.ts'
import { definedSyncs } from '../sync-names.ts'

/** What Sluice keeps in the warehouse: snapshots, plans and leases. */
export async function listState(context: CommandContext): Promise<Answer> {
  const run = await openRun(context)
  const { syncs } = run.ledger
  const [snapshots, plans, leases] = [await syncs.snapshots(), await syncs.plans(), await run.ledger.leases()]
  const known = await definedSyncs(context)
  const openJobs = new Map<PlanRecord, number>()
  for (const plan of plans) openJobs.set(plan, await jobsOf(run, plan))
  const hasJobs = [...openJobs.values()].some((jobs) => jobs > 0)
  return {
    json: {
      schema: run.target.stateSchema,
      snapshots: snapshots.map((one) => ({
        name: one.sync,
        account: one.account,
        rows: one.rows,
        gone: one.gone,
        in_project: known.has(one.sync),
      })),
      plans: plans.map((one) => ({
        sync: one.sync,
        plan_id: one.planId,
        run_id: one.runId,
        state: one.state,
        created_at: one.createdAt,
        open_jobs: openJobs.get(one) ?? 0,
      })),
      leases: leases.map((one) => ({
        name: one.name,
        run_id: one.runId,
        expires_at: one.expiresAt,
        expired: one.expired,
      })),
    },
    text: (style) =>
      [
        snapshots.length === 0
          ? 'No snapshot yet.'
          : table(
              [
                { title: 'SNAPSHOT' },
                { title: 'ACCOUNT' },
                { title: 'ROWS', align: 'right' },
                { title: 'LEFT', align: 'right' },
                { title: '' },
              ],
              snapshots.map((one) => [
                one.sync,
                one.account,
                count(one.rows),
                count(one.gone),
                known.has(one.sync) ? '' : 'its sync is no longer in the project',
              ]),
              style,
            ),
        ...section(
          style,
          ['PLAN OF', 'PLAN', 'STATE', 'MADE', ...(hasJobs ? ['OPEN JOBS'] : [])],
          plans.map((one) => [
            ...[one.sync, one.planId, one.state, one.createdAt],
            ...(hasJobs ? [count(openJobs.get(one) ?? 0)] : []),
          ]),
        ),
        ...section(
          style,
          ['LEASE', 'RUN', 'UNTIL'],
          leases.filter((one) => !one.expired).map((one) => [one.name, one.runId, one.expiresAt]),
        ),
      ].join('\n\n'),
  }
}

/** Frees a lease whose run is surely dead. Its former holder, should it live, can write nothing more. Throws SLU7006. */
export async function unlock(context: CommandContext, name: string): Promise<Answer> {
  const run = await openRun(context)
  const leases = (await run.ledger.leases()).filter((one) => !one.expired)
  if (!leases.some((one) => one.name === name) || !(await run.ledger.unlock(name)))
    throw new SluiceError('SLU7006', {
      message: `expected a lease that is held, found none named "${name}"`,
      hint: nearestHint(
        name,
        leases.map((one) => one.name),
      ),
    })
  return { json: { unlocked: name }, text: () => `freed ${name}` }
}

/** Throws a kept plan away; what was perhaps sent of it is sent again. Throws SLU7006. */
export async function dropPlan(context: CommandContext, sync: string): Promise<Answer> {
  const run = await openRun(context)
  const plans = await run.ledger.syncs.plans()
  if (!plans.some((one) => one.sync === sync))
    throw new SluiceError('SLU7006', {
      message: `expected a sync with a kept plan, found "${sync}"`,
      hint: nearestHint(
        sync,
        plans.map((one) => one.sync),
      ),
    })
  const { dropPlans } = await import('../../sync/drop-plans.ts')
  const { plans: dropped, jobs } = await dropPlans(run, sync)
  const given = jobs === 0 ? '' : ` ${plural(jobs, 'open job')} of the destination given up;`
  return {
    json: { sync, dropped: [...dropped], open_jobs: jobs },
    text: () =>
      `dropped ${dropped.join(', ')};${given} what was perhaps sent of an interrupted plan is sent again`,
  }
}

/** Only a plan on its way has any. */
async function jobsOf(run: RunContext, plan: PlanRecord): Promise<number> {
  return plan.state === 'sending' ? (await run.ledger.syncs.openJobs(plan)).length : 0
}

function section(
  style: Style,
  titles: readonly string[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  if (rows.length === 0) return []
  return [
    table(
      titles.map((title) => ({ title })),
      rows,
      style,
    ),
  ]
}
