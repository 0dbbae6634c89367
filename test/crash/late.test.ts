import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { temporaryFolder } from '../support/engines.ts'
import { freshPostgres } from '../support/postgres.ts'
import { Random } from '../support/random.ts'
import { LONGEST_MS } from './assert-promises.ts'
import { fillModel } from './model.ts'
import { type Oracle, startOracle } from './oracle.ts'
import { BATCH_ROWS, type Orders, projectYaml } from './orders.ts'
import { EngineProcess } from './process.ts'
import { lossesIn } from './verdict.ts'

const TO_V1 = "update people set city = 'v1'"
const BACK_TO_V0 = "update people set city = 'v0'"

test('postgres: a process that stood still between its last look at the lease and the socket says what it sent too late, and the next run sends it anew', {
  timeout: LONGEST_MS,
}, async (context) => {
  const { run, oracle, held } = await lateRequest(context)
  assert.deepEqual(held(), { v0: 595, v1: BATCH_ROWS }, 'the late request has arrived')
  const { model = [], synced, again } = await run('finish')
  assert.equal(synced.status, 'done')
  assert.equal(again?.status, 'done')
  assert.deepEqual(lossesIn(new Map(pairs(model)), oracle.rows, new Set()), NOTHING)
})

test('postgres: the control, of which the note of what was late is taken away, loses it', {
  timeout: LONGEST_MS,
}, async (context) => {
  const { run, oracle } = await lateRequest(context)
  const { model = [] } = await run('finish', 'delete from sluice.late_rows')
  const { lostUpdates } = lossesIn(new Map(pairs(model)), oracle.rows, new Set())
  assert.equal(lostUpdates, BATCH_ROWS)
})

const NOTHING = { lostUpdates: 0, undeletedKeys: 0, unexplainedRejects: 0 }

/**
 * One process stands still with its first request of v1 checked and not gone; another finishes its plan, and then
 * brings v0 back; then the first goes on, and ends.
 */
async function lateRequest(context: TestContext) {
  const directory = temporaryFolder(context)
  const settings = [...(await freshPostgres())]
  const oracle = await startOracle(new Random(1))
  oracle.hostile = false
  context.after(() => oracle.close())
  let started = 0
  const bugs: string[] = []
  const start = (task: Orders['task'], ...sql: readonly string[]) => {
    started += 1
    const name = `p${started}`
    const journal = join(directory, `${name}.jsonl`)
    const yaml = projectYaml(oracle.url)
    const orders = {
      engine: 'postgres',
      settings,
      directory,
      name,
      task,
      yaml,
      seed: started,
      journal,
      sql,
    } as const
    return new EngineProcess(orders, (what) => bugs.push(what))
  }
  const run = async (task: Orders['task'], ...sql: readonly string[]) => {
    const last = (await start(task, ...sql).end()).at(-1)
    assert.ok(last !== undefined, bugs.join('\n'))
    return last
  }
  assert.equal((await run('once', ...fillModel())).synced.status, 'done')
  const standing = start('once', TO_V1)
  context.after(() => standing.signal('SIGKILL'))
  standing.stopInTheGap()
  const finished = await rivalOf(standing, () => run('once'))
  assert.equal(finished.synced.resumed, true)
  assert.deepEqual(heldBy(oracle), { v1: 600 })
  assert.equal((await run('once', BACK_TO_V0)).synced.status, 'done')
  assert.deepEqual(heldBy(oracle), { v0: 600 })
  standing.signal('SIGCONT')
  const [told] = await standing.end()
  assert.equal(told?.synced.code, 'SLU5002')
  return { run, oracle, held: () => heldBy(oracle) }
}

/** It waits for the lease of the one that stands, so it may start at any time. */
async function rivalOf<T>(standing: EngineProcess, run: () => Promise<T>): Promise<T> {
  for (let waited = 0; !standing.stoodInTheGap; waited += 20) {
    assert.ok(waited < 30_000, 'it never sent anything')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return run()
}

function heldBy({ rows }: Oracle): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const city of rows.values()) counts[city] = (counts[city] ?? 0) + 1
  return counts
}

function pairs(model: readonly (readonly string[])[]): readonly (readonly [string, string])[] {
  return model.map(([id = '', city = '']) => [id, city])
}
