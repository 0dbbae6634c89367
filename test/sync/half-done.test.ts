import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { SyncResult } from '../../src/sync/results.ts'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import { type Crm, makeCrm } from '../support/crm.ts'
import { dyingWarehouse } from '../support/dying-warehouse.ts'
import { openEngine } from '../support/engines.ts'
import { type Lab, type LabOptions, labOn } from '../support/sync-lab.ts'

const PROJECT = `sources:
  - {name: people, table: people, primary_key: id}
destinations:
  - {name: crm, connector: crm}
syncs:
  - name: out
    source: people
    to: crm.contacts
    mode: mirror
    match: {email: email}
    map: {city: city}
    fields: changed
    guard: {max_remove: 100%, max_rejected: 100%}
`

/** More than a sync of some changes has. */
const MOST_STATEMENTS = 100

test('where each statement is a transaction of its own, a run that is killed after any of them loses nothing', async (t) => {
  const { crm, whole, process } = await scene(t)
  await whole.sync('out')
  let lives = 1
  for (let done = false; !done; lives += 1) {
    assert.ok(lives < MOST_STATEMENTS, 'the run ends')
    await change(whole, lives)
    const dead = await runAndDie(process, lives)
    const written = crm.changes.length
    await check(whole, crm, `killed after ${lives} statements`)
    // what was answered, and written down, is not sent again
    if (dead.steps.includes('ledger.acknowledge'))
      assert.equal(crm.changes.length, written, `killed after ${lives} statements: sent once`)
    done = dead.result?.error === undefined && dead.result !== undefined
  }
  assert.ok(lives > 30, `the last was killed after ${lives} statements`)
})

test('a resync that is killed between forgetting what was sent and saying so sends it on the next run', async (t) => {
  const { crm, whole, process } = await scene(t)
  await whole.sync('out')
  // up to the plan: the test before has all that follow
  for (let lives = 10; lives < MOST_STATEMENTS; lives += 1) {
    const dead = await runAndDie(process, lives, { fullResync: true })
    await check(whole, crm, `killed after ${lives} statements`)
    const dirty = await whole.rows('select key from sluice.snapshot_out where hash is null')
    assert.deepEqual(dirty, [], `killed after ${lives} statements`)
    if (dead.steps.includes('ledger.record_plan')) return
  }
  assert.fail('no run came to its plan')
})

interface Scene {
  readonly crm: Crm
  readonly whole: Lab
  /** A process of its own, which is killed after some statements. */
  process(
    lives: number,
  ): Promise<{ readonly lab: Lab; readonly steps: readonly string[]; close(): Promise<void> }>
}

async function scene(context: TestContext): Promise<Scene> {
  const warehouse = await openEngine('duckdb', context)
  const crm = makeCrm()
  let processes = 0
  const on = (of: Warehouse) => {
    processes += 1
    return labOn(of, 'duckdb', PROJECT, { connectors: crm.connectors, runs: `process${processes}_` })
  }
  const whole = await on(dyingWarehouse(warehouse, Number.POSITIVE_INFINITY).warehouse)
  await whole.sql(
    'create table people (id integer, email varchar, city varchar)',
    "insert into people select i, 'p' || i || '@x.example', 'A' from range(20) as r(i)",
  )
  return {
    crm,
    whole,
    process: async (lives) => {
      const session = await warehouse.openSession()
      const { warehouse: mortal, steps } = dyingWarehouse(session, lives)
      return { lab: await on(mortal), steps, close: () => session.close() }
    },
  }
}

/** One who comes, one who changes, one who goes. */
async function change(lab: Lab, turn: number): Promise<void> {
  await lab.sql(
    `update people set city = 'B${turn}' where id in (1, 2)`,
    `insert into people values (${1000 + turn}, 'new${turn}@x.example', 'C')`,
    `delete from people where id = ${1000 + turn - 1}`,
  )
}

interface Dead {
  readonly steps: readonly string[]
  /** Undefined when it did not come to one. */
  readonly result: SyncResult | undefined
}

async function runAndDie(process: Scene['process'], lives: number, options: LabOptions = {}): Promise<Dead> {
  const { lab, steps, close } = await process(lives)
  try {
    return { steps, result: await lab.sync('out', { ...options, build: false }) }
  } catch {
    return { steps, result: undefined }
  } finally {
    await close()
  }
}

/** There is nothing to build. */
const NO_BUILD: LabOptions = { build: false }

/** The next run brings the destination to the model, and the one after it has nothing to do. */
async function check(lab: Lab, crm: Crm, when: string): Promise<void> {
  const result = await lab.sync('out', NO_BUILD)
  assert.equal(result.error, undefined, `${when}: ${result.error?.message}`)
  const model = await lab.rows('select email, city from people order by email')
  const held = [...crm.contacts].map(([email, { city }]) => ({ email, city }))
  assert.deepEqual(
    held.sort((a, b) => (a.email < b.email ? -1 : 1)),
    model.map(({ email, city }) => ({ email, city })),
    when,
  )
  const again = await lab.sync('out', NO_BUILD)
  assert.deepEqual(
    [again.add, again.change, again.remove, again.unchanged],
    [0, 0, 0, model.length],
    `${when}: the run after`,
  )
}
