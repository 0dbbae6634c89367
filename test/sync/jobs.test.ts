import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { CONNECTORS } from '../../connectors/index.ts'
import { systemClock } from '../../src/base/clock.ts'
import type { Change, Receipt } from '../../src/connector/types.ts'
import type { SyncResult } from '../../src/sync/results.ts'
import { type AsyncFake, JOBS_ENTRY, startAsyncFake } from '../support/async-destination.ts'
import type { EngineName } from '../support/engines.ts'
import { forEachEngine, type Open } from '../support/engines.ts'
import { FAST, type Lab, type LabOptions, openLab } from '../support/sync-lab.ts'

const WITH_JOBS = new Map([...CONNECTORS, ['jobs', JOBS_ENTRY]])

interface Rig {
  readonly lab: Lab
  readonly fake: AsyncFake
  use(changes: ProjectChanges): void
  /** What the destination holds: `p100 A`. */
  held(object?: string): readonly string[]
}

interface ProjectChanges {
  readonly sync?: string
  readonly map?: string
  readonly object?: string
  readonly url?: string
  readonly consent?: string
  readonly maxRejected?: string
}

function project(
  url: string,
  { sync = '', map = 'city: city', object = 'people', consent = '', maxRejected = '100%' }: ProjectChanges,
) {
  return `sources:
  - {name: people, table: people, primary_key: id}
entities:
  - name: person
    source: people
    key: id
    profile: {city: {from: [people.city], pick: most_recent}, ok: {from: [people.ok], pick: most_recent}}
destinations:
  - {name: bulk, connector: jobs, settings: {url: "${url}", allow_private_network: true, batch_size: 8}}
syncs:
  - name: out
    ${consent === '' ? 'source: people' : 'entity: person'}
    to: bulk.${object}
    mode: mirror
    match: {id: ${consent === '' ? 'id' : 'person_id'}}
    map: {${map}}
    guard: {max_remove: 100%, max_rejected: ${maxRejected}}
    ${consent}
    ${sync}
`
}

async function rig(
  context: TestContext,
  engine: EngineName,
  open: Open,
  rows: number,
  changes: ProjectChanges = {},
): Promise<Rig> {
  const fake = await startAsyncFake()
  context.after(() => fake.close())
  const lab = await openLab(context, engine, open, project(fake.server.origin, changes), WITH_JOBS)
  await lab.sql('create table people (id varchar(20), city varchar(20), ok boolean)')
  const values = Array.from({ length: rows }, (_, at) => `('p${at + 100}', 'A', true)`)
  await lab.sql(`insert into people values ${values.join(', ')}`)
  return {
    lab,
    fake,
    use: (more) => lab.use(project(more.url ?? fake.server.origin, { ...changes, ...more })),
    held: (object = 'people') =>
      fake
        .held('out', object)
        .map(({ key, fields }) => `${key.id} ${fields.city}`)
        .sort(),
  }
}

/** The same as the table `people`, in which all rows are to be there. */
async function model(lab: Lab): Promise<readonly string[]> {
  const rows = await lab.rows('select id, city from people order by id')
  return rows.map(({ id, city }) => `${id} ${city}`)
}

/**
 * `async_wait` is over when so many jobs were started in all, each was asked for, and those that still run are the
 * slow ones: no clock decides what a test finds.
 */
function untilOnlySlow(fake: AsyncFake, started: number): LabOptions {
  const isOver = () => fake.started.length >= started && fake.jobs.onlySlow
  const sleep = async (ms: number, signal?: AbortSignal) => {
    if (ms !== WAIT_MS) return systemClock.sleep(ms, signal)
    while (signal?.aborted !== true && !isOver()) await systemClock.sleep(1)
  }
  return { clock: { ...systemClock, sleep }, delivery: { ...FAST, asyncWaitMs: WAIT_MS } }
}

/** No other wait is as long. */
const WAIT_MS = 987_654

const MALFORMED = { kind: 'failed', retry: false, error: 'a row is malformed' } as const

const has = (changes: readonly Change[], id: string) => changes.some(({ key }) => key.id === id)

const SLOW = { kind: 'slow', polls: Number.POSITIVE_INFINITY } as const

const sums = ({ add, change, remove, applied, rejected, pending }: SyncResult) =>
  assert.equal(add + change + remove, applied + rejected + pending)

const openJobs = async (lab: Lab) =>
  Number((await lab.rows("select count(*) as n from sluice.jobs where state = 'running'"))[0]?.n)

forEachEngine((engine, open) => {
  test(`${engine}: a row of more bytes than a job may have is in none, is rejected, and is sent when it shrinks`, async (context) => {
    const { lab, fake, held } = await rig(context, engine, open, 10, {
      map: 'city: {sql: "repeat({city}, 600000)"}',
    })
    await lab.sql("update people set city = 'AA' where id = 'p103'")
    const first = await lab.sync('out')
    assert.deepEqual([first.status, first.applied, first.rejected, first.error], ['partial', 9, 1, undefined])
    assert.deepEqual(
      fake.started.filter(({ changes }) => has(changes, 'p103')),
      [],
    )
    const [receipt] = await lab.rows("select key, reason from sluice.receipts where status = 'rejected'")
    assert.equal(receipt?.key, 'p103')
    assert.match(
      String(receipt?.reason),
      /^expected a row that fits into a batch of 1,048,576 bytes, found one of 1,200,0\d\d, which was not sent/,
    )
    await lab.sql("update people set city = 'B' where id = 'p103'")
    assert.deepEqual([(await lab.sync('out')).status, held().length], ['done', 10])
  })

  const name = (sentence: string) => `${engine}: ${sentence}`

  test(
    name('batches are started as jobs, asked for until they are done, and acknowledged then'),
    async (t) => {
      const { lab, fake, held } = await rig(t, engine, open, 20)
      fake.jobs.script({ kind: 'slow', polls: 3 }, { kind: 'slow', polls: 1, afterMs: 30 })
      const result = await lab.sync('out')
      assert.equal(result.error, undefined)
      assert.deepEqual([result.status, result.applied, result.pending, result.add], ['done', 20, 0, 20])
      assert.equal(fake.started.length, 3)
      assert.equal(result.requests, 3 + fake.polls.length)
      assert.deepEqual([result.sentRows, result.resentRows], [20, 0])
      assert.deepEqual(held(), await model(lab))
      assert.deepEqual(await lab.rows('select * from sluice.jobs'), [])
      const next = await lab.sync('out')
      assert.deepEqual([next.status, next.unchanged, next.requests], ['done', 20, 0])
    },
  )

  test(name('the id of a job is in the ledger before the job is asked for'), async (t) => {
    const { lab, fake } = await rig(t, engine, open, 20)
    const second = await lab.warehouse.openSession()
    t.after(() => second.close())
    const unknown: string[] = []
    fake.before = async (what, jobId) => {
      if (what !== 'poll') return
      const known = await second.read({
        step: 'test',
        sql: `select 1 as one from sluice.jobs where job_id = '${jobId}'`,
      })
      if (known.length === 0) unknown.push(String(jobId))
    }
    assert.equal((await lab.sync('out')).status, 'done')
    assert.ok(fake.polls.length >= 3)
    assert.deepEqual(unknown, [])
  })

  test(name('a slow job does not keep others from being started, though the window is one'), async (t) => {
    const { lab, fake } = await rig(t, engine, open, 40)
    fake.jobs.script(SLOW)
    let startedAtFirstPoll = 0
    fake.before = (what, jobId) => {
      if (what === 'poll' && jobId === 'job-1') startedAtFirstPoll = fake.started.length
    }
    const { delivery, ...rest } = untilOnlySlow(fake, 5)
    const result = await lab.sync('out', { ...rest, delivery: { ...delivery, window: 1 } })
    assert.deepEqual([result.status, result.applied, result.pending], ['pending', 32, 8])
    assert.ok(startedAtFirstPoll > 1)
  })

  test(
    name(
      'a job that takes longer than async_wait leaves the sync pending, and the next run asks for it and plans afresh',
    ),
    async (t) => {
      const { lab, fake, held } = await rig(t, engine, open, 20)
      fake.faultOf = (changes) => (has(changes, 'p108') ? SLOW : undefined)
      const first = await lab.sync('out', untilOnlySlow(fake, 3))
      assert.deepEqual([first.status, first.error, first.resumed], ['pending', undefined, false])
      assert.deepEqual([first.add, first.applied, first.rejected, first.pending], [20, 12, 0, 8])
      sums(first)
      assert.equal(await openJobs(lab), 1)
      await lab.sql("update people set city = 'B' where id in ('p100', 'p119')")

      const second = await lab.sync('out', untilOnlySlow(fake, 3))
      assert.deepEqual(
        [second.status, second.applied, second.pending, second.resumed],
        ['pending', 12, 8, true],
      )
      assert.deepEqual([second.planId, second.unchanged, second.sentRows], [undefined, 0, 0])
      sums(second)
      assert.equal(fake.started.length, 3)

      fake.jobs.release()
      const third = await lab.sync('out')
      assert.deepEqual(
        [third.status, third.add, third.change, third.applied, third.pending],
        ['done', 20, 2, 22, 0],
      )
      assert.deepEqual([third.resumed, third.sentRows], [true, 2])
      sums(third)
      assert.deepEqual(held(), await model(lab))
      assert.equal((await lab.sync('out')).unchanged, 20)
    },
  )

  test(
    name('jobs are asked for however old their plan is and whatever became of the project, and only that'),
    async (t) => {
      const { lab, fake, use, held } = await rig(t, engine, open, 20, { sync: 'resume_within: 1s' })
      fake.faultOf = (changes) => (has(changes, 'p108') ? SLOW : undefined)
      assert.equal((await lab.sync('out', untilOnlySlow(fake, 3))).status, 'pending')
      await lab.sql("delete from people where id = 'p119'")
      use({ map: 'city: {sql: "upper({city})"}, town: city' })
      const still = await lab.sync('out', untilOnlySlow(fake, 3))
      assert.deepEqual(
        [still.status, still.applied, still.pending, fake.started.length],
        ['pending', 12, 8, 3],
      )
      fake.jobs.release()
      fake.faultOf = () => undefined
      const done = await lab.sync('out')
      // All 20 that were answered for, then the fields that are new for 19, and the one that left.
      assert.deepEqual([done.status, done.add, done.change, done.remove], ['done', 20, 19, 1])
      assert.deepEqual([done.applied, done.pending], [40, 0])
      sums(done)
      assert.deepEqual(held(), await model(lab))
    },
  )

  test(
    name(
      'what is left to send of a plan that does not fit any more is planned afresh, once its jobs are answered for',
    ),
    async (t) => {
      const { lab, fake, use, held } = await rig(t, engine, open, 24)
      await lab.sync('out')
      await lab.sql("delete from people where id < 'p108'", "update people set city = 'B'")
      // The removal is slow, so none of the changes is sent before it.
      fake.jobs.script(SLOW)
      const first = await lab.sync('out', untilOnlySlow(fake, 4))
      assert.deepEqual([first.status, first.remove, first.change, first.pending], ['pending', 8, 16, 24])
      await lab.sql("update people set city = 'C'")
      use({ map: 'city: city, town: city' })
      fake.jobs.release()
      const done = await lab.sync('out')
      assert.deepEqual([done.status, done.remove, done.change, done.applied], ['done', 8, 16, 24])
      sums(done)
      assert.deepEqual(held(), await model(lab))
      const sent = fake.started.slice(3).flatMap(({ changes }) => changes.map(({ fields }) => fields.city))
      assert.ok(!sent.includes('B'))
    },
  )

  test(name('removes are answered for before the rest of a plan is started'), async (t) => {
    const { lab, fake, held } = await rig(t, engine, open, 16)
    await lab.sync('out')
    await lab.sql("delete from people where id < 'p108'", "update people set city = 'B'")
    fake.jobs.script({ kind: 'slow', polls: 3 })
    const removed = fake.started.length
    let startedBefore = 0
    fake.before = (what, jobId) => {
      if (what === 'poll' && jobId === 'job-3') startedBefore = fake.started.length
    }
    assert.equal((await lab.sync('out')).status, 'done')
    assert.equal(startedBefore, removed + 1)
    assert.deepEqual(held(), await model(lab))
  })

  test(
    name('rows that a job rejects are rejected, and those that it asks for again are started again alone'),
    async (t) => {
      const { lab, fake, held } = await rig(t, engine, open, 8)
      const rows = new Map<number, Receipt>([
        [1, { status: 'rejected', error: 'no such city' }],
        [3, { status: 'retry', error: 'locked' }],
        [5, { status: 'retry', error: 'locked' }],
      ])
      fake.jobs.script({ kind: 'partial', rows })
      const result = await lab.sync('out')
      assert.deepEqual([result.status, result.applied, result.rejected, result.pending], ['partial', 7, 1, 0])
      sums(result)
      assert.deepEqual(
        fake.started[1]?.changes.map(({ key }) => key.id),
        ['p103', 'p105'],
      )
      assert.notEqual(fake.started[1]?.idempotencyKey, fake.started[0]?.idempotencyKey)
      assert.equal(held().length, 7)
      assert.deepEqual(
        await lab.rows("select key, reason, attempts from sluice.receipts where status = 'rejected'"),
        [{ key: 'p101', reason: 'no such city', attempts: 1 }],
      )
      const next = await lab.sync('out')
      assert.deepEqual([next.add, next.applied, next.unchanged], [1, 1, 7])
    },
  )

  test(name('rejects of a job that was left pending are judged when it is answered for'), async (t) => {
    const { lab, fake } = await rig(t, engine, open, 8, { maxRejected: '1' })
    const rows = new Map<number, Receipt>(
      [0, 1, 2, 3, 4, 5, 6, 7].map((at) => [at, { status: 'rejected', error: `no ${at}` }]),
    )
    fake.jobs.script({ kind: 'partial', rows, polls: Number.POSITIVE_INFINITY })
    assert.equal((await lab.sync('out', untilOnlySlow(fake, 1))).status, 'pending')
    fake.jobs.release()
    const result = await lab.sync('out')
    assert.deepEqual([result.status, result.applied, result.rejected], ['failed', 8, 8])
    assert.equal(result.error?.code, 'SLU5107')
    sums(result)
  })

  test(
    name('what was rejected before a run that ends pending counts as rejected in the next one that does'),
    async (t) => {
      const { lab, fake } = await rig(t, engine, open, 16)
      const rows = new Map<number, Receipt>([[2, { status: 'rejected', error: 'no such city' }]])
      fake.faultOf = (changes) => (has(changes, 'p108') ? SLOW : { kind: 'partial', rows })
      for (const resumed of [false, true, true]) {
        const result = await lab.sync('out', untilOnlySlow(fake, 2))
        assert.deepEqual([result.status, result.resumed], ['pending', resumed])
        assert.deepEqual([result.add, result.applied, result.rejected, result.pending], [16, 7, 1, 8])
      }
      const planned = await lab.plan('out')
      assert.deepEqual([planned.openJobs, planned.error], [1, undefined])
      assert.ok(lab.warnings.some((line) => line.includes('left 1 job open')))
    },
  )

  test(
    name('rows that wait to be sent again when async_wait is over are left to the next run too'),
    async (t) => {
      for (const fits of [true, false]) {
        const { lab, fake, use, held } = await rig(t, engine, open, 8)
        const rows = new Map<number, Receipt>([[2, { status: 'retry', error: 'locked', afterMs: 9000 }]])
        fake.jobs.script({ kind: 'partial', rows })
        const result = await lab.sync('out', untilOnlySlow(fake, 1))
        assert.deepEqual(
          [result.status, result.error, result.applied, result.pending],
          ['pending', undefined, 7, 1],
        )
        assert.equal(await openJobs(lab), 0)
        if (!fits) use({ map: 'city: city, town: city' })
        const next = await lab.sync('out')
        assert.equal(next.status, 'done', next.error?.message)
        sums(next)
        const again = fake.started[1]?.changes.map(({ key }) => key.id)
        assert.deepEqual(again?.includes('p102'), true)
        assert.deepEqual([again?.length, next.resumed], fits ? [1, true] : [8, false])
        assert.deepEqual(held(), await model(lab))
      }
    },
  )

  test(
    name('a job that broke is started again with the same key, as often as any batch is tried'),
    async (t) => {
      const { lab, fake, held } = await rig(t, engine, open, 8)
      const broke = { kind: 'failed', retry: true, error: 'broke' } as const
      fake.jobs.script(broke, { ...broke, applied: true })
      const result = await lab.sync('out')
      assert.deepEqual([result.status, result.applied, result.resentRows], ['done', 8, 16])
      assert.equal(new Set(fake.started.map(({ idempotencyKey }) => idempotencyKey)).size, 1)
      assert.equal(new Set(fake.started.map(({ jobId }) => jobId)).size, 3)
      assert.deepEqual(held(), await model(lab))

      await lab.sql("update people set city = 'B'")
      fake.jobs.script(...Array.from({ length: FAST.retry.maxAttempts }, () => broke))
      const failed = await lab.sync('out')
      assert.deepEqual(
        [failed.status, failed.error?.code, failed.rejected, failed.pending],
        ['failed', 'SLU5106', 0, 8],
      )
      sums(failed)
      const again = await lab.sync('out')
      assert.deepEqual([again.status, again.resumed], ['done', true])
      assert.deepEqual(held(), await model(lab))
    },
  )

  test(
    name('a job that is refused as a whole is halved until the bad row is alone, and it alone is rejected'),
    async (t) => {
      const { lab, fake, held } = await rig(t, engine, open, 16)
      fake.faultOf = (changes) => (has(changes, 'p103') ? MALFORMED : undefined)
      const result = await lab.sync('out')
      assert.deepEqual(
        [result.status, result.applied, result.rejected, result.pending],
        ['partial', 15, 1, 0],
      )
      assert.deepEqual(
        held(),
        (await model(lab)).filter((row) => row !== 'p103 A'),
      )
      // 8, 4, 2, 1 with the bad row, and the other half each time; beside the other batch.
      assert.equal(fake.started.length, 1 + 7)
      assert.deepEqual(await lab.rows("select key, reason from sluice.receipts where status = 'rejected'"), [
        { key: 'p103', reason: 'a row is malformed' },
      ])
    },
  )

  test(name('twenty rows that are refused alone, and none taken, are about the destination'), async (t) => {
    const { lab, fake } = await rig(t, engine, open, 40)
    fake.faultOf = () => MALFORMED
    const result = await lab.sync('out', { delivery: { ...FAST, window: 1 } })
    assert.deepEqual(
      [result.status, result.error?.code, result.rejected, result.pending],
      ['failed', 'SLU5105', 0, 40],
    )
    fake.faultOf = () => undefined
    assert.equal((await lab.sync('out')).applied, 40)
  })

  test(name('a forgotten job is started again where twice is as good as once'), async (t) => {
    const { lab, fake, held } = await rig(t, engine, open, 8)
    fake.jobs.script({ kind: 'forgotten', applied: true }, { kind: 'forgotten' })
    const result = await lab.sync('out')
    assert.deepEqual([result.status, result.applied, fake.started.length], ['done', 8, 3])
    assert.deepEqual(held(), await model(lab))
  })

  test(
    name('the rows of a forgotten job are of unknown fate where they must not be sent twice'),
    async (t) => {
      const { lab, fake, held } = await rig(t, engine, open, 12, { object: 'events' })
      fake.jobs.script({ kind: 'forgotten', applied: true })
      const result = await lab.sync('out', { delivery: { ...FAST, window: 1 } })
      assert.deepEqual([result.status, result.applied, result.rejected, result.pending], ['partial', 4, 8, 0])
      assert.equal(fake.started.length, 2)
      const receipts = await lab.rows("select distinct reason from sluice.receipts where status = 'rejected'")
      assert.deepEqual(receipts, [{ reason: 'unknown_fate' }])
      const dirty = await lab.rows('select count(*) as n from sluice.snapshot_out where hash is null')
      assert.deepEqual(
        dirty.map(({ n }) => Number(n)),
        [8],
      )
      assert.equal(held('events').length, 12)
    },
  )

  test(
    name('a job that was forgotten since the last run is started again by a plan that still fits'),
    async (t) => {
      const { lab, fake, held } = await rig(t, engine, open, 8)
      fake.jobs.script({ kind: 'forgotten', polls: Number.POSITIVE_INFINITY })
      assert.equal((await lab.sync('out', untilOnlySlow(fake, 1))).status, 'pending')
      fake.jobs.release()
      const result = await lab.sync('out')
      assert.deepEqual([result.status, result.add, result.applied, fake.started.length], ['done', 8, 8, 2])
      assert.deepEqual(held(), await model(lab))
    },
  )

  test(name('and is planned afresh when the plan does not fit any more'), async (t) => {
    const { lab, fake, use, held } = await rig(t, engine, open, 8)
    fake.jobs.script({ kind: 'forgotten', polls: Number.POSITIVE_INFINITY, applied: true })
    assert.equal((await lab.sync('out', untilOnlySlow(fake, 1))).status, 'pending')
    fake.jobs.release()
    await lab.sql("delete from people where id = 'p100'", "update people set city = 'B' where id = 'p101'")
    use({ map: 'city: city, town: city' })
    const result = await lab.sync('out')
    // Nothing was answered for, so all of it is dirty: the one that left is removed, as it may be there.
    assert.deepEqual(
      [result.status, result.remove, result.add + result.change, result.applied],
      ['done', 1, 7, 8],
    )
    sums(result)
    assert.deepEqual(held(), await model(lab))
  })

  test(name('rows that a job asks for again are not sent without consent'), async (t) => {
    const consent = 'consent: {require: {trait: ok, eq: true}}'
    const { lab, fake } = await rig(t, engine, open, 8, { consent })
    const rows = new Map<number, Receipt>([
      [2, { status: 'retry', error: 'locked' }],
      [3, { status: 'retry', error: 'locked' }],
    ])
    fake.jobs.script({ kind: 'partial', rows, polls: Number.POSITIVE_INFINITY })
    assert.equal((await lab.sync('out', untilOnlySlow(fake, 1))).status, 'pending')
    await lab.sql("update people set ok = false where id in ('p102', 'p104')")
    fake.jobs.release()
    const result = await lab.sync('out')
    assert.equal(result.error, undefined)
    const again = fake.started.slice(1).flatMap(({ changes }) => changes)
    assert.deepEqual(again.map(({ op, key }) => `${op} ${key.id}`).sort(), [
      'add p103',
      'remove p102',
      'remove p104',
    ])
    sums(result)
    assert.equal((await lab.sync('out')).requests, 0)
  })

  test(name('a signal while jobs are asked for saves the state, and the next run asks on'), async (t) => {
    const { lab, fake, held } = await rig(t, engine, open, 20)
    const stop = new AbortController()
    fake.jobs.script(SLOW, SLOW, SLOW)
    fake.before = (what) => {
      if (what === 'poll' && fake.polls.length === 9) stop.abort()
    }
    const result = await lab.sync('out', { signal: stop.signal })
    assert.deepEqual([result.status, result.error?.code, result.pending], ['failed', 'SLU7011', 20])
    assert.equal(await openJobs(lab), 3)
    fake.jobs.release()
    const next = await lab.sync('out')
    assert.deepEqual([next.status, next.resumed, next.applied, fake.started.length], ['done', true, 20, 3])
    assert.deepEqual(held(), await model(lab))
  })

  test(
    name(
      'questions that fail say nothing of the job: they are asked again, and when they keep failing the job is kept',
    ),
    async (t) => {
      const { lab, fake, held } = await rig(t, engine, open, 8)
      const down = { kind: 'answer', status: 503 } as const
      fake.server.script({ kind: 'none' }, down, down, { kind: 'answer', status: 401 })
      assert.equal((await lab.sync('out')).status, 'done')
      assert.equal(fake.started.length, 1)
      await lab.sql("update people set city = 'B'")
      fake.server.script({ kind: 'none' }, ...Array.from({ length: FAST.retry.maxAttempts }, () => down))
      const failed = await lab.sync('out')
      assert.deepEqual(
        [failed.status, failed.error?.code, failed.error?.kind],
        ['failed', 'SLU5106', 'unavailable'],
      )
      assert.equal(await openJobs(lab), 1)
      await lab.sql("update people set city = 'C' where id = 'p100'")
      fake.server.script({ kind: 'answer', status: 403 })
      const refused = await lab.sync('out')
      assert.deepEqual([refused.status, refused.error?.code], ['failed', 'SLU5105'])
      const done = await lab.sync('out')
      assert.deepEqual([done.status, done.resumed, fake.started.length], ['done', true, 3])
      assert.deepEqual(held(), await model(lab))
    },
  )

  test(name('--full-resync and --adopt first wait for the jobs that are open'), async (t) => {
    for (const options of [{ fullResync: true }, { adopt: true }]) {
      const { lab, fake, held } = await rig(t, engine, open, 8)
      fake.jobs.script(SLOW)
      assert.equal((await lab.sync('out', untilOnlySlow(fake, 1))).status, 'pending')
      await lab.sql("update people set city = 'B'")
      const waiting = await lab.sync('out', { ...untilOnlySlow(fake, 1), ...options })
      assert.deepEqual([waiting.status, waiting.pending, fake.started.length], ['pending', 8, 1])
      fake.jobs.release()
      const done = await lab.sync('out', options)
      assert.deepEqual([done.status, done.applied, done.pending], ['done', 16, 0])
      sums(done)
      assert.equal(held()[0], options.adopt === true ? 'p100 A' : 'p100 B')
      assert.equal((await lab.sync('out')).unchanged, 8)
    }
  })

  test(
    name('another account stops the sync, and its jobs are given up when everything goes to the new one'),
    async (t) => {
      const { lab, fake, use } = await rig(t, engine, open, 8)
      fake.jobs.script(SLOW)
      assert.equal((await lab.sync('out', untilOnlySlow(fake, 1))).status, 'pending')
      const other = await startAsyncFake()
      t.after(() => other.close())
      use({ url: other.server.origin })
      const stopped = await lab.sync('out')
      assert.deepEqual([stopped.status, stopped.error?.code, other.polls.length], ['guarded', 'SLU5102', 0])
      assert.equal(await openJobs(lab), 1)
      const moved = await lab.sync('out', { fullResync: true })
      assert.deepEqual([moved.status, moved.applied, other.held('out', 'people').length], ['done', 8, 8])
      assert.equal(await openJobs(lab), 0)
    },
  )

  test(name('a run that ends pending keeps the lease by its heartbeats and gives it back'), async (t) => {
    const { lab, fake } = await rig(t, engine, open, 8)
    fake.jobs.script(SLOW)
    const result = await lab.sync('out', untilOnlySlow(fake, 1))
    assert.equal(result.status, 'pending')
    const leases = await lab.rows(
      "select 1 as one from sluice.leases where name = 'sync:out' and expires_at > '2000-01-01'",
    )
    assert.equal(leases.length, 1)
    assert.equal((await lab.sync('out', untilOnlySlow(fake, 1))).status, 'pending')
  })
})
