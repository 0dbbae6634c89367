import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HeldLease } from '../../src/ledger/held-lease.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const TAKEN = { name: 'sync:vips', token: 1, seconds: 60, takenAt: 0 }

function kept() {
  const clock = new VirtualClock()
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
  const lease = new HeldLease(keeper, TAKEN, async () => {})
  lease.keepAlive()
  return { clock, asked, lease }
}

test('a lease is extended every third of its length until it is released', async () => {
  const { clock, asked, lease } = kept()
  await clock.pass(70_000)
  await lease.release()
  await clock.pass(600_000)
  assert.deepEqual(asked, ['extend beside', 'extend beside', 'extend beside', 'release'])
  assert.equal(lease.validForMs(), 0)
})

test('a lease that is abandoned is neither extended nor released any more: it runs out', async () => {
  const { clock, asked, lease } = kept()
  lease.abandon()
  await clock.pass(600_000)
  await lease.release()
  assert.deepEqual(asked, [])
  assert.equal(lease.validForMs(), 0)
})
