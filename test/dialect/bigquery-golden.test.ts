import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { grantSteps } from '../../src/compile/inspect/grants.ts'
import { renderStep } from '../../src/compile/render-step.ts'
import { bigquery } from '../../src/dialect/bigquery.ts'
import { loadTemplates } from '../../src/template/load.ts'
import { refusedByEngine } from '../support/cloud/bigquery-rules.ts'
import { GoogleCatalog } from '../support/cloud/google-catalog.ts'
import { type GoogleSql, type KINDS, sharedGoogleSql, whyNoGoogleSql } from '../support/cloud/google-sql.ts'
import { modelContext } from '../support/model.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

async function analyser(): Promise<GoogleSql> {
  const started = await sharedGoogleSql()
  assert.ok(started !== undefined)
  return started
}

type Columns = Readonly<Record<string, keyof typeof KINDS>>

const SOURCES: Readonly<Record<string, Columns>> = {
  'crm.contacts': {
    contact_id: 'int64',
    email: 'string',
    first_name: 'string',
    country: 'string',
    ads_ok: 'bool',
    updated_at: 'datetime',
    tenant: 'string',
    id: 'int64',
    mail: 'string',
    work_mail: 'string',
    mobile: 'string',
    last_name: 'string',
    birth_date: 'date',
    code: 'string',
  },
  'shop.orders': {
    order_id: 'int64',
    store_id: 'int64',
    customer_email: 'string',
    status: 'string',
    total: 'numeric',
    ordered_at: 'timestamp',
    id: 'int64',
    buyer: 'string',
    phone: 'string',
  },
  'shop.order_items': { order_id: 'int64', line: 'int64', sku: 'string', best_before: 'date' },
  'shop.stores': { id: 'int64' },
  'web.visits': { id: 'string', contact_id: 'int64', page: 'string', at: 'timestamp' },
}

const LINKS: Columns = { r: 'int64', t: 'int64', x: 'int64', y: 'int64' }
const HOOKS: Columns = { v: 'int64', r: 'int64' }
const MOVES: Columns = { from_id: 'string', into_id: 'string', run_id: 'string' }

/** What the build before has published. */
const PUBLISHED: Readonly<Record<string, Columns>> = {
  'sluice.customer_identity': { source: 'string', record_id: 'string', customer_id: 'string' },
  'sluice.customer_nodes': {
    source: 'string',
    node_key: 'string',
    first_run: 'int64',
    rank_hash: 'int64',
    owned_id: 'string',
    entity_id: 'string',
    node_hash: 'int64',
    entity_hash: 'int64',
    content_hash: 'int64',
    is_anchor: 'bool',
  },
  'sluice.customer_node_ids': LINKS,
  'sluice.customer_node_rows': {
    source: 'string',
    row_hash: 'int64',
    content_hash: 'int64',
    node_hash: 'int64',
  },
  'sluice.customer_merges': { ...MOVES, merged_at: 'timestamp' },
  'sluice.customer_splits': { ...MOVES, split_at: 'timestamp' },
  'sluice.customer_refused': {
    identifier: 'string',
    value_hash: 'string',
    value: 'string',
    reason: 'string',
    records: 'int64',
  },
  'sluice.customer_stitch': {
    form: 'int64',
    engine: 'string',
    rules: 'string',
    salt: 'int64',
    as_of: 'timestamp',
    records: 'int64',
    entities: 'int64',
    repeated_keys: 'int64',
  },
}

/** What else is there before the first step of a text: of the build before, and of rounds that the texts leave out. */
const THERE: Readonly<Record<string, Readonly<Record<string, Columns>>>> = {
  model: { '_SESSION.customer_identity': PUBLISHED['sluice.customer_identity'] ?? {} },
  identity: { ...PUBLISHED, '_SESSION.sl_id_customer_hooks_2': HOOKS },
  incremental: PUBLISHED,
  'changed-fields': { '_SESSION.sl_touched': { entity_id: 'string', was: 'bool' } },
}

/** A text that goes on where another ends. */
const AFTER: Readonly<Record<string, string>> = { limits: 'identity', 'changed-fields': 'model' }

for (const path of globSync('test/*/golden/*.bigquery.sql', { cwd: ROOT })) {
  const name = nameOf(path)
  test(`the analyser of GoogleSQL resolves every name and type of ${name}`, {
    skip: whyNoGoogleSql(),
  }, async () => {
    const catalog = new GoogleCatalog(await analyser())
    add(catalog, SOURCES)
    const before = AFTER[name]
    if (before !== undefined) {
      add(catalog, THERE[before] ?? {})
      await refusals(catalog, path.replace(name, before))
    }
    add(catalog, THERE[name] ?? {})
    assert.deepEqual(await refusals(catalog, path), [])
  })
}

test('the analyser takes the rights that are printed, which name a person or a service account', {
  skip: whyNoGoogleSql(),
}, async () => {
  const yaml = `version: 1
name: shop
targets: {dev: {type: duckdb, path: x.duckdb}}
sources: [{name: contacts, table: crm.contacts, primary_key: id}]
`
  const context = {
    ...modelContext(yaml, 'bigquery', '2026-01-31T08:00:00Z'),
    templates: await loadTemplates(bigquery, '/nowhere'),
  }
  const printed = (user: string) => grantSteps(context, { database: 'shop-1', user, warehouse: undefined })
  const steps = printed('sluice@shop-1.iam.gserviceaccount.com')
  assert.match(
    steps[0]?.summary ?? '',
    /^By hand, .*: gcloud projects add-iam-policy-binding shop-1 --member=serviceAccount:sluice@\S+ --role=roles\/bigquery.jobUser\n/,
  )
  const catalog = new GoogleCatalog(await analyser())
  for (const dataset of ['crm', 'sluice']) catalog.addTable(dataset, 'any', { id: 'string' })
  for (const step of steps)
    assert.equal(await catalog.refusal(renderStep(step, bigquery)), undefined, step.name)
  const text = steps.map((step) => renderStep(step, bigquery)).join('\n')
  assert.match(text, /grant `roles\/bigquery.dataViewer` on schema `crm` to 'serviceAccount:sluice@/)
  assert.match(text, /grant `roles\/bigquery.dataOwner` on schema `sluice` to/)
  assert.match(
    renderStep(printed('ada@shop.example').at(-1) ?? assert.fail(), bigquery),
    /to 'user:ada@shop\.example'/,
  )
})

function nameOf(path: string): string {
  return path.replace(/^.*\/|\.bigquery\.sql$/g, '')
}

function add(catalog: GoogleCatalog, tables: Readonly<Record<string, Columns>>): void {
  for (const [table, columns] of Object.entries(tables)) {
    const [dataset = '', bare = ''] = table.split('.')
    catalog.addTable(dataset, bare, columns)
  }
}

async function refusals(catalog: GoogleCatalog, path: string): Promise<readonly string[]> {
  const text = readFileSync(join(ROOT, path), 'utf8')
  const statements = text.split(/;\n(?:\n|$)/).filter((one) => one.trim() !== '')
  assert.ok(statements.length > 3)
  const found: string[] = []
  for (const statement of statements) {
    const refusal = refusedByEngine(statement) ?? (await catalog.refusal(statement))
    if (refusal !== undefined) found.push(`${refusal}\n${statement}`)
  }
  return found
}
