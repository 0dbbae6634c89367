import assert from 'node:assert/strict'
import { test } from 'node:test'
import { forEachOf } from '../support/dialects.ts'
import { ENGINES } from '../support/engines.ts'
import { type IdentityLab, openIdentityLab } from '../support/identity-lab.ts'
import { stitch } from '../support/identity-oracle.ts'
import { Random } from '../support/random.ts'

const YAML = `
sources:
  - {name: people, table: data.people, primary_key: id}
entities:
  - name: person
    identity:
      from: [{source: people, ids: {mark: {any: [a, b]}}}]
      identifiers: {mark: {max_records: 1000000}}
`

/** A record with the marks that it carries; two records are joined when they share one. */
type Marked = readonly [id: string, a: string | null, b: string | null]

/** Edge i joins its two ends by a mark of its own: a graph of records with at most two marks each is a path or ring. */
function chain(length: number, name: (index: number) => string): readonly Marked[] {
  return Array.from({ length }, (_, index) => [
    name(index),
    index === 0 ? null : `m${index - 1}`,
    index === length - 1 ? null : `m${index}`,
  ])
}

/** Every record between two of `marks` values: as random as graphs get. */
function bipartite(records: number, marks: number, seed: number): readonly Marked[] {
  const random = new Random(seed)
  return Array.from({ length: records }, (_, index) => [
    `r${index}`,
    random.chance(85) ? `m${random.below(marks)}` : null,
    random.chance(60) ? `m${random.below(marks)}` : null,
  ])
}

function star(leaves: number): readonly Marked[] {
  return Array.from({ length: leaves }, (_, index) => [`leaf${index}`, 'centre', `own${index}`])
}

const SHAPES: readonly { readonly name: string; readonly rows: readonly Marked[] }[] = [
  { name: 'an ordered chain', rows: chain(3000, (index) => String(index).padStart(6, '0')) },
  {
    name: 'a shuffled chain',
    rows: new Random(1).shuffled(chain(3000, (index) => `k${(index * 7919) % 3001}`)),
  },
  {
    name: 'a ring',
    rows: chain(999, (index) => `n${index}`).map(([id, a, b]) => [id, a ?? 'm998', b ?? 'm998']),
  },
  { name: 'a star', rows: star(2000) },
  {
    name: 'loops: both marks the same',
    rows: [
      ['x', 'm', 'm'],
      ['y', 'm', null],
      ['z', 'other', 'other'],
    ],
  },
  {
    name: 'records that share several marks',
    rows: [
      ['x', 'm', 'n'],
      ['y', 'n', 'm'],
      ['z', 'm', 'n'],
      ['alone', null, null],
    ],
  },
  { name: 'pairs', rows: Array.from({ length: 1000 }, (_, index) => [`r${index}`, `m${index >> 1}`, null]) },
  { name: 'sparse random marks', rows: bipartite(1500, 2500, 2) },
  { name: 'random marks where one large component appears', rows: bipartite(1500, 1300, 3) },
  { name: 'dense random marks', rows: bipartite(1500, 60, 4) },
  { name: 'no records at all', rows: [] },
]

/** The groups of records, however they are called. */
async function groups(lab: IdentityLab): Promise<readonly string[]> {
  const rows = await lab.rows('select record_id, person_id from sluice.person_identity')
  return partition(rows.map((row) => [String(row.record_id), String(row.person_id)]))
}

function partition(pairs: readonly (readonly [record: string, group: string])[]): readonly string[] {
  const members = new Map<string, string[]>()
  for (const [record, group] of pairs) members.set(group, [...(members.get(group) ?? []), record])
  return [...members.values()].map((records) => records.sort().join(' ')).sort()
}

function expected(rows: readonly Marked[]): readonly string[] {
  const marked = rows.map(([key, a, b]) => ({ key, ids: { mark: [a, b].filter((one) => one !== null) } }))
  const { records, components } = stitch([{ name: 'people', isEvent: false, rows: marked }], {
    mark: 1_000_000,
  })
  return partition(
    [...records].map(([record, node]) => [record.slice('people|'.length), components.get(node) ?? '']),
  )
}

/** Told by the first group that differs: a whole partition is no message. */
function same(found: readonly string[], wanted: readonly string[], what: string): void {
  const at = wanted.findIndex((group, index) => group !== found[index])
  assert.equal(found[at]?.slice(0, 200), wanted[at]?.slice(0, 200), what)
  assert.equal(found.length, wanted.length, what)
}

forEachOf([...ENGINES, 'redshift'], (engine, open) => {
  for (const { name, rows } of SHAPES)
    test(`${engine}: ${name} falls into the components that union-find finds`, async (context) => {
      const lab = await openIdentityLab(await open(context), YAML)
      await lab.load('people', ['id', 'a', 'b'], rows)
      await lab.build()
      same(await groups(lab), expected(rows), name)
    })

  test(`${engine}: random graphs fall into the components that union-find finds`, async (context) => {
    const lab = await openIdentityLab(await open(context), YAML)
    for (let seed = 100; seed < (engine === 'duckdb' ? 140 : 115); seed += 1) {
      const random = new Random(seed)
      const rows = bipartite(1 + random.below(60), 1 + random.below(60), seed)
      await lab.load('people', ['id', 'a', 'b'], rows)
      await lab.build()
      same(await groups(lab), expected(rows), `seed ${seed}`)
    }
  })
})
