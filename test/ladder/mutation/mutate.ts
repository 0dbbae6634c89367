import type { TestContext } from 'node:test'
import { openInMemory } from '../openers.ts'
import { type Judged, judge, type Mutant, mutantsOf } from './mutants.ts'
import { recordedSuites } from './suites.ts'

/**
 * Runs every suite once more for every bug that `chosen` takes of those that could be made, until one of them tells it.
 * `told` hears of each bug as soon as it is settled.
 */
export async function mutate(
  context: TestContext,
  wanted: readonly string[],
  chosen: (mutants: readonly Mutant[]) => readonly Mutant[],
  told: (suite: string, judged: Judged) => void = () => {},
): Promise<readonly Judged[]> {
  const suites = await recordedSuites(context, wanted)
  const mutants = new Map<string, Mutant>()
  for (const { timeline } of suites)
    for (const mutant of mutantsOf(timeline)) if (!mutants.has(mutant.key)) mutants.set(mutant.key, mutant)
  let left = chosen([...mutants.values()])
  const killed: Judged[] = []
  const last = new Map<string, Judged>()
  for (const { name, timeline, baseline } of suites) {
    const judged = await judge(await openInMemory(context), timeline, baseline, left, (one) =>
      told(name, one),
    )
    for (const one of judged) {
      if (one.verdict === 'broken' || one.verdict === 'different') killed.push(one)
      else if (last.get(one.mutant.key)?.verdict !== 'unseen') last.set(one.mutant.key, one)
    }
    const gone = new Set(killed.map(({ mutant }) => mutant.key))
    left = left.filter(({ key }) => !gone.has(key))
  }
  return [...killed, ...left.flatMap(({ key }) => last.get(key) ?? [])]
}
