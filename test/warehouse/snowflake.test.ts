import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { render, sql } from '../../src/dialect/fragment.ts'
import { snowflake } from '../../src/dialect/snowflake.ts'
import { clientPackage } from '../../src/warehouse/client-package.ts'
import { openWarehouse } from '../../src/warehouse/open.ts'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import { type FakeSettings, freshSnowflake } from '../support/cloud/snowflake-like.ts'
import { temporaryFolder } from '../support/engines.ts'

async function open(
  context: TestContext,
  settings: FakeSettings,
  more: { readonly directory?: string; readonly stateSchema?: string } = {},
): Promise<Warehouse> {
  const request = { type: 'snowflake', directory: '.', runId: 'run-1', settings, ...more }
  const warehouse = await openWarehouse(request)
  context.after(() => warehouse.close())
  return warehouse
}

const read = (warehouse: Warehouse, text: string) => warehouse.read({ step: 'test', sql: text })
const execute = (warehouse: Warehouse, text: string) => warehouse.execute({ step: 'test', sql: text })

const PASSPHRASE = 'unlock-this-key'
const KEYS = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: PASSPHRASE },
})
const USERS = {
  KEYED: { publicKey: KEYS.publicKey },
  TOKENED: { accessToken: 'access-token-1' },
  GRANTED: { oauthTokens: ['oauth-token-1'], client: { id: 'client', secret: 'client-secret' } },
  WORKER: { workloadTokens: { OIDC: 'oidc-token-1' } },
  OLD: { password: 'password-1' },
}

function settingsOf(url: string, more: Readonly<Record<string, string>>): FakeSettings {
  return new Map(
    Object.entries({ account: 'acme-shop', warehouse: 'wh', database: 'shop', access_url: url, ...more }),
  )
}

test('snowflake: each way to log in is the one that its settings are for', async (context) => {
  const { fake } = await freshSnowflake(context, { users: USERS })
  const directory = temporaryFolder(context)
  writeFileSync(join(directory, 'key.p8'), KEYS.privateKey)
  const ways: readonly Readonly<Record<string, string>>[] = [
    { user: 'keyed', private_key_path: 'key.p8', private_key_passphrase: PASSPHRASE },
    {
      user: 'keyed',
      private_key: KEYS.privateKey.replaceAll('\n', '\\n'),
      private_key_passphrase: PASSPHRASE,
    },
    { user: 'tokened', token: 'access-token-1' },
    { user: 'tokened', authenticator: 'programmatic_access_token', password: 'access-token-1' },
    { user: 'granted', authenticator: 'oauth', token: 'oauth-token-1' },
    {
      ...{ user: 'granted', oauth_client_id: 'client', oauth_client_secret: 'client-secret' },
      oauth_token_request_url: `${fake.url}/oauth/token-request`,
    },
    { user: 'old', password: 'password-1' },
  ]
  for (const way of ways) {
    const warehouse = await open(context, settingsOf(fake.url, way), { directory })
    assert.deepEqual(await read(warehouse, 'select 1 as a'), [{ a: 1 }])
  }
  assert.deepEqual(
    fake.logins.map(({ AUTHENTICATOR }) => AUTHENTICATOR),
    [
      'SNOWFLAKE_JWT',
      'SNOWFLAKE_JWT',
      'PROGRAMMATIC_ACCESS_TOKEN',
      'PROGRAMMATIC_ACCESS_TOKEN',
      'OAUTH',
      'OAUTH',
      'SNOWFLAKE',
    ],
  )
})

test('snowflake: a workload logs in by the token of its provider, to hosts of Snowflake only', async (context) => {
  const { fake } = await freshSnowflake(context, { users: USERS })
  const settings = settingsOf(fake.url, { workload_identity_provider: 'oidc', token: 'oidc-token-1' })
  await assert.rejects(open(context, settings), { code: /^SLU30/ })
  process.env.SNOWFLAKE_WIF_ALLOWED_HOST_SUFFIXES = '127.0.0.1'
  context.after(() => {
    delete process.env.SNOWFLAKE_WIF_ALLOWED_HOST_SUFFIXES
  })
  const warehouse = await open(context, settings)
  assert.deepEqual(await read(warehouse, 'select 1 as a'), [{ a: 1 }])
  assert.equal(fake.logins.at(-1)?.PROVIDER, 'OIDC')
})

test('snowflake: what proves nothing is refused, and no message repeats it', async (context) => {
  const { fake } = await freshSnowflake(context, { users: USERS })
  const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  const key = String(stranger.export({ type: 'pkcs8', format: 'pem' }))
  const cases: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    ['SLU3002', { user: 'keyed', private_key: key }],
    ['SLU3002', { user: 'old', password: 'wrong-password' }],
    ['SLU3002', { user: 'tokened', token: 'wrong-token' }],
    ['SLU3013', { user: 'keyed', private_key: KEYS.privateKey }],
    ['SLU3013', { user: 'keyed', private_key: 'wrong-password!' }],
    ['SLU3013', { user: 'keyed', private_key_path: 'no/such.p8' }],
    ['SLU3013', { user: 'old', authenticator: 'externalbrowser' }],
    ['SLU3013', { user: 'old' }],
    ['SLU3013', { user: 'old', password: 'password-1', access_url: 'http://shop.example' }],
    ['SLU3013', { user: 'old', password: 'password-1', database: 'nope' }],
    ['SLU3013', { user: 'old', password: 'password-1', statement_timeout_seconds: 'soon' }],
  ]
  for (const [code, more] of cases)
    await assert.rejects(open(context, settingsOf(fake.url, more)), (error: Error & { code?: string }) => {
      assert.equal(error.code, code, `${JSON.stringify(more).slice(0, 60)}: ${error.message}`)
      assert.doesNotMatch(`${error.message} ${error.stack} ${error.cause}`, /wrong-|password-1|PRIVATE KEY/)
      return true
    })
})

test('snowflake: an account that does not answer is told as such', async (context) => {
  const { fake, settings } = await freshSnowflake(context)
  await fake.drop()
  await assert.rejects(open(context, settings), { code: 'SLU3001', message: /acme-shop/ })
})

test('snowflake: a session is in UTC, tells whose it is, sends no telemetry, and has its time to a statement', async (context) => {
  const { fake, settings } = await freshSnowflake(context)
  const warehouse = await open(context, new Map([...settings, ['statement_timeout_seconds', 600]]))
  assert.deepEqual(await read(warehouse, 'select cast(9007199254740993 as bigint) as big'), [
    { big: 9007199254740993n },
  ])
  await read(warehouse, 'select 1 as a')
  const [session] = fake.sessions
  assert.deepEqual(
    ['TIMEZONE', 'QUERY_TAG', 'STATEMENT_TIMEOUT_IN_SECONDS'].map((name) => session?.parameters.get(name)),
    ['UTC', 'sluice run-1', 600],
  )
  assert.match(session?.history.at(-1)?.text ?? '', /^\/\* sluice test run-1 \*\/ select 1 as a$/)
  assert.equal(session?.history.at(-1)?.tag, 'sluice run-1')
  assert.equal(fake.paths.includes('POST /telemetry/send'), false)
})

test('snowflake: without a warehouse that it may use, a statement says so', async (context) => {
  const { settings } = await freshSnowflake(context)
  const warehouse = open(context, new Map([...settings, ['warehouse', 'big']]))
  await assert.rejects(warehouse, { code: 'SLU3013', message: /warehouse that the role may use/ })
})

test('snowflake: a statement that takes long is asked for again until it is done', async (context) => {
  const { fake, settings } = await freshSnowflake(context, { detachAfterMs: 40 })
  const warehouse = await open(context, settings)
  const slow =
    'with recursive r(i) as (select 1 union all select i + 1 from r where i < 8000) select count(*) as n from r'
  assert.deepEqual(await read(warehouse, slow), [{ n: 8000 }])
  assert.ok(fake.paths.filter((path) => path.endsWith('/result')).length > 1)
})

test('snowflake: a session whose token ran out goes on with a new one', async (context) => {
  const { fake, settings } = await freshSnowflake(context)
  const warehouse = await open(context, settings)
  await execute(warehouse, 'create temporary table t as select 1 as a')
  fake.expireTokens()
  assert.deepEqual(await read(warehouse, 'select a from t'), [{ a: 1 }])
  assert.equal(fake.paths.filter((path) => path === 'POST /session/token-request').length, 1)
})

test('snowflake: large results come in pieces, each fetched when the one before it is read', async (context) => {
  const { fake, settings } = await freshSnowflake(context, { rowsInline: 100 })
  const warehouse = await open(context, settings)
  const rows =
    "with recursive r(i) as (select 1 union all select i + 1 from r where i < 20000) select i, repeat('x', 100) as body from r order by i"
  const fetched = () => fake.paths.filter((path) => path.startsWith('GET /chunks/')).length
  let count = 0
  for await (const page of warehouse.stream({ step: 'all', sql: rows })) {
    if (count === 0) {
      assert.ok(fetched() < 100, `${fetched()} of 200 pieces with the first page`)
      assert.deepEqual(Object.keys(page[0] ?? {}), ['i', 'body'])
    }
    count += page.length
    assert.ok(page.length <= 4096)
  }
  assert.deepEqual([count, fetched()], [20_000, 199])
})

test('snowflake: several statements in one text are one request, and a mistake in one is told', async (context) => {
  const { fake, settings } = await freshSnowflake(context)
  const warehouse = await open(context, settings)
  const before = fake.paths.filter((path) => path === 'POST /queries/v1/query-request').length
  await execute(
    warehouse,
    "create temporary table t as select 'a;b' as x;\ninsert into t values (';'); -- ; no more\ninsert into t values ('c')",
  )
  assert.equal(fake.paths.filter((path) => path === 'POST /queries/v1/query-request').length, before + 1)
  assert.deepEqual(await read(warehouse, 'select x from t order by x'), [
    { x: ';' },
    { x: 'a;b' },
    { x: 'c' },
  ])
  await assert.rejects(execute(warehouse, 'insert into t values (1); insert into nope values (1)'), {
    code: 'SLU3004',
  })
})

test('snowflake: a statement that defines a table ends the transaction before it, and another begins after it', async (context) => {
  const { settings } = await freshSnowflake(context)
  const warehouse = await open(context, settings)
  await execute(warehouse, 'create table t (a integer)')
  const failing = warehouse.transaction(async () => {
    await execute(warehouse, 'insert into t values (1)')
    await execute(warehouse, 'create table made (a integer)')
    await execute(warehouse, 'insert into t values (2)')
    throw new RangeError('enough')
  })
  await assert.rejects(failing, RangeError)
  assert.deepEqual(await read(warehouse, 'select a from t'), [{ a: 1 }])
  assert.deepEqual(await read(warehouse, 'select a from made'), [])
})

test('snowflake: every error names the query by which the history of the account finds it', async (context) => {
  const { settings } = await freshSnowflake(context)
  const warehouse = await open(context, settings)
  const named = /query 01000000-0000-0000-0000-\d{12}\)/
  await execute(warehouse, "create table t as select 'ada@secret.example' as mail")
  const cases: readonly (readonly [string, string])[] = [
    ['select * from nope', 'SLU3004'],
    ['select cast(mail as integer) from t', 'SLU3008'],
    ['selec 1', 'SLU3007'],
    ['select jaccard(mail, mail) from t', 'SLU3007'],
  ]
  for (const [text, code] of cases) await assert.rejects(read(warehouse, text), { code, message: named })
})

test('snowflake: a statement goes on without its session, so that closing stops it', async (context) => {
  const { fake, settings } = await freshSnowflake(context)
  const warehouse = await open(context, settings)
  const long = read(
    warehouse,
    'with recursive r(i) as (select 1 union all select i + 1 from r where i < 2000000000) select count(*) as n from r',
  )
  const stopped = assert.rejects(long, { code: 'SLU3016' })
  await new Promise((resolve) => setTimeout(resolve, 200))
  await warehouse.close()
  await stopped
  assert.ok(fake.paths.some((path) => path.endsWith('abort-request')))
  assert.equal(fake.paths.at(-1), 'POST /session')
})

test('snowflake: an open transaction is gone with its session, and another session does not see it', async (context) => {
  const { settings } = await freshSnowflake(context)
  const warehouse = await open(context, settings)
  await execute(warehouse, 'create table t (a integer)')
  const other = await warehouse.openSession()
  const left = other.transaction(async () => {
    await execute(other, 'insert into t values (1)')
    assert.deepEqual(await read(warehouse, 'select a from t'), [])
    await other.close()
  })
  await assert.rejects(left, { code: /^SLU30/ })
  assert.deepEqual(await read(warehouse, 'select a from t'), [])
})

test('snowflake: temporary tables stand in the state schema once it is there', async (context) => {
  const { fake, settings } = await freshSnowflake(context)
  const warehouse = await open(context, settings, { stateSchema: 'sluice' })
  const print = (fragment: Parameters<typeof render>[0]) => render(fragment, snowflake)
  await execute(warehouse, print(snowflake.table.createSchema('sluice')))
  await execute(
    warehouse,
    print(snowflake.table.createAs({ schema: undefined, name: 'passing' }, sql`select 1 as a`)),
  )
  assert.equal(fake.sessions[0]?.schema, 'SLUICE')
  const other = await warehouse.openSession()
  await assert.rejects(read(other, 'select a from passing'), { code: 'SLU3004' })
  assert.equal(fake.sessions[1]?.schema, 'SLUICE')
})

test('a client that is not installed is named, with what installs it', async () => {
  const missing = clientPackage('snowflake-sdk', () => import('no-package-of-this-name' as string))
  await assert.rejects(missing, { code: 'SLU3020', hint: 'npm install snowflake-sdk' })
  const broken = clientPackage('snowflake-sdk', async () => {
    throw new RangeError('broken')
  })
  await assert.rejects(broken, RangeError)
})
