import fc from 'fast-check'
import type { Warehouse } from '../../../src/warehouse/warehouse.ts'
import { loadWorld } from '../../equivalence/model/load.ts'
import type { Raw } from '../../equivalence/model/raw.ts'
import { Trees, tree } from '../../equivalence/model/trees.ts'
import { projectHead, worldOf } from '../../equivalence/model/world.ts'
import { modelContext, modelSteps, runSteps } from '../../support/model.ts'
import type { Over } from './replay.ts'

/** As test/equivalence/conditions.test.ts and sequences.test.ts hold them to an oracle. */
export async function playConditions(seed: number, warehouse: Warehouse, over: Over): Promise<void> {
  const world = { asOf: '2026-11-25T01:30:00.000Z', timezone: 'Europe/Paris' }
  const trees = new Trees(world.asOf, world.timezone)
  const events = fc.sample(tree(trees.event()), { seed: 41, numRuns: 90 })
  const sequences = fc.sample(trees.sequence(), { seed: 42, numRuns: 50 })
  // What the user wrote as SQL is no line of the generator.
  const own = [...events, ...sequences, ...RANKS, ...onEdges()].filter(
    (where) => !JSON.stringify(where).includes('"sql":'),
  )
  const segments = own.map(
    (where: Raw, at) => `  - {name: s${at}, entity: customer, where: ${JSON.stringify(where)}}\n`,
  )
  const yaml = `${projectHead(world.timezone)}${MODEL}segments:\n${segments.join('')}`
  await loadWorld(
    { ...warehouse, execute: (statement) => warehouse.execute({ ...statement, step: 'data' }) },
    worldOf(seed, { ...world, customers: 20, events: 240 }),
  )
  await runSteps(warehouse, modelSteps(modelContext(yaml, 'duckdb', world.asOf)))
  over('delivery')
}

const MODEL = `entities:
  - name: customer
    identity: {from: [{source: people, ids: {person: id}}, {source: events, ids: {person: mail}}]}
    profile:
      name: {from: [people.name, people.nickname, events.label], pick: longest}
      place: {from: [people.country, events.label], pick: most_frequent}
      latest: {from: [people.nickname, events.label], pick: most_recent}
      first: {from: [people.name, events.label], pick: first_source}
      least: {from: [events.label], pick: min}
      most: {from: [events.qty], pick: max}
traits:
  - {name: bought, entity: customer, count: events, within: 30 days}
  - {name: spent, entity: customer, sum: events.total, default: 0}
  - {name: usual, entity: customer, avg: events.total}
  - {name: lowest, entity: customer, min: events.score}
  - {name: oldest, entity: customer, max: people.age}
  - {name: last_label, entity: customer, max: events.label, where: {column: qty, gte: 2}}
  - {name: skus, entity: customer, count_distinct: items.sku}
  - {name: usual_label, entity: customer, most_frequent: events.label}
  - {name: ads_ok, entity: customer, max: people.ads_ok}
  - {name: band, entity: customer, case: [{when: {trait: oldest, gte: 10}, then: high}, {when: {trait: oldest, gt: 2}, then: low}, {else: none}]}
`

const RANKS: readonly Raw[] = [
  { top: 'spent', percent: 25 },
  { bottom: 'oldest', count: 3 },
  { top: 'last_label', count: 2 },
  { bottom: 'lowest', percent: 50 },
]

/** Every comparison of every kind of value, alone and in lists, with values that rows have: nothing else decides. */
function onEdges(): readonly Raw[] {
  const tests = Object.entries(EDGES).flatMap(([column, [low, high]]) => [
    ...(['eq', 'ne', 'gt', 'gte', 'lt', 'lte'] as const).flatMap((op) => [
      { column, [op]: low },
      { column, [op]: high },
    ]),
    { column, in: [low] },
    { column, not_in: [low, high] },
    { column, between: [low, high] },
    { column, is_null: true },
    { column, is_null: false },
    {
      any: [
        { column, eq: low },
        { column, eq: high },
      ],
    },
    {
      any: [
        { column, between: [low, high] },
        { column: 'flag', is_null: true },
      ],
    },
    {
      all: [
        { column, gte: low },
        { column: 'qty', gte: 1 },
      ],
    },
    { any: [{ not: { column, gte: low } }, { column: 'flag', eq: true }] },
    { all: [{ not: { column, lt: high } }, { column: 'label', eq: 'a' }] },
  ]) as readonly Raw[]
  const counts = [1, 2, 3, 5].flatMap((count) =>
    (['eq', 'gte', 'gt', 'lt', 'lte'] as const).map(
      (op): Raw => ({ event: 'items', count: { [op]: count } }),
    ),
  )
  const either = counts.map((one): Raw => ({ any: [one, { trait: 'ads_ok', eq: true }] }))
  const never: Raw[] = [{ any: [] }, { all: [] }, { all: [{ trait: 'oldest', gte: 5 }, { any: [] }] }]
  return [...tests.map((where): Raw => ({ event: 'events', where })), ...counts, ...either, ...never]
}

const EDGES: Readonly<Record<string, readonly [low: string | number, high: string | number]>> = {
  total: [9.99, 10],
  qty: [1, 3],
  score: [0.5, 1.5],
  label: ['a', 'b'],
  mail: ['2026-03-01', '2026-03-01T08:00:00Z'],
  day: ['2026-10-25', '2026-11-25'],
  at: ['2026-11-18T01:30:00.000Z', '2026-11-24T01:30:00.000Z'],
  seen: ['2026-10-25T00:30:00.000Z', '2026-11-25T01:30:00.000Z'],
}
