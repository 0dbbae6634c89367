import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { openWarehouse } from '../../src/warehouse/open.ts'
import { projectFolder, receiver, sluice } from '../support/cli.ts'
import { type DbtNodeText, dbtManifest } from '../support/dbt-manifest.ts'
import { asEngine, givePrintedRights } from '../support/least-role.ts'
import { freshPostgres } from '../support/postgres.ts'
import { smallShop } from '../support/small-shop.ts'

const AS_OF = ['--as-of', '2026-02-01']

const TABLES = `create schema marts;
create table marts.contacts (id integer, email text, first_name text, country text);
insert into marts.contacts values (1, 'ada@example.com', 'Ada', 'FR'), (2, 'grace@example.com', 'Grace', 'BE');
create table marts.fct_orders (id integer, buyer text, total numeric(10, 2), "at" timestamp);
insert into marts.fct_orders values (1, 'ada@example.com', 10.50, '2026-01-02'),
  (2, 'grace@example.com', 5.25, '2026-01-04');
create schema other;
create table other.contacts (id integer, email text, first_name text, country text);
insert into other.contacts values (1, 'ada@example.com', 'Ada', 'FR')`

const CONTACTS: DbtNodeText = { name: 'dim_contacts', alias: 'contacts' }
const ORDERS: DbtNodeText = { name: 'fct_orders' }

/** The small shop on the models of a dbt project that stands beside it. */
function dbtShop(
  context: TestContext,
  url: string,
  changes: {
    readonly target?: string
    readonly nodes?: readonly DbtNodeText[]
    readonly profiles?: string
    readonly edit?: (yaml: string) => string
  } = {},
) {
  const { target = '{type: duckdb, path: ../dbt/shop.duckdb}', nodes = [CONTACTS, ORDERS] } = changes
  const yaml = (smallShop(url, { target })['sluice.yml'] ?? '')
    .replace('name: small_shop', 'name: small_shop\ndbt_project: ../dbt')
    .replace('file: contacts.csv', 'dbt: dim_contacts')
    .replace('file: orders.csv', 'dbt: fct_orders')
  const root = projectFolder(context, {
    'sluice/sluice.yml': changes.edit?.(yaml) ?? yaml,
    'dbt/dbt_project.yml': 'name: shop_dbt\n',
    'dbt/target/manifest.json': dbtManifest(nodes),
    ...(changes.profiles === undefined ? {} : { 'dbt/profiles.yml': changes.profiles }),
  })
  const home = projectFolder(context, {})
  return {
    root,
    run: (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
      sluice(['-C', join(root, 'sluice'), ...args], { env: { HOME: home, ...env } }),
    write(path: string, text: string): void {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), text)
    },
  }
}

async function makeTables(
  type: 'duckdb' | 'postgres',
  directory: string,
  settings: ReadonlyMap<string, string | number>,
): Promise<void> {
  const warehouse = await openWarehouse({ type, directory, settings, runId: 'test' })
  try {
    for (const sql of TABLES.split(';')) await warehouse.execute({ step: 'test', sql })
  } finally {
    await warehouse.close()
  }
}

const DUCKDB = new Map([['path', 'shop.duckdb']])

test('models of dbt are sources from validate to a delivery, through a profile of dbt on DuckDB', async (context) => {
  const hook = await receiver(context)
  const shop = dbtShop(context, hook.url, {
    target: '{dbt_profile: shop}',
    profiles: 'shop: {target: dev, outputs: {dev: {type: duckdb, path: shop.duckdb}}}\n',
  })
  await makeTables('duckdb', join(shop.root, 'dbt'), DUCKDB)
  const valid = await shop.run(['validate', '--connect', '-o', 'json'])
  assert.equal(valid.code, 0, valid.stdout)
  const sent = await shop.run(['sync', ...AS_OF, '-o', 'json'])
  assert.equal(sent.code, 0, sent.stdout)
  assert.deepEqual(
    hook.bodies.flatMap((body) => body.changes),
    [
      { op: 'add', key: { email: 'ada@example.com' }, fields: { spent: 10.5 } },
      { op: 'add', key: { email: 'grace@example.com' }, fields: { spent: 5.25 } },
    ],
  )
  const doctor = await shop.run(['doctor'])
  assert.equal(doctor.code, 0, doctor.stdout)
})

test('a changed manifest is seen at once: by validate, by the fingerprint of the source, by the next run', async (context) => {
  const shop = dbtShop(context, 'http://127.0.0.1:9/')
  await makeTables('duckdb', join(shop.root, 'dbt'), DUCKDB)
  assert.equal((await shop.run(['validate'])).code, 0)
  assert.equal((await shop.run(['build', ...AS_OF])).code, 0)
  const unchanged = await shop.run(['preview', 'french', ...AS_OF])
  assert.match(unchanged.stdout, /french: 1 of 2/, unchanged.stderr)

  // The published build is of another source now: it must not be taken for this one's.
  shop.write('dbt/target/manifest.json', dbtManifest([{ ...CONTACTS, schema: 'other' }, ORDERS]))
  const moved = await shop.run(['plan', ...AS_OF, '-o', 'json'])
  assert.equal(moved.code, 0, moved.stdout)
  const [sync] = moved.json().syncs as readonly Readonly<Record<string, unknown>>[]
  assert.equal(sync?.add, 1, 'grace has an email only in the former table')

  shop.write('dbt/target/manifest.json', dbtManifest([ORDERS]))
  const gone = await shop.run(['validate'])
  assert.equal(gone.code, 78)
  assert.match(gone.stdout + gone.stderr, /SLU1032/)
  assert.match(gone.stdout + gone.stderr, /dbt: dim_contacts/, 'the line is shown')

  shop.write('dbt/target/manifest.json', dbtManifest([CONTACTS, ORDERS]))
  assert.equal((await shop.run(['validate'])).code, 0)
  shop.write('dbt/target/manifest.json', 'half a ma')
  assert.match((await shop.run(['validate'])).stderr, /SLU1030.*\.\.\/dbt\/target\/manifest\.json/)
})

test('the dbt project is the one named, by a variable too, else the nearest above; else that is the error', async (context) => {
  const shop = dbtShop(context, 'http://127.0.0.1:9/', {
    edit: (yaml) => yaml.replace('dbt_project: ../dbt\n', ''),
  })
  const none = await shop.run(['validate'])
  assert.match(none.stderr, /SLU1030.*found none here or above/, none.stdout)

  shop.write('dbt_project.yml', 'name: shop_dbt\n')
  assert.match((await shop.run(['validate'])).stderr, /SLU1030.*\.\.\/target\/manifest\.json, found none/)
  shop.write('target/manifest.json', dbtManifest([CONTACTS, ORDERS]))
  assert.equal((await shop.run(['validate'])).code, 0)

  const path = join(shop.root, 'sluice/sluice.yml')
  const yaml = readFileSync(path, 'utf8')
  writeFileSync(path, yaml.replace('name: small_shop', 'name: small_shop\ndbt_project: "$' + '{DBT_FILES}"'))
  assert.match((await shop.run(['validate'])).stderr, /SLU1018.*"DBT_FILES"/)
  assert.equal((await shop.run(['validate'], { DBT_FILES: '../dbt' })).code, 0)
  assert.equal((await shop.run(['validate'], { DBT_FILES: '../dbt/target/manifest.json' })).code, 0)
})

test('a dbt project inside of a project is none of its files', async (context) => {
  const shop = dbtShop(context, 'http://127.0.0.1:9/', {
    edit: (yaml) => yaml.replace('dbt_project: ../dbt', 'dbt_project: dbt'),
  })
  shop.write('sluice/dbt/dbt_project.yml', 'name: shop_dbt\nmodels: {shop_dbt: {}}\n')
  shop.write('sluice/dbt/models/schema.yml', 'version: 2\nmodels: []\n')
  shop.write('sluice/dbt/target/manifest.json', dbtManifest([CONTACTS, ORDERS]))
  const { code, stderr } = await shop.run(['validate'])
  assert.equal(code, 0, stderr)
})

test('a profile of dbt reaches PostgreSQL, and its password is in no message', async (context) => {
  const owner = await freshPostgres()
  await makeTables('postgres', '.', owner)
  const settings = asEngine(owner)
  const password = String(settings.get('password'))
  const shop = dbtShop(context, 'http://127.0.0.1:9/', {
    target: '{dbt_profile: shop, dbt_target: prod}',
    profiles: `shop:
  target: dev
  outputs:
    dev: {type: duckdb, path: none.duckdb}
    prod:
      type: postgres
      host: "${settings.get('host')}"
      port: "{{ env_var('SHOP_PORT') | as_number }}"
      user: "${settings.get('user')}"
      password: "{{ env_var('DBT_ENV_SECRET_SHOP') }}"
      dbname: "${settings.get('database')}"
      schema: marts
`,
  })
  const env = { SHOP_PORT: String(settings.get('port')), DBT_ENV_SECRET_SHOP: password }
  await givePrintedRights(join(shop.root, 'sluice'), owner, env)
  const plan = await shop.run(['plan', ...AS_OF, '-o', 'json'], env)
  assert.equal(plan.code, 0, plan.stdout)
  assert.equal((plan.json().syncs as readonly Readonly<Record<string, unknown>>[])[0]?.add, 2)

  const grants = await shop.run(['doctor', '--grants'], env)
  assert.match(grants.stdout, /on schema "marts"/, grants.stderr)
  assert.ok(grants.stdout.includes(`to "${settings.get('user')}"`), grants.stdout)

  const unset = await shop.run(['build'], { SHOP_PORT: env.SHOP_PORT })
  assert.equal(unset.code, 78)
  assert.match(unset.stderr, /SLU1018.*"DBT_ENV_SECRET_SHOP"/)
  const wrong = await shop.run(['build', '-v'], { ...env, DBT_ENV_SECRET_SHOP: 'a-wrong-password' })
  assert.notEqual(wrong.code, 0)
  assert.doesNotMatch(wrong.stdout + wrong.stderr, /a-wrong-password/)
})

test('profiles.yml is looked for in DBT_PROFILES_DIR, the dbt project, and the home, in this order', async (context) => {
  const shop = dbtShop(context, 'http://127.0.0.1:9/', { target: '{dbt_profile: shop, dbt_target: nowhere}' })
  const foundIn = async (env: Readonly<Record<string, string>>) => {
    const { stderr } = await shop.run(['build'], env)
    assert.match(stderr, /SLU1035/)
    return /there is "(\w+)"/.exec(stderr)?.[1]
  }
  const HOME = join(shop.root, 'home')
  assert.equal(await foundIn({ HOME }), undefined)
  const profiles = (name: string) => `shop: {target: ${name}, outputs: {${name}: {type: duckdb, path: a}}}\n`
  shop.write('home/.dbt/profiles.yml', profiles('of_the_home'))
  assert.equal(await foundIn({ HOME }), 'of_the_home')
  shop.write('dbt/profiles.yml', profiles('of_the_dbt_project'))
  assert.equal(await foundIn({ HOME }), 'of_the_dbt_project')
  shop.write('named/profiles.yml', profiles('of_the_variable'))
  assert.equal(await foundIn({ HOME, DBT_PROFILES_DIR: join(shop.root, 'named') }), 'of_the_variable')
})

test('exposures name the models that reach each sync, the same each time, also into a file', async (context) => {
  const shop = dbtShop(context, 'http://127.0.0.1:9/', {
    nodes: [CONTACTS, ORDERS, { name: 'stores', package: 'geo' }],
    edit: (yaml) =>
      `${yaml
        .replace(
          'entities:\n',
          '  - {name: stores, dbt: stores, primary_key: id}\n  - {name: mine, file: mine.csv, primary_key: id}\nentities:\n',
        )
        .replace(
          '  - name: buyers_to_hook\n',
          '  - name: buyers_to_hook\n    owner: crm@shop.example\n    description: "Buyers: {{ all }}"\n',
        )}
  - {name: stores_out, source: stores, to: hook.rows, match: {id: id}, owner: Data team}
  - {name: mine_out, source: mine, to: hook.rows, match: {id: id}}
`,
  })
  const shown = await shop.run(['export', 'dbt-exposures'])
  assert.equal(shown.code, 0, shown.stderr)
  assert.equal(
    shown.stdout,
    `# Written by \`sluice export dbt-exposures\`: a change made here is lost the next time.
version: 2
exposures:
  - name: small_shop_buyers_to_hook
    label: "buyers_to_hook"
    type: application
    description: "Buyers: { { all }}\\n\\nSluice sends segment buyers to hook.rows (http), mode mirror."
    owner:
      email: "crm@shop.example"
    depends_on:
      - ref('dim_contacts')
      - ref('fct_orders')
  - name: small_shop_stores_out
    label: "stores_out"
    type: application
    description: "Sluice sends source stores to hook.rows (http), mode upsert."
    owner:
      name: "Data team"
    depends_on:
      - ref('geo', 'stores')
`,
  )
  const file = join(shop.root, 'dbt/exposures.yml')
  const written = await shop.run(['export', 'dbt-exposures', '--out', file, '-s', 'stores_out', '-o', 'json'])
  assert.equal(written.code, 0, written.stdout)
  const [only, ...others] = written.json().exposures as readonly Readonly<Record<string, unknown>>[]
  assert.deepEqual([only?.depends_on, others], [["ref('geo', 'stores')"], []])
  assert.match(readFileSync(file, 'utf8'), /^version: 2\nexposures:\n {2}- name: small_shop_stores_out\n/m)
  const nowhere = await shop.run(['export', 'dbt-exposures', '--out', join(shop.root, 'no/where.yml')])
  assert.match(`${nowhere.code} ${nowhere.stderr}`, /^64 .*SLU7019/s)
})
