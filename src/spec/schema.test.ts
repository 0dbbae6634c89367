import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { fits } from '../../test/support/json-schema.ts'
import { readProject } from '../../test/support/read-project.ts'
import type { Manifest } from '../connector/types.ts'
import { parseProject } from './parse-project.ts'
import { projectSchema } from './schema.ts'

const CORPUS = join(import.meta.dirname, '../../test/corpus')

const hook: Manifest = {
  name: 'http',
  title: 'HTTP',
  verification: 'generic',
  settings: {
    url: { type: 'text', description: 'Where to.', required: true },
    batch_size: { type: 'integer', description: 'How many.', default: 500, minimum: 1 },
    headers: { type: 'text_map', description: 'More headers.' },
    allow_private_network: { type: 'boolean', description: 'Local addresses too.', default: false },
  },
  objects: {},
}
const schema = projectSchema(new Map([['http', hook]]))
const anyConnector = projectSchema(new Map())

test('every valid project of the corpus fits', () => {
  const projects = readdirSync(join(CORPUS, 'valid'))
  for (const project of projects)
    for (const { path, text } of readProject(join(CORPUS, 'valid', project)))
      assert.ok(fits(parse(text), anyConnector, anyConnector), `${project}/${path}`)
  assert.ok(projects.length > 0)
})

test('what fits no parser fits no editor: keys, kinds of values and names are refused by both', () => {
  const broken = {
    'an unknown key': 'syncs: [{name: a, segmnet: b, to: c.d, match: {e: f}}]',
    'a missing key': 'syncs: [{name: a, segment: b, match: {e: f}}]',
    'no model': 'syncs: [{name: a, to: c.d, match: {e: f}}]',
    'two models': 'syncs: [{name: a, segment: b, entity: c, to: c.d, match: {e: f}}]',
    'a wrong mode': 'syncs: [{name: a, segment: b, to: c.d, match: {e: f}, mode: merge}]',
    'a bad name': 'segments: [{name: A, entity: b, where: {all: []}}]',
    'a text for a boolean': 'segments: [{name: a, entity: b, where: {all: []}, enabled: yes}]',
    'a bad window': 'traits: [{name: a, entity: b, count: c, within: 3 weeks}]',
    'no operator': 'traits: [{name: a, entity: b}]',
    'two operators': 'segments: [{name: a, entity: b, where: {trait: c, gt: 1, lt: 2}}]',
    'an unknown condition': 'segments: [{name: a, entity: b, where: {all: [{triat: c, gt: 1}]}}]',
    'an unknown target': 'targets: {dev: {type: oracle}}',
  }
  const main = { path: 'sluice.yml', text: 'version: 1\nname: shop\n' }
  for (const [what, text] of Object.entries(broken)) {
    assert.ok(!fits(parse(text), schema, schema), `${what}: the schema`)
    const whole = text.startsWith('targets')
      ? [{ ...main, text: main.text + text }]
      : [main, { path: 'a.yml', text }]
    assert.equal(parseProject('/project', whole).errors.length, 1, `${what}: the parser`)
  }
})

test('a destination has a connector that is there, with the settings of that connector', () => {
  const destination = (text: string) => fits(parse(`destinations: [{name: a, ${text}}]`), schema, schema)
  assert.ok(destination('connector: http, settings: {url: "https://a", batch_size: 5}'))
  assert.ok(destination('connector: http, settings: {url: "$' + '{URL}", batch_size: "$' + '{SIZE}"}'))
  assert.ok(!destination('connector: hubspot'))
  assert.ok(!destination('connector: http'))
  assert.ok(!destination('connector: http, settings: {url: "https://a", batch_sise: 5}'))
  assert.ok(!destination('connector: http, settings: {url: "https://a", batch_size: 0}'))
})

test('every key has a description, so that editors can help', () => {
  const without: string[] = []
  const visit = (node: unknown, path: string) => {
    if (typeof node !== 'object' || node === null) return
    const { properties } = node as { readonly properties?: Readonly<Record<string, object>> }
    for (const [key, inner] of Object.entries(properties ?? {}))
      if (!('description' in inner) && !('const' in inner)) without.push(`${path}/${key}`)
    for (const [key, inner] of Object.entries(node)) visit(inner, `${path}/${key}`)
  }
  visit(schema, '')
  assert.deepEqual(without, [])
})

test('shared anchors may stand under keys that start with x-', () => {
  assert.ok(fits(parse('x-anything: {a: 1}'), schema, schema))
})

test('the acceptance projects fit', (t) => {
  const folder = join(import.meta.dirname, '../../../shared/acceptance')
  if (!existsSync(folder)) return t.skip('not run: the acceptance projects are not beside this repository')
  for (const project of readdirSync(folder).filter((name) => existsSync(join(folder, name, 'sluice.yml'))))
    for (const { path, text } of readProject(join(folder, project)))
      assert.ok(fits(parse(text), schema, schema), `${project}/${path}`)
})
