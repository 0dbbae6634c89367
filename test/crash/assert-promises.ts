import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { type CrashFigures, crashRun } from './conductor.ts'
import type { CrashOrder } from './world.ts'

const PROMISED: CrashFigures['verdict'] = {
  lostUpdates: 0,
  undeletedKeys: 0,
  unexplainedRejects: 0,
  sentWithoutChange: 0,
  staleRequests: 0,
  repeatedAcknowledged: 0,
  overfullWindows: 0,
  changedUnderOneKey: 0,
  bugs: 0,
}

/** Each wait in it has a bound of its own, so only a bug of the suite takes that long. */
export const LONGEST_MS = 500_000

/** All that is promised held, and kills met a plan that was on its way: most do, so that none is no chance. */
export function assertPromises(context: TestContext, worlds: readonly CrashFigures[]): void {
  for (const figures of worlds) {
    context.diagnostic(JSON.stringify(figures))
    assert.deepEqual({ told: figures.told, verdict: figures.verdict }, { told: [], verdict: PROMISED })
  }
  const sending = worlds.reduce((sum, { killsWhileSending }) => sum + killsWhileSending, 0)
  assert.ok(sending >= 1, 'no process was killed while it sent')
}

/** What the suite would miss proves nothing: an engine that forgets its plan is seen to lose rows. */
export async function assertLoses(
  context: TestContext,
  orderOf: (seed: number) => Promise<Omit<CrashOrder, 'seed' | 'forgets'>>,
  firstSeed: number,
): Promise<void> {
  let lost = 0
  // It loses rows of a plan only when the values go back right after: about every second kill.
  for (let seed = firstSeed; lost === 0 && seed < firstSeed + CONTROL_WORLDS; seed += 1) {
    const figures = await crashRun({ ...(await orderOf(seed)), seed, forgets: true })
    context.diagnostic(JSON.stringify(figures))
    lost = figures.verdict.lostUpdates + figures.verdict.undeletedKeys
  }
  assert.ok(lost > 0, 'the control lost nothing')
}

/** About nine of ten worlds lose rows: that so many in a row do not is no chance. They end with the first that does. */
const CONTROL_WORLDS = 8
