import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { everyDialect } from '../support/dialects.ts'
import { allRows, modelContext, modelSteps, runSteps } from '../support/model.ts'
import { loadWorld } from './model/load.ts'
import { Oracle } from './model/oracle.ts'
import type { Raw } from './model/raw.ts'
import { ROW_SQL, Trees } from './model/trees.ts'
import { projectHead, type Record_, type World, worldOf } from './model/world.ts'

const CUSTOMER = `entities:
  - name: customer
    identity: {from: [{source: people, ids: {person: id}}, {source: events, ids: {person: mail}}]}
`

const CASES = [
  { seed: 21, asOf: '2026-03-31T08:00:00.000Z', timezone: 'UTC' },
  { seed: 22, asOf: '2026-11-25T01:30:00.000Z', timezone: 'Europe/Paris' },
]

for (const { seed, asOf, timezone } of CASES)
  test(`a sequence holds when some choice of rows satisfies it, whatever the steps (${timezone})`, async (context) => {
    const engines = await everyDialect(context)
    const sequences = fc.sample(new Trees(asOf, timezone).sequence(), { seed, numRuns: 250 })
    const world = worldOf(seed, { asOf, timezone, customers: 10, events: 70 })
    await compare(engines, world, sequences)
  })

/** Rows of one customer at these times, as label and time. */
function story(...rows: readonly (readonly [label: string, at: string])[]): World {
  const identity = new Map(rows.map((_, index) => [`events ${index + 1}`, 'c1']))
  const events = rows.map(
    ([label, at], index): Record_ => ({
      id: index + 1,
      label,
      at: Date.parse(at),
      session: label.length > 1 ? 's1' : null,
    }),
  )
  return {
    asOf: '2026-03-31T08:00:00.000Z',
    timezone: 'UTC',
    customers: ['c1'],
    identity,
    rows: { people: [], events, items: [], visits: [], stores: [] },
  }
}

const a: Raw = { event: 'events', where: { column: 'label', eq: 'a' } }
const b: Raw = { event: 'events', where: { column: 'label', eq: 'b' } }
const noC: Raw = { no_event: 'events', where: { column: 'label', eq: 'c' } }

const STORIES: readonly {
  readonly says: string
  readonly world: World
  readonly sequence: Raw
  readonly holds: boolean
}[] = [
  {
    says: 'the first row in front is not always the right one',
    world: story(['a', '2026-01-01T00:00Z'], ['a', '2026-01-10T00:00Z'], ['b', '2026-01-11T00:00Z']),
    sequence: { sequence: [a, { ...b, within: '2 days' }] },
    holds: true,
  },
  {
    says: 'the last row in front is not always the right one: a month after January 30 may be before one after January 29',
    world: story(['a', '2026-01-29T23:00Z'], ['a', '2026-01-30T01:00Z'], ['b', '2026-02-28T12:00Z']),
    sequence: { sequence: [a, { ...b, within: '1 month' }] },
    holds: true,
  },
  {
    says: 'the end of a window is in it',
    world: story(['a', '2026-01-01T00:00Z'], ['b', '2026-01-02T00:00Z']),
    sequence: { sequence: [a, { ...b, within: '1 day' }] },
    holds: true,
  },
  {
    says: 'equal times do not follow',
    world: story(['a', '2026-01-01T00:00Z'], ['b', '2026-01-01T00:00Z']),
    sequence: { sequence: [a, b] },
    holds: false,
  },
  {
    says: 'what happens between hides only the rows in front of it',
    world: story(
      ['a', '2026-01-01T00:00Z'],
      ['c', '2026-01-02T00:00Z'],
      ['a', '2026-01-03T00:00Z'],
      ['b', '2026-01-04T00:00Z'],
    ),
    sequence: { sequence: [a, noC, b] },
    holds: true,
  },
  {
    says: 'what happens at the time of the next event is not before it',
    world: story(['a', '2026-01-01T00:00Z'], ['c', '2026-01-02T00:00Z'], ['b', '2026-01-02T00:00Z']),
    sequence: { sequence: [a, noC, b] },
    holds: true,
  },
  {
    says: 'a silence is not over before as_of',
    world: story(['a', '2026-03-30T08:00Z']),
    sequence: { sequence: [a, { ...noC, within: '1 day' }] },
    holds: false,
  },
  {
    says: 'a silence that ended a moment before as_of is over',
    world: story(['a', '2026-03-30T07:59:59.999Z']),
    sequence: { sequence: [a, { ...noC, within: '1 day' }] },
    holds: true,
  },
  {
    says: 'what happens at the end of a silence breaks it',
    world: story(['a', '2026-01-01T00:00Z'], ['c', '2026-01-02T00:00Z']),
    sequence: { sequence: [a, { ...noC, within: '1 day' }] },
    holds: false,
  },
  {
    says: 'after a silence the next event counts from the event before it',
    world: story(['a', '2026-01-01T00:00Z'], ['b', '2026-01-03T00:00Z']),
    sequence: { sequence: [a, { ...noC, within: '1 day' }, { ...b, within: '2 days' }] },
    holds: true,
  },
]

for (const { says, world, sequence, holds } of STORIES)
  test(`${says}`, async (context) => {
    assert.equal(new Oracle(world).members(sequence).has('c1'), holds, 'the oracle')
    await compare(await everyDialect(context), world, [sequence])
  })

async function compare(
  engines: Awaited<ReturnType<typeof everyDialect>>,
  world: World,
  sequences: readonly Raw[],
): Promise<void> {
  const oracle = new Oracle(world, ROW_SQL)
  const yaml = `${projectHead(world.timezone)}${CUSTOMER}segments:\n${sequences
    .map((where, index) => `  - {name: s${index}, entity: customer, where: ${JSON.stringify(where)}}\n`)
    .join('')}`
  for (const [name, warehouse] of Object.entries(engines)) {
    await loadWorld(warehouse, world)
    await runSteps(warehouse, modelSteps(modelContext(yaml, warehouse.dialect.name, world.asOf)))
    const union = sequences.map(
      (_, index) => `select ${index} as segment, customer_id from segment_s${index}`,
    )
    const found = Map.groupBy(await allRows(warehouse, union.join('\nunion all\n')), (row) =>
      Number(row.segment),
    )
    let held = 0
    for (const [index, where] of sequences.entries()) {
      const members = [...oracle.members(where)].sort()
      const got = (found.get(index) ?? []).map((row) => String(row.customer_id)).sort()
      if (members.length > 0 && members.length < world.customers.length) held += 1
      assert.deepEqual(got, members, `${name} s${index}: ${JSON.stringify(where)}`)
    }
    if (sequences.length > 100)
      assert.ok(held > sequences.length / 4, `only ${held} sequences tell customers apart`)
  }
}
