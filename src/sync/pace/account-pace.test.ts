import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VirtualClock } from '../../../test/support/virtual-clock.ts'
import type { RequestLimits } from '../../connector/types.ts'
import type { BoundSync } from '../../graph/graph.ts'
import type { AccountPace } from './account-pace.ts'
import { AccountPaces } from './account-paces.ts'
import { accountOf, paceLimits } from './limits.ts'

const RETRY = { maxAttempts: 8, totalMs: 60_000, baseMs: 100, capMs: 1000 }
const NEVER = new AbortController().signal

function paces(): { readonly clock: VirtualClock; readonly all: AccountPaces } {
  const clock = new VirtualClock()
  return { clock, all: new AccountPaces(clock, RETRY, () => 0) }
}

function paceOf(all: AccountPaces, limits: { inFlight?: number; perSecond?: number }, destination = 'crm') {
  return all.of(
    { connector: 'hubspot', account: '1', destination },
    { inFlight: limits.inFlight ?? 8, requestsPerSecond: limits.perSecond },
  )
}

async function started(pace: AccountPace, signal = NEVER) {
  const admission = await pace.start(1, signal)
  assert.ok(admission.kind === 'started', admission.kind)
  return admission.permit
}

async function toldToWait(pace: AccountPace, afterMs: number): Promise<void> {
  pace.end(await started(pace), { kind: 'answered', afterMs })
}

test('all destinations that lead to one account keep one pace, and the lowest of their limits', async () => {
  const { clock, all } = paces()
  const pace = paceOf(all, { inFlight: 3, perSecond: 100 }, 'crm')
  assert.equal(paceOf(all, { inFlight: 8, perSecond: 1 }, 'crm_too'), pace)
  assert.deepEqual([pace.mostInFlight, pace.requestsPerSecond], [3, 1])
  await started(pace)
  await clock.until(started(pace))
  // A start may be made up for when it is up to 50 ms late.
  assert.equal(clock.monotonicMs(), 950)
  const other = all.of(
    { connector: 'hubspot', account: '2', destination: 'crm' },
    { inFlight: 1, requestsPerSecond: undefined },
  )
  assert.notEqual(other, pace)
  assert.notEqual(
    all.of(
      { connector: 'http', account: '1', destination: 'crm' },
      { inFlight: 1, requestsPerSecond: undefined },
    ),
    pace,
  )
})

test('what follows the comma of an account is no account of its own; an object with a quota of its own is', () => {
  const { all } = paces()
  const paced = (account: string, name: string, limits?: RequestLimits) => {
    const object = limits === undefined ? {} : { limits }
    const bound = {
      manifest: { name: 'hubspot', limits: { requestsPerSecond: 5 } },
      destination: { name: 'crm', limits: { inFlight: 3 } },
      object,
      sync: { to: { object: { value: name } } },
    } as unknown as BoundSync
    return all.of(accountOf(bound, account), paceLimits(bound, 8))
  }
  const pace = paced('portal 1', 'contacts')
  assert.deepEqual([pace.mostInFlight, pace.requestsPerSecond], [3, 5])
  assert.equal(paced('portal 1, list 2', 'list'), pace)
  assert.equal(paced('portal 1, list 3', 'list'), pace)
  const events = paced('portal 1', 'events', { requestsPerSecond: 2, inFlight: 1 })
  assert.notEqual(events, pace)
  assert.deepEqual([events.mostInFlight, events.requestsPerSecond], [1, 2])
  assert.equal(pace.requestsPerSecond, 5)
})

test('a limit that the project takes back holds no longer', () => {
  const { all } = paces()
  const pace = paceOf(all, { inFlight: 1, perSecond: 1 })
  paceOf(all, { inFlight: 8 })
  assert.deepEqual([pace.mostInFlight, pace.requestsPerSecond], [8, Number.POSITIVE_INFINITY])
})

test('who asks first starts first, whoever has room', async () => {
  const { clock, all } = paces()
  const pace = paceOf(all, { inFlight: 1 })
  const order: number[] = []
  const permit = await started(pace)
  const waiting = [1, 2, 3].map(async (number) => {
    const mine = await started(pace)
    order.push(number)
    await clock.sleep(10)
    pace.end(mine, { kind: 'answered' })
  })
  await clock.pass(50)
  assert.deepEqual(order, [])
  pace.end(permit, { kind: 'answered' })
  await clock.until(Promise.all(waiting))
  assert.deepEqual(order, [1, 2, 3])
})

test('a signal ends the wait of its own asker at once, and nobody else', async () => {
  const { clock, all } = paces()
  const pace = paceOf(all, { inFlight: 8 })
  const stop = new AbortController()
  await toldToWait(pace, 30_000)
  const [first, second] = [pace.start(1, stop.signal), pace.start(1, NEVER)]
  await clock.pass(1000)
  stop.abort()
  assert.equal((await clock.until(first)).kind, 'stopped')
  assert.equal(clock.monotonicMs(), 1000)
  assert.equal((await clock.until(second)).kind, 'started')
  assert.equal(clock.monotonicMs(), 30_000)
})

test('one of those behind leaves without a stir when its signal comes', async () => {
  const { clock, all } = paces()
  const pace = paceOf(all, { inFlight: 1 })
  const stop = new AbortController()
  const permit = await started(pace)
  const [first, second] = [pace.start(1, NEVER), pace.start(1, stop.signal)]
  stop.abort()
  assert.equal((await second).kind, 'stopped')
  pace.end(permit, { kind: 'answered' })
  assert.equal((await clock.until(first)).kind, 'started')
})

test('while the circuit is open one tries for all, and its success lets the others go', async () => {
  const { clock, all } = paces()
  const pace = paceOf(all, { inFlight: 8 })
  for (let count = 0; count < 5; count += 1) pace.end(await started(pace), { kind: 'failed', tooMuch: false })
  const admissions = [1, 2, 3].map(() => pace.start(1, NEVER))
  const first = await clock.until(Promise.race(admissions))
  assert.ok(first.kind === 'started' && first.permit.probe)
  await clock.pass(10_000)
  pace.end(first.permit, { kind: 'answered' })
  const kinds = (await clock.until(Promise.all(admissions))).map(
    (one) => one.kind === 'started' && one.permit.probe,
  )
  assert.deepEqual(kinds, [true, false, false])
})

test('everyone is told when the account is given up', async () => {
  const { clock, all } = paces()
  const pace = paceOf(all, { inFlight: 8 })
  await toldToWait(pace, RETRY.totalMs + 1)
  const kinds = (await clock.until(Promise.all([pace.start(1, NEVER), pace.start(1, NEVER)]))).map(
    ({ kind }) => kind,
  )
  assert.deepEqual([kinds, clock.monotonicMs()], [['away', 'away'], 0])
})
