import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Clock } from '../../src/base/clock.ts'
import { HeldLease, momentOf } from '../../src/ledger/held-lease.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const TAKEN = { name: 'sync:vips', token: 1, seconds: 60 }

function virtual() {
  const clock = new VirtualClock()
  const made = kept(clock)
  made.lease.keepAlive()
  return { clock, ...made }
}

function kept(clock: Clock) {
  const asked: string[] = []
  const told = (what: string) => async () => {
    asked.push(what)
    return true
  }
  const keeper = {
    clock,
    turn: <T>(work: () => Promise<T>) => work(),
    transaction: <T>(work: () => Promise<T>) => work(),
    extend: told('extend'),
    extendBeside: told('extend beside'),
    release: async () => void asked.push('release'),
  }
  const lease = new HeldLease(keeper, { ...TAKEN, takenAt: momentOf(clock) }, async () => {})
  return { asked, lease }
}

test('a lease is extended every third of its length until it is released', async () => {
  const { clock, asked, lease } = virtual()
  await clock.pass(70_000)
  await lease.release()
  await clock.pass(600_000)
  assert.deepEqual(asked, ['extend beside', 'extend beside', 'extend beside', 'release'])
  assert.equal(lease.validForMs(), 0)
})

test('a lease that is abandoned is neither extended nor released any more: it runs out', async () => {
  const { clock, asked, lease } = virtual()
  lease.abandon()
  await clock.pass(600_000)
  await lease.release()
  assert.deepEqual(asked, [])
  assert.equal(lease.validForMs(), 0)
})

test('a lease runs out while the machine sleeps, though the monotonic clock stands still', () => {
  let [wallMs, monotonicMs] = [1000, 1000]
  const clock = { nowMs: () => wallMs, monotonicMs: () => monotonicMs, sleep: async () => {} }
  const { lease } = kept(clock)
  monotonicMs += 1000
  wallMs += 50_000
  assert.equal(lease.validForMs(), 10_000)
  wallMs -= 500_000
  assert.equal(lease.validForMs(), 59_000, 'a wall clock that is set back makes it no longer')
})
