import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Row } from '../../src/warehouse/warehouse.ts'
import { everyDialect } from '../support/dialects.ts'
import { allRows, modelContext, modelSteps, runSteps } from '../support/model.ts'
import { loadWorld } from './model/load.ts'
import {
  aggregate,
  byBytes,
  compareValues,
  mostFrequent,
  Oracle,
  type Reached,
  type Typed,
  textOf,
  typed,
} from './model/oracle.ts'
import type { Literal, Raw } from './model/raw.ts'
import { keepsScale } from './model/scale.ts'
import { ROW_SQL, Trees } from './model/trees.ts'
import { type Cell, projectHead, type Record_, SHAPES, type World, worldOf } from './model/world.ts'

const IDENTITY =
  'identity: {from: [{source: people, ids: {person: id}}, {source: events, ids: {person: mail}}]}'

const CASES = [
  { seed: 31, asOf: '2026-03-31T08:00:00.000Z', timezone: 'UTC' },
  { seed: 32, asOf: '2026-07-31T22:15:00.000Z', timezone: 'Europe/Paris' },
]

/** A trait as it is written, without its name. */
interface RawTrait {
  readonly operator: string
  readonly source: string
  readonly column: string | undefined
  readonly filter: Raw
  readonly otherwise: Literal | undefined
}

for (const { seed, asOf, timezone } of CASES)
  test(`traits have the values that the design says, in every dialect (${timezone})`, async (context) => {
    const engines = await everyDialect(context)
    const traits = fc.sample(arbitraryTrait(new Trees(asOf, timezone)), { seed, numRuns: 100 })
    const world = worldOf(seed, { asOf, timezone })
    const oracle = new Oracle(world, ROW_SQL)
    const yaml = `${projectHead(timezone)}entities:\n  - {name: customer, ${IDENTITY}}\ntraits:\n${traits
      .map((trait, index) => `  - ${JSON.stringify(written(trait, `t${index}`))}\n`)
      .join('')}`
    for (const [name, warehouse] of Object.entries(engines)) {
      await loadWorld(warehouse, world)
      await runSteps(warehouse, modelSteps(modelContext(yaml, warehouse.dialect.name, asOf)))
      const rows = await profiles(await allRows(warehouse, 'select * from customer'))
      assert.deepEqual([...rows.keys()].sort(), [...world.customers].sort())
      for (const [index, trait] of traits.entries())
        for (const customer of world.customers) {
          const value = rows.get(customer)?.[`t${index}`] ?? null
          same(
            value,
            meaning(oracle, trait, customer),
            `${name} ${customer} ${JSON.stringify(written(trait, `t${index}`))}`,
          )
        }
    }
  })

interface Field {
  readonly from: readonly (readonly [source: string, column: string])[]
  readonly pick: string
}

const PICKS = ['most_recent', 'most_frequent', 'first_source', 'min', 'max', 'longest'] as const
const TEXT_COLUMNS = [
  ['people', 'name'],
  ['people', 'nickname'],
  ['events', 'label'],
  ['visits', 'page'],
  ['items', 'sku'],
] as const
const OTHER_COLUMNS = [
  [
    ['people', 'age'],
    ['events', 'qty'],
  ],
  [
    ['events', 'total'],
    ['items', 'amount'],
  ],
  [
    ['people', 'born'],
    ['events', 'at'],
  ],
  [
    ['people', 'ads_ok'],
    ['events', 'flag'],
  ],
  [['visits', 'happened']],
  [['people', 'updated']],
] as const

for (const { seed, asOf, timezone } of CASES)
  test(`fields of the golden record are the values that win, in every dialect (${timezone})`, async (context) => {
    const engines = await everyDialect(context)
    const texts = fc.sample(fc.shuffledSubarray([...TEXT_COLUMNS], { minLength: 1, maxLength: 3 }), {
      seed,
      numRuns: 10,
    })
    const fields = [...texts, ...OTHER_COLUMNS].flatMap((from) =>
      PICKS.map((pick): Field => ({ from, pick })),
    )
    const world = worldOf(seed + 100, { asOf, timezone })
    const oracle = new Oracle(world)
    const profile = fields.map(
      ({ from, pick }, index) =>
        `      f${index}: {from: [${from.map((one) => one.join('.')).join(', ')}], pick: ${pick}}\n`,
    )
    const yaml = `${projectHead(timezone)}entities:\n  - name: customer\n    ${IDENTITY}\n    profile:\n${profile.join('')}`
    for (const [name, warehouse] of Object.entries(engines)) {
      await loadWorld(warehouse, world)
      await runSteps(warehouse, modelSteps(modelContext(yaml, warehouse.dialect.name, asOf)))
      const rows = await profiles(await allRows(warehouse, 'select * from customer'))
      for (const [index, field] of fields.entries()) {
        const byScale = field.pick === 'longest' && field.from.some(isDecimal)
        if (byScale && !keepsScale(name)) continue
        for (const customer of world.customers) {
          const value = rows.get(customer)?.[`f${index}`] ?? null
          same(value, winner(oracle, field, customer), `${name} ${customer} ${JSON.stringify(field)}`)
        }
      }
    }
  })

test('traits are built in the order in which they need each other, and of entities that need no stitching too', async (context) => {
  const world = worldOf(41, { asOf: '2026-03-31T08:00:00.000Z', timezone: 'UTC' })
  const oracle = new Oracle(world)
  const yaml = `${projectHead('UTC')}entities:
  - name: customer
    ${IDENTITY}
    profile: {country: {from: [people.country], pick: most_frequent}}
  - {name: store, source: stores, key: id, profile: {town: {from: [stores.town]}}}
traits:
  - {name: band, entity: customer, case: [{when: {trait: ratio, gte: 20}, then: high}, {when: {any: [{trait: bought, eq: 0}, {segment: from_france}]}, then: 0}, {else: low}]}
  - {name: ratio, entity: customer, sql: "{spent} * 1.0 / nullif({bought}, 0) -- a comment", default: -1}
  - {name: bought, entity: customer, count: events}
  - {name: spent, entity: customer, sum: events.total, default: 0}
  - {name: rich, entity: customer, case: [{when: {top: ratio, count: 3}, then: true}, {else: false}]}
  - {name: paid, entity: customer, case: [{when: {event: events, where: {column: total, gt: 10}}, then: 2}, {when: {not: {trait: rich, eq: true}}, then: 1.5}]}
  - {name: orders, entity: store, count: events}
  - {name: pages, entity: store, count: visits, default: 7}
  - {name: lines, entity: store, count: items}
segments:
  - {name: from_france, entity: customer, where: {trait: country, eq: FR}}
  - {name: busy, entity: store, where: {event: items, count: {gte: 2}}}
`
  const expected = new Map<string, Record<string, Cell>>()
  const facts = world.customers.map((customer) => {
    const rows = oracle.of('events', customer).map((one) => one.row)
    const spent = aggregate('sum', 'events', 'total', rows).cell
    const bought = rows.length
    const country = mostFrequent(present(oracle, customer))?.cell ?? null
    return {
      customer,
      bought,
      country,
      spent: Number(spent ?? 0),
      ratio: bought === 0 ? -1 : Number(spent ?? 0) / bought,
      paid: rows.some((row) => Number(row.total) > 10),
    }
  })
  const top = new Set(
    [...facts]
      .sort((a, b) => b.ratio - a.ratio || byBytes(a.customer, b.customer))
      .slice(0, 3)
      .map((one) => one.customer),
  )
  for (const { customer, bought, country, spent, ratio, paid } of facts) {
    const rich = top.has(customer)
    const band = ratio >= 20 ? 'high' : bought === 0 || country === 'FR' ? '0' : 'low'
    expected.set(customer, { country, band, ratio, bought, spent, rich, paid: paid ? 2 : rich ? null : 1.5 })
  }
  for (const [name, warehouse] of Object.entries(await everyDialect(context))) {
    await loadWorld(warehouse, world)
    await runSteps(warehouse, modelSteps(modelContext(yaml, warehouse.dialect.name, world.asOf)))
    const rows = await profiles(await allRows(warehouse, 'select * from customer'))
    for (const [customer, row] of expected)
      for (const [trait, cell] of Object.entries(row))
        same(rows.get(customer)?.[trait] ?? null, cell, `${name} ${customer} ${trait}`)
    const stores = await allRows(warehouse, 'select * from store order by store_id')
    assert.deepEqual(
      stores.map((row) => row.store_id),
      ['1', '2', '3', '4'],
    )
    for (const store of stores) {
      assert.equal(store.town, world.rows.stores?.find((row) => String(row.id) === store.store_id)?.town)
      assert.equal(Number(store.orders), ofStore(world, 'events', String(store.store_id)), `${name} orders`)
      assert.equal(Number(store.pages), ofStore(world, 'visits', String(store.store_id)), `${name} pages`)
      assert.equal(Number(store.lines), ofStore(world, 'items', String(store.store_id)), `${name} lines`)
    }
    const busy = await allRows(warehouse, 'select store_id from segment_busy order by store_id')
    assert.deepEqual(
      busy.map((row) => row.store_id),
      ['1', '2', '3', '4'].filter((store) => ofStore(world, 'items', store) >= 2),
    )
  }
})

/** The countries of a customer that may win. */
function present(oracle: Oracle, customer: string): readonly Typed[] {
  return values(oracle.of('people', customer), 'people', 'country').filter((value) => value.cell !== '')
}

/** Rows that reach a store and exist. */
function ofStore(world: World, source: string, store: string): number {
  const exists = (shape: string, row: Record_) => {
    const at = row[SHAPES[shape]?.occurredAt ?? ''] ?? null
    return at === null || Number(at) < Date.parse(world.asOf)
  }
  return (world.rows[source] ?? []).filter((row) => {
    const event =
      source === 'events' ? row : world.rows.events?.find((one) => String(one.id) === String(row.event_id))
    return (
      event !== undefined &&
      String(event.store_id) === store &&
      exists(source, row) &&
      exists('events', event)
    )
  }).length
}

function arbitraryTrait(trees: Trees): fc.Arbitrary<RawTrait> {
  return fc.constantFrom('events', 'items', 'visits', 'people').chain((source) => {
    const columns = Object.entries(SHAPES[source]?.columns ?? {}).filter(([name]) => !/^id$|_id$/.test(name))
    const numeric = columns
      .filter(([, kind]) => ['integer', 'decimal', 'float'].includes(kind))
      .map(([name]) => name)
    const any = fc.tuple(
      fc.constantFrom('min', 'max', 'count_distinct', 'most_frequent'),
      fc.constantFrom(...columns.map(([name]) => name)),
    )
    const sums =
      numeric.length === 0 ? any : fc.tuple(fc.constantFrom('sum', 'avg'), fc.constantFrom(...numeric))
    const operator = fc.oneof(fc.constant(['count', undefined] as const), any, sums)
    const window =
      source === 'people'
        ? fc.constant<Raw>({})
        : fc.oneof(
            fc.constant<Raw>({}),
            trees.window().map((within): Raw => ({ within })),
          )
    const where = fc.oneof(
      fc.constant<Raw>({}),
      trees.row(source).map((where): Raw => ({ where })),
    )
    return fc
      .tuple(operator, window, where, fc.boolean())
      .map(([[kind, column], within, filter, isDefault]): RawTrait => {
        const isNumber = kind === 'sum' || kind === 'avg' || kind.startsWith('count')
        return {
          operator: kind,
          source,
          column,
          filter: { ...within, ...filter },
          otherwise: isDefault && isNumber ? 7 : undefined,
        }
      })
  })
}

function written(trait: RawTrait, name: string): Readonly<Record<string, unknown>> {
  const rows = trait.column === undefined ? trait.source : `${trait.source}.${trait.column}`
  const otherwise = trait.otherwise === undefined ? {} : { default: trait.otherwise }
  return { name, entity: 'customer', [trait.operator]: rows, ...trait.filter, ...otherwise }
}

function meaning(oracle: Oracle, trait: RawTrait, customer: string): Cell {
  const rows = oracle.filtered(trait.source, customer, trait.filter)
  if (trait.operator === 'count') return rows.length
  const column = trait.column ?? ''
  const value =
    trait.operator === 'most_frequent'
      ? mostFrequent(values(rows, trait.source, column))
      : aggregate(
          trait.operator,
          trait.source,
          column,
          rows.map((one) => one.row),
        )
  return value?.cell ?? trait.otherwise ?? null
}

function values(rows: readonly Reached[], source: string, column: string): readonly Typed[] {
  return rows.map(({ row }) => typed(source, row, column)).filter((value) => value.cell !== null)
}

interface Candidate {
  readonly value: Typed
  readonly recency: number
  readonly preference: number
  readonly record: string
}

function winner(oracle: Oracle, field: Field, customer: string): Cell {
  const candidates = field.from.flatMap(([source, column], preference) =>
    oracle.of(source, customer).flatMap(({ row, at, key }): Candidate[] => {
      const value = typed(source, row, column)
      if (value.cell === null || value.cell === '') return []
      const updated = source === 'people' ? (row.updated as number | null) : null
      return [
        {
          value,
          recency: updated ?? at ?? Number.NEGATIVE_INFINITY,
          preference,
          record: key.replaceAll('\\', '\\\\').replaceAll('|', '\\|'),
        },
      ]
    }),
  )
  const recent = (a: Candidate, b: Candidate) => Math.sign(b.recency - a.recency) || 0
  const order: Readonly<Record<string, (a: Candidate, b: Candidate) => number>> = {
    most_recent: (a, b) => recent(a, b) || a.preference - b.preference || byBytes(a.record, b.record),
    first_source: (a, b) => a.preference - b.preference || recent(a, b) || byBytes(a.record, b.record),
    longest: (a, b) =>
      [...textOf(b.value)].length - [...textOf(a.value)].length ||
      recent(a, b) ||
      a.preference - b.preference ||
      byBytes(a.record, b.record),
    min: (a, b) => compareValues(a.value, b.value),
    max: (a, b) => compareValues(b.value, a.value),
  }
  if (field.pick === 'most_frequent') return mostFrequent(candidates.map((one) => one.value))?.cell ?? null
  return [...candidates].sort(order[field.pick])[0]?.value.cell ?? null
}

function isDecimal([source, column]: readonly [source: string, column: string]): boolean {
  return SHAPES[source]?.columns[column] === 'decimal'
}

async function profiles(rows: readonly Row[]): Promise<ReadonlyMap<string, Row>> {
  return new Map(rows.map((row) => [String(row.customer_id), row]))
}

/** The engines give times and decimals as text; averages may differ in the last of 12 digits. */
function same(found: Row[string], expected: Cell, message: string): void {
  if (found === null || typeof expected !== 'number') {
    assert.equal(found, expected, message)
    return
  }
  const number = typeof found === 'string' && /^\d{4}-/.test(found) ? Date.parse(utc(found)) : Number(found)
  const isNear = Math.abs(number - expected) <= Math.abs(expected) * 1e-11
  assert.ok(isNear, `${message}: ${found} is not ${expected}`)
}

function utc(text: string): string {
  const iso = text.replace(' ', 'T').replace(/\+00(?::00)?$/, 'Z')
  return iso.length > 10 && !iso.endsWith('Z') ? `${iso}Z` : iso
}
