import { SluiceError } from '../base/errors.ts'
import type { Guarded } from '../compile/identity/guards/guard-parts.ts'
import type { GuardPass, GuardPlan } from '../compile/identity/guards/guard-plan.ts'
import { contract } from './contract.ts'
import type { StepRunner } from './step-runner.ts'

/**
 * Stitches the components over a limit again until every identifier is decided. Undefined: none is over a limit, and
 * the plain stitch stands.
 */
export async function guardIdentity(
  runner: StepRunner,
  plan: GuardPlan | undefined,
): Promise<Guarded | undefined> {
  if (plan === undefined || !(await isAnyOver(runner, plan))) return undefined
  await runner.runAll(plan.start)
  const passes: GuardPass[] = []
  let asking = runner.rowsOf(plan.asks(0))
  let idle = 0
  do {
    const pass = plan.pass(passes.length + 1)
    passes.push(pass)
    const left = await runPass(runner, plan, pass, passes.length)
    idle = left < asking ? 0 : idle + 1
    if (idle > MOST_IDLE_PASSES) throw endless(left)
    asking = left
  } while (asking > 0)
  await compose(runner, passes)
  await runner.runAll(plan.finish(passes.length))
  return plan.result
}

/** A pass in which nothing was joined is followed by one that tries half as many; a count has 63 bits. */
const MOST_IDLE_PASSES = 64

async function isAnyOver(runner: StepRunner, { over, overTables }: GuardPlan): Promise<boolean> {
  await runner.runAll(over)
  return overTables.some((table) => runner.rowsOf(table) > 0)
}

async function runPass(
  runner: StepRunner,
  plan: GuardPlan,
  pass: GuardPass,
  number: number,
): Promise<number> {
  await runner.run(pass.refuse)
  const edges = await runner.run(pass.edges)
  const { labels } = await contract(runner, pass.rounds, edges)
  await runner.runAll(pass.after(labels))
  return runner.rowsOf(plan.asks(number))
}

async function compose(runner: StepRunner, passes: readonly GuardPass[]): Promise<void> {
  let later = passes.at(-1)?.moves
  for (const pass of passes.slice(0, -1).reverse()) {
    if (later === undefined) return
    const step = pass.compose(later)
    await runner.run(step)
    later = step.creates
  }
}

function endless(left: number): SluiceError {
  return new SluiceError('SLU4202', {
    message: `expected identifiers to be decided within ${MOST_IDLE_PASSES} passes, found ${left} undecided`,
  })
}
