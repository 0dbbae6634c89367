import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { forEachEngine } from '../support/engines.ts'
import { type Received, startReceiver } from '../support/receiver.ts'
import { FAST, type Lab, openLab } from '../support/sync-lab.ts'

function project(url: string, sync = '', settings = ''): string {
  return `sources:
  - {name: people, table: people, primary_key: id}
destinations:
  - {name: hook, connector: http, settings: {url: "${url}", allow_private_network: true, batch_size: 8${settings}}}
syncs:
  - name: out
    source: people
    to: hook.rows
    match: {id: id}
    map: {city: city}
    ${sync}
`
}

async function people(lab: Lab, count: number): Promise<void> {
  const rows = Array.from({ length: count }, (_, at) => `('p${at + 100}', 'A')`)
  await lab.sql('create table people (id varchar(20), city varchar(20))')
  await lab.sql(`insert into people values ${rows.join(', ')}`)
}

function has(request: Received, ...ids: readonly string[]): boolean {
  return request.changes.some(({ key }) => ids.includes(key.id ?? ''))
}

const WHAT_TO_DO: Readonly<Record<number, RegExp>> = {
  401: /^its credentials are not taken: renew them/,
  403: /^its credentials may not do this: check their scopes/,
  404: /^what is written to is not there: check the address/,
  410: /the API may have withdrawn this version/,
}

const REQUEST_TIMEOUT = { ...FAST, retry: { ...FAST.retry, maxAttempts: 2 } }

forEachEngine((engine, open) => {
  for (const status of [401, 403, 404, 405, 410])
    test(`${engine}: ${status} stops the sync, rejects nothing, and the next run goes on`, async (context) => {
      const receiver = await startReceiver(context)
      const lab = await openLab(context, engine, open, project(receiver.url))
      await people(lab, 30)
      let taken = 0
      receiver.reply = () => {
        taken += 1
        return taken > 1 ? { status } : undefined
      }
      const result = await lab.sync('out', { delivery: { ...FAST, window: 1 } })
      assert.deepEqual(
        [result.status, result.error?.code, result.error?.kind, result.rejected],
        ['failed', 'SLU5105', 'unavailable', 0],
      )
      assert.match(
        String(result.error?.message),
        /^expected the destination "hook" to take changes of rows, found: /,
      )
      assert.match(
        String(result.error?.hint),
        WHAT_TO_DO[status] ?? /^check its settings and credentials; nothing/,
      )
      assert.deepEqual([result.add, result.applied, result.pending], [30, 8, 22])
      assert.equal(receiver.requests.length, status === 401 ? 3 : 2)
      receiver.clear()
      const next = await lab.sync('out')
      assert.deepEqual([next.status, next.resumed, next.applied, next.add], ['done', true, 30, 30])
      assert.equal(receiver.rows.size, 30)
      assert.equal(receiver.changes.length, 22)
      assert.deepEqual(await lab.rows("select 1 as one from sluice.receipts where status = 'rejected'"), [])
    })

  test(`${engine}: a batch that is refused is halved until the bad rows are alone, and they alone are rejected`, async (context) => {
    const receiver = await startReceiver(context)
    const lab = await openLab(context, engine, open, project(receiver.url))
    await people(lab, 40)
    receiver.reply = (request) =>
      has(request, 'p103', 'p117') ? { status: 422, body: { error: 'no' } } : undefined
    const result = await lab.sync('out')
    assert.equal(result.error, undefined)
    assert.deepEqual([result.status, result.applied, result.rejected, result.pending], ['partial', 38, 2, 0])
    assert.ok(result.requests <= 5 + 2 * 2 * 3, `${result.requests} requests`)
    assert.equal(receiver.rows.size, 38)
    const receipts = await lab.rows(
      "select key, attempts from sluice.receipts where status = 'rejected' order by key",
    )
    assert.deepEqual(receipts, [
      { key: 'p103', attempts: 1 },
      { key: 'p117', attempts: 1 },
    ])
    receiver.clear()
    const next = await lab.sync('out')
    assert.deepEqual([next.add, next.applied, next.unchanged], [2, 2, 38])
  })

  test(`${engine}: a rejected row is tried on three more runs, then waits, and comes at once when it changes`, async (context) => {
    const receiver = await startReceiver(context)
    const lab = await openLab(context, engine, open, project(receiver.url))
    await people(lab, 3)
    const poison = (request: Received) => ({
      status: 200,
      body: {
        results: request.changes.map(({ key, fields }) =>
          key.id === 'p101' && fields.city === 'A'
            ? { status: 'rejected', error: 'no' }
            : { status: 'applied' },
        ),
      },
    })
    for (const run of [1, 2, 3, 4]) {
      receiver.reply = poison
      const result = await lab.sync('out')
      assert.deepEqual([run, result.rejected, result.status], [run, 1, 'partial'])
    }
    receiver.clear()
    receiver.reply = poison
    const waiting = await lab.sync('out')
    assert.deepEqual([waiting.held, waiting.heldBy, receiver.requests.length], [1, { retry_later: 1 }, 0])
    const tomorrow = Date.now() + 25 * 3_600_000
    const clock = { ...systemClock, nowMs: () => tomorrow }
    assert.equal((await lab.sync('out', { clock, build: false })).rejected, 1)
    await lab.sql("update people set city = 'B' where id = 'p101'")
    const changed = await lab.sync('out')
    assert.deepEqual([changed.add, changed.applied, changed.status], [1, 1, 'done'])
  })

  test(`${engine}: rows that ask to come again are sent again alone, with a key of their own`, async (context) => {
    const receiver = await startReceiver(context)
    const lab = await openLab(context, engine, open, project(receiver.url))
    await people(lab, 8)
    let asked = 0
    receiver.reply = (request) => {
      asked += 1
      if (asked > 2) return undefined
      const results = request.changes.map(({ key }) => ({
        status: key.id === 'p102' || key.id === 'p105' ? 'retry' : 'applied',
      }))
      return { status: 200, body: { results } }
    }
    const result = await lab.sync('out')
    assert.deepEqual([result.status, result.applied, result.requests], ['done', 8, 3])
    const [first, second, third] = receiver.requests
    assert.deepEqual(
      second?.changes.map(({ key }) => key.id),
      ['p102', 'p105'],
    )
    assert.notEqual(first?.idempotencyKey, second?.idempotencyKey)
    assert.equal(second?.idempotencyKey, third?.idempotencyKey)
    assert.equal((await lab.sync('out')).unchanged, 8)
  })

  test(`${engine}: what may pass is tried again with the same body and key, no sooner than asked`, async (context) => {
    const receiver = await startReceiver(context)
    const lab = await openLab(context, engine, open, project(receiver.url))
    await people(lab, 8)
    const times: number[] = []
    receiver.reply = () => {
      times.push(performance.now())
      if (times.length === 1) return { status: 503 }
      return times.length === 2 ? { status: 429, headers: { 'retry-after': '1' } } : undefined
    }
    const result = await lab.sync('out')
    assert.deepEqual([result.status, result.applied, result.requests], ['done', 8, 3])
    assert.ok((times[2] ?? 0) - (times[1] ?? 0) >= 950)
    assert.equal(new Set(receiver.requests.map(({ idempotencyKey }) => idempotencyKey)).size, 1)
    assert.deepEqual(receiver.requests[2]?.changes, receiver.requests[0]?.changes)
  })

  test(`${engine}: a destination that stays away fails the sync, and its plan is finished by the next run`, async (context) => {
    const receiver = await startReceiver(context)
    const lab = await openLab(context, engine, open, project(receiver.url))
    await people(lab, 20)
    receiver.reply = (request) => (request.batch === 2 ? { status: 500 } : undefined)
    const result = await lab.sync('out', { delivery: REQUEST_TIMEOUT })
    assert.deepEqual([result.status, result.error?.code, result.rejected], ['failed', 'SLU5106', 0])
    assert.equal(result.applied + result.pending, 20)
    const before = receiver.requests.filter(({ batch }) => batch === 2)
    receiver.clear()
    const next = await lab.sync('out')
    assert.deepEqual([next.status, next.resumed, receiver.rows.size], ['done', true, 20])
    const again = receiver.requests.find(({ batch }) => batch === 2)
    assert.deepEqual([again?.idempotencyKey, again?.run_id], [before[0]?.idempotencyKey, before[0]?.run_id])
  })

  test(`${engine}: twenty equal rejections from the start are about the destination, not about rows`, async (context) => {
    const receiver = await startReceiver(context)
    const lab = await openLab(context, engine, open, project(receiver.url))
    await people(lab, 40)
    receiver.reply = () => ({ status: 400, body: { error: 'unknown field' } })
    const result = await lab.sync('out')
    assert.deepEqual(
      [result.status, result.error?.code, result.rejected, result.pending],
      ['failed', 'SLU5105', 0, 40],
    )
    receiver.clear()
    assert.deepEqual([(await lab.sync('out')).applied, receiver.rows.size], [40, 40])
  })

  test(`${engine}: more rejects than max_rejected fail the sync, and what was applied is kept`, async (context) => {
    const receiver = await startReceiver(context)
    const lab = await openLab(context, engine, open, project(receiver.url, 'guard: {max_rejected: 1}'))
    await people(lab, 8)
    receiver.reply = (request) => ({
      status: 200,
      body: {
        results: request.changes.map((_, at) => (at < 2 ? { status: 'rejected' } : { status: 'applied' })),
      },
    })
    const result = await lab.sync('out')
    assert.deepEqual(
      [
        result.status,
        result.error?.code,
        result.error?.kind,
        result.guard?.name,
        result.applied,
        result.rejected,
      ],
      ['failed', 'SLU5107', 'failed', 'max_rejected', 6, 2],
    )
    receiver.clear()
    assert.deepEqual([(await lab.sync('out')).add], [2])
  })

  test(`${engine}: a signal lets what is in flight finish, and the next run goes on from there`, async (context) => {
    const receiver = await startReceiver(context)
    const lab = await openLab(context, engine, open, project(receiver.url))
    await people(lab, 64)
    const stop = new AbortController()
    receiver.reply = async () => {
      if (receiver.requests.length === 3) stop.abort()
      await new Promise((resolve) => setTimeout(resolve, 30))
      return undefined
    }
    const [out] = await lab.syncs(['out', 'out'], { signal: stop.signal, delivery: { ...FAST, window: 2 } })
    assert.deepEqual([out?.status, out?.error?.code], ['failed', 'SLU7011'])
    const answered = receiver.rows.size
    assert.ok(answered < 64 && out?.applied === answered, `${answered} of 64, told ${out?.applied}`)
    receiver.clear()
    const next = await lab.sync('out')
    assert.deepEqual([next.status, next.resumed, receiver.rows.size], ['done', true, 64])
    assert.equal(receiver.changes.length, 64 - answered)
  })

  test(`${engine}: a plan that is too old, or of another project, is dropped, and what it perhaps sent is sent again`, async (context) => {
    const receiver = await startReceiver(context)
    const lab = await openLab(context, engine, open, project(receiver.url, 'mode: mirror'))
    await people(lab, 16)
    await lab.sync('out')
    await lab.sql("update people set city = 'B'")
    // Taken, but never answered.
    receiver.reply = (request) => {
      receiver.take(request.changes)
      return request.batch === 1 ? { status: 500 } : undefined
    }
    const failed = await lab.sync('out', { delivery: { ...REQUEST_TIMEOUT, window: 1 } })
    assert.equal(failed.error?.code, 'SLU5106')
    await lab.sql("update people set city = 'A'")
    receiver.clear()
    const next = await lab.sync('out', { fullResync: false })
    assert.equal(next.resumed, true)
    assert.deepEqual(new Set([...receiver.rows.values()].map(({ city }) => city)), new Set(['A']))
    // The same, where the plan may not be finished because the sync was changed in between.
    await lab.sql("update people set city = 'B'")
    receiver.reply = (request) => {
      receiver.take(request.changes)
      return { status: 500 }
    }
    await lab.sync('out', { delivery: { ...REQUEST_TIMEOUT, window: 1 } })
    await lab.sql("update people set city = 'A'", "delete from people where id = 'p100'")
    receiver.clear()
    lab.use(project(receiver.url, 'mode: mirror', ', headers: {x-new: "yes"}'))
    const dropped = await lab.sync('out')
    assert.deepEqual([dropped.resumed, dropped.status, dropped.error], [false, 'done', undefined])
    assert.deepEqual(new Set([...receiver.rows.values()].map(({ city }) => city)), new Set(['A']))
    assert.deepEqual([receiver.rows.size, receiver.rows.has('p100')], [15, false])
    assert.equal((await lab.sync('out')).unchanged, 15)
  })

  test(`${engine}: a plan older than resume_within is dropped, and nothing that it perhaps sent is forgotten`, async (context) => {
    const receiver = await startReceiver(context)
    const lab = await openLab(context, engine, open, project(receiver.url, 'resume_within: 30m'))
    await people(lab, 16)
    await lab.sync('out')
    await lab.sql("update people set city = 'B'")
    // Taken, but never answered; then the values go back.
    receiver.reply = (request) => {
      receiver.take(request.changes)
      return { status: 500 }
    }
    await lab.sync('out', { delivery: { ...REQUEST_TIMEOUT, window: 1 } })
    await lab.sql("update people set city = 'A'")
    receiver.clear()
    const later = { ...systemClock, nowMs: () => systemClock.nowMs() + 31 * 60_000 }
    const dropped = await lab.sync('out', { clock: later })
    assert.deepEqual([dropped.resumed, dropped.status, dropped.error], [false, 'done', undefined])
    assert.ok(dropped.change > 0, 'what was perhaps sent is sent again')
    assert.deepEqual(new Set([...receiver.rows.values()].map(({ city }) => city)), new Set(['A']))
  })
})
