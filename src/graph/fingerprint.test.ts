import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { builtOf, graphOf } from '../../test/support/graph-of.ts'
import type { Graph } from './graph.ts'

/** Each definition on its own, so that they can be put into any file in any order. */
const DEFINITIONS: readonly (readonly [kind: string, text: string])[] = [
  ['sources', '{name: contacts, file: contacts.csv, primary_key: id, updated_at: changed}'],
  [
    'sources',
    '{name: orders, table: shop.orders, primary_key: id, occurred_at: at, belongs_to: {stores: store}}',
  ],
  ['sources', '{name: items, table: shop.items, primary_key: [id, line], belongs_to: {orders: id}}'],
  ['sources', '{name: stores, query: "select * from {raw_stores}", primary_key: id}'],
  ['sources', '{name: raw_stores, table: shop.stores, primary_key: id}'],
  [
    'entities',
    '{name: customer, identity: {from: [{source: contacts, ids: {mail: mail}}, {source: orders, ids: {mail: buyer}}], identifiers: {mail: {normalize: email}}}, profile: {mail: {from: [contacts.mail, orders.buyer]}, city: {from: [contacts.city]}}}',
  ],
  ['entities', '{name: store, source: stores, key: id}'],
  ['traits', '{name: spend, entity: customer, sum: orders.total, default: 0}'],
  ['traits', '{name: items, entity: customer, count: items, within: 90 days}'],
  ['traits', '{name: per_item, entity: customer, sql: "{spend} / nullif({items}, 0)"}'],
  ['traits', '{name: band, entity: customer, case: [{when: {segment: rich}, then: vip}, {else: other}]}'],
  ['traits', '{name: taken, entity: store, count: orders}'],
  ['segments', '{name: rich, entity: customer, where: {all: [{trait: spend, gte: 500}, {event: orders}]}}'],
  ['segments', '{name: quiet, entity: customer, where: {all: [{segment: rich}, {trait: items, eq: 0}]}}'],
  [
    'destinations',
    '{name: hook, connector: http, settings: {url: "https://shop.example", headers: {a: x, b: y}}}',
  ],
  ['destinations', '{name: crm, connector: crm, settings: {token: none}}'],
  [
    'syncs',
    '{name: quiet_out, segment: quiet, to: hook.rows, match: {id: customer_id}, map: {band: band, city: city}}',
  ],
  ['syncs', '{name: all_out, entity: customer, to: crm.contacts, match: {email: mail}, map: {spend: spend}}'],
  ['syncs', '{name: orders_out, source: orders, to: hook.rows, match: {id: id}, map: {who: customer.mail}}'],
]

const SETTINGS = 'version: 1\nname: shop\n'
const FILES = ['a.yml', 'b/c.yml', 'z.yml']

/** A definition's place, and what may be said of it without a change of meaning. */
interface Placing {
  readonly file: string
  readonly noise: string
}

function graphIn(order: readonly number[], placings: readonly Placing[]): Graph {
  const texts = new Map<string, string>([['sluice.yml', SETTINGS]])
  for (const file of FILES) {
    const kinds = Map.groupBy(
      order.filter((index) => placings[index]?.file === file),
      (index) => DEFINITIONS[index]?.[0] ?? '',
    )
    const text = [...kinds].map(([kind, indexes]) =>
      [
        `${kind}:`,
        ...indexes.map((index) => `  # no. ${index}\n  - ${withNoise(index, placings[index]?.noise ?? '')}`),
      ].join('\n'),
    )
    texts.set(file, text.join('\n'))
  }
  const { graph, errors } = builtOf([...texts].map(([path, text]) => ({ path, text })))
  assert.ok(graph, errors.map((error) => error.message).join('\n'))
  return graph
}

function withNoise(index: number, noise: string): string {
  const text = DEFINITIONS[index]?.[1] ?? ''
  return `${text.slice(0, -1)}${noise}}`
}

const NOISE = [
  '',
  ', description: Why it is there',
  ', owner: ada@shop.example',
  ', tags: [daily, core]',
  ', meta: {jira: X-1, at: noon}',
  ', enabled: true',
]

const placing = fc.record({ file: fc.constantFrom(...FILES), noise: fc.constantFrom(...NOISE) })
const indexes = DEFINITIONS.map((_, index) => index)
const PLAIN = graphIn(
  indexes,
  indexes.map(() => ({ file: 'a.yml', noise: '' })),
)

const fingerprints = (graph: Graph) =>
  Object.fromEntries([...graph.nodes.values()].map((node) => [node.id, node.fingerprint]))

const AFTER_CUSTOMER = [
  'entity:customer',
  'segment:rich',
  'segment:quiet',
  'sync:quiet_out',
  'sync:all_out',
  'sync:orders_out',
]

describe('a fingerprint', () => {
  test('stays when definitions move, comments and descriptions change', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray(indexes, { minLength: indexes.length }),
        fc.array(placing, { minLength: indexes.length, maxLength: indexes.length }),
        (order, placings) => {
          const graph = graphIn(order, placings)
          assert.deepEqual(fingerprints(graph), fingerprints(PLAIN))
          assert.equal(graph.fingerprint, PLAIN.fingerprint)
          const positions = new Map(graph.order.map((id, at) => [id, at]))
          for (const { id, needs } of graph.nodes.values())
            for (const need of needs) assert.ok((positions.get(need) ?? Infinity) < (positions.get(id) ?? -1))
        },
      ),
      { numRuns: 60 },
    )
  })

  /** Changed text -> the nodes that mean something else then. */
  const changes: readonly (readonly [what: string, from: string, to: string, changed: readonly string[]])[] =
    [
      [
        'a table',
        'table: shop.stores',
        'table: shop.shops',
        ['source:raw_stores', 'source:stores', 'entity:store'],
      ],
      [
        'a query',
        'select * from {raw_stores}',
        'select 1 from {raw_stores}',
        ['source:stores', 'entity:store'],
      ],
      ['a rule of identity', 'normalize: email', 'normalize: text', ['identity:customer', ...AFTER_CUSTOMER]],
      ['a trait', 'sum: orders.total', 'avg: orders.total', AFTER_CUSTOMER],
      [
        'a pick',
        'city: {from: [contacts.city]}',
        'city: {from: [contacts.city], pick: longest}',
        AFTER_CUSTOMER,
      ],
      ['a segment', '{trait: items, eq: 0}', '{trait: items, eq: 1}', ['segment:quiet', 'sync:quiet_out']],
      ['a segment in a trait', 'gte: 500', 'gte: 600', AFTER_CUSTOMER],
      ['a map', 'city: city', 'town: city', ['sync:quiet_out']],
      // A file's column that becomes part of a key is read as text, whatever it looks like.
      [
        'a key over a file',
        'match: {email: mail}',
        'match: {email: city}',
        ['source:contacts', 'identity:customer', ...AFTER_CUSTOMER],
      ],
      ['a setting', 'a: x', 'a: z', ['sync:quiet_out', 'sync:orders_out']],
      ['the way of rows', 'belongs_to: {orders: id}', 'belongs_to: {orders: order_id}', AFTER_CUSTOMER],
    ]

  const WHOLE = Object.entries(Object.groupBy(DEFINITIONS, ([kind]) => kind))
    .map(([kind, list]) => [`${kind}:`, ...(list ?? []).map(([, text]) => `  - ${text}`)].join('\n'))
    .join('\n')

  for (const [what, from, to, changed] of changes)
    test(`changes with ${what}, and with it those of all that need it`, () => {
      assert.equal(WHOLE.split(from).length, 2, 'the text stands once')
      const before = fingerprints(graphOf(WHOLE))
      const after = fingerprints(graphOf(WHOLE.replace(from, to)))
      const different = Object.keys(before).filter((id) => before[id] !== after[id])
      assert.deepEqual(different.toSorted(), changed.toSorted())
    })

  test('does not change with what decides only when and whether something is sent', () => {
    const plain = graphOf(WHOLE).fingerprint
    const all = 'map: {spend: spend}'
    for (const more of [
      'schedule: "0 8 * * *"',
      'guard: {max_remove: 5%}',
      'resume_within: 2h',
      'purpose: ads',
    ])
      assert.equal(graphOf(WHOLE.replace(all, `${all}, ${more}`)).fingerprint, plain, more)
  })

  test('does not change with the order of mapped fields', () => {
    const changed = WHOLE.replace('{band: band, city: city}', '{city: city, band: band}')
    assert.equal(graphOf(changed).fingerprint, graphOf(WHOLE).fingerprint)
  })

  test('of two things with the same text differs', () => {
    const graph = graphOf(`
sources: [{name: a, table: t, primary_key: id}, {name: b, table: t, primary_key: id}]
`)
    assert.notEqual(graph.nodes.get('source:a')?.fingerprint, graph.nodes.get('source:b')?.fingerprint)
  })
})
