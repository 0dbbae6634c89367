import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type DbtNodeText, dbtManifest } from '../../test/support/dbt-manifest.ts'
import { readManifest } from '../spec/dbt/manifest.ts'
import { withDbtModels } from '../spec/dbt/models.ts'
import { parseProject } from '../spec/parse-project.ts'
import { buildGraph } from './build-graph.ts'

/** The fingerprints of a source of this model and of an entity that needs it. */
function fingerprints(model: string, node: DbtNodeText): readonly (string | undefined)[] {
  const text = `version: 1
name: shop
sources: [{name: orders, dbt: ${model}, primary_key: id}]
entities: [{name: customer, identity: {from: [{source: orders, ids: {email: buyer}}]}}]
`
  const { project } = parseProject('/project', [{ path: 'sluice.yml', text }])
  assert.ok(project)
  const found = withDbtModels(project, readManifest(dbtManifest([node]), 'manifest.json', undefined))
  assert.deepEqual(found.errors, [])
  const { graph } = buildGraph(found.project, new Map())
  return ['source:orders', 'entity:customer'].map((id) => graph?.nodes.get(id)?.fingerprint)
}

const NODE: DbtNodeText = { name: 'orders', alias: 'fct_orders' }

test('a dbt source and what needs it change with the table of the model, not with how it is called', () => {
  const first = fingerprints('orders', NODE)
  assert.ok(first.every((one) => one !== undefined))
  assert.deepEqual(fingerprints('shop_dbt.orders', NODE), first)
  assert.deepEqual(fingerprints('sales', { name: 'sales', alias: 'fct_orders' }), first)
  for (const moved of [
    { ...NODE, schema: 'other' },
    { ...NODE, alias: 'fct_sales' },
  ]) {
    const [source, entity] = fingerprints('orders', moved)
    assert.notEqual(source, first[0])
    assert.notEqual(entity, first[1])
  }
})
