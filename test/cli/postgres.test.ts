import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { openWarehouse } from '../../src/warehouse/open.ts'
import { type CliResult, projectFolder, receiver, sluice } from '../support/cli.ts'
import { asEngine, givePrintedRights } from '../support/least-role.ts'
import { freshPostgres } from '../support/postgres.ts'
import { smallShop } from '../support/small-shop.ts'

const AS_OF = ['--as-of', '2026-02-01']

const TABLES = `create schema crm;
create table crm.contacts (id integer, email text, first_name text, country text);
insert into crm.contacts values (1, 'ada@example.com', 'Ada', 'FR'), (2, 'grace@example.com', 'Grace', 'BE'),
  (3, 'linus@example.com', 'Linus', 'FR'), (4, 'ADA@example.com', 'Ada', 'FR');
create table crm.orders (id integer, buyer text, total numeric(10, 2), at timestamptz);
insert into crm.orders values (1, 'ada@example.com', 10.50, '2026-01-02'), (2, 'ada@example.com', 20, '2026-01-03'),
  (3, 'grace@example.com', 5.25, '2026-01-04'), (4, 'linus@example.com', 1, '2026-02-01')`

/** The small shop on tables of a PostgreSQL; its password comes from the environment. */
async function shopOnPostgres(
  context: TestContext,
  url: string,
  changes: Readonly<Record<string, unknown>> = {},
) {
  const settings = await freshPostgres()
  const warehouse = await openWarehouse({ type: 'postgres', directory: '.', settings, runId: 'test' })
  try {
    for (const sql of TABLES.split(';')) await warehouse.execute({ step: 'test', sql })
  } finally {
    await warehouse.close()
  }
  const engine = asEngine(settings)
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the project
  const shown = { ...Object.fromEntries(engine), password: '${SHOP_PASSWORD}', ...changes }
  const target = Object.entries(shown).map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
  const files = smallShop(url, { target: `{type: postgres, ${target.join(', ')}}` })
  const yaml = (files['sluice.yml'] ?? '')
    .replace('file: contacts.csv', 'table: crm.contacts')
    .replace('file: orders.csv', 'table: crm.orders')
  const folder = projectFolder(context, { 'sluice.yml': yaml })
  const password = String(engine.get('password'))
  await givePrintedRights(folder, settings, { SHOP_PASSWORD: password })
  const run = (args: readonly string[], env = { SHOP_PASSWORD: password }): Promise<CliResult> =>
    sluice(['-C', folder, ...args, '-o', 'json'], { env })
  return { run, password }
}

const first = (result: CliResult) => (result.json().syncs as Readonly<Record<string, unknown>>[])[0] ?? {}

test('the same project goes from validate to a second sync that sends nothing on PostgreSQL', async (context) => {
  const hook = await receiver(context)
  const { run } = await shopOnPostgres(context, hook.url)
  assert.equal((await run(['validate', '--connect'])).json().ok, true)
  const planned = await run(['plan', ...AS_OF])
  assert.deepEqual([first(planned).add, hook.bodies.length], [2, 0], planned.stdout)
  const sent = await run(['sync', ...AS_OF])
  assert.deepEqual([sent.code, first(sent).applied], [0, 2], sent.stdout)
  const changes = hook.bodies.flatMap((body) => body.changes)
  assert.deepEqual(changes, [
    { op: 'add', key: { email: 'ada@example.com' }, fields: { spent: 30.5 } },
    { op: 'add', key: { email: 'grace@example.com' }, fields: { spent: 5.25 } },
  ])
  const again = await run(['sync', ...AS_OF])
  assert.deepEqual([again.code, first(again).unchanged, hook.bodies.length], [0, 2, 1], again.stdout)
  const stats = (await run(['identity', 'stats'])).json()
  assert.deepEqual([stats.records, stats.entities], [7, 3])
  const preview = (await run(['preview', 'buyers', ...AS_OF])).json()
  assert.deepEqual([preview.count, preview.total], [2, 3])
  assert.equal((await run(['plan', '--as-of', '2026-01-31'])).code, 78)
})

test('wrong credentials, a wrong port and a variable that is not set end with their code, and no secret is shown', async (context) => {
  const { run, password } = await shopOnPostgres(context, 'http://127.0.0.1:9/')
  const wrong = await run(['build'], { SHOP_PASSWORD: 'wrong-password-canary' })
  assert.equal(wrong.code, 6, wrong.stdout)
  assert.doesNotMatch(wrong.stdout + wrong.stderr, /wrong-password-canary/)
  const unset = await run(['build'], {} as never)
  assert.equal(unset.code, 78, unset.stdout)
  assert.match(unset.stdout, /SHOP_PASSWORD/)
  const elsewhere = await shopOnPostgres(context, 'http://127.0.0.1:9/', { port: 9 })
  const unreachable = await elsewhere.run(['build'])
  assert.equal(unreachable.code, 6, unreachable.stdout)
  assert.ok(!(unreachable.stdout + unreachable.stderr).includes(password))
})
