import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from 'yaml'
import { fits } from '../../test/support/json-schema.ts'
import type { Manifest } from '../connector/types.ts'
import { parseProject } from './parse-project.ts'
import { projectNames } from './project-names.ts'
import { projectSchema } from './schema.ts'

const hook: Manifest = {
  name: 'http',
  title: 'HTTP',
  verification: 'generic',
  settings: { url: { type: 'text', description: 'Where to.', required: true } },
  objects: { rows: {} as Manifest['objects'][string] },
}
const MANIFESTS = new Map([['http', hook]])

const TEXT = `version: 1
name: shop
default_target: dev
targets: {dev: {type: duckdb, path: a.duckdb}}
sources:
  - {name: people, table: people, primary_key: id}
  - {name: orders, table: orders, primary_key: id, occurred_at: at, belongs_to: {people: person}}
entities:
  - {name: customer, identity: {from: [{source: people, ids: {id: id}}]}, profile: {email: {from: [people.email]}}}
traits: [{name: spent, entity: customer, sum: orders.total}, {name: bought, entity: customer, count: orders}]
segments:
  - {name: buyers, entity: customer, where: {any: [{event: orders}, {trait: spent, gt: 0}, {top: spent, count: 9}]}}
  - name: others
    entity: customer
    where: {all: [{not: {segment: buyers}}, {sequence: [{event: orders}, {no_event: orders, within: 2 days}]}]}
destinations: [{name: hook, connector: http, settings: {url: "https://a.example"}}]
syncs: [{name: out, segment: buyers, to: hook.rows, match: {email: email}, map: {spent: spent}}]
`

const { project } = parseProject('/project', [{ path: 'sluice.yml', text: TEXT }])
assert.ok(project !== undefined)
const names = projectNames(project, MANIFESTS)
const schema = projectSchema(MANIFESTS, names)

test('a project has its own names: targets, sources, entities, values, segments, objects', () => {
  assert.deepEqual(names, {
    targets: ['dev'],
    sources: ['orders', 'people'],
    entities: ['customer'],
    values: ['bought', 'customer_id', 'email', 'spent'],
    segments: ['buyers', 'others'],
    objects: ['hook.rows'],
  })
})

test('every place that refers to a definition offers the names there are', () => {
  const asked: Readonly<Record<string, readonly string[]>> = {
    targets: ['default_target'],
    sources: ['belongs_to', 'source', 'count', 'event', 'no_event', 'via'],
    entities: ['entity'],
    values: ['trait', 'top', 'bottom', 'match', 'map', 'identifiers'],
    segments: ['segment'],
    objects: ['to'],
  }
  for (const [kind, keys] of Object.entries(asked))
    for (const key of keys) {
      const offered = placesOf(schema, key).map((place) => JSON.stringify(place))
      assert.ok(
        offered.some((text) => text.includes(JSON.stringify({ enum: names[kind as keyof typeof names] }))),
        `${key} offers ${kind}`,
      )
    }
})

test('a name that is not written yet is no mistake, a bad name is one as before', () => {
  const withNames = (text: string) => fits(parse(text), schema, schema)
  const without = projectSchema(MANIFESTS)
  assert.ok(withNames(TEXT))
  const texts = {
    later: 'segments: [{name: a, entity: later, where: {segment: not_yet}}]',
    laterSync: 'syncs: [{name: a, source: later, to: other.rows, match: {a: customer.email}}]',
    bad: 'segments: [{name: a, entity: Later, where: {segment: buyers}}]',
    badReference: 'syncs: [{name: a, segment: buyers, to: hook, match: {a: email}}]',
    notText: 'segments: [{name: a, entity: customer, where: {segment: 5}}]',
  }
  for (const [what, text] of Object.entries(texts)) {
    assert.equal(withNames(text), what.startsWith('later'), what)
    assert.equal(withNames(text), fits(parse(text), without, without), what)
  }
})

test('without names, and for kinds of which there are none, the schema is the plain one', () => {
  assert.deepEqual(projectSchema(MANIFESTS, {}), projectSchema(MANIFESTS))
  assert.deepEqual(projectSchema(MANIFESTS, { segments: [] }), projectSchema(MANIFESTS))
  assert.doesNotMatch(JSON.stringify(schema) + JSON.stringify(projectSchema(MANIFESTS)), /refersTo/)
})

/** The schemas of a key, wherever it may stand. */
function placesOf(node: unknown, key: string): readonly unknown[] {
  if (typeof node !== 'object' || node === null) return []
  const { properties } = node as { readonly properties?: Readonly<Record<string, unknown>> }
  const here = properties !== undefined && Object.hasOwn(properties, key) ? [properties[key]] : []
  return [...here, ...Object.values(node).flatMap((inner) => placesOf(inner, key))]
}
