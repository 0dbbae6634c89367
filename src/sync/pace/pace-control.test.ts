import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type QuotaServer, quotaUse } from '../../../test/support/quota-world.ts'
import { PaceControl, type PaceOutcome } from './pace-control.ts'

const RETRY = { maxAttempts: 8, totalMs: 60_000, baseMs: 100, capMs: 1000 }
const UNKNOWN = { inFlight: 8, requestsPerSecond: undefined }

/** Servers of many kinds, as far as eight requests at once can use up what they allow. */
function servers(
  rate: (perSecond: number) => QuotaServer['rate'],
): readonly (readonly [string, QuotaServer])[] {
  return [2, 10, 50, 200].flatMap((perSecond) =>
    [5, 20, 100].flatMap((burst) =>
      [5, 50, 300].flatMap((latencyMs) =>
        [0, 0.3].flatMap((jitter) => {
          if ((perSecond * latencyMs) / 1000 > 6) return []
          const server = { rate: rate(perSecond), burst, latencyMs, jitterMs: jitter * latencyMs }
          const name = `${perSecond} a second, burst ${burst}, ${latencyMs} ms, jitter ${jitter}`
          const plain = [[name, server] as const]
          // Waiting for a second is only no loss where the bucket holds that second.
          if (burst < perSecond) return plain
          return [...plain, [`${name}, retry-after`, { ...server, retryAfterMs: 1000 }] as const]
        }),
      ),
    ),
  )
}

/** At least so much of the quota used, at most 2% refused. */
function wellUsed(all: readonly (readonly [string, QuotaServer])[], requests: number, atLeast: number): void {
  for (const [name, server] of all) {
    const { used, refused } = quotaUse(server, { requests })
    const told = `${name}: used ${used.toFixed(3)}, refused ${(100 * refused).toFixed(2)}%`
    assert.ok(used >= atLeast && refused < 0.02, told)
  }
}

test('a quota that nobody told us is used to 90%, with less than 2% of the requests refused', () => {
  wellUsed(
    servers((perSecond) => () => perSecond),
    4000,
    0.9,
  )
})

test('the same when the quota is halved in the middle of it', () => {
  wellUsed(
    servers((perSecond) => (nowMs) => (nowMs < (2000 / perSecond) * 1000 ? perSecond : perSecond / 2)),
    4000,
    0.9,
  )
})

test('the same when it is doubled, once there was time to find that out', () => {
  const doubled = servers(
    (perSecond) => (nowMs) => (nowMs < (2000 / perSecond) * 1000 ? perSecond / 2 : perSecond),
  )
  wellUsed(doubled, 8000, 0.9)
})

test('a destination that counts in windows of a second is used to 90% too', () => {
  for (const [perSecond, latencyMs] of [
    [10, 20],
    [10, 200],
    [50, 20],
  ] as const) {
    const server = { rate: () => perSecond, burst: 0, latencyMs, windowMs: 1000 }
    const { used, refused } = quotaUse(server, { requests: 4000 })
    assert.ok(used >= 0.9 && refused < 0.02, `${perSecond}: used ${used}, refused ${refused}`)
  }
})

test('a destination that refuses nothing is only held back by the window', () => {
  const { used } = quotaUse({ rate: () => 80, burst: 1000, latencyMs: 100 }, { requests: 2000 })
  assert.ok(used > 0.65, `${used} of what eight at once can do`)
})

test('a known limit is kept from the first request on, so that nothing is refused', () => {
  const server = { rate: () => 10, burst: 3, latencyMs: 20 }
  const { refused, used, sentFirstSecond } = quotaUse(server, { requests: 600, known: 10 })
  assert.equal(refused, 0)
  assert.ok(used > 0.98, String(used))
  assert.ok(sentFirstSecond <= 11, String(sentFirstSecond))
})

test('a known limit that is too high is learned like an unknown one', () => {
  const server = { rate: () => 10, burst: 20, latencyMs: 20 }
  const { refused, used } = quotaUse(server, { requests: 4000, known: 19 })
  assert.ok(used >= 0.9 && refused < 0.02, `used ${used}, refused ${refused}`)
})

test('retry-after pauses all of the account, also when only rows asked for it', () => {
  for (const outcome of [
    { kind: 'refused', afterMs: 5000 },
    { kind: 'failed', afterMs: 5000, tooMuch: true },
    { kind: 'answered', afterMs: 5000 },
  ] satisfies PaceOutcome[]) {
    const pace = new PaceControl(UNKNOWN, RETRY, () => 0)
    const first = pace.start(1, 0)
    pace.end(first, outcome, 100)
    const verdict = pace.ask(1, 101)
    assert.ok(verdict.kind === 'wait' && verdict.ms >= 4999, JSON.stringify(verdict))
    assert.equal(pace.ask(1, 20_000).kind, 'start')
  }
})

test('a pause longer than all retries may take is not waited for', () => {
  const pace = new PaceControl(UNKNOWN, RETRY, () => 0)
  pace.end(pace.start(1, 0), { kind: 'refused', afterMs: 3_600_000 }, 0)
  assert.equal(pace.ask(1, 1).kind, 'away')
})

test('a destination that is away is asked less and less, one at a time, and given up after all that retries may take', () => {
  const pace = new PaceControl(UNKNOWN, RETRY, () => 0)
  let [nowMs, asked] = [0, 0]
  for (;;) {
    const verdict = pace.ask(1, nowMs)
    if (verdict.kind === 'away') break
    if (verdict.kind === 'wait') {
      nowMs += verdict.ms
      continue
    }
    const permit = pace.start(1, nowMs)
    if (permit.probe) assert.equal(pace.ask(1, nowMs).kind, 'wait')
    asked += 1
    nowMs += 10
    pace.end(permit, { kind: 'failed', tooMuch: false }, nowMs)
  }
  assert.ok(nowMs > RETRY.totalMs - RETRY.capMs && nowMs <= RETRY.totalMs, `given up at ${nowMs}`)
  assert.ok(asked < 130, `asked ${asked} times`)
  // Somebody who comes later may ask once.
  assert.equal(pace.ask(1, nowMs + 3_600_000).kind, 'start')
  pace.end(pace.start(1, nowMs + 3_600_000), { kind: 'failed', tooMuch: false }, nowMs + 3_600_010)
  assert.equal(pace.ask(1, nowMs + 3_600_011).kind, 'away')
})

test('refusals for coming too fast do not open the circuit: the destination is there', () => {
  const pace = new PaceControl(UNKNOWN, RETRY, () => 0)
  for (let nowMs = 0; nowMs < 1_000_000; nowMs += 10_000)
    pace.end(pace.start(1, nowMs), { kind: 'refused' }, nowMs + 10)
  assert.equal(pace.ask(1, 1_100_000).kind, 'start')
})

test('after an outage that looked like refusals, the rate is soon what it was', () => {
  const outage = (nowMs: number) => nowMs > 60_000 && nowMs < 120_000
  const server = { rate: (nowMs: number) => (outage(nowMs) ? 0.001 : 20), burst: 20, latencyMs: 50 }
  const { used } = quotaUse(server, { requests: 4000 })
  assert.ok(used >= 0.85, String(used))
})

test('requests that a write needs beside its first count against the rate', () => {
  const pace = new PaceControl({ inFlight: 8, requestsPerSecond: 10 }, RETRY, () => 0)
  pace.end(pace.start(1, 0), { kind: 'answered' }, 10)
  pace.charge(4, 10)
  const verdict = pace.ask(1, 10)
  assert.ok(verdict.kind === 'wait' && verdict.ms > 380, JSON.stringify(verdict))
})
