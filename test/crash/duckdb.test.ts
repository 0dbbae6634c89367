import { test } from 'node:test'
import { temporaryFolder } from '../support/engines.ts'
import { assertLoses, assertPromises, LONGEST_MS } from './assert-promises.ts'
import { crashRun } from './conductor.ts'

const SEED = 1
const SETTINGS = new Map([['path', 'warehouse.duckdb']])

test('duckdb: processes killed and paused while they send to a hostile destination lose nothing', {
  timeout: LONGEST_MS,
}, async (context) => {
  const directory = temporaryFolder(context)
  const order = { engine: 'duckdb', settings: SETTINGS, directory, seed: SEED, kills: 10, pauses: 3 } as const
  assertPromises(context, [await crashRun(order)])
})

test('duckdb: the control, an engine that forgets its plan and compares again, loses rows in the same world', {
  timeout: LONGEST_MS,
}, async (context) => {
  const orderOf = async () =>
    ({
      engine: 'duckdb',
      settings: SETTINGS,
      directory: temporaryFolder(context),
      ...{ kills: 6, pauses: 0 },
    }) as const
  await assertLoses(context, orderOf, SEED)
})
