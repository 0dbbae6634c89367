import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeCrm } from '../support/crm.ts'
import { forEachEngine } from '../support/engines.ts'
import { startReceiver } from '../support/receiver.ts'
import { openLab } from '../support/sync-lab.ts'

const PEOPLE = `sources:
  - {name: people, table: people, primary_key: id}
entities:
  - name: person
    source: people
    key: id
    profile:
      email: {from: [people.email], pick: most_recent}
      city: {from: [people.city], pick: most_recent}
      score: {from: [people.score], pick: max}
      ok: {from: [people.ok], pick: most_recent}
segments:
  - {name: locals, entity: person, where: {trait: city, is_null: false}}
`

const TABLE =
  'create table people (id integer, email varchar(100), city varchar(100), score double precision, ok boolean)'

function hooked(url: string, sync: string, settings = ''): string {
  return `${PEOPLE}destinations:
  - {name: hook, connector: http, settings: {url: "${url}", allow_private_network: true${settings}}}
syncs:
  - name: out
    segment: locals
    to: hook.rows
    match: {email: email}
    map: {city: city}
    ${sync}
`
}

function related(syncs: string, consent = ''): string {
  return `${PEOPLE}destinations:
  - {name: crm, connector: crm${consent}}
syncs:
${syncs}`
}

forEachEngine((engine, open) => {
  test(`${engine}: a first run adds, a second sends nothing, a change is one change`, async (context) => {
    const receiver = await startReceiver(context)
    const yaml = hooked(receiver.url, '', ', batch_size: 2').replace(
      '{city: city}',
      '{city: city, from: {value: sluice}}',
    )
    const lab = await openLab(context, engine, open, yaml.replace('segment: locals', 'entity: person'))
    await lab.sql(
      TABLE,
      "insert into people values (1, 'ada@x.example', 'Paris', 1, true), (2, 'bob@x.example', null, 2, true), (3, 'eve@x.example', 'Rome', 3, true)",
    )
    const planned = await lab.plan('out')
    assert.deepEqual([planned.add, planned.apiCalls], [3, 2])
    assert.equal(receiver.requests.length, 0)
    const first = await lab.sync('out')
    assert.equal(first.error, undefined)
    assert.deepEqual([first.status, first.add, first.applied, first.requests], ['done', 3, 3, 2])
    assert.equal(first.planId, planned.planId)
    assert.deepEqual(receiver.rows.get('bob@x.example'), { city: null, from: 'sluice' })
    receiver.clear()
    const second = await lab.sync('out')
    assert.deepEqual(
      [second.status, second.unchanged, second.requests, second.planId],
      ['done', 3, 0, undefined],
    )
    assert.equal(receiver.requests.length, 0)
    await lab.sql(
      "update people set city = 'Lyon', score = 9 where id = 1",
      'update people set score = 7 where id = 2',
    )
    const plan = await lab.plan('out', 5)
    assert.deepEqual([plan.change, plan.unchanged, plan.apiCalls, plan.error], [1, 2, 1, undefined])
    assert.deepEqual(plan.sample, [
      { op: 'change', reason: null, key: 'a***@x***.example', fields: '{"city":"L***","from":"sluice"}' },
    ])
    const third = await lab.sync('out')
    assert.deepEqual([third.change, third.applied, third.planId], [1, 1, plan.planId])
    assert.deepEqual(receiver.changes, [
      { op: 'change', key: { email: 'ada@x.example' }, fields: { city: 'Lyon', from: 'sluice' } },
    ])
  })

  test(`${engine}: rows without a key, or with a shared one, are held while the others are sent`, async (context) => {
    const receiver = await startReceiver(context)
    const lab = await openLab(context, engine, open, hooked(receiver.url, 'mode: mirror'))
    await lab.sql(
      TABLE,
      "insert into people values (1, 'a@x', 'A', 1, true), (2, null, 'B', 1, true), (3, ' ', 'C', 1, true), (4, 'd@x', 'D', 1, true), (5, 'd@x', 'E', 1, true)",
    )
    const first = await lab.sync('out')
    assert.deepEqual(
      [first.status, first.add, first.held, first.heldBy],
      ['done', 1, 4, { duplicate_key: 2, no_key: 2 }],
    )
    // A row that was sent and then loses its key, or shares it, stays there as it is.
    await lab.sql(
      "update people set email = 'b@x' where id = 2",
      "update people set email = 'c@x' where id = 3",
      "update people set email = 'e@x' where id = 5",
    )
    assert.equal((await lab.sync('out')).add, 4)
    receiver.clear()
    await lab.sql(
      'update people set email = null where id = 2',
      "update people set email = 'c@x', city = 'other' where id = 4",
    )
    const third = await lab.sync('out')
    assert.deepEqual([third.remove, third.change, third.held, third.unchanged], [0, 0, 3, 2])
    assert.deepEqual(third.heldBy, { duplicate_key: 2, no_key: 1 })
    assert.deepEqual([...receiver.rows.keys()].sort(), ['a@x', 'b@x', 'c@x', 'd@x', 'e@x'])
    const receipts = await lab.rows(
      "select reason, key from sluice.receipts where status = 'held' order by 1, 2",
    )
    assert.equal(receipts.length, 3)
  })

  test(`${engine}: two people who turn out to be one are a change of the key they share, never a delete`, async (context) => {
    const receiver = await startReceiver(context)
    const lab = await openLab(
      context,
      engine,
      open,
      `sources:
  - {name: contacts, table: contacts, primary_key: id, updated_at: seen}
entities:
  - name: customer
    identity:
      from:
        - {source: contacts, ids: {email: email, phone: phone}}
    profile:
      email: {from: [contacts.email], pick: most_recent}
      city: {from: [contacts.city], pick: most_recent}
destinations:
  - {name: hook, connector: http, settings: {url: "${receiver.url}", allow_private_network: true}}
syncs:
  - {name: out, entity: customer, to: hook.rows, mode: mirror, match: {email: email}, map: {city: city}}
`,
    )
    await lab.sql(
      'create table contacts (id integer, email varchar(50), phone varchar(50), city varchar(50), seen timestamp)',
      "insert into contacts values (1, 'ada@x', '1', 'Paris', timestamp '2026-01-01 00:00:00'), (2, null, '2', 'Lyon', timestamp '2026-01-02 00:00:00')",
    )
    const first = await lab.sync('out')
    assert.deepEqual([first.add, first.held, first.error], [1, 1, undefined])
    receiver.clear()
    await lab.sql("update contacts set phone = '1' where id = 2")
    const second = await lab.sync('out')
    assert.deepEqual([second.add, second.change, second.remove, second.held], [0, 1, 0, 0])
    assert.deepEqual(receiver.changes, [{ op: 'change', key: { email: 'ada@x' }, fields: { city: 'Lyon' } }])
  })

  test(`${engine}: an email that only changes its case is the same key and no change`, async (context) => {
    const crm = makeCrm()
    const yaml = related(
      '  - {name: out, entity: person, to: crm.contacts, mode: mirror, match: {email: email}, map: {city: city}}\n',
    )
    const lab = await openLab(context, engine, open, yaml, crm.connectors)
    await lab.sql(TABLE, "insert into people values (1, ' Ada@X.example', 'Paris', 1, true)")
    await lab.sync('out')
    assert.deepEqual([...crm.contacts], [['ada@x.example', { city: 'Paris' }]])
    await lab.sql("update people set email = 'ADA@x.EXAMPLE '")
    const second = await lab.sync('out')
    assert.deepEqual([second.unchanged, second.change, second.remove, second.add], [1, 0, 0, 0])
  })

  test(`${engine}: a changed key leaves before it comes: removed under mirror, left under nothing`, async (context) => {
    const receiver = await startReceiver(context)
    const lab = await openLab(context, engine, open, hooked(receiver.url, 'mode: mirror'))
    await lab.sql(TABLE, "insert into people values (1, 'old@x', 'A', 1, true), (2, 'b@x', 'B', 1, true)")
    await lab.sync('out')
    receiver.clear()
    await lab.sql("update people set email = 'a.new@x' where id = 1")
    const mirrored = await lab.sync('out')
    assert.deepEqual([mirrored.remove, mirrored.add, mirrored.left], [1, 1, 0])
    assert.deepEqual(receiver.changes, [
      { op: 'remove', key: { email: 'old@x' }, fields: {} },
      { op: 'add', key: { email: 'a.new@x' }, fields: { city: 'A' } },
    ])
    receiver.clear()
    lab.use(hooked(receiver.url, 'mode: upsert'))
    await lab.sql("update people set email = 'newer@x' where id = 1")
    const kept = await lab.sync('out')
    assert.deepEqual([kept.remove, kept.add, kept.left], [0, 1, 1])
    assert.deepEqual(
      receiver.changes.map(({ op }) => op),
      ['add'],
    )
    // Once left it is not told again, and what comes back as it was is sent to nobody.
    assert.equal((await lab.sync('out')).left, 0)
    receiver.clear()
    await lab.sql("update people set email = 'a.new@x' where id = 1")
    const back = await lab.sync('out')
    assert.deepEqual([back.unchanged, back.left, back.add, receiver.requests.length], [2, 1, 0, 0])
  })

  test(`${engine}: clear sends null for every field, and skip leaves missing fields out`, async (context) => {
    const receiver = await startReceiver(context)
    const cleared = hooked(receiver.url, 'on_remove: clear').replace(
      '{city: city}',
      '{city: city, score: score}',
    )
    const lab = await openLab(context, engine, open, cleared)
    await lab.sql(TABLE, "insert into people values (1, 'a@x', 'A', 1.50, true), (2, 'b@x', 'B', null, true)")
    await lab.sync('out')
    assert.deepEqual(receiver.rows.get('a@x'), { city: 'A', score: 1.5 })
    receiver.clear()
    await lab.sql('update people set city = null where id = 1')
    const result = await lab.sync('out')
    assert.deepEqual([result.remove, result.applied, result.left], [1, 1, 0])
    assert.deepEqual(receiver.changes, [
      { op: 'change', key: { email: 'a@x' }, fields: { city: null, score: null } },
    ])
    receiver.clear()
    lab.use(cleared.replace('on_remove: clear', 'nulls: skip'))
    const skipped = await lab.sync('out')
    assert.deepEqual([skipped.change], [1])
    assert.deepEqual(receiver.changes, [{ op: 'change', key: { email: 'b@x' }, fields: { city: 'B' } }])
  })

  test(`${engine}: two syncs of one object do not delete each other's rows, and together they let go`, async (context) => {
    const crm = makeCrm()
    const yaml =
      related(`  - {name: a, segment: locals, to: crm.contacts, mode: mirror, match: {email: email}, map: {city: city}}
  - {name: b, entity: person, to: crm.contacts, mode: mirror, match: {email: email}, map: {score: score}}
`)
    const lab = await openLab(context, engine, open, yaml, crm.connectors)
    await lab.sql(TABLE, "insert into people values (1, 'a@x', 'A', 1, true), (2, 'b@x', 'B', 2, true)")
    await lab.syncs(['a', 'b'])
    await lab.sql('update people set city = null where id = 1')
    const [kept] = await lab.syncs(['a', 'b'])
    assert.deepEqual([kept?.remove, kept?.left, crm.contacts.has('a@x')], [0, 1, true])
    await lab.sql('delete from people where id = 1')
    const [a, b] = await lab.syncs(['a', 'b'])
    assert.deepEqual([a?.left, b?.remove, crm.contacts.has('a@x')], [1, 1, false])
    const [last] = await lab.syncs(['a', 'b'])
    assert.deepEqual([last?.remove, last?.left], [1, 0])
    assert.deepEqual([...crm.contacts.keys()], ['b@x'])
  })

  test(`${engine}: who withdraws consent is held and removed, whatever the mode and beside max_remove`, async (context) => {
    const crm = makeCrm()
    const yaml = related(
      '  - {name: out, entity: person, to: crm.contacts, match: {email: email}, map: {city: city}, guard: {max_remove: 0}}\n',
      ', consent: {require: {trait: ok, eq: true}}',
    )
    const lab = await openLab(context, engine, open, yaml, crm.connectors)
    await lab.sql(
      TABLE,
      "insert into people values (1, 'a@x', 'A', 1, true), (2, 'b@x', 'B', 2, true), (3, 'c@x', 'C', 3, null)",
    )
    const first = await lab.sync('out')
    assert.deepEqual([first.add, first.heldBy, first.error], [2, { consent: 1 }, undefined])
    await lab.sql(
      'update people set ok = false where id = 1',
      'update people set ok = null, email = null where id = 2',
    )
    const second = await lab.sync('out')
    assert.deepEqual([second.status, second.remove, second.held], ['done', 2, 3])
    assert.deepEqual([...crm.contacts.keys()], [])
    assert.deepEqual(second.heldBy, { consent: 2, no_key: 1 })
    await lab.sql('update people set ok = true where id = 1')
    assert.equal((await lab.sync('out')).add, 1)
  })

  test(`${engine}: a key of several fields, and rows of a source with values of the entity they reach`, async (context) => {
    const receiver = await startReceiver(context)
    const lab = await openLab(
      context,
      engine,
      open,
      `${PEOPLE.replace(
        'sources:',
        `sources:
  - {name: orders, table: orders, primary_key: id, occurred_at: placed, belongs_to: {people: person_id}}`,
      )}destinations:
  - {name: hook, connector: http, settings: {url: "${receiver.url}", allow_private_network: true}}
syncs:
  - name: out
    source: orders
    to: hook.rows
    match: {order: id, who: person.email}
    map: {total: total, city: person.city, text: {sql: "upper({person.city}) || '-' || {note}"}}
  - {name: events, source: orders, to: hook.rows, mode: insert, match: {order: id}, map: {total: total, at: placed}, within: 1 day}
`,
    )
    await lab.sql(
      TABLE,
      'create table orders (id integer, person_id integer, total decimal(12,2), note varchar(20), placed timestamp)',
      "insert into people values (1, 'a|b@x', 'Rome', 1, true)",
      `insert into orders values (7, 1, 12.50, 'n', timestamp '2026-01-01 10:00:00'), (8, 99, 3, 'n', timestamp '2026-01-01 10:00:00')`,
    )
    const first = await lab.sync('out')
    assert.deepEqual([first.add, first.heldBy, first.error], [1, { no_key: 1 }, undefined])
    assert.deepEqual(receiver.changes, [
      {
        op: 'add',
        key: { order: '7', who: 'a|b@x' },
        fields: { city: 'Rome', text: 'ROME-n', total: 12.5 },
      },
    ])
    const snapshot = await lab.rows('select key, part_1, part_2, entity_id from sluice.snapshot_out')
    assert.deepEqual(snapshot, [{ key: '7|a\\|b@x', part_1: '7', part_2: 'a|b@x', entity_id: '7|a\\|b@x' }])
    receiver.clear()
    const now = new Date()
    const ago = (hours: number) =>
      new Date(now.getTime() - hours * 3_600_000).toISOString().replace('T', ' ').slice(0, 19)
    await lab.sql(
      'delete from orders',
      `insert into orders values (20, 1, 1, 'n', timestamp '${ago(2)}'), (21, 1, 2, 'n', timestamp '${ago(30)}')`,
    )
    const events = await lab.sync('events')
    assert.deepEqual([events.add, receiver.changes.map(({ key }) => key.order)], [1, ['20']])
    await lab.sql('update orders set total = 5 where id = 20')
    assert.deepEqual([(await lab.sync('events')).unchanged], [1])
    await lab.sql(
      `update orders set placed = timestamp '${ago(40)}' where id = 20`,
      `insert into orders values (22, 1, 1, 'n', timestamp '${ago(1)}')`,
    )
    const moved = await lab.sync('events')
    assert.deepEqual([moved.add, moved.remove, moved.left], [1, 0, 1])
    assert.deepEqual(await lab.rows('select key from sluice.snapshot_events'), [{ key: '22' }])
  })

  test(`${engine}: guards stop a sync before its first request, and an accepted plan is sent as it was`, async (context) => {
    const receiver = await startReceiver(context)
    const lab = await openLab(
      context,
      engine,
      open,
      hooked(receiver.url, 'mode: mirror\n    guard: {max_remove: 2}'),
    )
    await lab.sql(
      TABLE,
      `insert into people values ${Array.from({ length: 9 }, (_, at) => `(${at}, 'p${at}@x', 'A', 1, true)`).join(', ')}`,
    )
    await lab.sync('out')
    receiver.clear()
    await lab.sql('delete from people where id < 3', "update people set city = 'B' where id = 8")
    const plan = await lab.plan('out')
    assert.deepEqual(plan.guard, { name: 'max_remove', limit: 2, value: 3 })
    const stopped = await lab.sync('out')
    assert.deepEqual(
      [stopped.status, stopped.error?.code, stopped.error?.kind, stopped.guard],
      ['guarded', 'SLU5101', 'guard', { name: 'max_remove', limit: 2, value: 3 }],
    )
    assert.deepEqual([receiver.requests.length, stopped.applied, stopped.pending], [0, 0, 4])
    assert.ok(stopped.planId !== undefined && stopped.planId === plan.planId)
    // The model moves on; what was looked at is what is sent.
    await lab.sql("update people set city = 'C' where id = 8")
    const wrong = lab.sync('out', { accept: '00000000' })
    await assert.rejects(wrong, { code: 'SLU5104' })
    const accepted = await lab.sync('out', { accept: stopped.planId })
    assert.deepEqual([accepted.status, accepted.remove, accepted.change, accepted.applied], ['done', 3, 1, 4])
    assert.deepEqual(receiver.rows.get('p8@x'), { city: 'B' })
    assert.equal(receiver.rows.size, 6)
    const after = await lab.sync('out')
    assert.deepEqual([after.change, after.remove], [1, 0])
  })

  test(`${engine}: a plan is not accepted when the snapshot moved since`, async (context) => {
    const receiver = await startReceiver(context)
    const yaml = hooked(receiver.url, 'mode: mirror\n    guard: {max_remove: 0}')
    const lab = await openLab(context, engine, open, yaml)
    await lab.sql(TABLE, "insert into people values (1, 'a@x', 'A', 1, true), (2, 'b@x', 'B', 1, true)")
    await lab.sync('out')
    await lab.sql('delete from people where id = 1')
    const stopped = await lab.sync('out')
    await lab.sql("insert into people values (1, 'a@x', 'A', 1, true), (3, 'c@x', 'C', 1, true)")
    await lab.sync('out')
    const accepted = await lab.sync('out', { accept: stopped.planId })
    assert.deepEqual([accepted.status, accepted.error?.code], ['guarded', 'SLU5103'])
    assert.equal(receiver.rows.has('a@x'), true)
  })

  test(`${engine}: a limit cuts after the guards; the rest is held and comes next time`, async (context) => {
    const receiver = await startReceiver(context)
    const lab = await openLab(context, engine, open, hooked(receiver.url, 'mode: mirror'))
    await lab.sql(
      TABLE,
      `insert into people values ${Array.from({ length: 6 }, (_, at) => `(${at}, 'p${at}@x', 'A', 1, true)`).join(', ')}`,
    )
    const first = await lab.sync('out', { limit: 4 })
    assert.deepEqual([first.add, first.applied, first.held, first.heldBy], [4, 4, 2, { limit: 2 }])
    assert.equal((await lab.sync('out')).add, 2)
    await lab.sql('delete from people where id < 3')
    const cut = await lab.sync('out', { limit: 1 })
    assert.deepEqual([cut.remove, cut.left, cut.applied], [1, 2, 1])
    assert.equal((await lab.sync('out')).remove, 2)
    assert.equal(receiver.rows.size, 3)
  })

  test(`${engine}: another account stops the sync until it is resynced or adopted`, async (context) => {
    const crm = makeCrm()
    const yaml = related(
      '  - {name: out, entity: person, to: crm.contacts, match: {email: email}, map: {city: city}}\n',
    )
    const lab = await openLab(context, engine, open, yaml, crm.connectors)
    await lab.sql(TABLE, "insert into people values (1, 'a@x', 'A', 1, true), (2, 'b@x', 'B', 1, true)")
    const adopted = await lab.sync('out', { adopt: true })
    assert.deepEqual([adopted.status, adopted.add, adopted.applied, crm.changes.length], ['done', 2, 2, 0])
    assert.equal((await lab.sync('out')).unchanged, 2)
    crm.account = 'portal 2'
    assert.equal((await lab.plan('out')).guard?.name, 'account')
    const stopped = await lab.sync('out')
    assert.deepEqual(
      [stopped.status, stopped.error?.code, stopped.guard?.name],
      ['guarded', 'SLU5102', 'account'],
    )
    const resynced = await lab.sync('out', { fullResync: true })
    assert.deepEqual([resynced.change, resynced.applied, crm.contacts.size], [2, 2, 2])
    assert.equal((await lab.sync('out')).unchanged, 2)
  })

  test(`${engine}: batches are cut by count and by bytes, and a row too large for half goes alone`, async (context) => {
    const crm = makeCrm({ batch: { maxItems: 5, maxBytes: 2000 } })
    const yaml = related(
      '  - {name: out, entity: person, to: crm.contacts, match: {email: email}, map: {city: city}}\n',
    )
    const lab = await openLab(context, engine, open, yaml, crm.connectors)
    const sizes = [10, 10, 10, 10, 10, 10, 10, 500, 500, 500, 500, 1500, 10, 10, 900, 900]
    const rows = sizes.map((size, at) => `(${at}, 'p${at + 10}@x', '${'é'.repeat(size / 2)}', 1, true)`)
    await lab.sql(
      'create table people (id integer, email varchar(100), city varchar(2000), score double precision, ok boolean)',
      `insert into people values ${rows.join(', ')}`,
    )
    await lab.sync('out')
    assert.equal(crm.contacts.size, sizes.length)
    for (const batch of crm.batches) {
      assert.ok(batch.changes().length <= 5)
      assert.ok(batch.changes().length === 1 || Buffer.byteLength(batch.changesJson) <= 2000)
    }
    assert.ok(crm.batches.length < sizes.length / 1.5, `${crm.batches.length} batches`)
    const [numbers] = [crm.batches.map(({ batch }) => batch).sort((a, b) => a - b)]
    assert.deepEqual(
      numbers,
      numbers.map((_, at) => at + 1),
    )
  })

  test(`${engine}: insert sends a key once; one whose fate is unknown only where twice is as good as once`, async (context) => {
    const careful = makeCrm({ idempotent: false })
    const yaml = related(
      '  - {name: out, entity: person, to: crm.contacts, mode: insert, match: {email: email}, map: {city: city}}\n',
    )
    const lab = await openLab(context, engine, open, yaml, careful.connectors)
    await lab.sql(TABLE, "insert into people values (1, 'a@x', 'A', 1, true), (2, 'b@x', 'B', 1, true)")
    await lab.sync('out')
    await lab.sql("update people set city = 'C' where id = 1", 'delete from people where id = 2')
    const second = await lab.sync('out')
    assert.deepEqual(
      [second.add, second.change, second.remove, second.unchanged, second.left],
      [0, 0, 0, 1, 1],
    )
    await lab.sql(
      'update sluice.snapshot_out set hash = null',
      'update sluice.snapshots set model_digest = null',
    )
    assert.deepEqual((await lab.sync('out')).heldBy, { unknown_fate: 1 })
  })

  test(`${engine}: a sync that fails does not keep the others`, async (context) => {
    const receiver = await startReceiver(context)
    const yaml =
      `${hooked(receiver.url, '')}  - {name: broken, entity: person, to: gone.rows, match: {email: email}}
`.replace(
        'destinations:\n',
        `destinations:
  - {name: gone, connector: http, settings: {url: "\${NOWHERE}", allow_private_network: true}}
`,
      )
    const lab = await openLab(context, engine, open, yaml)
    await lab.sql(TABLE, "insert into people values (1, 'a@x', 'A', 1, true)")
    const [broken, out] = await lab.syncs(['broken', 'out'])
    assert.deepEqual([broken?.status, broken?.error?.kind], ['failed', 'project'])
    assert.deepEqual([out?.status, out?.applied], ['done', 1])
    const recorded = await lab.rows('select sync, status, applied from sluice.sync_runs order by sync')
    assert.deepEqual(recorded, [
      { sync: 'broken', status: 'failed', applied: 0 },
      { sync: 'out', status: 'done', applied: 1 },
    ])
  })

  test(`${engine}: a sync with a new name takes over what the old one sent`, async (context) => {
    const receiver = await startReceiver(context)
    const lab = await openLab(context, engine, open, hooked(receiver.url, 'mode: mirror'))
    await lab.sql(TABLE, "insert into people values (1, 'a@x', 'A', 1, true), (2, 'b@x', 'B', 1, true)")
    await lab.sync('out')
    receiver.clear()
    await lab.sql('delete from people where id = 2')
    const renamed = hooked(receiver.url, 'mode: mirror\n    renamed_from: out')
    lab.use(renamed.replace('name: out', 'name: outward'))
    const planned = await lab.plan('outward')
    assert.deepEqual([planned.unchanged, planned.remove], [1, 1])
    const result = await lab.sync('outward')
    assert.deepEqual([result.add, result.unchanged, result.remove, result.applied], [0, 1, 1, 1])
    const snapshots = await lab.rows('select sync from sluice.snapshots')
    assert.deepEqual(snapshots, [{ sync: 'outward' }])
  })

  test(`${engine}: a target that refuses to send is planned, and sends nothing`, async (context) => {
    const receiver = await startReceiver(context)
    const target =
      engine === 'duckdb' ? '{type: duckdb, path: x.duckdb' : '{type: postgres, host: h, user: u, database: d'
    const head = `version: 1\nname: lab\ntargets:\n  dev: ${target}, send: refuse}\n`
    const lab = await openLab(context, engine, open, head + hooked(receiver.url, ''))
    await lab.sql(TABLE, "insert into people values (1, 'a@x', 'A', 1, true)")
    assert.equal((await lab.plan('out')).add, 1)
    await assert.rejects(lab.sync('out'), { code: 'SLU7009', kind: 'guard' })
    assert.equal(receiver.requests.length, 0)
  })
})
