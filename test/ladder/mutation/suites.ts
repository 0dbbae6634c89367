import type { TestContext } from 'node:test'
import fc from 'fast-check'
import type { Warehouse } from '../../../src/warehouse/warehouse.ts'
import { loadWorld } from '../../equivalence/model/load.ts'
import type { Raw } from '../../equivalence/model/raw.ts'
import { Trees, tree } from '../../equivalence/model/trees.ts'
import { projectHead, worldOf } from '../../equivalence/model/world.ts'
import { changedData, loadData, PEOPLE_YAML, type PeopleData } from '../../support/identity-batches.ts'
import { openIdentityLab } from '../../support/identity-lab.ts'
import { allRows, modelContext, modelSteps, runSteps } from '../../support/model.ts'
import { Random } from '../../support/random.ts'
import { openInMemory } from '../openers.ts'
import { playScene } from '../scene/play.ts'
import { recorded } from '../scene/recorder.ts'
import { openScene } from '../scene/run.ts'
import { publishedState } from '../scene/state.ts'
import { type Baseline, baselineOf, type ReadState } from './replay.ts'
import { type Moment, timelineOf } from './timeline.ts'

/** What a part of the tests says to DuckDB, and what it compares with an oracle or with the other engine. */
export interface Suite {
  readonly name: string
  readonly timeline: readonly Moment[]
  readonly baseline: Baseline
}

type Point = 'build' | 'delivery'
type Play = (context: TestContext, warehouse: Warehouse, over: (point: Point) => void) => Promise<void>

/** Records these suites once, in the order in which bugs are looked for in them: the quick ones first. */
export async function recordedSuites(
  context: TestContext,
  wanted: readonly string[],
): Promise<readonly Suite[]> {
  const suites: Suite[] = []
  for (const { name, play, readState, exact } of SUITES.filter((suite) => wanted.includes(suite.name))) {
    const { warehouse, statements } = recorded(await openInMemory(context))
    const points: (readonly [count: number, point: Point])[] = []
    await play(context, warehouse, (point) => points.push([statements.length, point]))
    const timeline = timelineOf(statements)
    const marks = new Map(
      points.map(([count, point]) => [timelineOf(statements.slice(0, count)).length - 1, point] as const),
    )
    suites.push({
      name,
      timeline,
      baseline: await baselineOf(await openInMemory(context), timeline, marks, readState, exact),
    })
  }
  return suites
}

const SUITES: readonly {
  readonly name: string
  readonly play: Play
  readonly readState: ReadState
  readonly exact: RegExp
}[] = [
  // The same conditions over other rows: what one world has no example of, another may.
  ...[13, 14, 15, 16].map((seed) => ({
    name: 'conditions',
    play: (_: TestContext, warehouse: Warehouse, over: (point: Point) => void) =>
      playConditions(seed, warehouse, over),
    readState: (warehouse: Warehouse) => tablesLike(warehouse, /^(?:segment_|customer$)/),
    exact: /^(?:segment_|customer$)/,
  })),
  {
    name: 'identity',
    play: playIdentity,
    readState: (warehouse) => tablesLike(warehouse, /^person_(?:identity|merges|splits|refused)$/),
    exact: /^person_(?:identity|merges|splits)$/,
  },
  { name: 'scene', play: playActs, readState: publishedState, exact: /^$/ },
]

async function playActs(
  context: TestContext,
  warehouse: Warehouse,
  over: (point: Point) => void,
): Promise<void> {
  const scene = await openScene(context, warehouse)
  await playScene(scene, { marked: (point) => over(point === 'built' ? 'build' : 'delivery'), isShort: true })
}

/** As test/equivalence/conditions.test.ts and sequences.test.ts hold them to an oracle. */
async function playConditions(
  seed: number,
  warehouse: Warehouse,
  over: (point: Point) => void,
): Promise<void> {
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

/** As test/identity/incremental.test.ts compares it with full rebuilds, and limits and batches with oracles. */
async function playIdentity(
  _: TestContext,
  warehouse: Warehouse,
  over: (point: Point) => void,
): Promise<void> {
  const lab = await openIdentityLab(
    {
      ...warehouse,
      execute: (one) => warehouse.execute(one.step === 'test' ? { ...one, step: 'data' } : one),
    },
    PEOPLE_YAML,
  )
  const random = new Random(5)
  const changes = { next: 0, gone: [] }
  let data: PeopleData = { contacts: [], accounts: [], visits: [] }
  for (let batch = 0; batch < 5; batch += 1) {
    data = changedData(random, data, changes, batch === 0 ? 60 : 9)
    await loadData(lab, data)
    await lab.build()
    over('delivery')
  }
}

async function tablesLike(
  warehouse: Warehouse,
  pattern: RegExp,
): Promise<Readonly<Record<string, readonly string[]>>> {
  const names = await warehouse.read({
    step: 'list',
    sql: 'select database_name as d, schema_name as s, table_name as t from duckdb_tables()',
  })
  const state: Record<string, readonly string[]> = {}
  for (const { d, s, t } of names.filter(({ t }) => pattern.test(String(t)))) {
    const rows = await allRows(warehouse, `select * from "${d}"."${s}"."${t}"`)
    state[String(t)] = rows
      .map((row) =>
        JSON.stringify(
          Object.entries(row).filter(([column]) => !/hash/.test(column)),
          plain,
        ),
      )
      .sort()
  }
  return Object.fromEntries(Object.entries(state).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function plain(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}
