import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { createHttpTools } from '../../src/connector/http-client.ts'
import type { Batch, Change, Connection, Receipt } from '../../src/connector/types.ts'
import { batchOf } from '../../test/support/batches.ts'
import { type SalesforceFake, startFake } from './fake.ts'
import { connector } from './index.ts'

async function rig(
  context: TestContext,
): Promise<{ readonly fake: SalesforceFake; readonly connection: Connection }> {
  const fake = await startFake()
  const tools = createHttpTools({ clock: systemClock })
  context.after(async () => {
    await tools.close()
    await fake.close()
  })
  return { fake, connection: connector.connect(fake.settings, tools) }
}

function batch(changes: readonly Change[], mode: Batch['mode'] = 'upsert'): Batch {
  return { ...batchOf('Contact', changes), mode }
}

function change(key: string, fields: Change['fields'], op: Change['op'] = 'change'): Change {
  return { op, key: { External_Id__c: key }, fields }
}

async function started(connection: Connection, rows: Batch): Promise<string> {
  const answer = await connection.start?.(rows)
  assert.ok(answer !== undefined && 'jobId' in answer)
  return answer.jobId
}

async function receiptsOf(connection: Connection, jobId: string, rows: Batch): Promise<readonly Receipt[]> {
  const answer = await connection.poll?.(jobId, { ...rows, changes: async () => rows.changes() })
  assert.ok(answer?.status === 'done')
  return answer.receipts
}

test('a record that somebody else deletes before the job comes to it is gone, as it should be', async (context) => {
  const { connection } = await rig(context)
  const keys = ['a', 'b']
  await connection.write(batch(keys.map((key) => change(key, { LastName: key }))))
  const leaving = batch(keys.map((key) => change(key, {}, 'remove')))
  const jobId = await started(connection, leaving)
  await connection.write(batch([change('a', {}, 'remove')]))
  assert.deepEqual(await receiptsOf(connection, jobId, leaving), [
    { status: 'applied' },
    { status: 'applied' },
  ])
})

test('rows that no job got keep their own receipts beside those that Salesforce refused and took', async (context) => {
  const { connection } = await rig(context)
  await connection.write(batch(['b', 'c', 'e'].map((key) => change(key, { LastName: key }))))
  const rows = batch(
    [
      change('a', { City__c: 'x' }),
      change('b', { Email: 'nobody' }),
      change('c', { City__c: 'x' }),
      change('gone', {}, 'remove'),
      change('e', {}, 'remove'),
    ],
    'update',
  )
  const receipts = await receiptsOf(connection, await started(connection, rows), rows)
  const told = receipts.map((receipt) => ('error' in receipt ? receipt.error : receipt.status))
  assert.match(told[0] ?? '', /no record with this external id/)
  assert.match(told[1] ?? '', /INVALID_EMAIL_ADDRESS/)
  assert.deepEqual(told.slice(2), ['applied', 'applied', 'applied'])
})

/** What Salesforce says next, instead of what it would. */
function says({ server }: SalesforceFake, info: object, ...files: readonly string[]): void {
  for (const body of [JSON.stringify(info), ...files]) server?.script({ kind: 'answer', status: 200, body })
}

test('a job of which all was taken is asked for once, and no file of it is read', async (context) => {
  const { fake, connection } = await rig(context)
  const rows = batch(['a', 'b'].map((key) => change(key, { LastName: key })))
  const jobId = await started(connection, rows)
  const before = fake.server?.requests.length ?? 0
  assert.deepEqual(await receiptsOf(connection, jobId, rows), [{ status: 'applied' }, { status: 'applied' }])
  assert.equal(fake.server?.requests.length, before + 1)
})

test('a job that is complete and did not come to all of its records is told by name', async (context) => {
  const { fake, connection } = await rig(context)
  const rows = batch(['a', 'b', 'c'].map((key) => change(key, { LastName: key })))
  const jobId = await started(connection, rows)
  says(
    fake,
    { state: 'JobComplete', numberRecordsProcessed: 1, numberRecordsFailed: 0 },
    '',
    '"sf__Id","sf__Created","External_Id__c"\n"003","true","a"\n',
    '"External_Id__c"\n"b"\n',
  )
  const receipts = await receiptsOf(connection, jobId, rows)
  const told = receipts.map((receipt) => [receipt.status, 'ambiguous' in receipt])
  assert.deepEqual(told, [
    ['applied', false],
    ['retry', false],
    ['retry', true],
  ])
})

test('a record that is deleted already counts as gone, though a query still shows it', async (context) => {
  const { fake, connection } = await rig(context)
  await connection.write(batch([change('a', { LastName: 'a' })]))
  const rows = batch([change('a', {}, 'remove')])
  const jobId = await started(connection, rows)
  const id = '003000000000001AAA'
  says(
    fake,
    { state: 'JobComplete', numberRecordsProcessed: 1, numberRecordsFailed: 1 },
    `"sf__Id","sf__Error","Id"\n"${id}","ENTITY_IS_DELETED:entity is deleted:--","${id}"\n`,
  )
  assert.deepEqual(await receiptsOf(connection, jobId, rows), [{ status: 'applied' }])
})

test('no job is made for no record', async (context) => {
  const { fake, connection } = await rig(context)
  const nobody = [change('a', { City__c: 'x' }), change('b', {}, 'remove')]
  const answer = await connection.start?.(batch(nobody, 'update'))
  assert.ok(answer !== undefined && 'receipts' in answer)
  assert.deepEqual(
    answer.receipts.map(({ status }) => status),
    ['rejected', 'applied'],
  )
  assert.ok(fake.server?.requests.every(({ path }) => !path.includes('/jobs/')))
})

test('a job that was ended before its end is told row by row, and what it did not come to is tried again', async (context) => {
  const { fake, connection } = await rig(context)
  const rows = batch(['a', 'b', 'c'].map((key) => change(key, { LastName: key })))
  const jobId = await started(connection, rows)
  says(
    fake,
    { state: 'Aborted', numberRecordsProcessed: 2, numberRecordsFailed: 1 },
    '"sf__Id","sf__Error","External_Id__c","LastName"\n"","UNABLE_TO_LOCK_ROW:no:--","b","b"',
    '"sf__Id","sf__Created","External_Id__c","LastName"\n"003","true","a","a"',
    'External_Id__c,LastName\nc,c',
  )
  const receipts = await receiptsOf(connection, jobId, rows)
  const told = receipts.map((receipt) => [receipt.status, 'ambiguous' in receipt])
  assert.deepEqual(told, [
    ['applied', false],
    ['retry', false],
    ['retry', false],
  ])
})

test('failed records that nobody can place leave the other rows in doubt, not applied', async (context) => {
  const { fake, connection } = await rig(context)
  const rows = batch(['a', 'b'].map((key) => change(key, { LastName: key })))
  const jobId = await started(connection, rows)
  says(
    fake,
    { state: 'JobComplete', numberRecordsProcessed: 2, numberRecordsFailed: 1 },
    '"sf__Id","sf__Error","External_Id__c"\n"","REQUIRED_FIELD_MISSING:no:--","elsewhere"\n',
    '',
    '',
  )
  for (const receipt of await receiptsOf(connection, jobId, rows))
    assert.ok(receipt.status === 'retry' && receipt.ambiguous === true)
})

test('a job that broke is started again, one whose file is refused is halved', async (context) => {
  const { fake, connection } = await rig(context)
  const rows = batch([change('a', { LastName: 'a' })])
  for (const [state, errorMessage, retry] of [
    ['Failed', 'InvalidBatch : a row has more than 400000 characters', false],
    ['Failed', 'TooManyLockFailure : too many', true],
    ['Aborted', undefined, true],
    ['Open', undefined, true],
  ] as const) {
    const jobId = await started(connection, rows)
    says(fake, { state, errorMessage, numberRecordsProcessed: 0, numberRecordsFailed: 0 })
    const answer = await connection.poll?.(jobId, { ...rows, changes: async () => rows.changes() })
    assert.ok(answer?.status === 'failed')
    assert.equal(answer.retry, retry, errorMessage)
  }
})
