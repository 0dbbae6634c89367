import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import type { Clock } from '../../src/base/clock.ts'
import { bigquery } from '../../src/dialect/bigquery.ts'
import { render, sql } from '../../src/dialect/fragment.ts'
import { impersonating } from '../../src/warehouse/bigquery-signers.ts'
import { openWarehouse } from '../../src/warehouse/open.ts'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import type { BigqueryFake } from '../support/cloud/bigquery-fake.ts'
import { bigqueryProject } from '../support/cloud/bigquery-like.ts'

const run = (warehouse: Warehouse, text: string) => warehouse.execute({ step: 'test', sql: text })
const read = (warehouse: Warehouse, text: string) => warehouse.read({ step: 'test', sql: text })

/** A project with one dataset `s`, whose table `t` has the numbers 1 to 3. */
async function project(context: TestContext) {
  const opened = await bigqueryProject(context)
  await run(opened.warehouse, 'create schema if not exists `s`')
  await run(opened.warehouse, 'create table `s`.`t` as select 1 as a union all select 2 union all select 3')
  return opened
}

function another(
  fake: BigqueryFake,
  more: Iterable<readonly [string, string | number]> = [],
  clock?: Clock,
): Promise<Warehouse> {
  const settings = new Map<string, string | number | boolean>([...fake.settings, ...more])
  return openWarehouse({
    type: 'bigquery',
    directory: '.',
    settings,
    runId: 'Run 1/é',
    project: 'My shop',
    ...(clock === undefined ? {} : { clock }),
  })
}

/** A clock whose pauses take no time. */
const hasty: Clock = { nowMs: () => Date.now(), monotonicMs: () => performance.now(), sleep: async () => {} }

test('bigquery: says how many rows a statement changed, and gives values as on other warehouses', async (context) => {
  const { warehouse } = await project(context)
  assert.equal(await run(warehouse, 'insert into `s`.`t` (a) values (4), (5)'), 2)
  assert.equal(await run(warehouse, 'update `s`.`t` set a = a + 1 where a > 4'), 1)
  assert.equal(await run(warehouse, 'delete from `s`.`t` where a < 3'), 2)
  assert.equal(await run(warehouse, 'create table `s`.`u` (a int64, b string not null)'), 0)
  const moment = "timestamp '2026-01-31 08:00:00"
  const [row] = await read(
    warehouse,
    `select 9007199254740991 as safe, 9007199254740992 as big, true as yes, cast(1.50 as numeric) as money,
      cast(0.5 as float64) as half, date '2026-01-31' as day, ${moment}+00' as moment, ${moment}.123456+00' as micros,
      timestamp '0099-01-31 08:00:00+00' as early, datetime '2026-01-31 08:00:00.5' as local, cast(null as int64) as nothing,
      json '{"a": 1}' as doc, ['x', 'y'] as listed`,
  )
  assert.deepEqual(row, {
    safe: 9007199254740991,
    big: 9007199254740992n,
    yes: true,
    money: '1.5',
    half: 0.5,
    day: '2026-01-31',
    moment: '2026-01-31T08:00:00.000Z',
    micros: '2026-01-31T08:00:00.123456Z',
    early: '0099-01-31T08:00:00.000Z',
    local: '2026-01-31T08:00:00.500Z',
    nothing: null,
    doc: '{"a": 1}',
    listed: '["x","y"]',
  })
  await assert.rejects(warehouse.read({ step: 'test', sql: 'select ?', parameters: [1] }), {
    code: 'SLU9001',
  })
})

test('bigquery: describes a select and says what it would read by a dry run, which runs nothing', async (context) => {
  const { warehouse, fake } = await project(context)
  await run(
    warehouse,
    'create temp table _SESSION.`x` as select a, cast(a as string) as b, cast(a as numeric) as c from `s`.`t`',
  )
  const before = fake.seen.length
  assert.deepEqual(
    await warehouse.describe({ step: 'look', sql: 'select a as i, b, c, a / 2 as f from _SESSION.`x`' }),
    [
      { name: 'i', type: 'integer' },
      { name: 'b', type: 'text' },
      { name: 'c', type: 'decimal' },
      { name: 'f', type: 'float' },
    ],
  )
  assert.equal(await warehouse.estimate?.({ step: 'cost', sql: 'select a from `s`.`t`' }), 3 * 8)
  assert.ok(fake.seen.slice(before).every(({ dryRun }) => dryRun))
  await assert.rejects(warehouse.describe({ step: 'look', sql: 'select nope from `s`.`t`' }), {
    code: 'SLU3004',
    message: /"nope"/,
  })
})

test('bigquery: the catalog tells tables, their columns and the rights on them, and a missing dataset has none', async (context) => {
  const { warehouse } = await project(context)
  const { table } = bigquery
  const ask = (what: Parameters<typeof render>[0] | undefined) =>
    read(warehouse, render(what ?? sql``, bigquery))
  const change = (what: Parameters<typeof render>[0]) => run(warehouse, render(what, bigquery))
  const notes = { schema: 's', name: 'notes' }
  await change(table.create(notes, [{ name: 'id', type: 'text', nullable: false, primaryKey: true }]))
  await run(warehouse, "insert into `s`.`notes` (id) values ('a')")
  await change(table.addColumn(notes, { name: 'flag', type: 'boolean', nullable: true, default: false }))
  await change(table.createAs({ schema: undefined, name: 'passing' }, sql`select 1.5 as ratio, 'a' as word`))
  assert.deepEqual(await read(warehouse, 'select id, flag from `s`.`notes`'), [{ id: 'a', flag: false }])
  assert.deepEqual((await ask(table.list('s'))).map(({ name }) => name).toSorted(), ['notes', 't'])
  assert.deepEqual(await ask(table.list('no_such_dataset')), [])
  const columns = async (of: Parameters<typeof table.columns>[0]) =>
    (await ask(table.columns(of))).map(({ name, type }) => [name, bigquery.columnType(String(type))])
  assert.deepEqual(await columns(notes), [
    ['id', 'text'],
    ['flag', 'boolean'],
  ])
  assert.deepEqual(await columns({ schema: undefined, name: 'passing' }), [
    ['ratio', 'decimal'],
    ['word', 'text'],
  ])
  assert.deepEqual(await columns({ schema: undefined, name: 'none' }), [])
  await run(
    warehouse,
    'grant `roles/bigquery.dataViewer` on table `s`.`notes` to "group:readers@shop.example"',
  )
  const statement = 'grant `roles/bigquery.dataViewer` on table `s`.`notes` to "group:readers@shop.example"'
  assert.deepEqual(await ask(table.grants?.(notes)), [{ statement }])
  await change(table.rename(notes, 'old_notes'))
  assert.deepEqual(await ask(table.grants?.(notes)), [])
  await change(table.dropIfExists({ schema: undefined, name: 'passing' }))
  await change(table.dropIfExists({ schema: undefined, name: 'passing' }))
})

test('bigquery: temporary tables belong to their session, which ends with the warehouse it came from', async (context) => {
  const { warehouse, fake } = await project(context)
  const other = await warehouse.openSession()
  await run(warehouse, 'create temp table _SESSION.`mine` as select 1 as a')
  await assert.rejects(read(other, 'select a from _SESSION.`mine`'), { code: 'SLU3004' })
  assert.deepEqual(await read(other, 'select count(*) as n from `s`.`t`'), [{ n: 3 }])
  assert.equal(fake.sessions, 2)
  await warehouse.close()
  assert.deepEqual([fake.sessions, fake.ended], [0, 2])
})

test('bigquery: a transaction holds rows together, and a statement that makes tables commits what is open', async (context) => {
  const { warehouse } = await project(context)
  const other = await warehouse.openSession()
  const count = async () => (await read(other, 'select count(*) as n from `s`.`t`'))[0]?.n
  const failing = warehouse.transaction(async () => {
    await run(warehouse, 'insert into `s`.`t` (a) values (4)')
    assert.equal(await count(), 3)
    throw new Error('no')
  })
  await assert.rejects(failing, /no/)
  assert.equal(await count(), 3)
  await warehouse.transaction(async () => {
    await run(warehouse, 'insert into `s`.`t` (a) values (4)')
    await run(warehouse, 'create table `s`.`made` as select 1 as a')
    assert.equal(await count(), 4)
    await run(warehouse, 'insert into `s`.`t` (a) values (5)')
    assert.equal(await count(), 4)
  })
  assert.equal(await count(), 5)
  const clash = warehouse.transaction(async () => {
    await run(warehouse, 'update `s`.`t` set a = 10 where a = 1')
    await other.transaction(() => run(other, 'update `s`.`t` set a = 11 where a = 1'))
  })
  await assert.rejects(clash, { code: 'SLU3010' })
})

test('bigquery: long results come in pages of bounded size, and a reader may leave', async (context) => {
  const { warehouse } = await project(context)
  await run(
    warehouse,
    "create table `s`.`many` as select x.a as a, repeat('é', 1000) as text from `s`.`t` as x",
  )
  for (let doubled = 0; doubled < 12; doubled += 1)
    await run(warehouse, 'insert into `s`.`many` (a, text) select a + 1, text from `s`.`many`')
  const sizes: number[] = []
  let rows = 0
  for await (const page of warehouse.stream({ step: 'stream', sql: 'select a, text from `s`.`many`' })) {
    sizes.push(JSON.stringify(page).length)
    rows += page.length
  }
  assert.equal(rows, 3 * 2 ** 12)
  assert.ok(sizes.length > 5 && Math.max(...sizes) < 2_500_000, String(sizes))
  for await (const page of warehouse.stream({ step: 'stream', sql: 'select a from `s`.`many`' })) {
    await assert.rejects(read(warehouse, 'select 1 as a'), { code: 'SLU9001' })
    assert.ok(page.length > 0)
    break
  }
  await assert.rejects(read(warehouse, 'select a from `s`.`many`'), { code: 'SLU9001' })
  assert.deepEqual(await read(warehouse, 'select 1 as still_works'), [{ still_works: 1 }])
})

test('bigquery: every job carries labels that the service takes, an id of ours, and the limits of the target', async (context) => {
  const { fake } = await project(context)
  const limits = [
    ['maximum_bytes_billed', 20],
    ['job_execution_timeout_seconds', 60],
    ['priority', 'batch'],
  ] as const
  const warehouse = await another(fake, limits)
  context.after(() => warehouse.close())
  await warehouse.execute({ step: `Identity.${'long.'.repeat(30)}`, sql: 'select 1 as a' })
  const job = fake.seen.at(-1)
  assert.deepEqual(job?.configuration.labels, {
    tool: 'sluice',
    run: 'run_1__',
    step: `identity.${'long.'.repeat(30)}`.replaceAll('.', '_').slice(0, 63),
    project: 'my_shop',
  })
  assert.match(job?.jobId ?? '', /^sluice_Run_1___[0-9a-f]{12}_2$/)
  const { jobTimeoutMs, query } = job?.configuration ?? {}
  assert.deepEqual([jobTimeoutMs, query?.maximumBytesBilled, query?.priority], ['60000', '20', 'BATCH'])
  assert.match(query?.query ?? '', /^\/\* sluice Identity\.[\w.]+ Run_1__ \*\/ select 1 as a$/)
  await assert.rejects(read(warehouse, 'select a from `s`.`t`'), {
    code: 'SLU3017',
    message:
      /^expected a statement within maximum_bytes_billed, found: .* 24 or higher required \(job sluice_/,
  })
})

test('bigquery: a request that fails on its way is sent again with the same job, which runs once', async (context) => {
  const { fake } = await project(context)
  const warehouse = await another(fake, [], hasty)
  context.after(() => warehouse.close())
  const insert = { method: 'POST', path: /^\/jobs$/ }
  const results = { method: 'GET', path: /^\/queries\// }
  fake.faults.push(
    { ...insert, when: 'before', as: { status: 503, reason: 'backendError' } },
    { ...insert, when: 'after', as: 'reset' },
    { ...results, when: 'before', as: { status: 429, reason: 'rateLimitExceeded' } },
    { ...results, when: 'after', as: { status: 500, reason: 'internalError' } },
  )
  assert.equal(await run(warehouse, 'insert into `s`.`t` (a) values (4)'), 1)
  assert.equal(fake.faults.length, 0)
  const sent = fake.seen.filter(({ configuration }) => configuration.query.query.includes('values (4)'))
  assert.equal(sent.length, 2)
  assert.equal(new Set(sent.map(({ jobId }) => jobId)).size, 1)
  assert.deepEqual(await read(warehouse, 'select count(*) as n from `s`.`t`'), [{ n: 4 }])
  fake.faults.push(
    ...Array.from({ length: 7 }, () => ({ ...insert, when: 'before' as const, as: 'reset' as const })),
  )
  await assert.rejects(run(warehouse, 'select 1 as a'), { code: 'SLU3011', message: /\(job sluice_/ })
})

test('bigquery: who may make no datasets may use one that is there', async (context) => {
  const { warehouse, fake } = await project(context)
  const denied = {
    method: 'POST',
    path: /^\/jobs$/,
    when: 'before',
    as: { status: 403, reason: 'accessDenied' },
  } as const
  fake.faults.push(denied)
  assert.equal(await run(warehouse, 'create schema if not exists `s`'), 0)
  fake.faults.push(denied)
  await assert.rejects(run(warehouse, 'create schema if not exists `other`'), { code: 'SLU3002' })
})

test('bigquery: a statement is stopped by its session, and by the time that it may take', async (context) => {
  const { fake } = await project(context)
  const slow =
    'select count(*) as n from `s`.`big` as a cross join `s`.`big` as b cross join `s`.`big` as c where a.a + b.a + c.a < 0'
  const warehouse = await another(fake, [['job_execution_timeout_seconds', 1]])
  context.after(() => warehouse.close())
  await run(warehouse, 'create table `s`.`big` as select a from `s`.`t`')
  for (let doubled = 0; doubled < 11; doubled += 1)
    await run(warehouse, 'insert into `s`.`big` (a) select a from `s`.`big`')
  await assert.rejects(read(warehouse, slow), { code: 'SLU3016', message: /\(job sluice_\w+\)/ })
  const patient = await another(fake)
  context.after(() => patient.close())
  const stopped = assert.rejects(read(patient, slow), { code: 'SLU3016', message: /found it cancelled/ })
  await new Promise((resolve) => setTimeout(resolve, 300))
  await patient.cancel?.()
  await stopped
  await patient.cancel?.()
  assert.deepEqual(await read(patient, 'select 1 as still_works'), [{ still_works: 1 }])
})

test('bigquery: an error tells what is missing and the job, and never a value of a row', async (context) => {
  const { warehouse } = await project(context)
  await run(warehouse, "create table `s`.`people` as select 'ada@secret.example' as mail")
  await run(warehouse, 'create table `s`.`strict` (mail string not null)')
  const failing: readonly (readonly [string, string, RegExp])[] = [
    ['select * from `s`.`persons`', 'SLU3004', /table "s\.persons"/],
    ['select e_mail from `s`.`people`', 'SLU3004', /column "e_mail"/],
    ['select p.e_mail from `s`.`people` as p', 'SLU3004', /column "e_mail"/],
    ['select cast(mail as int64) as x from `s`.`people`', 'SLU3008', /convert to int64/],
    ['select cast(mail as date) as x from `s`.`people`', 'SLU3008', /every value/],
    [
      'insert into `s`.`strict` (mail) select cast(null as string) from `s`.`people`',
      'SLU3009',
      /constraints/,
    ],
    ["selec 'ada@secret.example'", 'SLU3007', /SQL that BigQuery understands/],
    ["select no_such_function('ada@secret.example') as x", 'SLU3007', /no_such_function/i],
    ['create table `s`.`people` (a int64)', 'SLU3017', /not there yet/],
  ]
  for (const [text, code, message] of failing)
    await assert.rejects(run(warehouse, text), (error: Error & { code: string; hint?: string }) => {
      assert.equal(error.code, code, text)
      assert.match(error.message, message)
      assert.match(error.message, /\(job sluice_test-run_\w+\) \(step test\)$/)
      assert.doesNotMatch(`${error.message} ${error.hint}`, /secret/)
      return true
    })
})

test('bigquery: what keeps us out is told before anything runs, and no setting tells its secret', async (context) => {
  const { fake } = await project(context)
  const open = (more: Iterable<readonly [string, string | number]>) => another(fake, more, hasty)
  await assert.rejects(open([['token', 'wrong']]), { code: 'SLU3002' })
  await assert.rejects(open([['api_endpoint', 'http://127.0.0.1:9']]), {
    code: 'SLU3001',
    message: /127\.0\.0\.1:9/,
  })
  await assert.rejects(open([['priority', 'soon']]), { code: 'SLU3013', message: /interactive or batch/ })
  await assert.rejects(open([['maximum_bytes_billed', '10 GB']]), {
    code: 'SLU3013',
    message: /whole number/,
  })
  await assert.rejects(open([['keyfile', 'no/such.json']]), { code: 'SLU3013', message: /no\/such\.json/ })
  await assert.rejects(open([['keyfile_json', '{"private_key": "secret"']]), (error: Error) => {
    assert.match(error.message, /keyfile_json/)
    assert.doesNotMatch(error.message, /secret/)
    return true
  })
  await assert.rejects(
    open([
      ['refresh_token', 'x'],
      ['client_id', 'y'],
    ]),
    { message: /client_secret/ },
  )
})

test('bigquery: a service account is impersonated with short tokens, which are asked for again before they run out', async (context) => {
  const asked: unknown[] = []
  const server = createServer((request, response) => {
    const token = `token-${asked.length + 1}`
    asked.push([request.url, request.headers.authorization])
    const isLet = !request.url?.includes('stranger')
    response.writeHead(isLet ? 200 : 403, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ accessToken: token, expireTime: '2026-01-31T09:00:00Z' }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  context.after(() => server.close())
  let now = Date.parse('2026-01-31T08:00:00Z')
  const clock: Clock = { ...hasty, nowMs: () => now }
  const source = {
    authClient: { getRequestHeaders: async () => new Headers({ authorization: 'Bearer mine' }) },
  }
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const signer = impersonating(source as never, 'sluice@shop-1.iam', clock, url)
  const header = async () => (await signer.getRequestHeaders()).get('authorization')
  assert.deepEqual([await header(), await header()], ['Bearer token-1', 'Bearer token-1'])
  now = Date.parse('2026-01-31T08:56:00Z')
  assert.equal(await header(), 'Bearer token-2')
  assert.deepEqual(asked[0], [
    '/v1/projects/-/serviceAccounts/sluice%40shop-1.iam:generateAccessToken',
    'Bearer mine',
  ])
  await assert.rejects(impersonating(source as never, 'stranger', clock, url).getRequestHeaders(), {
    code: 'SLU3002',
    message: /stranger/,
  })
})
