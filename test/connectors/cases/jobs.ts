import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { DestinationError } from '../../../src/connector/errors.ts'
import type { Fault } from '../../../src/connector/fake-server.ts'
import type { ConnectorFake, Receipt } from '../../../src/connector/types.ts'
import { applied, poll, pollToTheEnd, rigOf, serverOf, start } from '../rig.ts'
import type { Subject } from '../subjects.ts'
import { type Case, unless } from './case.ts'
import { asJobs, isIdempotent, overHttp } from './rules.ts'

/** What connectors say of jobs. */
export const JOB_CASES: readonly Case[] = [
  {
    id: 'job slow',
    sentence: 'a job that is slow is running until it is done, and then says the same each time it is asked',
    notFor: asJobs,
    async body(context, subject) {
      const { connection, fake, held, asHeld, batch, changes } = await rigOf(context, subject)
      const rows = batch(changes(3))
      jobsOf(fake).script({ kind: 'slow', polls: 2 })
      const jobId = await start(connection, rows)
      for (const _ of [1, 2]) assert.equal((await poll(connection, jobId, rows)).status, 'running')
      const done = { status: 'done', receipts: applied(rows.changes()) }
      for (const _ of [1, 2]) assert.deepEqual(await pollToTheEnd(connection, jobId, rows), done)
      assert.deepEqual(held(), asHeld(rows.changes()))
    },
  },
  ...[true, false].map(
    (retry): Case => ({
      id: retry ? 'job failed, to be started again' : 'job failed, refused',
      sentence: `a job that ${retry ? 'broke' : 'was refused'} is told as failed, and the batch can be started again`,
      notFor: asJobs,
      body: (context, subject) => fails(context, subject, retry),
    }),
  ),
  {
    id: 'job partial',
    sentence: 'a job that took only some rows has a receipt for each, in the order of the batch',
    notFor: asJobs,
    body: takesSome,
  },
  {
    id: 'job forgotten',
    sentence: 'a job that nobody knows any more is told as forgotten, and one of another account too',
    notFor: asJobs,
    async body(context, subject) {
      const { connection, fake, batch, changes } = await rigOf(context, subject)
      const rows = batch(changes(2))
      jobsOf(fake).script({ kind: 'forgotten' })
      const jobId = await start(connection, rows)
      assert.deepEqual(await pollToTheEnd(connection, jobId, rows), { status: 'forgotten' })
      const other = await rigOf(context, subject)
      assert.deepEqual(await pollToTheEnd(other.connection, jobId, rows), { status: 'forgotten' })
    },
  },
  {
    id: 'job of another process',
    sentence: 'a job is answered for to another connection than the one that started it',
    notFor: asJobs,
    async body(context, subject) {
      const { connection, reconnect, held, asHeld, batch, changes } = await rigOf(context, subject)
      const rows = batch(changes(3))
      const jobId = await start(connection, rows)
      const answer = await pollToTheEnd(await reconnect(), jobId, rows)
      assert.deepEqual(answer, { status: 'done', receipts: applied(rows.changes()) })
      assert.deepEqual(held(), asHeld(rows.changes()))
    },
  },
  {
    id: 'job started twice',
    sentence: 'a batch that is started twice, by two connections, arrives once',
    notFor: unless(asJobs, isIdempotent),
    async body(context, subject) {
      const { connection, reconnect, held, asHeld, batch, changes } = await rigOf(context, subject)
      const rows = batch(changes(3))
      const first = await start(connection, rows)
      const later = await reconnect()
      const second = await start(later, rows)
      for (const jobId of [first, second])
        assert.equal((await pollToTheEnd(later, jobId, rows)).status, 'done')
      assert.deepEqual(held(), asHeld(rows.changes()))
    },
  },
  {
    id: 'job question unanswered',
    sentence: 'a question that is not answered is told as such, and says nothing of the job',
    notFor: unless(asJobs, overHttp),
    body: doesNotAnswer,
  },
]

async function fails(context: TestContext, subject: Subject, retry: boolean): Promise<void> {
  const { connection, fake, held, asHeld, batch, changes } = await rigOf(context, subject)
  const rows = batch(changes(3))
  jobsOf(fake).script({ kind: 'failed', retry, error: 'broke' })
  const answer = await pollToTheEnd(connection, await start(connection, rows), rows)
  assert.ok(answer.status === 'failed', answer.status)
  assert.notEqual(answer.error, '')
  // One that is to be started again may have done any part of its work.
  assert.equal(answer.retry, retry)
  assert.deepEqual(held(), [])
  const second = await start(connection, rows)
  assert.deepEqual(await pollToTheEnd(connection, second, rows), {
    status: 'done',
    receipts: applied(rows.changes()),
  })
  assert.deepEqual(held(), asHeld(rows.changes()))
}

async function takesSome(context: TestContext, subject: Subject): Promise<void> {
  const { connection, fake, held, asHeld, batch, changes } = await rigOf(context, subject)
  const rows = batch(changes(4))
  const refused = new Map<number, Receipt>([
    [1, { status: 'rejected', error: 'no such city' }],
    [3, { status: 'rejected', error: 'no such city either' }],
  ])
  jobsOf(fake).script({ kind: 'partial', rows: refused })
  const answer = await pollToTheEnd(connection, await start(connection, rows), rows)
  assert.ok(answer.status === 'done', answer.status)
  const statuses = answer.receipts.map(({ status }) => status)
  assert.deepEqual(statuses, ['applied', 'rejected', 'applied', 'rejected'])
  for (const place of refused.keys()) {
    const receipt = answer.receipts[place]
    assert.ok(receipt?.status === 'rejected' && receipt.error !== '')
  }
  const taken = rows.changes().filter((_, place) => !refused.has(place))
  assert.deepEqual(held(), asHeld(taken))
}

async function doesNotAnswer(context: TestContext, subject: Subject): Promise<void> {
  const rig = await rigOf(context, subject, { timeout_seconds: IMPATIENT_SECONDS })
  const { connection, fake, held, asHeld, batch, changes } = rig
  const rows = batch(changes(2))
  const jobId = await start(connection, rows)
  const faults: readonly Fault[] = [
    { kind: 'answer', status: 429, headers: { 'retry-after': '7' } },
    { kind: 'answer', status: 500 },
    { kind: 'hang' },
    { kind: 'reset' },
  ]
  for (const fault of faults) {
    serverOf(fake).script(fault)
    const error = await poll(connection, jobId, rows).catch((thrown) => thrown)
    assert.ok(error instanceof DestinationError, String(error))
    assert.equal(error.action, 'retry')
  }
  assert.equal((await pollToTheEnd(connection, jobId, rows)).status, 'done')
  assert.deepEqual(held(), asHeld(rows.changes()))
}

const IMPATIENT_SECONDS = 1

function jobsOf(fake: ConnectorFake): NonNullable<ConnectorFake['jobs']> {
  return fake.jobs ?? assert.fail('the fake has no jobs')
}
