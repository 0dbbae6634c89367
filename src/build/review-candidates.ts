import type { CompileContext } from '../compile/context.ts'
import { reviewPlan } from '../compile/identity/candidates/review-plan.ts'
import { candidatesOutput } from '../compile/identity/identity-plan.ts'
import type { Entity } from '../spec/project.ts'
import type { RunContext } from './run-context.ts'
import { StepRunner } from './step-runner.ts'
import type { Stitched, StitchPatch } from './stitch.ts'

/** After a stitch of what has changed: looks for records that look alike among all, and has them published with it. */
export async function reviewCandidates(
  run: RunContext,
  context: CompileContext,
  entity: Entity,
  done: Stitched,
): Promise<Stitched> {
  const plan = reviewPlan(context, entity)
  const { patch } = done
  if (plan === undefined || patch === undefined) return done
  const runner = new StepRunner(run)
  const kept = new Set([plan.tell.creates.name])
  try {
    await runner.runAll(plan.find)
    await runner.run(plan.tell)
  } catch (error) {
    // Why it failed is what must be told.
    await runner.dropMade().catch(() => {})
    await patch.drop().catch(() => {})
    throw error
  }
  const drop = async () => {
    await runner.dropMade(kept)
    await patch.drop()
  }
  const steps: StitchPatch['steps'] = (of) => [...patch.steps(of), ...(reviewPlan(of, entity)?.patch ?? [])]
  const changes = [...new Set([...patch.changes, `${entity.name}_refused`])]
  return {
    ...done,
    patch: { ...patch, steps, changes, made: [...patch.made, candidatesOutput(entity)], drop },
  }
}
