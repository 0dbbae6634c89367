import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type Clock, systemClock } from '../../src/base/clock.ts'
import { openWarehouse } from '../../src/warehouse/open.ts'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import { testAuthority } from '../support/certificates.ts'
import { temporaryFolder } from '../support/engines.ts'
import { freshPostgres } from '../support/postgres.ts'
import { encryptedPort, freshRedshift } from '../support/redshift-server.ts'

type Settings = ReadonlyMap<string, string | number>

async function open(
  context: TestContext,
  settings: Settings,
  more: { readonly clock?: Clock; readonly directory?: string } = {},
): Promise<Warehouse> {
  const warehouse = await openWarehouse({
    type: 'redshift',
    directory: more.directory ?? '.',
    settings,
    runId: 'run-7',
    ...(more.clock === undefined ? {} : { clock: more.clock }),
  })
  context.after(() => warehouse.close())
  return warehouse
}

const run = (warehouse: Warehouse, text: string) => warehouse.execute({ step: 'test', sql: text })
const read = (warehouse: Warehouse, text: string) => warehouse.read({ step: 'test', sql: text })

test('a session says whose it is, in the settings by which Redshift tells its queries apart', async (context) => {
  const settings = await freshRedshift()
  const asked = `select current_setting('application_name') as application,
    current_setting('redshift.query_group') as query_group, current_setting('statement_timeout') as timeout,
    current_setting('redshift.enable_case_sensitive_identifier') as exact_names, current_setting('timezone') as zone`
  assert.deepEqual(await read(await open(context, settings), asked), [
    { application: 'sluice', query_group: 'sluice run-7', timeout: '0', exact_names: 'true', zone: 'UTC' },
  ])
  const own = new Map([...settings, ['query_group', "it's"], ['statement_timeout_seconds', 90]] as const)
  const [row] = await read(await open(context, own), asked)
  assert.deepEqual([row?.query_group, row?.timeout], ["it's", '90s'])
})

test('a statement that takes longer than the target allows is stopped by the server', async (context) => {
  const settings = await freshRedshift()
  const warehouse = await open(context, new Map([...settings, ['statement_timeout_seconds', 1]]))
  const long =
    'with recursive r(i) as (select 1 union all select i + 1 from r where i < 2000000000) select count(*) as n from r'
  await assert.rejects(read(warehouse, long), { code: 'SLU3016' })
  await assert.rejects(open(context, new Map([...settings, ['statement_timeout_seconds', 0.5]])), {
    code: 'SLU3013',
    message: /statement_timeout_seconds/,
  })
})

test('a connection is encrypted, with a certificate that is proven, or none', async (context) => {
  const directory = temporaryFolder(context)
  const authority = testAuthority('Authority of the test')
  writeFileSync(join(directory, 'authority.pem'), authority.cert)
  const settings = new Map(await freshRedshift())
  settings.delete('sslmode')
  await assert.rejects(open(context, settings, { directory }), { code: 'SLU3001', message: /SSL/ })
  const known = await encryptedPort(authority.issue({ hosts: ['127.0.0.1'] }))
  const another = await encryptedPort(authority.issue({ hosts: ['another.example'] }))
  context.after(() => {
    known.close()
    another.close()
  })
  const to = (port: number, more: Readonly<Record<string, string>>) =>
    open(context, new Map([...settings, ['port', port], ...Object.entries(more)]), { directory })
  await assert.rejects(to(known.port, {}), { code: 'SLU3001', message: /certificate/, hint: /sslrootcert/ })
  const trusted = { sslrootcert: 'authority.pem' }
  assert.deepEqual(await read(await to(known.port, trusted), 'select 1 as a'), [{ a: 1 }])
  await assert.rejects(to(another.port, trusted), { code: 'SLU3001', message: /127\.0\.0\.1/ })
  await to(another.port, { ...trusted, sslmode: 'verify-ca' })
  await assert.rejects(to(another.port, { sslrootcert: 'none.pem' }), {
    code: 'SLU3013',
    message: /none\.pem/,
  })
})

test('a statement by itself that another transaction was in the way of is run again after it', async (context) => {
  const settings = await freshRedshift()
  const pauses: number[] = []
  const clock: Clock = {
    ...systemClock,
    sleep: async (ms) => {
      pauses.push(ms)
    },
  }
  const warehouse = await open(context, settings, { clock })
  const other = await warehouse.openSession()
  await run(warehouse, 'create table t as select 1 as a')
  let waiting: Promise<number> | undefined
  await other.transaction(async () => {
    await run(other, 'update t set a = a + 1')
    waiting = run(warehouse, 'update t set a = a + 10')
    await locked(other)
  })
  assert.equal(await waiting, 1)
  assert.deepEqual(await read(warehouse, 'select a from t'), [{ a: 12 }])
  assert.deepEqual(pauses, [100])
})

/** Until a statement of another session waits for this one. */
async function locked(warehouse: Warehouse): Promise<void> {
  for (let tries = 0; tries < 500; tries += 1) {
    const [row] = await read(warehouse, 'select count(*) as waiting from pg_locks where not granted')
    if (row?.waiting !== 0) return
    await systemClock.sleep(10)
  }
  assert.fail('expected a statement to wait')
}

test('a statement that is always in the way of another is given up after five tries, in a transaction at once', async (context) => {
  const settings = await freshRedshift()
  const pauses: number[] = []
  const clock: Clock = {
    ...systemClock,
    sleep: async (ms) => {
      pauses.push(ms)
    },
  }
  const warehouse = await open(context, settings, { clock })
  await raising(
    warehouse,
    '1023',
    'Serializable isolation violation on table - 1, transactions: 1, 2 (pid:3)',
  )
  await assert.rejects(read(warehouse, 'select raised()'), { code: 'SLU3010', kind: 'busy' })
  assert.deepEqual(pauses, [100, 200, 400, 800])
  const inside = warehouse.transaction(() => read(warehouse, 'select raised()'))
  await assert.rejects(inside, { code: 'SLU3010' })
  assert.equal(pauses.length, 4)
})

/** A function that fails as Redshift's compute nodes do: with one SQLSTATE for everything. */
async function raising(warehouse: Warehouse, message: string, detail: string): Promise<void> {
  const text = (value: string) => warehouse.dialect.literal(value)
  await run(
    warehouse,
    `create or replace function raised() returns integer language plpgsql as $f$ begin
  raise exception using errcode = 'XX000', message = ${text(message)}, detail = ${text(detail)}; end $f$`,
  )
}

test("errors of Redshift's own are told by kind, and never with a value of a row", async (context) => {
  const warehouse = await open(context, await freshRedshift())
  const detail =
    '\n  ----\n  error:  x\n  code:      1207\n  context:   ada@secret.example\n  query:     1\n  ----'
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ["Invalid digit, Value 'ada', Pos 0, Type: Integer ", 'SLU3008', /convert to Integer/],
    ['Value too long for character type ada', 'SLU3008', /fit its type/],
    ['Numeric data overflow (result precision) ada', 'SLU3008', /fit its type/],
    ['Result size exceeds LISTAGG limit', 'SLU3008', /65,535/],
    ['Cannot insert a NULL value into column secret', 'SLU3009', /not null/],
    ['1018', 'SLU3010', /same tables/],
    ["Query (123) cancelled on user's request", 'SLU3016', /cancelled/],
    ['Disk Full', 'SLU3005', /full/],
    ['Out Of Memory: ada', 'SLU3006', /memory/],
    ['Assert ada@secret.example', 'SLU3017', /error XX000/],
  ]
  for (const [message, code, told] of cases) {
    await raising(warehouse, message, message === '1018' ? 'Relation does not exist' : detail)
    await assert.rejects(
      warehouse.transaction(() => read(warehouse, 'select raised()')),
      (error: Error & { code?: string; hint?: string }) => {
        assert.equal(error.code, code, `${message}: ${error.message}`)
        assert.match(error.message, told)
        assert.doesNotMatch(`${error.message} ${error.hint} ${error.stack}`, /ada|secret/)
        return true
      },
    )
  }
})

test('a PostgreSQL is no Redshift', async (context) => {
  await assert.rejects(open(context, await freshPostgres()), {
    code: 'SLU3001',
    message: /says it is another/,
  })
})
