import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { SluiceError } from '../../src/base/errors.ts'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import { forEachOf } from '../support/dialects.ts'
import { ENGINES, openEngine } from '../support/engines.ts'
import { ledgerOn, read, run, SCHEMA, setClock, shared } from './lab.ts'

const code = (expected: string) => (error: unknown) => error instanceof SluiceError && error.code === expected

forEachOf([...ENGINES, 'redshift'], (engine, open) => {
  const name = (sentence: string) => `${engine}: ${sentence}`

  test(name('a lease is held by one run, and the busy error says by whom'), async (t) => {
    const warehouse = await open(t)
    const first = await ledgerOn(shared(warehouse))
    const second = await ledgerOn(shared(await warehouse.openSession()))
    const lease = await first.acquire('sync:vips', 'run-1')
    await assert.rejects(second.acquire('sync:vips', 'run-2', 0), (error: SluiceError) => {
      assert.equal(error.code, 'SLU5001')
      assert.match(error.message, /"sync:vips".*run-1 holding it until \d{4}-/)
      return true
    })
    const other = await second.acquire('build', 'run-2', 0)
    await lease.release()
    const taken = await second.acquire('sync:vips', 'run-2', 0)
    assert.ok(taken.token > lease.token, 'the token grew')
    await taken.release()
    await other.release()
  })

  test(name('a waiting run takes the lease soon after it was released'), async (t) => {
    const warehouse = await open(t)
    const first = await ledgerOn(shared(warehouse))
    const second = await ledgerOn(shared(await warehouse.openSession()))
    const lease = await first.acquire('build', 'run-1')
    const waiting = second.acquire('build', 'run-2', 20_000)
    await systemClock.sleep(200)
    await lease.release()
    const started = systemClock.monotonicMs()
    await (await waiting).release()
    assert.ok(systemClock.monotonicMs() - started < 5000)
  })

  test(name('a lease that ran out is taken over, and its former holder writes nothing more'), async (t) => {
    const warehouse = await open(t)
    // No beats: the first run is as dead as a stopped process.
    const stopped = setClock(0)
    const first = await ledgerOn(
      { ...warehouse, exclusive: false, openSession: () => new Promise(() => {}) },
      { leaseSeconds: 1, clock: { ...stopped, sleep: () => new Promise(() => {}) } },
    )
    const second = await ledgerOn(shared(await warehouse.openSession()), { leaseSeconds: 5 })
    const stale = await first.acquire('sync:vips', 'run-1')
    const fresh = await second.acquire('sync:vips', 'run-2', 4000)
    assert.ok(fresh.token > stale.token)
    let worked = false
    await assert.rejects(
      stale.fenced(async () => {
        worked = true
      }),
      code('SLU5002'),
    )
    assert.equal(worked, false)
    assert.equal(stale.validForMs(), 0)
    await fresh.fenced(async () => {})
    await fresh.release()
  })

  test(name('a lease freed by hand is lost to its holder, and its token grew'), async (t) => {
    const warehouse = await open(t)
    const ledger = await ledgerOn(warehouse)
    assert.equal(await ledger.unlock('build'), false)
    const lease = await ledger.acquire('build', 'run-1')
    assert.equal(await ledger.unlock('build'), true)
    assert.equal(await ledger.unlock('sync:none'), false)
    await assert.rejects(
      lease.fenced(async () => {}),
      code('SLU5002'),
    )
    const [info] = await ledger.leases()
    assert.ok(info !== undefined && info.token > lease.token && info.expired)
    await lease.release()
  })

  test(name('tokens only grow, over releases, unlocks and take-overs'), async (t) => {
    const warehouse = await open(t)
    const ledger = await ledgerOn(warehouse)
    const tokens: number[] = []
    for (let turn = 0; turn < 5; turn += 1) {
      const lease = await ledger.acquire('build', `run-${turn}`, 0)
      tokens.push(lease.token)
      if (turn % 2 === 0) await lease.release()
      else await ledger.unlock('build')
      if (turn % 2 !== 0) await lease.release()
    }
    assert.deepEqual(
      tokens,
      [...new Set(tokens)].sort((a, b) => a - b),
    )
  })

  test(name('release is idempotent, and a released lease writes nothing'), async (t) => {
    const warehouse = await open(t)
    const lease = await (await ledgerOn(warehouse)).acquire('build', 'run-1')
    await lease.release()
    await lease.release()
    assert.equal(lease.validForMs(), 0)
    await assert.rejects(
      lease.fenced(async () => {}),
      code('SLU5002'),
    )
  })

  test(name('what a failing transaction wrote is not there, and the lease goes on'), async (t) => {
    const warehouse = await open(t)
    const lease = await (await ledgerOn(warehouse)).acquire('build', 'run-1')
    await assert.rejects(
      lease.fenced(async () => {
        await run(warehouse, `create table ${SCHEMA}.half as select 1 as a`)
        throw new Error('stop')
      }),
      /stop/,
    )
    await lease.fenced(() => run(warehouse, `create table ${SCHEMA}.half as select 2 as a`))
    assert.deepEqual(await read(warehouse, `select a from ${SCHEMA}.half`), [{ a: 2 }])
    await lease.release()
  })

  test(
    name('transactions of two leases of one session do not mix, and one inside another is our bug'),
    async (t) => {
      const warehouse = await open(t)
      const ledger = await ledgerOn(warehouse)
      const [a, b] = [await ledger.acquire('sync:a', 'run-1'), await ledger.acquire('sync:b', 'run-1')]
      const order: string[] = []
      const work = (what: string) => async () => {
        order.push(`${what} begins`)
        await systemClock.sleep(30)
        order.push(`${what} ends`)
      }
      const reading = ledger.leases().then(() => order.push('read'))
      await Promise.all([a.fenced(work('a')), b.fenced(work('b')), a.fenced(work('c')), reading])
      assert.deepEqual(
        order.filter((one) => one !== 'read'),
        ['a', 'b', 'c'].flatMap((what) => [`${what} begins`, `${what} ends`]),
      )
      await assert.rejects(
        a.fenced(() => a.fenced(async () => {})),
        code('SLU9001'),
      )
      await a.release()
      await b.release()
    },
  )

  test(name('how long a lease surely holds counts from before the statement that extended it'), async (t) => {
    const warehouse = await open(t)
    const clock = setClock(0)
    const slow: Warehouse = {
      ...warehouse,
      // No beats, which would extend it too.
      exclusive: true,
      async execute(statement) {
        const rows = await warehouse.execute(statement)
        if (statement.step.startsWith('ledger.') && statement.step.endsWith('_lease')) clock.move(700)
        return rows
      },
    }
    const ledger = await ledgerOn(slow, { clock, leaseSeconds: 60 })
    await ledger.prepare()
    await run(
      warehouse,
      `insert into ${SCHEMA}.leases values ('build', '', 7, timestamp '2000-01-01 00:00:00')`,
    )
    const lease = await ledger.acquire('build', 'run-1')
    assert.equal(lease.token, 8)
    assert.equal(lease.validForMs(), 59_300)
    clock.move(20_000)
    assert.equal(lease.validForMs(), 39_300)
    await lease.fenced(async () => {})
    assert.equal(lease.validForMs(), 59_300)
    await assert.rejects(
      lease.fenced(() => Promise.reject(new Error('rolled back'))),
      /rolled back/,
    )
    assert.ok(lease.validForMs() <= 59_300 - 700, 'what was rolled back extended nothing')
    clock.move(100_000)
    assert.equal(lease.validForMs(), 0)
    await lease.release()
  })

  test(name('beats and transactions of one lease never fail on each other'), async (t) => {
    const warehouse = await open(t)
    const hasty = {
      ...systemClock,
      sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(ms / 500, signal),
    }
    const ledger = await ledgerOn(shared(warehouse), { clock: hasty })
    const lease = await ledger.acquire('build', 'run-1')
    const ends = systemClock.monotonicMs() + 1500
    let transactions = 0
    while (systemClock.monotonicMs() < ends) {
      await lease.fenced(() => systemClock.sleep(5))
      transactions += 1
    }
    assert.ok(transactions > 10)
    await lease.release()
  })
})

// Redshift locks tables, so that there one waits.
forEachOf(ENGINES, (engine, open) => {
  test(`${engine}: one lease does not wait for the transaction of another`, async (t) => {
    const warehouse = await open(t)
    // DuckDB's sessions are of one process and one writer: only their rows are asked about here.
    const first = await ledgerOn(shared(warehouse))
    const second = await ledgerOn(shared(await warehouse.openSession()))
    const [a, b] = [await first.acquire('sync:a', 'run-1'), await second.acquire('build', 'run-2')]
    let done = false
    await a.fenced(async () => {
      await b.fenced(async () => {
        done = true
      })
    })
    assert.ok(done)
    await a.release()
    await b.release()
  })
})

test('duckdb: a lease of another run is the lease of a dead one, and is taken over at once', async (t) => {
  const warehouse = await openEngine('duckdb', t)
  const ledger = await ledgerOn(warehouse)
  const dead = await ledger.acquire('build', 'run-1')
  const started = systemClock.monotonicMs()
  const lease = await ledger.acquire('build', 'run-2')
  assert.ok(systemClock.monotonicMs() - started < 1000)
  await assert.rejects(
    dead.fenced(async () => {}),
    code('SLU5002'),
  )
  await lease.release()
})

// DuckDB has no rival processes, and its sessions no locks on rows.
test('postgres: of many runs at once one gets the lease', async (t) => {
  const warehouse = await openEngine('postgres', t)
  await (await ledgerOn(warehouse)).prepare()
  const ledgers = await Promise.all(
    Array.from({ length: 4 }, async () => ledgerOn(shared(await warehouse.openSession()))),
  )
  const results = await Promise.allSettled(ledgers.map((ledger, i) => ledger.acquire('build', `run-${i}`, 0)))
  const won = results.filter((result) => result.status === 'fulfilled')
  assert.equal(won.length, 1)
  for (const result of results)
    if (result.status === 'rejected') assert.ok(code('SLU5001')(result.reason), String(result.reason))
  for (const result of won) await result.value.release()
})

test('postgres: a lease that is held outlives its length, also during a long transaction', async (t) => {
  const warehouse = await openEngine('postgres', t)
  const ledger = await ledgerOn(shared(warehouse), { leaseSeconds: 2 })
  const rival = await ledgerOn(shared(await warehouse.openSession()), { leaseSeconds: 2 })
  const lease = await ledger.acquire('build', 'run-1')
  const tries = rival.acquire('build', 'run-2', 5000).then(
    () => assert.fail('the rival took a lease that is held'),
    (error: unknown) => assert.ok(code('SLU5001')(error), String(error)),
  )
  await lease.fenced(() => systemClock.sleep(3000))
  await systemClock.sleep(3000)
  await tries
  assert.ok(lease.validForMs() > 0)
  await lease.fenced(async () => {})
  await lease.release()
})
