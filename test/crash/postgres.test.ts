import { type TestContext, test } from 'node:test'
import { temporaryFolder } from '../support/engines.ts'
import { freshPostgres } from '../support/postgres.ts'
import { assertLoses, assertPromises, LONGEST_MS } from './assert-promises.ts'
import { crashRun } from './conductor.ts'

const SEED = 1

async function place(context: TestContext) {
  return {
    engine: 'postgres',
    settings: await freshPostgres(),
    directory: temporaryFolder(context),
  } as const
}

test('postgres: killed, paused beyond their lease and with rivals, processes lose nothing, and none sends without its lease', {
  timeout: LONGEST_MS,
}, async (context) => {
  // After a kill the lease must run out, so two worlds share the time.
  const worlds = [SEED, SEED + 1].map(async (seed) =>
    crashRun({ ...(await place(context)), seed, kills: 5, pauses: 1 + (seed % 2) }),
  )
  assertPromises(context, await Promise.all(worlds))
})

test('postgres: the control, an engine that forgets its plan and compares again, loses rows in the same world', {
  timeout: LONGEST_MS,
}, async (context) => {
  await assertLoses(context, async () => ({ ...(await place(context)), kills: 4, pauses: 0 }), SEED)
})
