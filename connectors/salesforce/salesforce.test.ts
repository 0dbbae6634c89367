import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import { createHttpTools } from '../../src/connector/http-client.ts'
import type {
  Batch,
  Change,
  Connection,
  JobAnswer,
  JsonValue,
  Receipt,
  Settings,
} from '../../src/connector/types.ts'
import { batchOf } from '../../test/support/batches.ts'
import { type SalesforceFake, startFake } from './fake.ts'
import { connector } from './index.ts'

interface Rig {
  readonly fake: SalesforceFake
  readonly connection: Connection
  connect(settings: Settings): Connection
}

async function rig(context: TestContext): Promise<Rig> {
  const fake = await startFake()
  const tools = createHttpTools({ clock: systemClock })
  context.after(async () => {
    await tools.close()
    await fake.close()
  })
  const connect = (settings: Settings) =>
    connector.connect(settings, tools, { object: 'Contact', settings: {} })
  return { fake, connect, connection: connect(fake.settings) }
}

function change(key: string, fields: Change['fields'], op: Change['op'] = 'add'): Change {
  return { op, key: { External_Id__c: key }, fields }
}

const gone = (key: string): Change => change(key, {}, 'remove')

function batch(changes: readonly Change[], more: Partial<Batch> = {}): Batch {
  return { ...batchOf('Contact', changes), ...more }
}

const APPLIED: Receipt = { status: 'applied' }

async function finished(connection: Connection, rows: Batch): Promise<JobAnswer> {
  const started = await connection.start?.(rows)
  assert.ok(started !== undefined && 'jobId' in started, 'it was answered at once')
  return asked(connection, started.jobId, rows)
}

async function asked(connection: Connection, jobId: string, rows: Batch): Promise<JobAnswer> {
  assert.ok(connection.poll !== undefined, 'it cannot be asked')
  return connection.poll(jobId, { ...rows, changes: async () => rows.changes() })
}

const done = (...receipts: readonly Receipt[]): JobAnswer => ({ status: 'done', receipts })

async function errorOf(work: Promise<unknown> | undefined): Promise<DestinationError> {
  const outcome = await work?.catch((error: unknown) => error)
  assert.ok(outcome instanceof DestinationError, String(outcome))
  return outcome
}

const fieldsIn = ({ fake }: Rig) => fake.held('', 'Contact').map(({ fields }) => fields)

for (const way of ['refresh', 'jwt', 'session'] as const)
  test(`it is let in by ${way}, and where tokens are given it is told the address of the org`, async (context) => {
    const { fake, connect } = await rig(context)
    const settings = fake.ways()[way]
    assert.equal(await connect(settings).account(), 'org 00D000000000042EAA, Contact')
    assert.equal('base_url' in settings, way === 'session')
  })

test('a session that has ended is told as such, and a new connection has a new one', async (context) => {
  const { fake, connect, connection } = await rig(context)
  await connection.account()
  fake.expireTokens()
  assert.equal((await errorOf(connection.account())).action, 'refresh')
  assert.match(await connect(fake.settings).account(), /^org /)
})

test('a quota that is used up is waited out, though Salesforce says 403', async (context) => {
  const { fake, connection } = await rig(context)
  await connection.account()
  const body = JSON.stringify([
    { errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'TotalRequests Limit exceeded.' },
  ])
  fake.server?.script({ kind: 'answer', status: 403, body })
  const error = await errorOf(connection.account())
  assert.deepEqual([error.action, error.ambiguous], ['retry', false])
  fake.server?.script({ kind: 'answer', status: 403, body: '[{"errorCode":"API_DISABLED_FOR_ORG"}]' })
  assert.equal((await errorOf(connection.account())).action, 'stop')
})

test('values go in the types of their fields, whatever the warehouse has them as', async (context) => {
  const one = await rig(context)
  const fields: Readonly<Record<string, JsonValue>> = {
    ...{ LastName: 42, City__c: true, Score__c: '17', Vip__c: 'false', Interests__c: ['a', 'b'] },
    About__c: { of: 'json' },
  }
  const typed = {
    ...{ LastName: '42', City__c: 'true', Score__c: 17, Vip__c: false, Interests__c: 'a;b' },
    About__c: '{"of":"json"}',
  }
  assert.deepEqual(await one.connection.write(batch([change('a', fields)])), [APPLIED])
  assert.deepEqual(fieldsIn(one), [typed])
  const bulk = batch([change('b', fields)], { isBulk: true })
  assert.deepEqual(await finished(one.connection, bulk), done(APPLIED))
  assert.deepEqual(fieldsIn(one), [typed, typed])
})

test('a refused record is a rejected row with the words of Salesforce, and no value of the row', async (context) => {
  const { connection } = await rig(context)
  const rows = [change('a', { LastName: 'Ada' }), change('b', { Email: 'canary-nobody' })]
  assert.deepEqual(await connection.write(batch(rows)), [
    APPLIED,
    {
      status: 'rejected',
      error: 'Salesforce: INVALID_EMAIL_ADDRESS Email: invalid email address: [value] (Email)',
    },
  ])
  assert.deepEqual(
    await finished(connection, batch(rows)),
    done(APPLIED, {
      status: 'rejected',
      error: 'Salesforce: INVALID_EMAIL_ADDRESS:Email: invalid email address: [value]:Email',
    }),
  )
})

test('a record that is locked is tried again, when it is written and when it leaves', async (context) => {
  const { fake, connection } = await rig(context)
  const rows = ['a', 'b'].map((key) => change(key, { LastName: key }))
  const statuses = (receipts: readonly Receipt[]) => receipts.map(({ status }) => status)
  fake.lock(1)
  assert.deepEqual(statuses(await connection.write(batch(rows))), ['retry', 'applied'])
  await connection.write(batch(rows))
  const removals = batch([gone('a'), gone('b')])
  fake.lock(1)
  const answer = await finished(connection, removals)
  assert.ok(answer.status === 'done')
  assert.deepEqual(statuses(answer.receipts), ['retry', 'applied'])
  fake.lock(1)
  assert.deepEqual(statuses(await connection.write(removals)), ['retry', 'applied'])
  assert.deepEqual(fake.held('', 'Contact').length, 1)
})

for (const isBulk of [false, true]) {
  const way = isBulk ? 'in a job' : 'at once'
  const take = async (connection: Connection, rows: Batch) => {
    if (!isBulk) return connection.write(rows)
    const started = await connection.start?.({ ...rows, isBulk })
    assert.ok(started !== undefined)
    if ('receipts' in started) return started.receipts
    const answer = await asked(connection, started.jobId, rows)
    assert.ok(answer.status === 'done')
    return answer.receipts
  }

  test(`mode update changes records that are there, and rejects the others ${way}`, async (context) => {
    const one = await rig(context)
    const rows = ['a', 'b', "o'c\\d\n"].map((key) => change(key, { LastName: key }))
    await one.connection.write(batch(rows))
    const changes = ['A', 'x', "o'c\\d\n", 'y'].map((key) => change(key, { LastName: `${key}!` }, 'change'))
    const receipts = await take(one.connection, batch(changes, { mode: 'update' }))
    assert.deepEqual(
      receipts.map(({ status }) => status),
      ['applied', 'rejected', 'applied', 'rejected'],
    )
    assert.match(JSON.stringify(receipts[1]), /no record with this external id/)
    assert.deepEqual(fieldsIn(one), [{ LastName: 'A!' }, { LastName: 'b' }, { LastName: "o'c\\d\n!" }])
    const none = await take(one.connection, batch([change('z', { LastName: 'z' })], { mode: 'update' }))
    assert.deepEqual(
      none.map(({ status }) => status),
      ['rejected'],
    )
  })

  test(`rows that leave and rows that are written go in one batch ${way}`, async (context) => {
    const one = await rig(context)
    await one.connection.write(batch(['a', 'b', 'c'].map((key) => change(key, { LastName: key }))))
    const mixed = [
      gone('b'),
      change('d', { LastName: 'd' }),
      gone('nobody'),
      change('a', { City__c: 'Rome' }),
    ]
    assert.deepEqual(
      await take(one.connection, batch(mixed)),
      mixed.map(() => APPLIED),
    )
    assert.deepEqual(fieldsIn(one), [
      { LastName: 'a', City__c: 'Rome' },
      { LastName: 'c' },
      { LastName: 'd' },
    ])
  })

  test(`keys that are numbers are found by their numbers ${way}`, async (context) => {
    const one = await rig(context)
    const numbered = (key: string, op: Change['op']): Change => ({
      op,
      key: { Member_Number__c: key },
      fields: op === 'remove' ? {} : { LastName: `n${key}` },
    })
    const rows = ['7', '12345678'].map((key) => numbered(key, 'add'))
    assert.deepEqual(await take(one.connection, batch(rows)), [APPLIED, APPLIED])
    const leaving = ['7.0', 'no number'].map((key) => numbered(key, 'remove'))
    assert.deepEqual(await take(one.connection, batch(leaving)), [APPLIED, APPLIED])
    assert.deepEqual(
      one.fake.held('', 'Contact').map(({ fields }) => fields.LastName),
      ['n12345678'],
    )
  })

  test(`a row that lacks a field leaves it as it is, and null clears it ${way}`, async (context) => {
    const one = await rig(context)
    const first = { LastName: 'Ada', City__c: 'London', Score__c: 1 }
    await take(one.connection, batch([change('a', first), change('b', first)]))
    const changes = [change('a', { City__c: null }, 'change'), change('b', { Score__c: 2 }, 'change')]
    assert.deepEqual(await take(one.connection, batch(changes)), [APPLIED, APPLIED])
    assert.deepEqual(fieldsIn(one), [
      { ...first, City__c: null },
      { ...first, Score__c: 2 },
    ])
  })

  test(`a parent is found by an external id of its own, and null leaves a record without one ${way}`, async (context) => {
    const one = await rig(context)
    const account = change('acme', { LastName: 'Acme' })
    await one.connection.write(batch([account], { object: 'Account' }))
    const by = (value: JsonValue) => ({ LastName: 'x', 'Account.External_Id__c': value })
    const rows = [change('a', by('acme')), change('b', by('acme')), change('c', by('nobody'))]
    const receipts = await take(one.connection, batch(rows))
    assert.deepEqual(receipts.slice(0, 2), [APPLIED, APPLIED])
    assert.match(JSON.stringify(receipts[2]), /rejected.*Foreign key external ID: \[value\] not found/)
    assert.deepEqual(await take(one.connection, batch([change('a', by(null), 'change')])), [APPLIED])
    assert.deepEqual(
      fieldsIn(one).map(({ AccountId: id }) => typeof id),
      ['object', 'string'],
    )
  })

  test(`thousands of keys are looked up by as many queries as URLs are short ${way}`, async (context) => {
    const { fake, connection } = await rig(context)
    const keys = Array.from({ length: 200 }, (_, index) => `person-${index}@${'canary'.repeat(20)}.example`)
    await connection.write(batch(keys.map((key) => change(key, { LastName: 'x' }))))
    const before = fake.server?.requests.length ?? 0
    const receipts = await take(connection, batch(keys.map(gone)))
    assert.deepEqual(
      receipts,
      keys.map(() => APPLIED),
    )
    assert.deepEqual(fake.held('', 'Contact'), [])
    const queries = fake.server?.requests.slice(before).filter(({ path }) => path.includes('/query')) ?? []
    assert.ok(queries.length > 1)
    for (const { path } of queries) assert.ok(path.length < 9000, String(path.length))
  })
}

test('several records with one external id are left alone', async (context) => {
  const one = await rig(context)
  await one.connection.write(batch(['a', 'b'].map((key) => change(key, { Email: 'same@canary.example' }))))
  const byEmail = (op: Change['op']): Change => ({
    ...{ op, key: { Email: 'same@canary.example' }, fields: op === 'remove' ? {} : { City__c: 'Rome' } },
  })
  for (const [rows, mode] of [
    [byEmail('remove'), 'upsert'],
    [byEmail('change'), 'update'],
  ] as const) {
    const [receipt] = await one.connection.write(batch([rows], { mode }))
    assert.match(JSON.stringify(receipt), /rejected.*several records/)
  }
  assert.equal(fieldsIn(one).length, 2)
})

test('a text that would clear a field in a job is rejected there, and kept at once', async (context) => {
  const one = await rig(context)
  const rows = [change('a', { LastName: '#N/A' }), change('b', { LastName: 'b' })]
  const answer = await finished(one.connection, batch(rows))
  assert.ok(answer.status === 'done')
  assert.match(JSON.stringify(answer.receipts), /^\[\{"status":"rejected".*#N\/A.*"applied"\}\]$/)
  assert.deepEqual(fieldsIn(one), [{ LastName: 'b' }])
  await one.connection.write(batch(rows))
  assert.ok(fieldsIn(one).some(({ LastName }) => LastName === '#N/A'))
})

test('names that the org does not know stop the sync and reject nothing', async (context) => {
  const { connection } = await rig(context)
  const unknown = [change('a', { Nope__c: 'x' })]
  const missing: Partial<Batch> = { object: 'Missing__c' }
  const twoKeys: Change = { op: 'add', key: { External_Id__c: 'a', Email: 'b' }, fields: { LastName: 'x' } }
  const byId: Change = { op: 'add', key: { Id: '003' }, fields: { LastName: 'x' } }
  const noKey: Change = { op: 'remove', key: { Nope__c: 'a' }, fields: {} }
  for (const [rows, message] of [
    [batch(unknown), /No such column 'Nope__c'/],
    [batch([change('a', { LastName: 'x' })], missing), /404/],
    [batch([twoKeys]), /one external id field in match, found External_Id__c, Email/],
    [batch([byId]), /found Id/],
    [batch([noKey]), /external id field Nope__c, found none/],
    [batch([change('a', { LastName: 'x' })], { object: 'a/b' }), /API name of an object/],
  ] as const) {
    const error = await errorOf(connection.write(rows))
    assert.equal(error.action, 'stop', error.message)
    assert.match(error.message, message)
  }
  const error = await errorOf(connection.start?.(batch(unknown)))
  assert.deepEqual([error.action, /found Nope__c$/.test(error.message)], ['stop', true])
})

test('fields are those of the object, with those that are computed there marked', async (context) => {
  const { connection } = await rig(context)
  const fields = new Map((await connection.fields?.())?.map(({ name, writable }) => [name, writable]))
  assert.deepEqual(
    ['LastName', 'Source__c', 'Full_Name__c', 'Id', 'Nope__c'].map((name) => fields.get(name)),
    [true, true, false, false, undefined],
  )
  const ofParents = [
    ...['Account.External_Id__c', 'Account.Email', 'Account.LastName', 'Owner.External_Id__c'],
  ]
  assert.deepEqual(
    ofParents.map((name) => fields.get(name)),
    [true, true, undefined, undefined],
  )
})

test('the text of a started batch names no value of a row', async (context) => {
  const { connection } = await rig(context)
  const rows = Array.from({ length: 50 }, (_, index) => change(`canary-${index}`, { LastName: 'canary' }))
  const leaving = ['canary-gone', 'canary-left'].map(gone)
  const started = await connection.start?.(batch([...leaving, ...rows]))
  assert.ok(started !== undefined && 'jobId' in started)
  assert.ok(!started.jobId.includes('canary'))
  assert.equal((await asked(connection, 'job-999', batch(rows))).status, 'forgotten')
})
