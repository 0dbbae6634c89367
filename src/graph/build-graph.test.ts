import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { built, graphOf } from '../../test/support/graph-of.ts'
import type { Graph } from './graph.ts'

const SHOP = readFileSync(join(import.meta.dirname, '../../test/corpus/graph-errors/base/shop.yml'), 'utf8')

/** The shop with more beside it; `models.yml` comes before `shop.yml` in the project's order. */
function shopWith(models: string): string {
  return `# file: models.yml\n${models}\n# file: shop.yml\n${SHOP}`
}

const needsOf = (graph: Graph, id: string) => [...(graph.nodes.get(id)?.needs ?? [])].sort()

describe('nodes', () => {
  test('come after all they need, kind by kind, in the order of the project', () => {
    const graph = graphOf(
      shopWith(`
sources:
  - {name: paid, query: "select * from {late}", primary_key: id}
  - {name: late, query: "select * from {orders}", primary_key: id}
segments:
  - {name: big, entity: customer, where: {not: {segment: small}}}
  - {name: small, entity: customer, where: {trait: lifetime_value, lt: 10}}
`),
    )
    assert.deepEqual(graph.order, [
      ...['orders', 'late', 'paid', 'contacts', 'order_items', 'stores', 'prices'].map(
        (one) => `source:${one}`,
      ),
      'identity:customer',
      'entity:customer',
      'entity:store',
      'segment:small',
      'segment:big',
      'segment:buyers',
      'segment:busy_stores',
      'sync:buyers_to_crm',
    ])
    assert.deepEqual([...graph.nodes.keys()], graph.order)
  })

  test('need what they read, and the sources on the way to it', () => {
    const graph = graphOf(
      shopWith(`
traits:
  - {name: items, entity: customer, count: order_items}
segments:
  - {name: in_shops, entity: store, where: {event: order_items, count: {gte: 3}}}
syncs:
  - {name: items_out, source: order_items, to: hook.rows, match: {id: order_id}, map: {mail: customer.email}}
  - name: stores_out
    segment: in_shops
    to: hook.rows
    match: {id: store_id}
    consent: {require: {not: {segment: busy_stores}}}
`),
    )
    assert.deepEqual(needsOf(graph, 'identity:customer'), ['source:contacts', 'source:orders'])
    assert.deepEqual(needsOf(graph, 'entity:customer'), [
      'identity:customer',
      'source:contacts',
      'source:order_items',
      'source:orders',
    ])
    assert.deepEqual(needsOf(graph, 'segment:in_shops'), [
      'entity:store',
      'source:order_items',
      'source:orders',
      'source:stores',
    ])
    assert.deepEqual(needsOf(graph, 'sync:items_out'), [
      'entity:customer',
      'identity:customer',
      'source:order_items',
      'source:orders',
    ])
    assert.deepEqual(needsOf(graph, 'sync:stores_out'), [
      'entity:store',
      'segment:busy_stores',
      'segment:in_shops',
    ])
  })

  test('of an entity read what the segments inside its case traits read', () => {
    const graph = graphOf(`
sources:
  - {name: people, table: people, primary_key: id}
  - {name: visits, table: visits, primary_key: id, occurred_at: at, belongs_to: {people: person}}
entities:
  - {name: person, identity: {from: [{source: people, ids: {mail: mail}}]}}
traits:
  - {name: kind, entity: person, case: [{when: {segment: regular}, then: regular}]}
segments:
  - {name: regular, entity: person, where: {all: [{segment: active}]}}
  - {name: active, entity: person, where: {event: visits, within: 30 days}}
`)
    assert.deepEqual(needsOf(graph, 'entity:person'), ['identity:person', 'source:people', 'source:visits'])
    assert.ok(graph.order.indexOf('entity:person') < graph.order.indexOf('segment:active'))
  })

  test('carry tags, an entity those of its traits too', () => {
    const graph = graphOf(`
sources: [{name: people, table: people, primary_key: id, tags: [raw]}]
entities: [{name: person, source: people, key: id, tags: [core]}]
traits: [{name: n, entity: person, count: people, tags: [core, daily]}]
`)
    assert.deepEqual(graph.nodes.get('source:people')?.tags, ['raw'])
    assert.deepEqual(graph.nodes.get('entity:person')?.tags, ['core', 'daily'])
  })
})

describe('the way of rows to their entity', () => {
  const graph = graphOf(
    shopWith(`
sources:
  - {name: returns, table: r, primary_key: id, belongs_to: {order_items: [order_id, line], contacts: contact_id}}
`),
  )
  const wayOf = (source: string, entity: string, via?: readonly string[]) => {
    const reach = graph.reach(source, entity, via)
    return reach && [...reach.hops.map((hop) => `${hop.childColumns}>${hop.parent.name}`), reach.end]
  }

  test('ends at the first source that carries its ids', () => {
    assert.deepEqual(wayOf('contacts', 'customer'), ['identity'])
    assert.deepEqual(wayOf('orders', 'customer'), ['identity'])
    assert.deepEqual(wayOf('order_items', 'customer'), ['order_id>orders', 'identity'])
  })

  test('ends at the source of an entity that needs no stitching', () => {
    assert.deepEqual(wayOf('stores', 'store'), ['key'])
    assert.deepEqual(wayOf('order_items', 'store'), ['order_id>orders', 'store_id>stores', 'key'])
  })

  test('is none when nothing leads there, or when there are several', () => {
    assert.equal(wayOf('prices', 'customer'), undefined)
    assert.equal(wayOf('contacts', 'store'), undefined)
    assert.equal(wayOf('returns', 'customer'), undefined)
    assert.equal(wayOf('nothing', 'customer'), undefined)
  })

  test('is the one through `via` when there are several', () => {
    assert.deepEqual(wayOf('returns', 'customer', ['contacts']), ['contact_id>contacts', 'identity'])
    const throughOrders = ['order_id,line>order_items', 'order_id>orders', 'identity']
    assert.deepEqual(wayOf('returns', 'customer', ['orders']), throughOrders)
    assert.deepEqual(wayOf('returns', 'customer', ['order_items']), throughOrders)
    assert.deepEqual(wayOf('returns', 'customer', ['order_items', 'orders']), throughOrders)
    assert.equal(wayOf('returns', 'customer', ['orders', 'order_items']), undefined)
    assert.equal(wayOf('returns', 'customer', ['stores']), undefined)
  })

  test('leads with `via` past a source that carries ids itself', () => {
    const team = graphOf(`
sources:
  - {name: people, table: people, primary_key: id}
  - {name: deals, table: deals, primary_key: id, belongs_to: {people: seller_id}}
  - {name: notes, table: notes, primary_key: id, belongs_to: {deals: deal_id}}
entities:
  - {name: person, identity: {from: [{source: people, ids: {mail: mail}}, {source: deals, ids: {mail: buyer}}]}}
`)
    const hops = (source: string, via?: readonly string[]) =>
      team.reach(source, 'person', via)?.hops.map((hop) => hop.parent.name)
    assert.deepEqual(hops('deals'), [])
    assert.deepEqual(hops('deals', ['people']), ['people'])
    assert.deepEqual(hops('notes'), ['deals'])
    assert.deepEqual(hops('notes', ['people']), ['deals', 'people'])
  })
})

describe('syncs', () => {
  const models = `
syncs:
  - {name: a, entity: customer, to: crm.contacts, match: {email: email}, map: {city: country}}
  - {name: b, segment: buyers, to: crm.contacts, match: {email: email}, map: {country: country, origin: {value: x}}}
  - {name: off, entity: customer, to: crm.contacts, match: {email: email}, map: {city: country}, enabled: false}
  - {name: note, entity: customer, to: crm.notes, mode: update, match: {id: customer_id}, map: {city: country}}
  - {name: h1, entity: customer, to: hook.rows, match: {id: customer_id}, map: {city: country}}
  - {name: h2, source: orders, to: hook.rows, match: {id: order_id}, map: {city: city}}
`

  test('are a family when they write one object whose rows they share', () => {
    const graph = graphOf(shopWith(models))
    const family = (name: string) => graph.bound(name).family
    assert.deepEqual(family('a'), ['b', 'buyers_to_crm'])
    assert.deepEqual(family('buyers_to_crm'), ['a', 'b'])
    assert.deepEqual(family('note'), [])
    assert.deepEqual(family('h1'), [])
  })

  test('of a family that map one field are warned of, at the later one', () => {
    const { warnings } = built(shopWith(models))
    assert.deepEqual(
      warnings.map(({ code, message, at }) => [code, message, `${at?.file}:${at?.line}`]),
      [
        [
          'SLU2101',
          '"buyers_to_crm" and "b" both map the field "country" of crm.contacts; each sets its own value for a row that both have',
          `shop.yml:${SHOP.split('\n').findIndex((line) => line.includes('buyers_to_crm')) + 1}`,
        ],
      ],
    )
  })

  test('are bound to what they refer to', () => {
    const graph = graphOf(shopWith(models))
    const b = graph.bound('b')
    assert.deepEqual(
      [b.destination.name, b.manifest.name, b.object.keys, b.entity?.name, b.segment?.name, b.source],
      ['crm', 'crm', ['email'], 'customer', 'buyers', undefined],
    )
    const h2 = graph.bound('h2')
    assert.deepEqual([h2.entity, h2.segment, h2.source?.name], [undefined, undefined, 'orders'])
    assert.throws(() => graph.bound('off'), { code: 'SLU9001' })
  })
})

describe('what is disabled', () => {
  test('is as if it were not there, wrong or right', () => {
    const graph = graphOf(
      shopWith(`
sources: [{name: s, table: s, primary_key: id, belongs_to: {nothing: id}, enabled: false}]
entities: [{name: e, source: nothing, key: id, enabled: false}]
traits: [{name: t, entity: nothing, count: nothing, enabled: false}]
segments: [{name: g, entity: nothing, where: {segment: g}, enabled: false}]
destinations: [{name: d, connector: nothing, enabled: false}]
syncs: [{name: y, segment: nothing, to: nothing.rows, match: {a: a}, enabled: false}]
`),
    )
    const plain = graphOf(shopWith(''))
    assert.deepEqual(graph.order, plain.order)
    assert.equal(graph.fingerprint, plain.fingerprint)
    assert.deepEqual([...graph.project.sources.keys()], [...plain.project.sources.keys()])
    assert.equal(graph.project.traits.length, plain.project.traits.length)
  })
})

test('tests of sources are said not to run', () => {
  const { warnings } = built(`
sources:
  - name: people
    table: people
    primary_key: id
    tests: [{unique: id}]
`)
  assert.deepEqual(
    warnings.map(({ code, at }) => [code, `${at?.line}:${at?.column}-${at?.endColumn}`]),
    [['SLU2102', '6:5-10']],
  )
})

describe('large projects', () => {
  const many = (count: number, line: (n: number) => string) =>
    Array.from({ length: count }, (_, n) => line(n)).join('\n')

  test('ways that part and meet again twenty times are counted without walking each', () => {
    const layer = (n: number) =>
      `  - {name: a${n}, table: t, primary_key: id, belongs_to: {a${n + 1}: x, b${n + 1}: y}}
  - {name: b${n}, table: t, primary_key: id, belongs_to: {a${n + 1}: x, b${n + 1}: y}}`
    const { errors } = built(`
sources:
${many(20, layer)}
  - {name: a20, table: t, primary_key: id}
  - {name: b20, table: t, primary_key: id, belongs_to: {a20: x}}
entities: [{name: person, source: a20, key: id}]
traits: [{name: t, entity: person, count: a0}]
`)
    assert.deepEqual(
      errors.map((error) => error.code),
      ['SLU2008'],
    )
  })
})
