import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { SyncResult } from '../../src/sync/results.ts'
import { type AsyncFake, startAsyncFake } from '../support/async-destination.ts'
import { startChild } from '../support/child.ts'
import { ENGINES, temporaryFolder } from '../support/engines.ts'
import { freshPostgres } from '../support/postgres.ts'

const CHILD = join(import.meta.dirname, 'jobs-child.ts')
/** A lease of four seconds may have to run out first; else a run takes about two. */
const LONGEST_RUN_MS = 60_000

function project(url: string): string {
  return `sources:
  - {name: people, table: people, primary_key: id}
destinations:
  - {name: bulk, connector: jobs, settings: {url: "${url}", allow_private_network: true, batch_size: 8, timeout_seconds: 1}}
syncs:
  - {name: out, source: people, to: bulk.people, mode: mirror, match: {id: id}, map: {city: city}, guard: {max_remove: 100%}}
`
}

interface Told {
  readonly result: Omit<SyncResult, 'error'> & { readonly error?: string }
  readonly rows: readonly { readonly id: string; readonly city: string }[]
}

/** Gives what the child told, or undefined when it was killed by `kill`, which is given at each step of the fake. */
type Run = (
  sql: readonly string[],
  when?: (what: 'start' | 'started' | 'poll', kill: () => Promise<never>) => void | Promise<void>,
) => Promise<Told | undefined>

async function runner(context: TestContext, engine: string, fake: AsyncFake): Promise<Run> {
  const directory = temporaryFolder(context)
  const settings = engine === 'duckdb' ? new Map([['path', 'warehouse.duckdb']]) : await freshPostgres()
  let runs = 0
  return async (sql, when = () => {}) => {
    runs += 1
    const orders = {
      ...{ engine, directory, settings: [...settings], yaml: project(fake.server.origin), sql },
      ...{ runId: `run${runs}x`, query: 'select id, city from people order by id' },
    }
    const child = startChild(CHILD, orders)
    fake.before = (what) =>
      when(what, async () => {
        child.signal('SIGKILL')
        await child.ended
        // The request has no answer: whoever asked is gone.
        throw new Error('killed')
      })
    const { by, output, errors } = await child.endedWithin(LONGEST_RUN_MS)
    if (by === 'SIGKILL') return undefined
    assert.equal(by, 0, errors)
    return JSON.parse(output) as Told
  }
}

const FILL = [
  'create table people (id varchar(20), city varchar(20))',
  `insert into people values ${Array.from({ length: 24 }, (_, at) => `('p${at + 100}', 'A')`).join(', ')}`,
]

/** Where the run dies: at the so many-th step of this kind. */
const DEATHS = [
  ['before a job is taken', 'start', 2],
  ['between the start of a job and its id in the ledger', 'started', 2],
  ['between the id and the first question', 'poll', 1],
  ['while jobs are asked for', 'poll', 8],
] as const

for (const engine of ENGINES)
  for (const [what, step, times] of DEATHS)
    test(`${engine}: killed ${what}, a run is finished by the next: every row is there, and no job is started twice that is known`, async (context) => {
      const fake = await startAsyncFake()
      context.after(() => fake.close())
      const run = await runner(context, engine, fake)
      fake.jobs.script(...Array.from({ length: 3 }, () => ({ kind: 'slow', polls: 4 }) as const))
      let seen = 0
      const killed = await run(FILL, async (now, kill) => {
        if (now !== step) return
        seen += 1
        if (seen >= times) await kill()
      })
      assert.equal(killed, undefined)
      const known = new Set(fake.polls)
      const startedBefore = fake.started.length
      // Values go back and keys leave meanwhile: what was handed over must not be forgotten.
      const told = await run([
        "update people set city = 'B' where id < 'p104'",
        "delete from people where id = 'p123'",
      ])
      assert.equal(told?.result.status, 'done', told?.result.error)
      assert.equal(told?.result.resumed, true)
      const { add, change, remove, applied, pending } = told.result
      assert.deepEqual([add, change, remove, applied, pending], [24, 4, 1, 29, 0])
      const held = fake.held('out', 'people').map(({ key, fields }) => `${key.id} ${fields.city}`)
      assert.deepEqual(held.sort(), told.rows.map(({ id, city }) => `${id} ${city}`).sort())
      // The same rows under the same key are the same job.
      const jobsOfFirst = new Set(fake.started.slice(0, -2).map(({ jobId }) => jobId))
      assert.equal(jobsOfFirst.size, 3)
      const again = fake.started.slice(startedBefore).map(({ jobId }) => jobId)
      assert.deepEqual(
        again.filter((id) => known.has(id)),
        [],
      )
    })
