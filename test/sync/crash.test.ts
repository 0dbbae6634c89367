import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { startChild } from '../support/child.ts'
import { ENGINES, temporaryFolder } from '../support/engines.ts'
import { freshPostgres } from '../support/postgres.ts'
import { Random } from '../support/random.ts'
import { type Receiver, startReceiver } from '../support/receiver.ts'

const CHILD = join(import.meta.dirname, 'crash-child.ts')
const ROWS = 120
/** A lease of four seconds may have to run out first; else a run takes about two. */
const LONGEST_RUN_MS = 60_000

function project(url: string, modes: string): string {
  return `sources:
  - {name: people, table: people, primary_key: id}
destinations:
  - {name: hook, connector: http, settings: {url: "${url}", allow_private_network: true, batch_size: 5, timeout_seconds: 1}}
syncs:
  - {name: out, source: people, to: hook.rows, mode: mirror, match: {id: id}, map: {city: city, score: score}, guard: {max_remove: 100%}${modes}}
`
}

interface Told {
  readonly result: { readonly status: string; readonly resumed: boolean; readonly error?: string } | undefined
  readonly rows: readonly { readonly id: string; readonly city: string; readonly score: number }[]
}

/** Runs the child; gives what it told, or undefined when it was killed after `killAfter` requests. */
type Run = (order: {
  readonly sql?: readonly string[]
  readonly sync?: boolean
  readonly flushMs?: number
  readonly killAfter?: number
}) => Promise<Told | undefined>

async function runner(context: TestContext, engine: string, receiver: Receiver, modes = ''): Promise<Run> {
  const directory = temporaryFolder(context)
  const settings = engine === 'duckdb' ? new Map([['path', 'warehouse.duckdb']]) : await freshPostgres()
  let runs = 0
  return async ({ sql = [], sync = true, flushMs = 10, killAfter }) => {
    runs += 1
    const orders = {
      ...{
        engine,
        directory,
        settings: [...settings],
        yaml: project(receiver.url, modes),
        sql,
        sync,
        flushMs,
      },
      runId: `run${runs}x`,
      query: 'select id, city, score from people order by id',
    }
    const child = startChild(CHILD, orders)
    const before = receiver.requests.length
    receiver.reply = async () => {
      if (killAfter !== undefined && receiver.requests.length - before >= killAfter) child.signal('SIGKILL')
      await new Promise((resolve) => setTimeout(resolve, 3))
      return undefined
    }
    const { by, output, errors } = await child.endedWithin(LONGEST_RUN_MS)
    if (by === 'SIGKILL') return undefined
    assert.equal(by, 0, errors)
    return JSON.parse(output) as Told
  }
}

/** But for moves of at most `tolerance`. */
function assertSame(receiver: Receiver, rows: Told['rows'], tolerance: number): void {
  const held = [...receiver.rows].map(([id, fields]) => `${id} ${fields.city}`).sort()
  assert.deepEqual(held, rows.map(({ id, city }) => `${id} ${city}`).sort())
  const far = rows.filter(({ id, score }) => {
    const there = Number(receiver.rows.get(id)?.score ?? Number.NaN)
    return !(Math.abs(there - Number(score)) <= tolerance)
  })
  assert.deepEqual(far, [])
}

const FILL = [
  'create table people (id varchar(20), city varchar(20), score integer)',
  `insert into people values ${Array.from({ length: ROWS }, (_, at) => `('p${at + 100}', 'v0', ${at})`).join(', ')}`,
]

const WAYS = [
  { modes: '', tolerance: 0, as: '' },
  {
    modes: ', fields: changed, tolerance: {score: 4}',
    tolerance: 4,
    as: ', but for what is tolerated, when only changed fields are sent',
  },
]

for (const engine of ENGINES) {
  for (const { modes, tolerance, as } of WAYS)
    test(`${engine}: whenever a run is killed, running again makes the destination hold the model${as}`, async (context) => {
      const receiver = await startReceiver(context)
      const run = await runner(context, engine, receiver, modes)
      const random = new Random(engine === 'duckdb' ? 7 : 11)
      assert.equal((await run({ sql: FILL }))?.result?.status, 'done')
      let killed = 0
      for (let round = 0; round < 6; round += 1) {
        // Values go back and forth, keys vanish and return: what was sent and never answered must not be forgotten.
        const from = 100 + random.below(ROWS - 60)
        const sql = [
          `update people set city = '${random.chance(50) ? 'v0' : 'v1'}' where id between 'p${from}' and 'p${from + 59}'`,
          `update people set score = score + ${random.below(9) - 4} where id >= 'p${from + 20}'`,
          random.chance(50)
            ? `delete from people where id between 'p${from}' and 'p${from + 9}'`
            : `insert into people select 'p' || cast(n as varchar(9)), 'v2', n from (values ${Array.from({ length: 10 }, (_, at) => `(${from + at})`).join(', ')}) as v(n)
             where 'p' || cast(n as varchar(9)) not in (select id from people)`,
        ]
        if (
          (await run({ sql, killAfter: 1 + random.below(8), flushMs: random.chance(50) ? 5 : 10_000 })) ===
          undefined
        )
          killed += 1
      }
      assert.ok(killed >= 3, `${killed} runs were killed`)
      const last = await run({})
      assert.equal(last?.result?.status, 'done', last?.result?.error)
      assertSame(receiver, last?.rows ?? [], tolerance)
      receiver.clear()
      await run({})
      assert.equal(receiver.requests.length, 0)
    })

  for (const forgets of [false, true])
    test(`${engine}: a value that goes back after a kill is ${forgets ? 'lost by an engine that forgets its plan (the control)' : 'brought back, by finishing the plan first'}`, async (context) => {
      const receiver = await startReceiver(context)
      const run = await runner(context, engine, receiver)
      await run({ sql: FILL })
      const killed = await run({ sql: ["update people set city = 'v1'"], flushMs: 60_000, killAfter: 6 })
      assert.equal(killed, undefined)
      const forget = ['plans', 'starts', 'acks'].map((table) => `delete from sluice.${table}`)
      const last = await run({ sql: ["update people set city = 'v0'", ...(forgets ? forget : [])] })
      assert.equal(last?.result?.status, 'done', last?.result?.error)
      assert.equal(last?.result?.resumed, !forgets)
      const wrong = [...receiver.rows.values()].filter(({ city }) => city !== 'v0').length
      assert.ok(forgets ? wrong > 0 : wrong === 0, `${wrong} rows are not as the model has them`)
    })
}
