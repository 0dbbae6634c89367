import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { profileCondition } from '../../src/compile/conditions/profile-condition.ts'
import { primaryKeyText, stageSteps } from '../../src/compile/sources/relation.ts'
import { id, render, sql } from '../../src/dialect/fragment.ts'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import type { EngineName } from '../support/engines.ts'
import { bothEngines, forEachEngine, openEngine, temporaryFolder } from '../support/engines.ts'
import { allRows, modelContext, modelSteps, runSteps } from '../support/model.ts'
import { loadWorld } from './model/load.ts'
import { aggregate, Oracle } from './model/oracle.ts'
import type { Raw } from './model/raw.ts'
import { Trees, tree } from './model/trees.ts'
import { projectHead, worldOf } from './model/world.ts'

const AS_OF = '2026-03-31T08:00:00.000Z'
const HEAD = 'version: 1\nname: shop\ntargets: {dev: {type: duckdb, path: a.duckdb}}\n'

async function runAll(warehouse: Warehouse, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await warehouse.execute({ step: 'test', sql: statement })
}

async function build(warehouse: Warehouse, yaml: string): Promise<void> {
  await runSteps(warehouse, modelSteps(modelContext(yaml, warehouse.dialect.name, AS_OF)))
}

async function column(warehouse: Warehouse, query: string): Promise<readonly string[]> {
  return (await allRows(warehouse, query)).map((row) => Object.values(row).map(String).join(' '))
}

forEachEngine((name, open) => {
  test(`${name}: rows with two ways to an entity reach it by the way that is asked for`, async (context) => {
    const warehouse = await open(context)
    await runAll(warehouse, [
      "create table people as select 1 as id, 'a@x' as mail union all select 2, 'b@x'",
      "create table friends as select 10 as id, 'a@x' as mail union all select 20, 'b@x'",
      'create table gifts as select 1 as id, 1 as giver, 20 as receiver union all select 2, 1, 20 union all select 3, 2, null',
      "create table customer_identity as select 'people' as source, '1' as record_id, 'A' as customer_id union all select 'people', '2', 'B' union all select 'friends', '10', 'A' union all select 'friends', '20', 'B'",
    ])
    await build(
      warehouse,
      `${HEAD}sources:
  - {name: people, table: people, primary_key: id}
  - {name: friends, table: friends, primary_key: id}
  - {name: gifts, table: gifts, primary_key: id, belongs_to: {people: giver, friends: receiver}}
entities: [{name: customer, identity: {from: [{source: people, ids: {mail: mail}}, {source: friends, ids: {mail: mail}}]}}]
traits:
  - {name: given, entity: customer, count: gifts, via: [people]}
  - {name: received, entity: customer, count: gifts, via: [friends]}
segments: [{name: loved, entity: customer, where: {event: gifts, via: [friends], count: {gte: 2}}}]
`,
    )
    assert.deepEqual(await column(warehouse, 'select * from customer order by customer_id'), [
      'A 2 0',
      'B 1 2',
    ])
    assert.deepEqual(await column(warehouse, 'select * from segment_loved'), ['B'])
  })

  test(`${name}: keys of several columns join as text, part by part, and nulls reach nothing`, async (context) => {
    const warehouse = await open(context)
    await runAll(warehouse, [
      "create table orders as select 'x|1' as shop, 1 as no, 'a@x' as mail union all select 'x', 11, 'b@x' union all select 'y\\', 2, 'c@x'",
      "create table lines as select 1 as id, 'x|1' as shop, '1' as no union all select 2, 'x', '11' union all select 3, 'x', null union all select 4, 'y\\', '2' union all select 5, 'y\\', '2'",
    ])
    const yaml = `${HEAD}sources:
  - {name: orders, table: orders, primary_key: [shop, no]}
  - {name: lines, table: lines, primary_key: id, belongs_to: {orders: [shop, no]}}
entities: [{name: customer, identity: {from: [{source: orders, ids: {mail: mail}}]}}]
traits: [{name: lines, entity: customer, count: lines}]
`
    const compiling = modelContext(yaml, name, AS_OF)
    const orders = compiling.graph.project.sources.get('orders')
    assert.ok(orders !== undefined)
    const key = render(primaryKeyText(compiling, orders, sql`o`), warehouse.dialect)
    await runAll(warehouse, [
      `create table customer_identity as select 'orders' as source, ${key} as record_id, mail as customer_id from orders as o`,
    ])
    assert.deepEqual(
      await column(warehouse, 'select record_id from customer_identity order by customer_id'),
      ['x\\|1|1', 'x|11', 'y\\\\|2'],
    )
    await build(warehouse, yaml)
    assert.deepEqual(await column(warehouse, 'select * from customer order by customer_id'), [
      'a@x 1',
      'b@x 1',
      'c@x 2',
    ])
  })

  test(`${name}: columns keep their own names, whatever their letters`, async (context) => {
    const warehouse = await open(context)
    await runAll(warehouse, [
      'create table people as select 1 as id, 5 as "Order Total", 7 as customer_id, 9 as "select"',
      "create table customer_identity as select 'people' as source, '1' as record_id, 'A' as customer_id",
    ])
    await build(
      warehouse,
      `${HEAD}sources: [{name: people, table: people, primary_key: ID}]
entities: [{name: customer, identity: {from: [{source: people, ids: {one: id}}]}}]
traits:
  - {name: a, entity: customer, sum: 'people."Order Total"', where: {column: customer_id, eq: 7}}
  - {name: b, entity: customer, max: people.select, where: {sql: '"Order Total" = 5 and customer_id = 7'}}
`,
    )
    assert.deepEqual(await column(warehouse, 'select * from customer'), ['A 5 9'])
  })

  test(`${name}: sums of large integers and of decimals are exact`, async (context) => {
    const warehouse = await open(context)
    await runAll(warehouse, [
      "create table people as select 1 as id, cast(9223372036854775807 as bigint) as large, cast('99999999.99' as decimal(10,2)) as price union all select 2, 9223372036854775807, 0.01 union all select 3, 2, 0.02",
      "create table customer_identity as select 'people' as source, '1' as record_id, 'A' as customer_id union all select 'people', '2', 'A' union all select 'people', '3', 'A'",
    ])
    await build(
      warehouse,
      `${HEAD}sources: [{name: people, table: people, primary_key: id}]
entities: [{name: customer, identity: {from: [{source: people, ids: {one: id}}]}}]
traits:
  - {name: large, entity: customer, sum: people.large}
  - {name: price, entity: customer, sum: people.price}
  - {name: average, entity: customer, avg: people.id}
  - {name: band, entity: customer, case: [{when: {trait: large, gt: 9007199254740991}, then: over}]}
`,
    )
    const { asText } = warehouse.dialect.fn
    const columns = ['large', 'price', 'band'].map((column) =>
      render(asText(sql`${id(column)}`), warehouse.dialect),
    )
    assert.deepEqual(await column(warehouse, `select ${columns.join(', ')}, average from customer`), [
      '18446744073709551616 100000000.02 over 2',
    ])
  })

  test(`${name}: a query of one's own may read other sources and the time of the run`, async (context) => {
    const warehouse = await open(context)
    await runAll(warehouse, [
      "create table raw as select 1 as id, timestamp '2026-03-31 07:59:59' as at union all select 2, timestamp '2026-03-31 08:00:00'",
      "create table customer_identity as select 'late' as source, '1' as record_id, 'A' as customer_id union all select 'late', '2', 'B'",
    ])
    await build(
      warehouse,
      `${HEAD}sources:
  - {name: raw, table: raw, primary_key: id}
  - {name: early, query: 'select * from {raw} where "at" < {as_of};', primary_key: id}
  - {name: late, query: {postgres: "select r.* from {raw} r -- all of them", default: "select * from {raw} -- all of them"}, primary_key: id, belongs_to: {early: id}}
entities: [{name: customer, identity: {from: [{source: late, ids: {one: id}}]}}]
traits: [{name: rows, entity: customer, count: both}]
`.replace('count: both', 'count: late'),
    )
    assert.deepEqual(await column(warehouse, 'select * from customer order by customer_id'), ['A 1', 'B 1'])
  })
})

test('files are staged with the columns of keys as text, so that zeros in front count', async (context) => {
  const directory = temporaryFolder(context)
  const warehouse = await openEngine('duckdb', context, { directory })
  writeFileSync(join(directory, 'people.csv'), 'id,mail,age,member\n007,a@x,41,Yes\n7,b@x,39,No\n')
  await runAll(warehouse, [
    "create table customer_identity as select 'people' as source, '007' as record_id, 'A' as customer_id union all select 'people', '7', 'B'",
  ])
  const yaml = `${HEAD}sources: [{name: people, file: "${directory}/people.csv", primary_key: id}]
entities: [{name: customer, identity: {from: [{source: people, ids: {mail: mail}}]}, profile: {number: {from: [people.id]}}}]
traits:
  - {name: age, entity: customer, sum: people.age, where: {column: id, eq: 7}}
  - {name: member, entity: customer, max: people.member}
`
  const compiling = modelContext(yaml, 'duckdb', AS_OF)
  await runSteps(warehouse, [
    ...stageSteps(compiling, [...compiling.graph.project.sources.values()]),
    ...modelSteps(compiling),
  ])
  assert.deepEqual(await column(warehouse, 'select * from customer order by customer_id'), [
    'A 007 null Yes',
    'B 7 39 No',
  ])
  const wrong = modelContext(yaml.replace('{column: id, eq: 7}', '{column: id, gt: 7}'), 'duckdb', AS_OF)
  assert.throws(() => modelSteps(wrong), { code: 'SLU4310', hint: /"7"/ })
})

test('consent is asked of a row of the profile: true or false for each, never missing', async (context) => {
  const world = worldOf(51, { asOf: AS_OF, timezone: 'UTC' })
  const trees = new Trees(AS_OF, 'UTC')
  const kinds = { spent: 'decimal', label: 'text', ads_ok: 'boolean' } as const
  const name = fc.constantFrom(...(Object.keys(kinds) as (keyof typeof kinds)[]))
  const leaf = fc.oneof(
    {
      weight: 4,
      arbitrary: name.chain((trait) => trees.test(kinds[trait]).map((test): Raw => ({ trait, ...test }))),
    },
    { weight: 1, arbitrary: fc.constant<Raw>({ segment: 'agreed' }) },
    {
      weight: 1,
      arbitrary: fc.constantFrom<Raw>({ top: 'spent', count: 3 }, { bottom: 'label', percent: 50 }),
    },
  )
  const conditions = fc.sample(tree(leaf), { seed: 51, numRuns: 100 })
  const oracle = new Oracle(world)
  for (const customer of world.customers) {
    const events = oracle.of('events', customer).map((one) => one.row)
    const people = oracle.of('people', customer).map((one) => one.row)
    oracle.profile.get(customer)?.set('spent', aggregate('sum', 'events', 'total', events))
    oracle.profile.get(customer)?.set('label', aggregate('min', 'events', 'label', events))
    oracle.profile.get(customer)?.set('ads_ok', aggregate('max', 'people', 'ads_ok', people))
  }
  oracle.segments.set('agreed', oracle.members({ trait: 'ads_ok', eq: true }))
  const yaml = `${projectHead('UTC')}entities:
  - {name: customer, identity: {from: [{source: people, ids: {person: id}}, {source: events, ids: {person: mail}}]}}
traits:
  - {name: spent, entity: customer, sum: events.total}
  - {name: label, entity: customer, min: events.label}
  - {name: ads_ok, entity: customer, max: people.ads_ok}
segments:
  - {name: agreed, entity: customer, where: {trait: ads_ok, eq: true}}
${conditions.map((where, index) => `  - {name: s${index}, entity: customer, where: ${JSON.stringify(where)}}\n`).join('')}`
  for (const [engine, warehouse] of Object.entries(await bothEngines(context))) {
    await loadWorld(warehouse, world)
    const compiling = modelContext(yaml, engine as EngineName, AS_OF)
    await runSteps(
      warehouse,
      modelSteps(compiling).filter((step) => !/^segment\.s\d/.test(step.name)),
    )
    const { entities, segments } = compiling.graph.project
    const entity = entities.get('customer')
    assert.ok(entity !== undefined)
    const asked = conditions.map((_, index) => {
      const where = segments.get(`s${index}`)?.where
      assert.ok(where !== undefined)
      return `${render(profileCondition(compiling, entity, where, sql`c`), warehouse.dialect)} as s${index}`
    })
    const rows = await allRows(warehouse, `select c.customer_id, ${asked.join(',\n')} from customer as c`)
    for (const row of rows)
      for (const [index, where] of conditions.entries())
        assert.equal(
          row[`s${index}`],
          oracle.holds(where, String(row.customer_id)),
          `${engine} ${JSON.stringify(where)}`,
        )
  }
})

test('consent that asks for events is told how to be asked', () => {
  const yaml = `${projectHead('UTC')}entities: [{name: customer, identity: {from: [{source: people, ids: {person: id}}]}}]
segments: [{name: s, entity: customer, where: {event: people}}]
`
  const compiling = modelContext(yaml, 'duckdb', AS_OF)
  const entity = compiling.graph.project.entities.get('customer')
  const where = compiling.graph.project.segments.get('s')?.where
  assert.ok(entity !== undefined && where !== undefined)
  assert.throws(() => profileCondition(compiling, entity, where, sql`c`), {
    code: 'SLU4308',
    hint: /segment/,
  })
})
