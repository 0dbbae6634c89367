import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { temporaryFolder } from '../support/engines.ts'
import { freshPostgres } from '../support/postgres.ts'
import { type CrashFigures, crashRun } from './conductor.ts'

const NOTHING_WRONG: CrashFigures['verdict'] = {
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

test('duckdb: processes killed and paused while they send to a hostile destination lose nothing', async (context) => {
  const figures = await crashRun({
    engine: 'duckdb',
    settings: new Map([['path', 'warehouse.duckdb']]),
    directory: temporaryFolder(context),
    ...{ seed: 1, kills: 10, pauses: 3 },
  })
  assertNothingWrong(context, figures)
  assert.ok(figures.killsWhileSending >= 2, `${figures.killsWhileSending} kills while sending`)
})

test('postgres: killed, paused beyond their lease and with rivals, they lose nothing, and none sends without its lease', async (context) => {
  // After a kill the lease must run out, so two worlds share the time.
  const worlds = await Promise.all(
    [1, 2].map(async (seed) =>
      crashRun({
        engine: 'postgres',
        settings: await freshPostgres(),
        directory: temporaryFolder(context),
        ...{ seed, kills: 5, pauses: 1 + (seed % 2) },
      }),
    ),
  )
  for (const figures of worlds) assertNothingWrong(context, figures)
  const sending = worlds.reduce((sum, { killsWhileSending }) => sum + killsWhileSending, 0)
  assert.ok(sending >= 2, `${sending} kills while sending`)
})

function assertNothingWrong(context: TestContext, figures: CrashFigures): void {
  context.diagnostic(JSON.stringify(figures))
  assert.deepEqual([figures.verdict, figures.told], [NOTHING_WRONG, []])
}
