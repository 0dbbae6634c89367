import type { RunContext } from '../../build/run-context.ts'
import type { SyncPlan } from '../../sync/results.ts'
import type { Answer, Json } from '../answer.ts'
import type { PlanFlags } from '../command-flags.ts'
import type { CommandContext } from '../context.ts'
import { EXIT, exitCodeOf, worstOf } from '../exit-codes.ts'
import type { Style } from '../render/style.ts'
import { type PlanFacts, renderPlan, renderPlanTotal } from '../render/syncs.ts'
import { table } from '../render/table.ts'
import { openRun } from '../run-context.ts'
import { selectIds } from '../select.ts'
import { planFiguresJson } from '../sync-json.ts'
import { definedSyncs, syncNames, whereOf } from '../sync-names.ts'

/** What each sync would send. Sends nothing, publishes nothing, and leaves nothing in the warehouse. */
export async function plan(context: CommandContext, flags: PlanFlags): Promise<Answer> {
  const nodes = await selectIds(context, ['sync'])
  const run = await openRun(context)
  const { scratchBuild } = await import('../../build/scratch-build.ts')
  const { planSyncs } = await import('../../sync/plan-syncs.ts')
  const { refusePast } = await import('../../build/refuse-past.ts')
  await refusePast(run)
  const built = await scratchBuild(run, nodes)
  try {
    const plans = await planSyncs(run, built, syncNames(nodes), await context.connectors(), {
      sample: flags.sample ?? 0,
    })
    return answerOf(context, plans, flags, await orphanSnapshots(context, run))
  } finally {
    await built.drop()
  }
}

/** Names of syncs that are gone while what they sent is still known: nobody updates or removes it any more. */
async function orphanSnapshots(context: CommandContext, run: RunContext): Promise<readonly string[]> {
  const defined = await definedSyncs(context)
  const snapshots = await run.ledger.syncs.snapshots()
  return snapshots.map(({ sync }) => sync).filter((sync) => !defined.has(sync))
}

async function answerOf(
  context: CommandContext,
  plans: readonly SyncPlan[],
  flags: PlanFlags,
  orphans: readonly string[],
): Promise<Answer> {
  const errors = plans.flatMap((one) => (one.error === undefined ? [] : [one.error]))
  const facts: PlanFacts[] = []
  for (const one of plans) facts.push({ ...one, where: await whereOf(context, one.name) })
  return {
    json: { syncs: plans.map((one) => planJson(one, flags)), orphans: [...orphans] },
    text: (style) =>
      [
        ...facts.map((one, index) => [renderPlan(one, style), ...sampleText(plans[index], style)].join('\n')),
        renderPlanTotal(facts, style),
        ...(orphans.length === 0
          ? []
          : [
              `${style('yellow', 'No longer in the project')}, though what they sent is still there: ${orphans.join(', ')}. A sync with renamed_from takes one over.`,
            ]),
      ].join('\n\n'),
    errors,
    exitCode: worstOf([...errors.map(exitCodeOf), ...(flags.detailedExitcode ? [detailedCode(plans)] : [])]),
  }
}

function detailedCode(plans: readonly SyncPlan[]): number {
  if (plans.some((one) => one.guard !== undefined)) return EXIT.guard
  return plans.some((one) => one.add + one.change + one.remove > 0) ? EXIT.changes : EXIT.done
}

function planJson(one: SyncPlan, flags: PlanFlags): Json {
  return {
    name: one.name,
    plan_id: one.planId ?? null,
    ...planFiguresJson(one),
    api_calls: one.apiCalls,
    ...(one.bytesRead === undefined ? {} : { bytes_read: one.bytesRead }),
    open_jobs: one.openJobs,
    guard: one.guard === undefined ? null : { ...one.guard },
    ...(flags.sample === undefined ? {} : { sample: one.sample.map((row) => ({ ...row })) }),
  }
}

function sampleText(one: SyncPlan | undefined, style: Style): readonly string[] {
  const [first] = one?.sample ?? []
  if (one === undefined || first === undefined) return []
  const columns = Object.keys(first)
  const rows = one.sample.map((row) => columns.map((name) => String(row[name] ?? '')))
  return [
    table(
      columns.map((title) => ({ title })),
      rows,
      style,
    ),
  ]
}
