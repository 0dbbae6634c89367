import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { randomIds } from '../../src/base/ids.ts'
import { AccountPaces } from '../../src/sync/pace/account-paces.ts'
import { randomOf } from '../../src/sync/random.ts'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import { forEachEngine } from '../support/engines.ts'
import { startReceiver } from '../support/receiver.ts'
import { FAST, type Lab, labOn, openLab } from '../support/sync-lab.ts'

function project(url: string, destination = '', sync = ''): string {
  return `sources:
  - {name: people, table: people, primary_key: id}
destinations:
  - {name: hook, connector: http, settings: {url: "${url}", allow_private_network: true, batch_size: 8}${destination}}
syncs:
  - {name: out, source: people, to: hook.rows, match: {id: id}, map: {city: city}${sync}}
  - {name: out_too, source: people, to: hook.rows, match: {id: id}, map: {city: city}}
`
}

async function people(lab: Lab, count: number): Promise<void> {
  const rows = Array.from({ length: count }, (_, at) => `('p${at + 1000}', 'A')`)
  await lab.sql('create table people (id varchar(20), city varchar(20))')
  await lab.sql(`insert into people values ${rows.join(', ')}`)
}

/** The same session, but what is asked of it while `isStuck` is never answered. A transaction that began may end. */
function hangingWhen(warehouse: Warehouse, isStuck: () => boolean): Warehouse {
  let inside = 0
  return new Proxy(warehouse, {
    get(target, name) {
      const found: unknown = Reflect.get(target, name)
      if (typeof found !== 'function') return found
      return (...given: unknown[]) => {
        if (isStuck() && inside === 0) return new Promise(() => {})
        if (name !== 'transaction') return found.apply(target, given)
        inside += 1
        return (found.apply(target, given) as Promise<unknown>).finally(() => {
          inside -= 1
        })
      }
    },
  })
}

/** Long enough that a test which waits for it fails. */
const FOREVER_MS = 3_600_000

forEachEngine((engine, open) => {
  test(`${engine}: a signal during retry-after ends the run at once, with all saved`, async (context) => {
    const receiver = await startReceiver(context)
    const lab = await openLab(context, engine, open, project(receiver.url))
    await people(lab, 64)
    const stop = new AbortController()
    receiver.reply = () => {
      if (receiver.requests.length < 3) return undefined
      setTimeout(() => stop.abort(), 50)
      return { status: 429, headers: { 'retry-after': '300' } }
    }
    const retry = { ...FAST.retry, totalMs: FOREVER_MS }
    const began = performance.now()
    const stopped = await lab.sync('out', { signal: stop.signal, delivery: { ...FAST, retry, window: 1 } })
    assert.ok(performance.now() - began < 30_000)
    assert.deepEqual([stopped.status, stopped.error?.code, stopped.applied], ['failed', 'SLU7011', 16])
    receiver.clear()
    const next = await lab.sync('out')
    assert.deepEqual(
      [next.status, next.resumed, receiver.changes.length, receiver.rows.size],
      ['done', true, 48, 64],
    )
  })

  test(`${engine}: what is in flight when the time of grace is over is given up, and sent again by the next run`, async (context) => {
    const receiver = await startReceiver(context)
    const lab = await openLab(context, engine, open, project(receiver.url))
    await people(lab, 24)
    const stop = new AbortController()
    receiver.reply = async (request) => {
      if (request.batch !== 2) return undefined
      // It is applied, but nobody hears of it.
      receiver.take(request.changes)
      stop.abort()
      await new Promise((resolve) => context.after(resolve))
      return undefined
    }
    const began = performance.now()
    const stopped = await lab.sync('out', {
      signal: stop.signal,
      graceMs: 200,
      delivery: { ...FAST, window: 1 },
    })
    const seconds = (performance.now() - began) / 1000
    assert.ok(seconds >= 0.2 && seconds < 25, `${seconds} s`)
    assert.deepEqual(
      [stopped.status, stopped.error?.code, stopped.applied, stopped.pending],
      ['failed', 'SLU7011', 8, 16],
    )
    // The lease was released: nobody waits for one here.
    receiver.clear()
    const next = await lab.sync('out')
    assert.deepEqual([next.status, next.resumed, next.applied], ['done', true, 24])
    assert.deepEqual(receiver.requests.map(({ batch }) => batch).sort(), [2, 3])
    assert.equal(receiver.rows.size, 24)
  })

  test(`${engine}: nothing starts after the deadline, what is in flight is finished, and other syncs are skipped`, async (context) => {
    const receiver = await startReceiver(context)
    const lab = await openLab(context, engine, open, project(receiver.url))
    await people(lab, 64)
    const deadlineMs = systemClock.monotonicMs() + 1500
    receiver.reply = async () => {
      await new Promise((resolve) => setTimeout(resolve, 600))
      return undefined
    }
    const [out, outToo] = await lab.syncs(['out', 'out_too'], {
      deadlineMs,
      delivery: { ...FAST, window: 1 },
    })
    assert.deepEqual([out?.status, out?.error?.code, out?.error?.kind], ['failed', 'SLU5110', 'failed'])
    assert.deepEqual([outToo?.status, outToo?.error?.code], ['skipped', 'SLU5110'])
    assert.ok(receiver.rows.size < 64 && out?.applied === receiver.rows.size, `${out?.applied} applied`)
    const answered = receiver.rows.size
    receiver.clear()
    const next = await lab.sync('out')
    assert.deepEqual([next.status, next.resumed, receiver.changes.length], ['done', true, 64 - answered])
  })

  test(`${engine}: a destination that is away is given up by the time that retries may take, with few requests`, async (context) => {
    const receiver = await startReceiver(context)
    const lab = await openLab(context, engine, open, project(receiver.url))
    await people(lab, 400)
    receiver.reply = () => ({ status: 500 })
    const retry = { maxAttempts: 1000, totalMs: 2000, baseMs: 50, capMs: 400 }
    const [out, outToo] = await lab.syncs(['out', 'out_too'], { delivery: { ...FAST, window: 8, retry } })
    assert.deepEqual([out?.error?.code, out?.rejected, out?.pending], ['SLU5106', 0, 400])
    assert.ok((out?.requests ?? 0) < 40, `${out?.requests} requests`)
    assert.deepEqual([outToo?.error?.code, (outToo?.requests ?? 9) <= 1], ['SLU5106', true])
    receiver.clear()
    assert.deepEqual([(await lab.sync('out')).applied, receiver.rows.size], [400, 400])
  })

  test(`${engine}: a body that is too large for the destination is halved until it is not, and no larger one is tried again`, async (context) => {
    const receiver = await startReceiver(context)
    const lab = await openLab(context, engine, open, project(receiver.url))
    await people(lab, 160)
    receiver.reply = (request) => (request.changes.length > 3 ? { status: 413 } : undefined)
    const result = await lab.sync('out', { delivery: { ...FAST, window: 1 } })
    assert.deepEqual([result.status, result.applied, result.rejected], ['done', 160, 0])
    const refused = receiver.requests.filter(({ changes }) => changes.length > 3)
    assert.deepEqual(
      refused.map(({ changes }) => changes.length),
      [8, 4],
    )
  })

  test(`${engine}: bad rows are found in at most 2 k log2(batch) requests more`, async (context) => {
    const receiver = await startReceiver(context)
    const lab = await openLab(
      context,
      engine,
      open,
      project(receiver.url, '', ', guard: {max_rejected: 50%}').replace('batch_size: 8', 'batch_size: 64'),
    )
    await people(lab, 64)
    for (const bad of [
      ['p1000'],
      ['p1063'],
      ['p1000', 'p1063'],
      ['p1010', 'p1011', 'p1030', 'p1050', 'p1062'],
    ]) {
      receiver.clear()
      receiver.reply = ({ changes }) =>
        changes.some(({ key }) => bad.includes(key.id ?? '')) ? { status: 422 } : undefined
      const result = await lab.sync('out', { fullResync: true })
      assert.deepEqual(
        [result.error, result.rejected, result.applied],
        [undefined, bad.length, 64 - bad.length],
      )
      const most = 1 + 2 * bad.length * Math.log2(64)
      assert.ok(result.requests <= most, `${bad.length} bad: ${result.requests} requests, at most ${most}`)
    }
  })

  test(`${engine}: limits of the destination hold for the requests in flight and for their rate`, async (context) => {
    const receiver = await startReceiver(context)
    const limits = ', limits: {in_flight: 2, requests_per_second: 20}'
    const lab = await openLab(context, engine, open, project(receiver.url, limits))
    await people(lab, 160)
    let [inFlight, most] = [0, 0]
    const times: number[] = []
    receiver.reply = async () => {
      times.push(performance.now())
      inFlight += 1
      most = Math.max(most, inFlight)
      await new Promise((resolve) => setTimeout(resolve, 70))
      inFlight -= 1
      return undefined
    }
    const result = await lab.sync('out', { delivery: { ...FAST, window: 8 } })
    assert.deepEqual([result.status, result.requests, most], ['done', 20, 2])
    const seconds = ((times.at(-1) ?? 0) - (times[0] ?? 0)) / 1000
    assert.ok(seconds > 0.85, `20 requests in ${seconds} s`)
  })

  test(`${engine}: a warehouse that no longer answers ends the run when the lease is over, and nothing is lost`, async (context) => {
    const receiver = await startReceiver(context)
    const warehouse = await open(context)
    const yaml = project(receiver.url).replace('batch_size: 8', 'batch_size: 8, timeout_seconds: 1')
    const lab = await labOn(warehouse, engine, yaml, { leaseSeconds: 3, runs: 'a' })
    await people(lab, 40)
    let stuck = false
    const hanging = hangingWhen(warehouse, () => stuck)
    receiver.reply = () => {
      stuck = true
      return undefined
    }
    const stuckLab = await labOn(hanging, engine, yaml, { leaseSeconds: 3, runs: 'b' })
    const results = await stuckLab.syncs(['out', 'out_too'])
    assert.deepEqual(
      results.map(({ name, status, error }) => [name, status, error?.code, error?.kind]),
      [['out', 'failed', 'SLU5111', 'unavailable']],
    )
    receiver.clear()
    const next = await lab.sync('out')
    assert.deepEqual([next.status, next.resumed, next.applied, receiver.rows.size], ['done', true, 40, 40])
  })

  test(`${engine}: what one sync was told to wait, the next one of the account waits too`, async (context) => {
    const receiver = await startReceiver(context)
    const lab = await openLab(context, engine, open, project(receiver.url))
    await people(lab, 8)
    const paces = new AccountPaces(systemClock, FAST.retry, randomOf(randomIds))
    const stop = new AbortController()
    let asked = 0
    receiver.reply = () => {
      asked += 1
      if (asked > 1) return undefined
      setTimeout(() => stop.abort(), 20)
      return { status: 429, headers: { 'retry-after': '2' } }
    }
    const began = performance.now()
    const first = await lab.sync('out', { paces, signal: stop.signal })
    assert.equal(first.error?.code, 'SLU7011')
    assert.equal((await lab.sync('out_too', { paces })).applied, 8)
    assert.ok(performance.now() - began > 1950)
  })
})
