import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { startFake } from '../../connectors/hubspot/fake.ts'
import { nodeCheck } from '../../src/cli/commands/doctor.ts'
import { openWarehouse } from '../../src/warehouse/open.ts'
import { projectFolder, receiver, sluice } from '../support/cli.ts'
import { freshPostgres } from '../support/postgres.ts'
import { smallShop } from '../support/small-shop.ts'

interface Told {
  readonly name: string
  readonly status: string
  readonly message: string
  readonly hint: string | null
  readonly columns?: Readonly<Record<string, string>>
}

async function doctor(
  folder: string,
  options: { readonly args?: readonly string[]; readonly env?: Readonly<Record<string, string>> } = {},
) {
  const result = await sluice(['-C', folder, 'doctor', '-o', 'json', ...(options.args ?? [])], {
    env: options.env ?? {},
  })
  const { ok, checks } = result.json() as { ok: boolean; checks: readonly Told[] }
  return {
    code: result.code,
    ok,
    checks,
    of: (name: string) => checks.find((one) => one.name === name),
    wrong: checks.filter(({ status }) => status !== 'ok').map(({ name, status }) => `${name} ${status}`),
  }
}

test('all is well: every check says so, and as what the columns of files are read', async (context) => {
  const folder = projectFolder(context, smallShop('http://127.0.0.1:9/'))
  const { code, ok, wrong, of } = await doctor(folder)
  assert.deepEqual([code, ok, wrong], [0, true, []])
  assert.match(
    of('source orders')?.message ?? '',
    /read as: id text, buyer text, total \w+, at (?:date|timestamp)/,
  )
  assert.deepEqual(Object.keys(of('source contacts')?.columns ?? {}), [
    'id',
    'email',
    'first_name',
    'country',
  ])
  const text = await sluice(['-C', folder, 'doctor'])
  assert.match(text.stdout, /^ok {7}node: 2\d\.[\s\S]*\nok {7}destination hook: [\s\S]*\nall is well\n$/)
})

test('without a project, and with one that has mistakes, it says so and ends with 78', async (context) => {
  const nowhere = await doctor(projectFolder(context, {}))
  assert.deepEqual([nowhere.code, nowhere.ok, nowhere.wrong], [78, false, ['project failed']])
  const files = smallShop('http://127.0.0.1:9/', { more: '    bogus: 1\n' })
  const broken = await doctor(projectFolder(context, files))
  assert.deepEqual([broken.code, broken.wrong], [78, ['project failed']])
  assert.match(`${broken.of('project')?.message} ${broken.of('project')?.hint}`, /bogus.*sluice validate/)
})

const TARGET = `{type: postgres, host: 127.0.0.1, port: 9, user: u, password: "\${SHOP_PASSWORD}", database: "\${SHOP_DB:-shop}"}`

test('variables that are not set are named, and nothing is tried without them', async (context) => {
  const folder = projectFolder(context, smallShop(`\${HOOK_URL}`, { target: TARGET }))
  const without = await doctor(folder)
  assert.deepEqual([without.code, without.wrong], [78, ['environment failed', 'destination hook failed']])
  assert.equal(without.of('environment')?.hint, 'set SHOP_PASSWORD')
  assert.equal(without.of('destination hook')?.hint, 'set HOOK_URL')
})

test('a warehouse that cannot be reached ends with 6, and no secret is told', async (context) => {
  const folder = projectFolder(context, smallShop(`\${HOOK_URL}`, { target: TARGET }))
  const env = { SHOP_PASSWORD: 'canary-password', HOOK_URL: 'https://canary-host.example/rows' }
  const { code, wrong, of, checks } = await doctor(folder, { env })
  assert.deepEqual([code, wrong], [6, ['target dev failed']])
  assert.equal(of('environment')?.message, 'set: SHOP_PASSWORD; by their defaults: SHOP_DB')
  assert.doesNotMatch(JSON.stringify(checks), /canary/)
})

test('credentials of destinations need not be there where nothing is really sent', async (context) => {
  const target = '{type: duckdb, path: shop.duckdb, send: sandbox}'
  const folder = projectFolder(context, smallShop(`\${HOOK_URL}`, { target }))
  const { code, wrong } = await doctor(folder)
  assert.deepEqual([code, wrong], [0, ['destination hook warning']])
})

test('destinations are asked which account they are only when told to', async (context) => {
  const fake = await startFake()
  context.after(() => fake.close())
  const more =
    '  - {name: to_crm, segment: buyers, to: crm.contacts, match: {email: email}, map: {firstname: first_name}}\n'
  const { base_url: url, access_token: token } = fake.settings
  const folder = projectFolder(context, {
    ...smallShop('https://hook.example/rows', { more }),
    'crm.yml': `destinations: [{name: crm, connector: hubspot, settings: {access_token: "\${TOKEN}", base_url: "${url}", allow_private_network: true}}]\n`,
  })
  const env = { TOKEN: String(token) }
  const quiet = await doctor(folder, { env })
  assert.deepEqual([quiet.code, quiet.wrong, fake.server?.requests.length], [0, [], 0])
  const asked = await doctor(folder, { env, args: ['--connect'] })
  assert.deepEqual([asked.code, asked.wrong], [0, []])
  assert.match(asked.of('destination crm')?.message ?? '', /account .*4242/)
  const refused = await doctor(folder, { env: { TOKEN: 'a-wrong-canary-token' }, args: ['--connect'] })
  assert.deepEqual([refused.code, refused.wrong], [6, ['destination crm failed']])
  assert.doesNotMatch(JSON.stringify(refused.checks), /canary/)
})

test('a plan that a guard stopped is a warning that says how to go on', async (context) => {
  const hook = await receiver(context)
  const files = smallShop(hook.url)
  const folder = projectFolder(context, files)
  assert.equal((await sluice(['-C', folder, 'sync'])).code, 0)
  writeFileSync(join(folder, 'sluice.yml'), `${files['sluice.yml']}    guard: {min_rows: 99}\n`)
  writeFileSync(join(folder, 'contacts.csv'), 'id,email,first_name,country\n')
  const stopped = await sluice(['-C', folder, 'sync', '-o', 'json'])
  assert.equal(stopped.code, 4, stopped.stdout)
  const { code, wrong, of } = await doctor(folder)
  assert.deepEqual([code, wrong], [0, ['plans warning']])
  assert.match(of('plans')?.hint ?? '', /sluice sync -s buyers_to_hook --accept [0-9a-f]{8}/)
})

test('a Node that is too old fails the check, one that is new enough does not', () => {
  const status = (version: string) => nodeCheck(version).status
  assert.deepEqual(['22.19.0', '22.20.1', '23.0.0', '24.21.0'].map(status), ['ok', 'ok', 'ok', 'ok'])
  assert.deepEqual(['22.18.9', '20.20.2', '18.0.0'].map(status), ['failed', 'failed', 'failed'])
})

test('duckdb: no rights are needed', async (context) => {
  const folder = projectFolder(context, smallShop('https://hook.example/'))
  const { stdout, code } = await sluice(['-C', folder, 'doctor', '--grants'])
  assert.equal(code, 0)
  assert.match(stdout, /^-- The least rights.*\n-- None are needed.*\n$/)
})

/** Roles belong to the server: each test has its own. */
async function postgresShop(context: TestContext, url: string, user = 'cdp', stateSchema = 'sluice') {
  const settings = await freshPostgres()
  const admin = await openWarehouse({ type: 'postgres', directory: '/', settings, runId: 'test' })
  context.after(() => admin.close())
  const execute = async (...statements: readonly string[]) => {
    for (const sql of statements) await admin.execute({ step: 'test', sql })
  }
  await execute(
    'create schema crm',
    'create schema "Odd Shop"',
    'create schema secret',
    'create table crm.contacts (id integer, email text, first_name text, country text)',
    "insert into crm.contacts values (1, 'ada@example.com', 'Ada', 'FR'), (2, 'grace@example.com', 'Grace', 'BE')",
    'create table "Odd Shop".orders (id integer, buyer text, total numeric, at timestamp)',
    `insert into "Odd Shop".orders values (1, 'ada@example.com', 10.5, '2026-01-02')`,
    'create table secret.wages (id integer)',
    // Nobody can delete from it, whatever the rights.
    'create view crm.everybody as select id, email, first_name, country from crm.contacts group by 1, 2, 3, 4',
    `create role ${user} login password 'cdp-password'`,
  )
  const { port, database } = Object.fromEntries(settings)
  const files = smallShop(url, {
    target: `{type: postgres, host: 127.0.0.1, port: ${port}, user: ${user}, password: "\${PGPASSWORD}", database: ${database}, sslmode: disable, state_schema: ${stateSchema}}`,
  })
  const yaml = (files['sluice.yml'] ?? '')
    .replace('file: contacts.csv', 'table: crm.contacts')
    .replace('sources:\n', 'sources:\n  - {name: everybody, table: crm.everybody, primary_key: id}\n')
    .replace('file: orders.csv', `table: '"Odd Shop".orders'`)
  const folder = projectFolder(context, { 'sluice.yml': yaml })
  const asCdp = new Map([...settings, ['user', user], ['password', 'cdp-password']] as [string, string][])
  const tryAsCdp = async (sql: string) => {
    const warehouse = await openWarehouse({
      type: 'postgres',
      directory: '/',
      settings: asCdp,
      runId: 'test',
    })
    try {
      await warehouse.execute({ step: 'test', sql })
      return 'done'
    } catch (error) {
      return (error as { readonly code: string }).code
    } finally {
      await warehouse.close()
    }
  }
  return { folder, execute, tryAsCdp, env: { PGPASSWORD: 'cdp-password' } }
}

test('postgres: with the rights that --grants prints, and no others, everything runs', async (context) => {
  const hook = await receiver(context)
  const { folder, execute, tryAsCdp, env } = await postgresShop(context, hook.url)
  const before = await doctor(folder, { env })
  assert.equal(before.code, 6)
  assert.ok(before.wrong.includes('state schema failed') && before.wrong.includes('source contacts failed'))

  const printed = await sluice(['-C', folder, 'doctor', '--grants'])
  assert.equal(printed.code, 0, printed.stderr)
  const sql = printed.stdout.replaceAll(/^--.*$/gm, '')
  assert.doesNotMatch(sql, /secret|public/)
  await execute(...sql.split(';').filter((statement) => statement.trim() !== ''))

  const { code, wrong } = await doctor(folder, { env })
  assert.deepEqual([code, wrong], [0, []])
  for (const command of [['build'], ['plan'], ['sync'], ['sync', '--sandbox'], ['preview', 'buyers']]) {
    const ran = await sluice(['-C', folder, ...command], { env })
    assert.equal(ran.code, 0, `${command}: ${ran.stderr}`)
  }
  assert.equal(hook.bodies.length, 1)
  const proven = await doctor(folder, { env, args: ['--prove-denied'] })
  assert.deepEqual([proven.code, proven.wrong], [0, []])
  assert.match(
    proven.of('rights elsewhere')?.message ?? '',
    /sluice only; 4 writes elsewhere were tried and refused/,
  )
  for (const denied of [
    'create schema elsewhere',
    'create table crm.mine (a integer)',
    'create table public.mine (a integer)',
    "update crm.contacts set email = ''",
    'delete from "Odd Shop".orders',
    'drop table crm.contacts',
    'select * from secret.wages',
  ])
    assert.equal(await tryAsCdp(denied), 'SLU3002', denied)
})

test('postgres: a user who may write elsewhere is found out, whatever the right and wherever it comes from', async (context) => {
  const { folder, execute, env } = await postgresShop(context, 'http://127.0.0.1:9/', 'odd', 'odd_state')
  const printed = await sluice(['-C', folder, 'doctor', '--grants'])
  await execute(
    ...printed.stdout
      .replaceAll(/^--.*$/gm, '')
      .split(';')
      .filter((statement) => statement.trim() !== ''),
  )
  const TOO_MANY: readonly (readonly [right: string, takeBack: string, told: RegExp])[] = [
    [
      'grant delete on crm.contacts to odd',
      'revoke delete on crm.contacts from odd',
      /delete on table crm\.contacts; doctor\.delete_from_contacts was let in/,
    ],
    [
      'grant update (id) on secret.wages to public',
      'revoke update (id) on secret.wages from public',
      /update on table secret\.wages/,
    ],
    [
      'grant create on schema "Odd Shop" to odd_state_reader',
      'revoke create on schema "Odd Shop" from odd_state_reader',
      /create on schema Odd Shop; doctor\.create_beside was let in/,
    ],
    [
      'grant pg_write_all_data to odd',
      'revoke pg_write_all_data from odd',
      /insert, update, delete on table Odd Shop\.orders/,
    ],
    ['alter role odd createrole', 'alter role odd nocreaterole', /createrole on role odd/],
  ]
  for (const [right, takeBack, told] of TOO_MANY) {
    await execute(right)
    const { code, wrong, of } = await doctor(folder, { env, args: ['--prove-denied'] })
    assert.deepEqual([code, wrong], [6, ['rights elsewhere failed']], right)
    assert.match(of('rights elsewhere')?.message ?? '', told)
    await execute(takeBack)
  }
  const { code } = await doctor(folder, { env, args: ['--prove-denied'] })
  assert.equal(code, 0)
})

test('duckdb: it says that nothing can be proven of rights that nobody has', async (context) => {
  const folder = projectFolder(context, smallShop('http://127.0.0.1:9/'))
  const { code, wrong, of } = await doctor(folder, { args: ['--prove-denied'] })
  assert.deepEqual([code, wrong], [0, ['rights elsewhere warning']])
  assert.match(of('rights elsewhere')?.message ?? '', /duckdb gives no rights to users/)
})
