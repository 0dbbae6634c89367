import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { CONNECTORS } from '../../connectors/index.ts'
import { systemClock } from '../../src/base/clock.ts'
import type { Change } from '../../src/connector/types.ts'
import { AccountPaces } from '../../src/sync/pace/account-paces.ts'
import type { PaceOutcome } from '../../src/sync/pace/pace-control.ts'
import { type AsyncFake, JOBS_ENTRY, startAsyncFake } from '../support/async-destination.ts'
import { openEngine } from '../support/engines.ts'
import { FAST, type Lab, openLab } from '../support/sync-lab.ts'

/** `contacts`: plans of more than 12 rows go out as jobs of at most 5 rows and 4,096 bytes, others in batches of 8. */
async function rig(context: TestContext, rows: number): Promise<{ lab: Lab; fake: AsyncFake }> {
  const fake = await startAsyncFake()
  context.after(() => fake.close())
  const project = `sources: [{name: people, table: people, primary_key: id}]
destinations:
  - {name: api, connector: jobs, settings: {url: "${fake.server.origin}", allow_private_network: true, batch_size: 8}}
syncs:
  - {name: out, source: people, to: api.contacts, mode: mirror, match: {id: id}, map: {city: city}, guard: {max_remove: 100%}}
`
  const connectors = new Map([...CONNECTORS, ['jobs', JOBS_ENTRY]])
  const lab = await openLab(context, 'duckdb', () => openEngine('duckdb', context), project, connectors)
  await lab.sql('create table people (id varchar(20), city varchar)')
  await add(lab, 100, rows)
  return { lab, fake }
}

const add = (lab: Lab, from: number, rows: number) =>
  lab.sql(`insert into people select 'p' || (${from} + i), 'A' from range(${rows}) as r(i)`)

const sizes = (batches: readonly (readonly Change[])[]) => batches.map(({ length }) => length)

const sentBy = ({ written, started }: AsyncFake) => ({
  atOnce: sizes(written),
  asJobs: sizes(started.map(({ changes }) => changes)),
})

const held = (fake: AsyncFake) => fake.held('out', 'contacts').length

test('a plan of as many rows as the threshold, or fewer, is written at once in small batches', async (context) => {
  const { lab, fake } = await rig(context, 12)
  assert.equal((await lab.plan('out')).apiCalls, 2)
  const first = await lab.sync('out')
  assert.deepEqual([first.error, first.status, first.applied, first.apiCalls], [undefined, 'done', 12, 2])
  await add(lab, 200, 1)
  assert.equal((await lab.sync('out')).applied, 1)
  assert.deepEqual(sentBy(fake), { atOnce: [8, 4, 1], asJobs: [] })
})

test('a plan of one row more goes out as jobs, in batches of their own size', async (context) => {
  const { lab, fake } = await rig(context, 13)
  assert.equal((await lab.plan('out')).apiCalls, 3)
  fake.jobs.script({ kind: 'slow', polls: 3 })
  const result = await lab.sync('out')
  assert.deepEqual([result.error, result.status, result.applied, result.apiCalls], [undefined, 'done', 13, 3])
  assert.deepEqual(sentBy(fake), { atOnce: [], asJobs: [5, 5, 3] })
  assert.equal(held(fake), 13)
})

test('what is beyond a limit does not make a plan large', async (context) => {
  const { lab, fake } = await rig(context, 30)
  assert.deepEqual((await lab.sync('out', { limit: 12 })).applied, 12)
  assert.deepEqual(sentBy(fake), { atOnce: [8, 4], asJobs: [] })
  assert.deepEqual((await lab.sync('out', { limit: 13 })).applied, 13)
  assert.deepEqual(sentBy(fake).asJobs, [5, 5, 3])
})

test('rows of many bytes are in smaller jobs', async (context) => {
  const { lab, fake } = await rig(context, 13)
  await lab.sql("update people set city = repeat('A', 1500)")
  assert.equal((await lab.sync('out')).applied, 13)
  const { asJobs } = sentBy(fake)
  assert.ok(asJobs.every((rows) => rows <= 2) && asJobs.length >= 7, String(asJobs))
})

test('those who leave go out as jobs when they are many, before those who come, and not with them', async (context) => {
  const { lab, fake } = await rig(context, 20)
  await lab.sync('out')
  const before = fake.started.length
  await lab.sql("delete from people where id < 'p106'")
  await add(lab, 300, 7)
  const result = await lab.sync('out')
  assert.deepEqual([result.error, result.remove, result.add, result.applied], [undefined, 6, 7, 13])
  const later = fake.started.slice(before)
  const ops = later.map(({ changes }) => [...new Set(changes.map(({ op }) => op))])
  assert.deepEqual(ops, [['remove'], ['remove'], ['add'], ['add']])
  assert.deepEqual(
    later.map(({ changes }) => changes.length),
    [5, 1, 5, 2],
  )
  await lab.sql("delete from people where id < 'p109'")
  assert.equal((await lab.sync('out')).applied, 3)
  assert.deepEqual([sentBy(fake).atOnce, held(fake)], [[3], 18])
})

test('a plan that was interrupted goes on as jobs, however few of its rows are left', async (context) => {
  const { lab, fake } = await rig(context, 20)
  const stopped = new AbortController()
  // The third job is not taken any more, and no other is started.
  fake.before = (what) => {
    if (what !== 'start' || fake.started.length < 2) return
    stopped.abort()
  }
  const first = await lab.sync('out', { signal: stopped.signal, delivery: { ...FAST, window: 1 } })
  fake.before = () => {}
  assert.ok(first.pending > 0 && first.pending <= 12, String(first.pending))
  await lab.sql("delete from people where id > 'p105'")
  const started = fake.started.length
  const second = await lab.sync('out')
  assert.equal(second.error, undefined)
  assert.equal(second.resumed, true)
  // The rest of the plan as jobs; what left since is a plan of 14 rows of its own.
  assert.deepEqual(sentBy(fake).atOnce, [])
  const rest = fake.started.slice(started).flatMap(({ changes }) => changes.map(({ op }) => op))
  assert.equal(rest.filter((op) => op === 'add').length, 20 - 5 * started)
  assert.equal(held(fake), 6)
})

test('a start that is answered at once needs no job, and its rows are told one by one', async (context) => {
  const { lab, fake } = await rig(context, 13)
  fake.atOnce = (changes) =>
    changes.map(({ key }) =>
      key.id === 'p103' ? { status: 'rejected', error: 'no such city' } : { status: 'applied' },
    )
  const result = await lab.sync('out')
  assert.deepEqual([result.status, result.applied, result.rejected], ['partial', 12, 1])
  assert.deepEqual([fake.polls.length, fake.started.length, held(fake)], [0, 0, 12])
  const jobs = await lab.rows('select count(*) as n from sluice.jobs')
  assert.equal(Number(jobs[0]?.n), 0)
})

test('a start that is told to come again for all of its rows slows the account down as a write does', async (context) => {
  const { lab, fake } = await rig(context, 13)
  let refusals = 0
  fake.atOnce = (changes) => {
    if (refusals === 2) return undefined
    refusals += 1
    return changes.map(() => ({ status: 'retry', error: 'too much to do', afterMs: 5 }))
  }
  const paces = new AccountPaces(systemClock, FAST.retry, () => 0)
  const account = { connector: 'jobs', account: fake.server.origin, destination: 'api' }
  const pace = paces.of(account, { inFlight: FAST.window, requestsPerSecond: undefined })
  const told: PaceOutcome[] = []
  const end = pace.end.bind(pace)
  pace.end = (permit, outcome) => {
    told.push(outcome)
    end(permit, outcome)
  }
  const result = await lab.sync('out', { paces })
  assert.deepEqual([result.status, result.applied, refusals], ['done', 13, 2])
  const notNow: PaceOutcome = { kind: 'failed', afterMs: 5, tooMuch: true }
  assert.deepEqual(
    told.filter(({ kind }) => kind !== 'answered'),
    [notNow, notNow],
  )
})
