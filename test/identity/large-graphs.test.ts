import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Statement } from '../../src/warehouse/warehouse.ts'
import { forEachEngine } from '../support/engines.ts'
import { openIdentityLab } from '../support/identity-lab.ts'
import { Random } from '../support/random.ts'

const YAML = `
sources: [{name: people, table: data.people, primary_key: id}]
entities:
  - name: person
    identity:
      from: [{source: people, ids: {mark: {any: [a, b]}}}]
      identifiers: {mark: {max_records: 1000000}}
`

/** Rounds grow with the logarithm of the longest path, which small graphs do not show. */
const RECORDS = 200_000

/** A chain of that length takes 12 or 13, as its hashes fall; other graphs of this size take fewer. */
const MOST_ROUNDS = 14

/** Three a round, and some 20 whatever the graph: each costs a second or so in a warehouse of the cloud. */
const MOST_STATEMENTS = 65

/** A record with its two marks. */
type Marked = readonly [id: string, a: string, b: string]

/** Each record shares a mark with the next one; its name says how far it is along, or not. */
function chain(nameOf: (index: number) => string): readonly Marked[] {
  return Array.from({ length: RECORDS }, (_, index) => [nameOf(index), `m${index}`, `m${index + 1}`])
}

/** A prime near above it: a step through all residues in an order that looks like none. */
const PRIME = 200_003

/** Record and mark drawn so that few marks are carried by many: the k-th mark by about 1/k of what the first has. */
function powerLaw(random: Random): readonly Marked[] {
  const mark = () => `m${Math.floor(PRIME ** (random.below(1_000_000) / 1_000_000))}`
  return Array.from({ length: RECORDS }, (_, index) => [
    `r${index}`,
    mark(),
    `own${random.below(RECORDS * 2)}`,
  ])
}

/** Edges between random ends, about half as many as ends: where one component begins to hold nearly all. */
function nearThreshold(random: Random): readonly Marked[] {
  const ends = Math.round(RECORDS * 1.98)
  return Array.from({ length: RECORDS }, (_, index) => [
    `r${index}`,
    `m${random.below(ends)}`,
    `m${random.below(ends)}`,
  ])
}

const GRAPHS: readonly { readonly name: string; readonly rows: () => readonly Marked[] }[] = [
  { name: 'an ordered chain', rows: () => chain((index) => String(index).padStart(6, '0')) },
  {
    name: 'a shuffled chain, loaded in another order again',
    rows: () => new Random(1).shuffled(chain((index) => `k${(index * 7919) % PRIME}`)),
  },
  {
    name: 'a star',
    rows: () => Array.from({ length: RECORDS }, (_, at) => [`r${at}`, 'centre', `own${at}`]),
  },
  { name: 'a power law of marks', rows: () => powerLaw(new Random(2)) },
  { name: 'a random graph near its threshold', rows: () => nearThreshold(new Random(3)) },
  {
    name: 'loops and duplicates',
    rows: () => Array.from({ length: RECORDS }, (_, at) => [`r${at}`, `m${at >> 2}`, `m${at >> 2}`]),
  },
]

forEachEngine((engine, open) => {
  for (const { name, rows } of GRAPHS)
    test(`${engine}: ${name} of ${RECORDS} records falls into the components that union-find finds, in few rounds`, async (context) => {
      const steps: string[] = []
      const warehouse = await open(context)
      const counting = {
        ...warehouse,
        execute: (statement: Statement) => {
          steps.push(statement.step)
          return warehouse.execute(statement)
        },
      }
      const lab = await openIdentityLab(counting, YAML)
      const graph = rows()
      await lab.load('people', ['id', 'a', 'b'], graph)
      steps.length = 0
      await lab.build()
      const statements = steps.filter((step) => step.startsWith('identity.')).length
      const rounds = steps.filter((step) => step.endsWith('_hook')).length
      context.diagnostic(`${rounds} rounds, ${statements} statements of ${steps.length}`)
      assert.ok(rounds <= MOST_ROUNDS, `${rounds} rounds`)
      assert.ok(statements <= MOST_STATEMENTS, `${statements} statements`)
      const found = new Map(
        (await lab.rows('select record_id, person_id from sluice.person_identity')).map((row) => [
          String(row.record_id),
          String(row.person_id),
        ]),
      )
      assert.equal(found.size, RECORDS)
      assertSame(found, componentsOf(graph))
    })
})

/** By record: the least place of its component. */
function componentsOf(rows: readonly Marked[]): ReadonlyMap<string, number> {
  const parents = rows.map((_, at) => at)
  const rootOf = (at: number): number => {
    let [root, here] = [at, at]
    while (parents[root] !== root) root = parents[root] ?? root
    while (here !== root) [parents[here], here] = [root, parents[here] ?? root]
    return root
  }
  const firsts = new Map<string, number>()
  for (const [at, [, a, b]] of rows.entries())
    for (const mark of [a, b]) {
      const [one, other] = [rootOf(firsts.get(mark) ?? at), rootOf(at)]
      parents[Math.max(one, other)] = Math.min(one, other)
      firsts.set(mark, one)
    }
  return new Map(rows.map(([id], at) => [id, rootOf(at)]))
}

/** Two ways to name the same groups: each name of one stands for one name of the other. */
function assertSame(found: ReadonlyMap<string, string>, wanted: ReadonlyMap<string, number>): void {
  const names = new Map<number, string>()
  const taken = new Map<string, number>()
  for (const [record, group] of wanted) {
    const name = found.get(record) ?? ''
    if ((names.get(group) ?? name) !== name) assert.fail(`${record} is apart from its component`)
    if ((taken.get(name) ?? group) !== group) assert.fail(`${record} is with another component`)
    names.set(group, name)
    taken.set(name, group)
  }
}
