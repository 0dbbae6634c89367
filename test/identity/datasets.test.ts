import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { forEachEngine } from '../support/engines.ts'
import { type IdentityLab, openIdentityLab } from '../support/identity-lab.ts'

/** Data that others published, beside the repository; its figures are theirs or scipy's, not ours. */
const DATA = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', 'shared', 'data')
const skip = existsSync(DATA) ? false : 'not run: the published data sets are not beside the repository'

const FEBRL = `
sources: [{name: people, table: data.people, primary_key: rec_id}]
entities:
  - name: person
    identity:
      from:
        - source: people
          ids: {ssid: ssid, name_born: [surname, born], born_postcode: [born, postcode]}
      identifiers: {ssid: {normalize: text}, name_born: {normalize: text}, born_postcode: {normalize: text}}
`

const GRAPH = `
sources: [{name: parts, table: data.parts, primary_key: id}]
entities:
  - name: component
    identity:
      from: [{source: parts, ids: {vertex: {any: [a, b]}}}]
      identifiers: {vertex: {max_records: 100000}}
`

const text = (...path: readonly string[]) => readFileSync(join(DATA, ...path), 'utf8')
const lines = (content: string) => content.split('\n').filter((line) => line.trim() !== '')

/** `component of each vertex`, a vertex being a record with one value and an edge one with two. */
async function components(
  lab: IdentityLab,
  vertices: readonly string[],
  edges: readonly (readonly [string, string])[],
): Promise<ReadonlyMap<string, string>> {
  await lab.load(
    'parts',
    ['id', 'a', 'b'],
    [
      ...vertices.map((vertex) => [`v${vertex}`, vertex, null]),
      ...edges.map(([a, b], index) => [`e${index}`, a, b]),
    ],
  )
  await lab.build()
  const rows = await lab.rows(
    "select record_id, component_id from sluice.component_identity where record_id like 'v%'",
  )
  return new Map(rows.map((row) => [String(row.record_id).slice(1), String(row.component_id)]))
}

/** Vertices of one component have one label in both, and of two never. */
function samePartition(found: ReadonlyMap<string, string>, wanted: ReadonlyMap<string, string>): void {
  const pairs = new Set([...wanted].map(([vertex, label]) => `${label} ${found.get(vertex)}`))
  assert.equal(pairs.size, new Set(wanted.values()).size)
  assert.equal(pairs.size, new Set(found.values()).size)
  assert.equal(found.size, wanted.size)
}

forEachEngine((engine, open) => {
  test(`${engine}: FEBRL 3 by three rules falls into 2,034 clusters of 6,428 pairs, none of them wrong`, {
    skip,
  }, async (context) => {
    const lab = await openIdentityLab(await open(context), FEBRL)
    const [, ...rows] = lines(text('febrl', 'dataset3.csv')).map((line) =>
      line.split(',').map((value) => (value.trim() === '' ? null : value.trim())),
    )
    await lab.load(
      'people',
      ['rec_id', 'surname', 'postcode', 'born', 'ssid'],
      rows.map((row) => [row[0], row[2], row[7], row[9], row[10]].map((value) => value ?? null)),
    )
    await lab.build()
    const found = await lab.rows('select record_id, person_id from sluice.person_identity')
    const clusters = new Map<string, string[]>()
    for (const row of found) {
      const person = String(row.person_id)
      const truth = /rec-(\d+)-/.exec(String(row.record_id))?.[1] ?? ''
      clusters.set(person, [...(clusters.get(person) ?? []), truth])
    }
    const pairs = (members: readonly string[]) => (members.length * (members.length - 1)) / 2
    const sum = (of: readonly number[]) => of.reduce((total, one) => total + one, 0)
    assert.equal(found.length, 5000)
    assert.equal(clusters.size, 2034)
    assert.equal(Math.max(...[...clusters.values()].map((members) => members.length)), 6)
    assert.equal(sum([...clusters.values()].map(pairs)), 6428)
    assert.ok([...clusters.values()].every((members) => new Set(members).size === 1))
  })

  test(`${engine}: the graphs of LDBC's validation have the components that it publishes`, {
    skip,
  }, async (context) => {
    const lab = await openIdentityLab(await open(context), GRAPH)
    for (const [input, output] of [
      ['dir-input', 'dir-output'],
      ['undir-input', 'undir-output'],
      ['example-directed.e', 'example-directed-WCC'],
      ['example-undirected.e', 'example-undirected-WCC'],
    ] as const) {
      const wanted = new Map(
        lines(text('graphs', 'ldbc_wcc', output)).map((line) => {
          const [vertex = '', label = ''] = line.trim().split(/\s+/)
          return [vertex, label]
        }),
      )
      const edges = lines(text('graphs', 'ldbc_wcc', input)).flatMap((line) => {
        const [vertex = '', ...others] = line.trim().split(/\s+/)
        // An edge list has a weight behind its two ends; an adjacency list has any number of ends.
        const ends = input.endsWith('.e') ? others.slice(0, 1) : others
        return ends.map((other) => [vertex, other] as const)
      })
      samePartition(await components(lab, [...wanted.keys()], edges), wanted)
    }
  })

  test(`${engine}: the hep-th collaboration has 1,332 components, the largest of 5,835`, {
    skip,
  }, async (context) => {
    const lab = await openIdentityLab(await open(context), GRAPH)
    const [, ...rows] = text('graphs', 'networkit', 'hep-th.graph').replace(/\n$/, '').split('\n')
    const vertices = rows.map((_, index) => String(index + 1))
    const edges = rows.flatMap((row, index) =>
      row
        .trim()
        .split(/\s+/)
        .filter((other) => Number(other) > index)
        .map((other) => [String(index + 1), other] as const),
    )
    assert.equal(vertices.length, 8361)
    const sizes = new Map<string, number>()
    for (const label of (await components(lab, vertices, edges)).values())
      sizes.set(label, (sizes.get(label) ?? 0) + 1)
    assert.equal(sizes.size, 1332)
    assert.equal(Math.max(...sizes.values()), 5835)
    assert.equal([...sizes.values()].filter((size) => size === 1).length, 751)
  })
})
