import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SluiceError } from '../../src/base/errors.ts'
import { type ExplainedNode, type Explanation, explain } from '../../src/inspect/explain.ts'
import { forEachEngine, type Open } from '../support/engines.ts'
import { type IdentityLab, openIdentityLab } from '../support/identity-lab.ts'

const AS_OF = '2026-03-01T00:00:00.000Z'

const PROJECT = `sources:
  - {name: people, table: data.people, primary_key: id, columns: {country: {pii: none}}}
  - {name: orders, table: data.orders, primary_key: id, occurred_at: ordered_at, belongs_to: {stores: store}}
  - {name: visits, table: data.visits, primary_key: id, occurred_at: seen_at}
  - {name: stores, table: data.stores, primary_key: id}
entities:
  - name: customer
    identity:
      from:
        - {source: people, ids: {email: email, name_born: [last_name, born]}}
        - {source: orders, ids: {email: buyer}}
        - {source: visits, ids: {email: visitor}}
      identifiers: {email: {normalize: email, ignore: [shared@x.example]}, name_born: {normalize: text}}
    profile:
      email: {from: [people.email]}
      first_name: {from: [people.first_name]}
      country: {from: [people.country]}
  - {name: store, source: stores, key: id, profile: {town: {from: [stores.town]}}}
traits:
  - {name: spent, entity: customer, sum: orders.total_n, default: 0}
  - {name: orders_count, entity: customer, count: orders}
  - {name: last_order_at, entity: customer, max: orders.ordered_at}
  - {name: band, entity: customer, case: [{when: {segment: buyers}, then: buyer}, {else: other}]}
  - {name: taken, entity: store, count: orders}
segments:
  - {name: everyone, entity: customer, where: {all: []}}
  - {name: nobody, entity: customer, where: {any: []}}
  - {name: buyers, entity: customer, where: {event: orders}}
  - {name: french, entity: customer, where: {trait: country, eq: FR}}
  - {name: best, entity: customer, where: {top: spent, count: 1}}
  - {name: worst_half, entity: customer, where: {bottom: spent, percent: 50}}
  - {name: recent, entity: customer, where: {trait: last_order_at, within: 30 days}}
  - {name: quiet, entity: customer, where: {sql: "{orders_count} = 0 or {first_name} = 'Ada'"}}
  - {name: dear_pens, entity: customer, where: {event: orders, max: {column: sku, contains: pen}, within: 60 days}}
  - name: lapsing
    entity: customer
    where:
      all:
        - {trait: spent, gte: 50}
        - {event: orders, count: {gte: 2}, where: {column: sku, in: [pen, ink]}}
        - any: [{segment: french}, {segment: buyers}, {not: {segment: buyers}}]
        - not: {event: orders, between: ["2026-02-20", "2026-03-01"]}
  - name: basket
    entity: customer
    where:
      sequence:
        - {event: visits, where: {column: page, eq: basket}}
        - {event: orders, within: 2 days}
        - {no_event: visits, within: 5 days}
  - name: straight
    entity: customer
    where:
      same: session
      sequence:
        - {event: visits, where: {column: page, eq: home}}
        - {no_event: visits, where: {column: page, eq: exit}}
        - {event: visits, where: {column: page, eq: basket}}
  - {name: busy_stores, entity: store, where: {event: orders, count: {gte: 2}}}
`

const EVERY_SEGMENT =
  'everyone nobody buyers french best worst_half recent quiet dear_pens lapsing basket straight'.split(' ')

async function shop(context: Parameters<Open>[0], open: Open): Promise<IdentityLab> {
  const lab = await openIdentityLab(await open(context), PROJECT)
  await lab.load(
    'people',
    ['id', 'email', 'first_name', 'last_name', 'born', 'country'],
    [
      ['p1', 'Ada@x.example', 'Ada', 'Love|lace', '1815', 'FR'],
      ['p2', 'bob@x.example', 'Bob', 'Kahn', '1938', 'BE'],
      ['p3', 'eve@x.example', 'Eve', null, null, 'FR'],
      ['p4', 'shared@x.example', "O'Neil", null, null, null],
    ],
  )
  await lab.load(
    'orders',
    ['id', 'buyer', 'ordered_at', 'total_n', 'sku', 'store'],
    [
      ['o1', 'ada@x.example', '2026-01-05 10:00:00', 40, 'pen', 's1'],
      ['o2', 'ADA@x.example', '2026-02-10 10:00:00', 30, 'ink', 's1'],
      ['o3', 'bob@x.example', '2026-02-25 10:00:00', 90, 'pen', 's2'],
      ['o4', 'eve@x.example', '2026-03-02 10:00:00', 500, 'pen', 's2'],
    ],
  )
  await lab.load(
    'visits',
    ['id', 'visitor', 'seen_at', 'page', 'session'],
    [
      ['v1', 'ada@x.example', '2026-01-04 09:00:00', 'basket', 'a'],
      ['v2', 'ada@x.example', '2026-02-09 11:00:00', 'basket', 'a'],
      ['v3', 'bob@x.example', '2026-02-24 10:00:00', 'basket', 'b'],
      ['v4', 'bob@x.example', '2026-02-26 10:00:00', 'home', 'b'],
      ['v5', 'bob@x.example', '2026-02-26 11:00:00', 'exit', 'b'],
      ['v6', 'bob@x.example', '2026-02-26 12:00:00', 'basket', 'b'],
      ['v7', 'eve@x.example', '2026-02-01 10:00:00', 'home', 'c'],
      ['v8', 'eve@x.example', '2026-02-01 11:00:00', 'exit', 'd'],
      ['v9', 'eve@x.example', '2026-02-01 12:00:00', 'basket', 'c'],
    ],
  )
  await lab.load(
    'stores',
    ['id', 'town'],
    [
      ['s1', 'Lyon'],
      ['s2', 'Metz'],
    ],
  )
  return lab
}

/** Everything is published at `AS_OF`, so that many questions need one build. */
async function builtShop(context: Parameters<Open>[0], open: Open): Promise<IdentityLab> {
  const lab = await shop(context, open)
  const { graph } = await lab.run()
  await lab.build({ asOf: AS_OF, nodes: graph.order })
  return lab
}

async function ask(
  lab: IdentityLab,
  who: string,
  segment: string,
  options: { readonly asOf?: string; readonly unmask?: boolean } = {},
): Promise<Explanation> {
  const [key = '', value = ''] = who.split('=')
  const run = await lab.run({ asOf: options.asOf ?? AS_OF })
  return explain(run, { entity: { key, value }, segment, unmask: options.unmask ?? false })
}

async function refusal(asked: Promise<unknown>): Promise<SluiceError> {
  try {
    await asked
  } catch (error) {
    assert.ok(error instanceof SluiceError, String(error))
    return error
  }
  return assert.fail('expected a refusal')
}

/** `[x] text {name: value}`, a line a node. */
function outline(node: ExplainedNode, indent = ''): readonly string[] {
  const mark = node.holds === undefined ? '-' : node.holds ? 'x' : ' '
  const values = node.values.map(({ name, value }) => `${name}=${value}`)
  const found = values.length === 0 ? '' : ` {${values.join(', ')}}`
  return [`${indent}[${mark}] ${node.text}${found}`, ...node.of.flatMap((one) => outline(one, `${indent}  `))]
}

/** What `all`, `any`, `not` and segments must be, told from their parts. */
function assertSound(node: ExplainedNode): void {
  const parts = node.of.map(({ holds }) => holds)
  if (node.kind === 'all') assert.equal(node.holds, parts.every(Boolean), node.text)
  if (node.kind === 'any') assert.equal(node.holds, parts.some(Boolean), node.text)
  if (node.kind === 'not') assert.equal(node.holds, !parts[0], node.text)
  if (node.kind === 'segment' && parts.length > 0) assert.equal(node.holds, parts[0], node.text)
  if (node.kind === 'sequence') {
    assert.equal(node.holds, parts.every(Boolean), node.text)
    if (!node.holds) assert.equal(parts.filter((holds) => holds === false).length, 1, 'one step fails')
  }
  node.of.forEach(assertSound)
}

forEachEngine((engine, open) => {
  test(`${engine}: every answer is the membership in the segment's table, and the sum of its parts`, async (context) => {
    const lab = await builtShop(context, open)
    const ids = await lab.rows('select customer_id from sluice.customer')
    assert.equal(ids.length, 4)
    for (const segment of EVERY_SEGMENT) {
      const members = await lab.rows(`select customer_id from sluice.segment_${segment}`)
      for (const { customer_id: id } of ids) {
        const found = await ask(lab, `customer_id=${id}`, segment)
        assert.equal(found.id, id)
        assert.equal(
          found.holds,
          members.some((one) => one.customer_id === id),
          segment,
        )
        assertSound(found.tree)
      }
    }
  })

  test(`${engine}: each predicate says on what values it was judged, text masked`, async (context) => {
    const lab = await builtShop(context, open)
    const outlined = async (who: string, segment: string, unmask = false) =>
      outline((await ask(lab, who, segment, { unmask })).tree)
    assert.deepEqual(await outlined('email=ada@x.example', 'lapsing'), [
      '[x] all of',
      '  [x] spent gte 50 {spent=70}',
      '  [x] orders where sku in [pen, ink]: count gte 2 {count=2}',
      '  [x] at least one of',
      '    [x] in segment french',
      '      [x] country eq FR {country=FR}',
      '    [x] in segment buyers',
      '      [x] orders: count gte 1 {count=2}',
      '    [ ] not',
      '      [x] in segment buyers',
      '  [x] not',
      '    [ ] orders: count gte 1 between 2026-02-20 and 2026-03-01 {count=0}',
    ])
    const sql = "sql {orders_count} = 0 or {first_name} = 'Ada'"
    assert.deepEqual(await outlined('email=bob@x.example', 'quiet'), [
      `[ ] ${sql} {orders_count=1, first_name=B***}`,
    ])
    assert.deepEqual(await outlined('email=bob@x.example', 'quiet', true), [
      `[ ] ${sql} {orders_count=1, first_name=Bob}`,
    ])
    const pens = 'orders: max of sku contains pen within 60 days'
    assert.deepEqual(await outlined('email=ada@x.example', 'dear_pens'), [`[x] ${pens} {max of sku=p***}`])
    assert.deepEqual(await outlined('email=eve@x.example', 'dear_pens'), [`[ ] ${pens} {max of sku=null}`])
  })

  test(`${engine}: a window says from when to when`, async (context) => {
    const lab = await builtShop(context, open)
    const windowOf = async (segment: string) => (await ask(lab, 'email=ada@x.example', segment)).tree.window
    assert.deepEqual(await windowOf('recent'), { from: '2026-01-30T00:00:00.000Z', to: AS_OF })
    assert.deepEqual(await windowOf('dear_pens'), { from: '2025-12-31T00:00:00.000Z', to: AS_OF })
    const tree = (await ask(lab, 'email=ada@x.example', 'lapsing')).tree
    assert.deepEqual(tree.of[3]?.of[0]?.window, {
      from: '2026-02-20T00:00:00.000Z',
      to: '2026-03-01T00:00:00.000Z',
    })
  })

  test(`${engine}: a rank says the place, how many there are, and where the cut is`, async (context) => {
    const lab = await builtShop(context, open)
    const valuesOf = async (who: string, segment: string) =>
      (await ask(lab, who, segment)).tree.values.map(({ name, value }) => `${name} ${value}`)
    assert.deepEqual(await valuesOf('email=bob@x.example', 'best'), [
      'spent 90',
      'place 1',
      'ranked 4',
      'members 1',
      'last_in 90',
    ])
    assert.deepEqual(await valuesOf('email=ada@x.example', 'best'), [
      'spent 70',
      'place 2',
      'ranked 4',
      'members 1',
      'last_in 90',
    ])
    assert.deepEqual((await valuesOf('email=ada@x.example', 'worst_half')).slice(1), [
      'place 3',
      'ranked 4',
      'members 2',
      'last_in 0',
    ])
  })

  test(`${engine}: a sequence shows the rows that were chosen, or the step that fails`, async (context) => {
    const lab = await builtShop(context, open)
    const outlined = async (who: string, segment: string) => outline((await ask(lab, who, segment)).tree)
    assert.deepEqual(await outlined('email=ada@x.example', 'basket'), [
      '[x] sequence of 3 steps',
      '  [x] visits where page eq basket {at=2026-02-09T11:00:00.000Z}',
      '  [x] orders within 2 days {at=2026-02-10T10:00:00.000Z}',
      '  [x] no visits within 5 days',
    ])
    // The order was made, and then she came back.
    assert.deepEqual(await outlined('email=bob@x.example', 'basket'), [
      '[ ] sequence of 3 steps',
      '  [x] visits where page eq basket {at=2026-02-24T10:00:00.000Z}',
      '  [x] orders within 2 days {at=2026-02-25T10:00:00.000Z}',
      '  [ ] no visits within 5 days',
    ])
    assert.deepEqual(await outlined('email=eve@x.example', 'basket'), [
      '[ ] sequence of 3 steps',
      '  [x] visits where page eq basket {at=2026-02-01T12:00:00.000Z}',
      '  [ ] orders within 2 days {at=null}',
      '  [-] no visits within 5 days',
    ])
    // What must not be between the two is between them: that is the step that fails.
    assert.deepEqual(await outlined('email=bob@x.example', 'straight'), [
      '[ ] sequence of 3 steps, same session',
      '  [x] visits where page eq home {at=2026-02-26T10:00:00.000Z, session=***}',
      '  [ ] no visits where page eq exit',
      '  [x] visits where page eq basket {at=null}',
    ])
    assert.deepEqual(await outlined('email=eve@x.example', 'straight'), [
      '[x] sequence of 3 steps, same session',
      '  [x] visits where page eq home {at=2026-02-01T10:00:00.000Z, session=***}',
      '  [x] no visits where page eq exit',
      '  [x] visits where page eq basket {at=2026-02-01T12:00:00.000Z}',
    ])
    assert.deepEqual(await outlined('email=ada@x.example', 'straight'), [
      '[ ] sequence of 3 steps, same session',
      '  [ ] visits where page eq home {at=null, session=null}',
      '  [-] no visits where page eq exit',
      '  [-] visits where page eq basket {at=null}',
    ])
  })

  test(`${engine}: who is meant is found by id, field, trait, and identifiers as identity compares them`, async (context) => {
    const lab = await builtShop(context, open)
    const { id } = await ask(lab, 'email= ADA@X.example ', 'everyone')
    for (const who of [
      `customer_id=${id}`,
      'first_name=Ada',
      'spent=70',
      'spent=70.0',
      'last_order_at=2026-02-10T10:00:00Z',
      'name_born=LOVE\\|lace|1815',
    ])
      assert.equal((await ask(lab, who, 'everyone')).id, id, who)
    // Ignored by the identity, so nobody's identifier; but it is what the profile says.
    const shared = await ask(lab, 'email=shared@x.example', 'everyone')
    assert.notEqual(shared.id, id)
    assert.equal((await ask(lab, "first_name=O'Neil", 'everyone')).id, shared.id)
  })

  test(`${engine}: none and several are said without the value that was asked for`, async (context) => {
    const lab = await builtShop(context, open)
    const none = await refusal(ask(lab, 'email=nemo@x.example', 'everyone'))
    assert.deepEqual(
      [none.code, none.message],
      ['SLU7014', 'expected one customer with this email, found none'],
    )
    const several = await refusal(ask(lab, 'country=FR', 'everyone'))
    assert.deepEqual(
      [several.code, several.message],
      ['SLU7014', 'expected one customer with this country, found 2'],
    )
    assert.match(
      several.hint ?? '',
      /^ask for one of them: customer_id=[0-9a-f]{32}, customer_id=[0-9a-f]{32}$/,
    )
    const unknown = await refusal(ask(lab, 'emial=ada@x.example', 'everyone'))
    assert.deepEqual([unknown.code, unknown.hint], ['SLU7006', 'did you mean "email"?'])
    assert.equal((await refusal(ask(lab, 'email=ada@x.example', 'lapsin'))).code, 'SLU7006')
    for (const error of [none, several, unknown])
      assert.doesNotMatch(`${error.message} ${error.hint}`, /@|nemo|ada/)
  })

  test(`${engine}: an entity without stitching is found by its key, which is not shown`, async (context) => {
    const lab = await builtShop(context, open)
    const found = await ask(lab, 'store_id=s1', 'busy_stores')
    assert.equal(found.id, undefined)
    assert.deepEqual(outline(found.tree), ['[x] orders: count gte 2 {count=2}'])
    assert.equal((await ask(lab, 'store_id=s1', 'busy_stores', { unmask: true })).id, 's1')
    assert.equal((await ask(lab, 'town=Metz', 'busy_stores')).holds, false)
  })

  test(`${engine}: another time is explained from scratch, and nothing is left or published`, async (context) => {
    const lab = await builtShop(context, open)
    const before = await lab.rows('select customer_id, spent from sluice.customer order by customer_id')
    const past = await ask(lab, 'email=ada@x.example', 'buyers', { asOf: '2026-01-20T00:00:00.000Z' })
    assert.deepEqual(outline(past.tree), ['[x] orders: count gte 1 {count=1}'])
    const later = await ask(lab, 'email=eve@x.example', 'best', { asOf: '2026-04-01T00:00:00.000Z' })
    assert.equal(later.holds, true)
    assert.deepEqual(
      await lab.rows('select customer_id, spent from sluice.customer order by customer_id'),
      before,
    )
    const left = await lab.rows(
      "select table_name from information_schema.tables where table_name like 'sl\\_%' escape '\\'",
    )
    assert.deepEqual(
      left.map((row) => row.table_name),
      [],
    )
  })

  test(`${engine}: sources that changed since the build are said to have, and are no bug of ours`, async (context) => {
    const lab = await builtShop(context, open)
    await lab.execute("delete from data.orders where buyer = 'bob@x.example'")
    const error = await refusal(ask(lab, 'first_name=Bob', 'buyers'))
    assert.equal(error.code, 'SLU7015')
    const fresh = await ask(lab, 'first_name=Bob', 'buyers', { asOf: '2026-03-01T00:00:01.000Z' })
    assert.equal(fresh.holds, false)
  })
})
