import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { createHttpTools } from '../../src/connector/http-client.ts'
import type { Batch, Change, Connection, Receipt } from '../../src/connector/types.ts'
import { batchOf } from '../../test/support/batches.ts'
import { startFake } from './fake.ts'
import { connector } from './index.ts'

async function connected(context: TestContext): Promise<Connection> {
  const fake = await startFake()
  const tools = createHttpTools({ clock: systemClock })
  context.after(async () => {
    await tools.close()
    await fake.close()
  })
  return connector.connect(fake.settings, tools)
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
  const connection = await connected(context)
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
  const connection = await connected(context)
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
