import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { everyDialect } from '../support/dialects.ts'
import { allRows, modelContext, modelSteps, runSteps } from '../support/model.ts'
import { loadWorld } from './model/load.ts'
import { aggregate, Oracle } from './model/oracle.ts'
import type { Raw } from './model/raw.ts'
import { keepsScale, onScale } from './model/scale.ts'
import { ROW_SQL, Trees, tree } from './model/trees.ts'
import { projectHead, worldOf } from './model/world.ts'

const CUSTOMER = `entities:
  - name: customer
    identity:
      from:
        - {source: people, ids: {person: id}}
        - {source: events, ids: {person: mail}}
traits:
  - {name: bought, entity: customer, count: events}
  - {name: spent, entity: customer, sum: events.total}
  - {name: oldest, entity: customer, max: people.age}
  - {name: last_label, entity: customer, max: events.label}
  - {name: last_day, entity: customer, max: events.day}
  - {name: ads_ok, entity: customer, max: people.ads_ok}
`

const TRAITS = {
  bought: 'integer',
  spent: 'decimal',
  oldest: 'integer',
  last_label: 'text',
  last_day: 'date',
  ads_ok: 'boolean',
} as const

/** Everything about an entity: events, traits, ranks and earlier segments, in trees. */
function conditions(trees: Trees, earlier: number): fc.Arbitrary<Raw> {
  const names = Object.keys(TRAITS) as (keyof typeof TRAITS)[]
  const name = fc.constantFrom(...names)
  const size = fc.oneof(
    fc.constantFrom(0.5, 10, 25, 33.33, 50, 100).map((percent): Raw => ({ percent })),
    fc.constantFrom(1, 2, 5, 100).map((count): Raw => ({ count })),
  )
  const leaves = [
    { weight: 6, arbitrary: trees.event() },
    {
      weight: 3,
      arbitrary: name.chain((trait) => trees.test(TRAITS[trait]).map((test): Raw => ({ trait, ...test }))),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom('top', 'bottom'), name, size)
        .map(([end, by, rest]): Raw => ({ [end]: by, ...rest })),
    },
    ...(earlier === 0
      ? []
      : [
          {
            weight: 1,
            arbitrary: fc.integer({ min: 0, max: earlier - 1 }).map((one): Raw => ({ segment: `s${one}` })),
          },
        ]),
  ]
  return tree(fc.oneof(...leaves))
}

const CASES = [
  { seed: 11, asOf: '2026-03-31T08:00:00.000Z', timezone: 'UTC' },
  { seed: 12, asOf: '2024-02-29T23:30:00.000Z', timezone: 'America/New_York' },
  // an hour that the clock of Paris has twice
  { seed: 13, asOf: '2026-11-25T01:30:00.000Z', timezone: 'Europe/Paris' },
]

for (const { seed, asOf, timezone } of CASES)
  test(`segments of any conditions have the members that the design says, in every dialect (${timezone})`, async (context) => {
    const engines = await everyDialect(context)
    const trees = new Trees(asOf, timezone)
    const segments = Array.from(
      { length: 160 },
      (_, index) => fc.sample(conditions(trees, index), { seed: seed * 1000 + index, numRuns: 1 })[0] as Raw,
    )
    const world = worldOf(seed, { asOf, timezone })
    const oracle = new Oracle(world, ROW_SQL)
    for (const customer of world.customers) {
      const profile = oracle.profile.get(customer)
      const rows = (source: string) => oracle.of(source, customer).map((one) => one.row)
      profile?.set('bought', { cell: rows('events').length, kind: 'integer' })
      profile?.set('spent', aggregate('sum', 'events', 'total', rows('events')))
      profile?.set('oldest', aggregate('max', 'people', 'age', rows('people')))
      profile?.set('last_label', aggregate('max', 'events', 'label', rows('events')))
      profile?.set('last_day', aggregate('max', 'events', 'day', rows('events')))
      profile?.set('ads_ok', aggregate('max', 'people', 'ads_ok', rows('people')))
    }
    const yaml = `${projectHead(timezone)}${CUSTOMER}segments:\n${segments
      .map((where, index) => `  - {name: s${index}, entity: customer, where: ${JSON.stringify(where)}}\n`)
      .join('')}`
    const scaled = onScale(segments)
    assert.ok(scaled.size < segments.length / 5)
    for (const [name, warehouse] of Object.entries(engines)) {
      await loadWorld(warehouse, world)
      const compiling = modelContext(yaml, warehouse.dialect.name, asOf)
      await runSteps(warehouse, modelSteps(compiling))
      const union = segments.map(
        (_, index) => `select ${index} as segment, customer_id from segment_s${index}`,
      )
      const found = Map.groupBy(await allRows(warehouse, union.join('\nunion all\n')), (row) =>
        Number(row.segment),
      )
      for (const [index, where] of segments.entries()) {
        const members = oracle.members(where)
        oracle.segments.set(`s${index}`, members)
        if (scaled.has(index) && !keepsScale(name)) continue
        const got = (found.get(index) ?? []).map((row) => String(row.customer_id))
        assert.deepEqual(got.sort(), [...members].sort(), `${name} s${index}: ${JSON.stringify(where)}`)
      }
    }
  })
