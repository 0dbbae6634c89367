import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { instantOf } from '../../src/base/instant.ts'
import type { Ledger, RunStatus } from '../../src/ledger/ledger.ts'
import { forEachEngine } from '../support/engines.ts'
import { AT, ledgerOn, run, SCHEMA, shared } from './lab.ts'

const FIGURES = {
  status: 'done',
  planId: undefined,
  add: 0,
  change: 0,
  remove: 0,
  left: 0,
  unchanged: 0,
  held: 0,
  heldBy: {},
  applied: 0,
  rejected: 0,
  pending: 0,
  requests: 0,
  seconds: 0,
  resumed: false,
  error: undefined,
  destination: 'crm',
  sentRows: 0,
  resentRows: 0,
  sentBytes: 0,
  sentFields: [],
}

function start(ledger: Ledger, runId: string, startedAt = AT): Promise<void> {
  return ledger.runs.start({ runId, command: 'sync', asOf: AT, fingerprint: 'f', startedAt })
}

async function told(ledger: Ledger, wanted: { sync?: string; status?: RunStatus } = {}) {
  const rows = await ledger.runs.list(10, wanted)
  return rows.map(({ runId, status }) => `${runId} ${status}`).sort()
}

forEachEngine((engine, open) => {
  const name = (sentence: string) => `${engine}: ${sentence}`

  test(name('a run that never said how it ended, and holds no lease, was killed'), async (t) => {
    const warehouse = shared(await open(t))
    const [dead, other] = [await ledgerOn(warehouse), await ledgerOn(warehouse)]
    await dead.prepare()
    for (const id of ['killed', 'holds', 'lost', 'ended', 'new'])
      await start(dead, id, id === 'new' ? instantOf(systemClock.nowMs()) : AT)
    await dead.runs.finish('ended', { status: 'failed', exitCode: 1, finishedAt: AT })
    const lease = await dead.acquire('sync:a', 'holds')
    await dead.acquire('sync:b', 'lost').then((one) => one.release())
    const seen = ['ended failed', 'holds running', 'killed killed', 'lost killed', 'new running']
    assert.deepEqual(await told(other), seen)
    assert.equal((await other.runs.find('kil'))[0]?.status, 'killed')
    await lease.release()
    assert.deepEqual(await told(other), seen.with(1, 'holds killed'))
  })

  test(name('runs are found by their sync, also while it runs, and by how they ended'), async (t) => {
    const warehouse = shared(await open(t))
    const ledger = await ledgerOn(warehouse)
    await ledger.prepare()
    for (const id of ['one', 'two', 'three']) await start(ledger, id)
    await ledger.runs.recordSync({ ...FIGURES, runId: 'one', sync: 'a' })
    await ledger.runs.recordSync({ ...FIGURES, runId: 'one', sync: 'b' })
    await ledger.runs.recordSync({ ...FIGURES, runId: 'two', sync: 'b' })
    await ledger.runs.finish('one', { status: 'done', exitCode: 0, finishedAt: AT })
    const lease = await ledger.acquire('sync:a', 'three')
    assert.deepEqual(await told(ledger, { sync: 'a' }), ['one done', 'three running'])
    assert.deepEqual(await told(ledger, { sync: 'b' }), ['one done', 'two killed'])
    assert.deepEqual(await told(ledger, { status: 'killed' }), ['two killed'])
    assert.deepEqual(await told(ledger, { status: 'running' }), ['three running'])
    assert.deepEqual(await told(ledger, { sync: 'a', status: 'done' }), ['one done'])
    assert.deepEqual(await told(ledger, { sync: 'c' }), [])
    assert.equal((await ledger.runs.list(1)).length, 1)
    await lease.release()
  })

  test(name('rejected rows of a run are grouped with their attempts and next tries'), async (t) => {
    const warehouse = await open(t)
    const ledger = await ledgerOn(warehouse)
    await ledger.prepare()
    const row = (
      sync: string,
      reason: string,
      op: string,
      attempts: number,
      next: string,
      status = 'rejected',
    ) =>
      run(
        warehouse,
        `insert into ${SCHEMA}.receipts (sync, run_id, plan_id, status, reason, op, key, attempts, next_try_at, recorded_at)
values ('${sync}', 'r', 'p', '${status}', '${reason}', '${op}', '${sync}${attempts}', ${attempts}, ${next}, timestamp '2026-01-31 08:00:00')`,
      )
    await row('a', 'no', 'add', 1, 'null')
    await row('a', 'no', 'add', 3, 'null')
    await row('a', 'no', 'add', 6, "timestamp '2026-03-01 00:00:00'")
    await row('a', 'no', 'add', 5, "timestamp '2026-02-01 00:00:00'")
    await row('b', 'no', 'remove', 2, 'null')
    await row('b', 'no', 'held', 0, 'null', 'held')
    assert.deepEqual(await ledger.receipts.rejectedGroups('r'), [
      {
        sync: 'a',
        reason: 'no',
        op: 'add',
        rows: 4,
        attempts: { least: 1, most: 6 },
        due: 2,
        nextTryAt: '2026-02-01T00:00:00.000Z',
      },
      {
        sync: 'b',
        reason: 'no',
        op: 'remove',
        rows: 1,
        attempts: { least: 2, most: 2 },
        due: 1,
        nextTryAt: undefined,
      },
    ])
    assert.deepEqual(await ledger.receipts.rejectedGroups('other'), [])
  })
})

forEachEngine((engine, open) => {
  if (engine !== 'duckdb') return
  test('duckdb: who has the file open is the only one alive, so any other running run was killed', async (t) => {
    const warehouse = await open(t)
    const [dead, alive] = [await ledgerOn(warehouse), await ledgerOn(warehouse)]
    await dead.prepare()
    await start(dead, 'dead', instantOf(systemClock.nowMs()))
    await dead.acquire('sync:a', 'dead')
    await start(alive, 'alive')
    assert.deepEqual(await told(alive), ['alive running', 'dead killed'])
  })
})
