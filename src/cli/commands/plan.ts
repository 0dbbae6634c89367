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
import { syncNames, whereOf } from '../sync-names.ts'

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
    return answerOf(context, plans, flags)
  } finally {
    await built.drop()
  }
}

async function answerOf(
  context: CommandContext,
  plans: readonly SyncPlan[],
  flags: PlanFlags,
): Promise<Answer> {
  const errors = plans.flatMap((one) => (one.error === undefined ? [] : [one.error]))
  const facts: PlanFacts[] = []
  for (const one of plans) facts.push({ ...one, where: await whereOf(context, one.name) })
  return {
    json: { syncs: plans.map((one) => planJson(one, flags)) },
    text: (style) =>
      [
        ...facts.map((one, index) => [renderPlan(one, style), ...sampleText(plans[index], style)].join('\n')),
        renderPlanTotal(facts, style),
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
    add: one.add,
    change: one.change,
    remove: one.remove,
    left: one.left,
    unchanged: one.unchanged,
    held: one.held,
    held_by: { ...one.heldBy },
    api_calls: one.apiCalls,
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
