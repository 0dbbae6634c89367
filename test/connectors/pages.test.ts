import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { CONNECTORS } from '../../connectors/index.ts'
import { exampleOf } from '../../scripts/connector-page.ts'
import { pagesOfConnectors } from '../../scripts/pages.ts'
import { buildGraph } from '../../src/graph/build-graph.ts'
import { parseProject } from '../../src/spec/parse-project.ts'
import { filesOf, toldOf } from '../support/broken-project.ts'
import { headingsOf, linksOf } from '../support/docs.ts'

const ROOT = dirname(dirname(import.meta.dirname))
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const MANIFESTS = new Map([...CONNECTORS].map(([name, { manifest }]) => [name, manifest]))

test('the page of each connector is what its manifest and README say now (else: npm run docs)', () => {
  for (const { path, text } of pagesOfConnectors(read)) {
    assert.ok(existsSync(join(ROOT, path)), `${path} is there; write it by npm run docs`)
    assert.equal(read(path), text, `${path}; write it anew by npm run docs`)
  }
  const pages = readdirSync(join(ROOT, 'docs/connectors'))
  assert.deepEqual(pages.toSorted(), [...CONNECTORS.keys()].map((name) => `${name}.md`).toSorted())
})

test('every link of these pages leads to a file, and a heading, that is there', () => {
  for (const name of CONNECTORS.keys()) {
    const page = join(ROOT, 'docs/connectors', `${name}.md`)
    for (const { path, heading } of linksOf(page)) {
      const file = path === '' ? page : join(dirname(page), path)
      assert.ok(existsSync(file), `${name}: ${path}`)
      if (heading !== '' && file.endsWith('.md'))
        assert.ok(headingsOf(file).includes(heading), `${name}: #${heading}`)
    }
  }
})

for (const [name, manifest] of MANIFESTS)
  test(`the example on the page of ${name} is a project without mistakes`, () => {
    const files = filesOf(`${SHOP}${exampleOf(manifest)}\n`)
    const { project, errors } = parseProject('/project', files)
    assert.ok(project, toldOf(errors, files))
    const built = buildGraph(project, MANIFESTS)
    assert.ok(built.graph, toldOf(built.errors, files))
  })

const SHOP = `sources:
  - {name: contacts, table: crm.contacts, primary_key: contact_id, updated_at: updated_at}
  - {name: orders, table: shop.orders, primary_key: order_id, occurred_at: ordered_at}
entities:
  - name: customer
    identity:
      from:
        - {source: contacts, ids: {email: email}}
        - {source: orders, ids: {email: customer_email}}
    profile:
      email: {from: [contacts.email], pick: most_recent}
      first_name: {from: [contacts.first_name], pick: most_recent}
segments:
  - {name: lapsing_vips, entity: customer, where: {event: orders}}
`
