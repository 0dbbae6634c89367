import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { SluiceError } from '../../src/base/errors.ts'
import { openWarehouse } from '../../src/warehouse/open.ts'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import type { DatabricksFake } from '../support/cloud/databricks-fake.ts'
import { freshDatabricks, openOn } from '../support/cloud/databricks-like.ts'

const run = (warehouse: Warehouse, text: string) => warehouse.execute({ step: 'test', sql: text })
const read = (warehouse: Warehouse, text: string) => warehouse.read({ step: 'test', sql: text })
const SUBMIT = /^POST \/api\/2\.0\/sql\/statements\/$/

function clientSettings(fake: DatabricksFake, changed: Readonly<Record<string, string>> = {}) {
  const settings = new Map([...fake.settings].filter(([name]) => name !== 'token'))
  const { id, secret } = fake.tokens.client
  for (const [name, value] of Object.entries({ client_id: id, client_secret: secret, ...changed }))
    settings.set(name, value)
  return settings
}

test('databricks: a service principal logs in, and again before its token ends and when it is refused', async (context) => {
  const fake = await freshDatabricks(context)
  const warehouse = await openOn(fake, { settings: clientSettings(fake) })
  assert.deepEqual(fake.tokens.granted, ['oauth-token-1'])
  await read(warehouse, 'select 1 as a')
  assert.equal(fake.tokens.granted.length, 1)
  fake.tokens.end()
  await run(warehouse, 'create table t as select 1 as a')
  assert.equal(fake.tokens.granted.length, 2)
  // each is at half of its life when it comes
  fake.tokens.lifeSeconds = 0
  fake.tokens.end()
  await read(warehouse, 'select 1 as a')
  await read(warehouse, 'select 1 as a')
  assert.equal(fake.tokens.granted.length, 4)
  assert.deepEqual(await read(warehouse, 'select count(*) as n from t'), [{ n: 1 }])
})

test('databricks: a token of a person is a log-in of its own, and two ways are told apart by auth_type', async (context) => {
  const fake = await freshDatabricks(context)
  const both = new Map([...clientSettings(fake), ['token', fake.tokens.personal]])
  await openOn(fake, { settings: both })
  assert.equal(fake.asked.at(-1)?.authorization, `Bearer ${fake.tokens.personal}`)
  await openOn(fake, { settings: new Map([...both, ['auth_type', 'oauth-m2m']]) })
  assert.equal(fake.asked.at(-1)?.authorization, 'Bearer oauth-token-1')
})

test('databricks: a log-in that is refused is told without what is secret', async (context) => {
  const fake = await freshDatabricks(context)
  const wrong = [
    clientSettings(fake, { client_secret: 'not-the-secret' }),
    new Map([...fake.settings, ['token', 'dapi-not-the-token']]),
  ]
  for (const settings of wrong)
    await assert.rejects(openOn(fake, { settings }), (error) => {
      assert.ok(error instanceof SluiceError)
      assert.equal(error.code, 'SLU3002')
      assert.doesNotMatch(`${error.message} ${error.hint} ${error.stack}`, /not-the|dose-s3cret|dapi/)
      return true
    })
})

test('databricks: what is turned away for a while is sent again when it is told to', async (context) => {
  const fake = await freshDatabricks(context)
  const warehouse = await openOn(fake)
  await run(warehouse, 'create table t (a int)')
  fake.faults.push({ request: SUBMIT, status: 429, retryAfter: '0.05', times: 2 })
  fake.faults.push({ request: SUBMIT, status: 503, retryAfter: '0', times: 1 })
  assert.equal(await run(warehouse, 'insert into t values (1)'), 1)
  assert.deepEqual(await read(warehouse, 'select count(*) as n from t'), [{ n: 1 }])
})

test('databricks: a question whose answer is lost is asked again, a write is not', async (context) => {
  const fake = await freshDatabricks(context)
  const warehouse = await openOn(fake)
  await run(warehouse, 'create table t (a int)')
  fake.faults.push({ request: SUBMIT, carriedOut: true, times: 1 })
  assert.deepEqual(await read(warehouse, 'select count(*) as n from t'), [{ n: 0 }])
  for (const status of [undefined, 502]) {
    fake.faults.push({
      request: SUBMIT,
      carriedOut: true,
      times: 1,
      ...(status === undefined ? {} : { status }),
    })
    await assert.rejects(run(warehouse, 'insert into t values (1)'), {
      code: 'SLU3011',
      message: /nobody knows whether it ran/,
    })
  }
  assert.deepEqual(await read(warehouse, 'select count(*) as n from t'), [{ n: 2 }])
})

test('databricks: a write is followed to its end though the answers to questions about it are lost', async (context) => {
  const fake = await freshDatabricks(context)
  const warehouse = await openOn(fake)
  fake.statements.waitMs = 0
  fake.faults.push({ request: /^GET \/api\/2\.0\/sql\/statements\/01ef/, times: 1 })
  fake.faults.push({ request: /^GET \/api\/2\.0\/sql\/statements\/01ef/, status: 500, times: 1 })
  await run(warehouse, 'create table t as select 1 as a')
  assert.deepEqual(await read(warehouse, 'select a from t'), [{ a: 1 }])
})

test('databricks: a write that another one was in the way of is tried again, and not for ever', async (context) => {
  const fake = await freshDatabricks(context)
  const warehouse = await openOn(fake)
  await run(warehouse, 'create table t as select 1 as a')
  const failed = {
    ...{ statement_id: '01ef-conflict', status: { state: 'FAILED' } },
  }
  const error = {
    ...{ error_code: 'BAD_REQUEST' },
    message: '[DELTA_CONCURRENT_APPEND.WITHOUT_HINT] Transaction conflict detected. SQLSTATE: 2D521',
  }
  const body = { ...failed, status: { ...failed.status, error, sql_state: '2D521' } }
  const fault = { request: SUBMIT, status: 200, body, times: 2 }
  fake.faults.push(fault)
  assert.equal(await run(warehouse, 'update t set a = 2 where a = 1'), 1)
  fault.times = 100
  await assert.rejects(run(warehouse, 'update t set a = 3'), {
    code: 'SLU3010',
    kind: 'busy',
    message: /DELTA_CONCURRENT_APPEND.WITHOUT_HINT\) \(statement 01ef-conflict\)/,
  })
  assert.equal(fault.times, 95)
})

test('databricks: a result that the service has let go, or cut short, is told', async (context) => {
  const fake = await freshDatabricks(context, { chunkRows: 10 })
  const warehouse = await openOn(fake)
  const many = 'select range as i from range(25)'
  fake.faults.push({ request: /^GET .*\/result\/chunks\/1/, status: 404, times: 1 })
  await assert.rejects(read(warehouse, many), { code: 'SLU3011', message: /let it go/ })
  assert.equal((await read(warehouse, many)).length, 25)
  const manifest = { truncated: true, schema: { columns: [] } }
  const body = { statement_id: '01ef-cut', status: { state: 'SUCCEEDED' }, manifest }
  fake.faults.push({ request: SUBMIT, status: 200, body, times: 1 })
  const all = async () => {
    for await (const rows of warehouse.stream({ step: 'all', sql: many })) assert.fail(String(rows))
  }
  await assert.rejects(all(), { code: 'SLU3017', message: /cut them/ })
})

test('databricks: a server that is not there, or is another one, or has no such SQL warehouse, is told', async (context) => {
  const fake = await freshDatabricks(context)
  const clock = { ...systemClock, sleep: async () => {} }
  const open = (settings: ReadonlyMap<string, string>) =>
    openWarehouse({ type: 'databricks', directory: '.', settings, runId: 'test', clock })
  const gone = open(new Map([...fake.settings, ['host', 'http://127.0.0.1:65529']]))
  await assert.rejects(gone, { code: 'SLU3001', message: /127.0.0.1:65529, found that it does not answer/ })
  const other = new Map([...fake.settings, ['warehouse_id', 'fff']])
  await assert.rejects(open(other), { code: 'SLU3013', message: /SQL warehouse fff/ })
  fake.faults.push({ request: SUBMIT, status: 503, times: 100 })
  await assert.rejects(open(fake.settings), { code: 'SLU3001', message: /status 503 after 7 tries/ })
})

test('databricks: settings that cannot be used are told before anything is sent', async (context) => {
  const fake = await freshDatabricks(context)
  const wrong: readonly (readonly [Readonly<Record<string, string>>, RegExp])[] = [
    [{ host: '' }, /"host"/],
    [{ host: 'http://dbc.example' }, /host of a workspace/],
    [{ http_path: 'sql/protocolv1/o/0/1234-cluster' }, /warehouse_id, or the http_path/],
    [{ auth_type: 'azure' }, /auth_type pat or oauth or oauth-m2m/],
    [{ token: '' }, /token, or client_id/],
    [{ token: '', client_id: 'one' }, /no client_secret/],
    [{ statement_timeout_seconds: 'soon' }, /statement_timeout_seconds/],
  ]
  for (const [changed, message] of wrong)
    await assert.rejects(
      openOn(fake, { settings: new Map([...fake.settings, ...Object.entries(changed)]) }),
      {
        code: 'SLU3013',
        message,
      },
    )
  assert.equal(fake.asked.length, 0)
})

test('databricks: a workspace with other rules than printed SQL counts on is refused', async (context) => {
  const fake = await freshDatabricks(context)
  const answer = (cells: readonly string[]) => ({
    ...{ statement_id: '01ef-rules', status: { state: 'SUCCEEDED' } },
    manifest: {
      schema: { columns: ['plain', 'catalog'].map((name) => ({ name, type_text: 'STRING' })) },
    },
    result: { data_array: [cells] },
  })
  for (const cells of [
    ['1E-10', 'main'],
    ['0.0000000001', 'hive_metastore'],
  ]) {
    fake.faults.push({ request: SUBMIT, status: 200, body: answer(cells), times: 1 })
    await assert.rejects(openOn(fake), { code: 'SLU3013', message: /ANSI|Unity Catalog/ })
  }
})
