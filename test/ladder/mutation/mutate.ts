import type { TestContext } from 'node:test'
import { inMemory } from '../openers.ts'
import { type Judged, judge, type Mutant, mutantsOf } from './mutants.ts'
import { baselineOf } from './replay.ts'
import { recordedSuites, type Suite } from './suites.ts'

/**
 * Runs each of the bugs that `chosen` takes of those that could be made through one suite after the other that reaches
 * its statement, until one of them tells it: it is alive where none does. `told` hears of each that is told.
 */
export async function mutate(
  context: TestContext,
  wanted: readonly string[],
  chosen: (mutants: readonly Mutant[]) => readonly Mutant[],
  told: (suite: string, judged: Judged) => void = () => {},
): Promise<readonly Judged[]> {
  const suites = await recordedSuites(context, wanted)
  const reached = suites.map(({ timeline }) => mutantsOf(timeline))
  // Each where it shows first.
  const all = new Map([...reached].reverse().flatMap((mutants) => mutants.map((one) => [one.key, one])))
  const open = new Map<string, Judged>(
    chosen([...all.values()]).map((mutant) => [mutant.key, { mutant, verdict: 'same' }]),
  )
  const killed: Judged[] = []
  for (const [at, suite] of suites.entries()) {
    const asked = (reached[at] ?? []).flatMap(({ key }) => open.get(key)?.mutant ?? [])
    if (asked.length === 0) continue
    for (const one of await judgedBy(suite, asked)) {
      if (isTold(one)) {
        open.delete(one.mutant.key)
        killed.push(one)
        told(suite.name, one)
      } else if (one.verdict === 'unseen') open.set(one.mutant.key, one)
    }
  }
  return [...killed, ...open.values()]
}

export function isTold({ verdict }: Judged): boolean {
  return verdict === 'broken' || verdict === 'different'
}

/** What it takes of memory is given back before the next suite. */
async function judgedBy(
  { timeline, marks, readState, exact }: Suite,
  mutants: readonly Mutant[],
): Promise<readonly Judged[]> {
  const baseline = await inMemory((warehouse) => baselineOf(warehouse, timeline, marks, readState, exact))
  return inMemory((warehouse) => judge(warehouse, timeline, baseline, mutants))
}
