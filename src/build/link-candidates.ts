import type { Linked } from '../compile/identity/id-steps.ts'
import type { IdentityPlan } from '../compile/identity/identity-plan.ts'
import { contract } from './contract.ts'
import { guardIdentity } from './guard-identity.ts'
import type { StepRunner } from './step-runner.ts'

type Graph = Omit<Linked, 'salt'>

/**
 * Joins records that look alike to what identifiers made, within the limits. Undefined: no rule links, or nothing is
 * left to be linked, and `exact` stands.
 */
export async function linkCandidates(
  runner: StepRunner,
  { candidates, guards }: IdentityPlan,
  exact: Graph,
): Promise<Graph | undefined> {
  const plan = candidates?.link(exact)
  if (plan === undefined || (await runner.run(plan.pairs)) === 0) return undefined
  const edges = await runner.run(plan.edges)
  const { labels: later, endsAreLeast } = await contract(runner, plan.rounds, edges)
  const joined = plan.compose(later)
  await runner.run(joined)
  const graph = {
    labels: joined.creates,
    endsAreLeast: exact.endsAreLeast && endsAreLeast,
    anyOver: exact.anyOver,
  }
  return { ...graph, guarded: await guardIdentity(runner, guards({ ...graph, hasPairs: true })) }
}
