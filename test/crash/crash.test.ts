import assert from 'node:assert/strict'
import { test } from 'node:test'
import { temporaryFolder } from '../support/engines.ts'
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
    seed: 1,
    kills: 10,
    pauses: 3,
  })
  context.diagnostic(JSON.stringify(figures))
  assert.deepEqual([figures.verdict, figures.told], [NOTHING_WRONG, []])
  assert.ok(figures.killsWhileSending >= 2, `${figures.killsWhileSending} kills while sending`)
})
