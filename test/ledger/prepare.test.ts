import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SluiceError } from '../../src/base/errors.ts'
import { forEachEngine, openEngine } from '../support/engines.ts'
import { AT, ledgerOn, read, run, SCHEMA } from './lab.ts'

forEachEngine((engine, open) => {
  const name = (sentence: string) => `${engine}: ${sentence}`

  test(name('reading finds nothing, and makes nothing, where there is no state schema'), async (t) => {
    const warehouse = await open(t)
    const ledger = await ledgerOn(warehouse)
    assert.deepEqual(await ledger.runs.list(5), [])
    assert.deepEqual(await ledger.runs.find('a'), [])
    assert.deepEqual(await ledger.runs.syncsOf('a'), [])
    assert.deepEqual(await ledger.leases(), [])
    assert.deepEqual(await ledger.syncs.snapshots(), [])
    assert.deepEqual(await ledger.syncs.plans(), [])
    assert.equal(await ledger.syncs.snapshot('vips'), undefined)
    assert.equal(await ledger.syncs.openPlan('vips'), undefined)
    assert.equal(await ledger.syncs.guardedPlan('vips', '0a1b2c3d'), undefined)
    assert.equal(await ledger.published.lastAsOf(), undefined)
    assert.equal((await ledger.published.nodes()).size, 0)
    assert.equal(await ledger.published.nextBuildNumber(), 1)
    assert.deepEqual(await ledger.receipts.summary('a'), [])
    assert.equal(await ledger.unlock('build'), false)
    const schemas = await read(
      warehouse,
      `select schema_name from information_schema.schemata where schema_name = '${SCHEMA}'`,
    )
    assert.deepEqual(schemas, [])
  })

  test(name("another project's or target's schema is refused, for reading and for writing"), async (t) => {
    const warehouse = await open(t)
    await (await ledgerOn(warehouse)).prepare()
    for (const other of [
      { project: 'store' },
      { target: 'prod' },
      { project: 'store', tablePrefix: 'sandbox_' },
    ]) {
      const stranger = await ledgerOn(warehouse, other)
      for (const work of [
        () => stranger.prepare(),
        () => stranger.runs.list(1),
        () => stranger.acquire('build', 'r'),
      ])
        await assert.rejects(work, (error: SluiceError) => {
          assert.equal(error.code, 'SLU5003')
          assert.equal(error.kind, 'project')
          assert.match(error.message, /found project "shop", target "dev"/)
          assert.match(error.hint ?? '', /state_schema/)
          return true
        })
    }
  })

  test(name('the schema of a later version is refused'), async (t) => {
    const warehouse = await open(t)
    await (await ledgerOn(warehouse)).prepare()
    await run(warehouse, `update ${SCHEMA}.meta set version = 99`)
    await assert.rejects(
      (await ledgerOn(warehouse)).prepare(),
      (error: SluiceError) => error.code === 'SLU5004',
    )
  })

  test(name('what an earlier try left half made is completed'), async (t) => {
    const warehouse = await open(t)
    await (await ledgerOn(warehouse)).prepare()
    await run(warehouse, `drop table ${SCHEMA}.acks`)
    await run(warehouse, `delete from ${SCHEMA}.meta`)
    const ledger = await ledgerOn(warehouse)
    assert.deepEqual(await ledger.runs.list(1), [])
    await ledger.prepare()
    assert.deepEqual(await read(warehouse, `select project, target from ${SCHEMA}.meta`), [
      { project: 'shop', target: 'dev' },
    ])
    await read(warehouse, `select * from ${SCHEMA}.acks`)
  })

  test(name('a ledger with a prefix stands beside the real one and goes without a trace'), async (t) => {
    const warehouse = await open(t)
    const real = await ledgerOn(warehouse)
    const sandbox = await ledgerOn(warehouse, { tablePrefix: 'sandbox_' })
    await real.prepare()
    const tables = () =>
      read(
        warehouse,
        `select table_name from information_schema.tables where table_schema = '${SCHEMA}' order by 1`,
      )
    const before = await tables()
    const lease = await sandbox.acquire('sync:vips', 'run-1')
    await sandbox.syncs.ensureSnapshot(lease, {
      sync: 'vips',
      account: 'a',
      keyFields: ['e'],
      hashVersion: '1',
    })
    assert.equal(sandbox.syncs.snapshotTable('vips').name, 'sandbox_snapshot_vips')
    assert.deepEqual(await real.syncs.snapshots(), [])
    assert.equal((await sandbox.syncs.snapshots()).length, 1)
    await lease.release()
    await sandbox.dropPrefixed()
    assert.deepEqual(await tables(), before)
    assert.deepEqual(await sandbox.syncs.snapshots(), [])
    await assert.rejects(real.dropPrefixed(), (error: SluiceError) => error.code === 'SLU9001')
  })

  test(name('runs are told as they were written, the newest first'), async (t) => {
    const ledger = await ledgerOn(await open(t))
    await ledger.prepare()
    const later = '2026-02-01T08:00:00.000Z' as typeof AT
    await ledger.runs.start({ runId: 'aa_1', command: 'build', asOf: AT, fingerprint: 'f', startedAt: AT })
    await ledger.runs.start({ runId: 'aax2', command: 'sync', asOf: AT, fingerprint: 'f', startedAt: later })
    const lease = await ledger.acquire('build', 'aax2')
    await ledger.runs.finish('aa_1', {
      status: 'failed',
      exitCode: 1,
      error: "it's broken",
      finishedAt: later,
    })
    const first = {
      runId: 'aa_1',
      command: 'build',
      status: 'failed',
      asOf: AT,
      startedAt: AT,
      finishedAt: later,
      exitCode: 1,
      error: "it's broken",
    }
    const [newest, oldest] = await ledger.runs.list(10)
    assert.deepEqual([newest?.runId, newest?.status, newest?.finishedAt], ['aax2', 'running', undefined])
    assert.deepEqual(oldest, first)
    assert.deepEqual(await ledger.runs.find('aa_'), [first])
    const figures = {
      runId: 'aax2',
      sync: 'vips',
      status: 'partial',
      planId: undefined,
      add: 1,
      change: 2,
      remove: 3,
      left: 4,
      unchanged: 5,
      held: 6,
      resync: 2,
      withinTolerance: 1,
      invalid: 2,
      heldBy: { consent: 6 },
      applied: 7,
      rejected: 8,
      pending: 9,
      requests: 10,
      seconds: 0.25,
      resumed: true,
      error: undefined,
      destination: 'crm',
      sentRows: 20,
      resentRows: 5,
      sentBytes: 2 ** 40,
      sentFields: ['email', 'city'],
    }
    await ledger.runs.recordSync(figures)
    assert.deepEqual(await ledger.runs.syncsOf('aax2'), [figures])
    await lease.release()
  })

  test(
    name('published nodes are those of the last build, and the greatest as_of is remembered'),
    async (t) => {
      const ledger = await ledgerOn(await open(t))
      const lease = await ledger.acquire('build', 'run-1')
      const before = '2026-01-01T00:00:00.000Z' as typeof AT
      const node = (id: string, rows: number, asOf = AT) => ({
        id,
        fingerprint: `f${rows}`,
        asOf,
        runId: 'run-1',
        rows,
      })
      const of = { runId: 'run-1', made: [], stale: [] }
      const first = { ...of, buildNumber: 1, asOf: AT, nodes: [node('entity:a', 1), node('segment:b', 2)] }
      await lease.fenced(() => ledger.published.record(first))
      const second = { ...of, buildNumber: 2, asOf: before, nodes: [node('entity:a', 3, before)] }
      await lease.fenced(() => ledger.published.record(second))
      assert.deepEqual(
        [...(await ledger.published.nodes()).values()],
        [node('entity:a', 3, before), node('segment:b', 2)],
      )
      assert.equal(await ledger.published.lastAsOf(), AT)
      assert.equal(await ledger.published.nextBuildNumber(), 3)
      await lease.release()
    },
  )
})

test('postgres: processes that make the schema at the same time all find it made', async (t) => {
  const warehouse = await openEngine('postgres', t)
  const ledgers = await Promise.all(
    Array.from({ length: 6 }, async () => ledgerOn(await warehouse.openSession())),
  )
  await Promise.all(ledgers.map((ledger) => ledger.prepare()))
  assert.equal((await read(warehouse, `select * from ${SCHEMA}.meta`)).length, 1)
  for (const ledger of ledgers) assert.deepEqual(await ledger.runs.list(1), [])
})
