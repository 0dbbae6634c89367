import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { printedChangedFields } from '../../src/compile/profile/changed-fields.ts'
import { fieldStateSteps } from '../../src/compile/profile/field-rows.ts'
import { renderStep } from '../../src/compile/render-step.ts'
import type { Step } from '../../src/compile/step.ts'
import type { DialectName } from '../../src/dialect/dialect.ts'
import { DIALECTS } from '../../src/dialect/registry.ts'
import { modelContext, modelSteps } from '../support/model.ts'

const DIALECT_NAMES = Object.keys(DIALECTS) as DialectName[]

const GOLDEN = join(dirname(fileURLToPath(import.meta.url)), 'golden')

/** The example of the design, and every part of the language that it does not show. */
const YAML = `version: 1
name: printed
timezone: Europe/Paris
targets: {dev: {type: duckdb, path: a.duckdb}}
sources:
  - {name: contacts, table: crm.contacts, primary_key: contact_id, updated_at: updated_at}
  - {name: orders, table: shop.orders, primary_key: order_id, occurred_at: ordered_at, belongs_to: {stores: store_id}}
  - {name: order_items, table: shop.order_items, primary_key: [order_id, line], belongs_to: {orders: order_id}}
  - {name: stores, table: shop.stores, primary_key: id}
  - {name: visits, query: {default: "select * from web.visits where at < {as_of}", bigquery: "select * from web.visits where \`at\` < {as_of}"}, primary_key: id, occurred_at: at, belongs_to: {contacts: contact_id}}
entities:
  - name: customer
    identity:
      from:
        - {source: contacts, ids: {email: email}}
        - {source: orders, ids: {email: customer_email}}
    profile:
      email: {from: [contacts.email, orders.customer_email], pick: most_recent}
      country: {from: [contacts.country], pick: most_frequent}
      name: {from: [contacts.first_name], pick: longest}
  - {name: store, source: stores, key: id}
traits:
  - {name: orders_90d, entity: customer, count: orders, within: 90 days, where: {column: status, ne: returned}}
  - {name: lifetime_value, entity: customer, sum: orders.total, default: 0}
  - {name: last_order_at, entity: customer, max: orders.ordered_at}
  - {name: skus_bought, entity: customer, count_distinct: order_items.sku}
  - {name: favourite_store, entity: customer, most_frequent: orders.store_id}
  - {name: spend_band, entity: customer, case: [{when: {trait: lifetime_value, gte: 500}, then: vip}, {else: other}]}
  - {name: ltv_per_order, entity: customer, sql: "{lifetime_value} * 1.0 / nullif({orders_90d}, 0)"}
  - {name: ads_ok, entity: customer, max: contacts.ads_ok}
  - {name: store_orders, entity: store, count: orders}
segments:
  - name: lapsing_vips
    entity: customer
    description: Spent 500 or more, bought twice, silent for 60 days
    where:
      all:
        - {trait: lifetime_value, gte: 500}
        - {event: orders, count: {gte: 2}}
        - {event: orders, count: {eq: 0}, within: 60 days}
        - any: [{trait: country, in: [FR, BE]}, {segment: readers}]
        - not: {segment: employees}
  - {name: employees, entity: customer, where: {trait: email, ends_with: "@shop.example"}}
  - {name: readers, entity: customer, where: {event: visits, where: {sql: "page like '/blog/%'"}}}
  - {name: best, entity: customer, where: {top: lifetime_value, percent: 10}}
  - {name: last_names, entity: customer, where: {bottom: name, count: 100}}
  - {name: since_spring, entity: customer, where: {trait: last_order_at, between: ["2025-03-21", "2025-06-21"]}}
  - {name: big_spring, entity: customer, where: {event: orders, max: {column: total, gt: 99.5}, between: ["2025-03-21", "2025-06-21"]}}
  - {name: late_alphabet, entity: customer, where: {trait: name, gte: m}}
  - {name: dated, entity: customer, where: {event: order_items, where: {column: best_before, lt: "2026-01-01"}}}
  - {name: months, entity: customer, where: {trait: last_order_at, within: 6 months}}
  - name: came_back
    entity: customer
    where: {sequence: [{event: visits}, {no_event: orders}, {event: visits, within: 1 month}, {no_event: orders, within: 7 days}]}
`

for (const dialect of DIALECT_NAMES)
  test(`${dialect}: the steps of profiles, traits and segments are the text that was reviewed`, () => {
    matchesGolden(modelSteps(modelContext(YAML, dialect, AS_OF)), dialect, 'model')
  })

for (const dialect of DIALECT_NAMES)
  test(`${dialect}: the steps that compute fields of changed entities are the text that was reviewed`, () => {
    const context = modelContext(YAML, dialect, AS_OF)
    const customer = context.graph.project.entities.get('customer')
    assert.ok(customer !== undefined)
    const stamp = { engine: 'engine', rules: 'fingerprint', runId: 'run' }
    const steps = [...fieldStateSteps(context, customer, stamp), ...printedChangedFields(context, customer)]
    matchesGolden(steps, dialect, 'changed-fields')
  })

const AS_OF = '2025-09-30T08:00:00Z'

function matchesGolden(steps: readonly Step[], dialect: DialectName, name: string): void {
  assert.equal(new Set(steps.map((step) => step.name)).size, steps.length, 'each name once')
  const made = steps.flatMap(({ creates }) => (creates === undefined ? [] : [creates.name]))
  assert.equal(new Set(made).size, made.length, 'each table once')
  const text = steps
    .map((step) => `-- ${step.summary}\n-- grain: ${step.grain}\n${renderStep(step, DIALECTS[dialect])};\n`)
    .join('\n')
  const file = join(GOLDEN, `${name}.${dialect}.sql`)
  if (process.env.UPDATE_GOLDEN !== undefined) {
    mkdirSync(GOLDEN, { recursive: true })
    writeFileSync(file, text)
  }
  assert.equal(text, readFileSync(file, 'utf8'))
}
