import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { adManifest, makeAdPlatform } from '../support/audience-destination.ts'
import { AUDIENCE_PROJECT, CONTACTS_TABLE, email, insertContacts, sha } from '../support/audience-scene.ts'
import { forEachEngine } from '../support/engines.ts'
import { openLab } from '../support/sync-lab.ts'

const DAY_MS = 24 * 60 * 60 * 1000

forEachEngine((engine, open) => {
  test(`${engine}: who has no identifier is held, and who loses the last one stays as it is`, async (context) => {
    const ads = makeAdPlatform()
    const lab = await openLab(context, engine, open, AUDIENCE_PROJECT, ads.connectors)
    await lab.sql(
      CONTACTS_TABLE,
      insertContacts(
        { id: '1', mail: 'ann@example.com', account: 'a', vip: 'yes', first_name: 'Ann' },
        { id: '2', account: 'b', vip: 'yes', first_name: 'Bob' },
      ),
    )
    const first = await lab.sync('vips_to_ads')
    assert.deepEqual([first.add, first.held, first.heldBy], [1, 1, { no_identifier: 1 }])
    await lab.sql(`update contacts set mail = null where id = '1'`)
    const second = await lab.sync('vips_to_ads')
    assert.deepEqual([second.held, second.heldBy, second.remove], [2, { no_identifier: 2 }, 0])
    assert.deepEqual([...(ads.held.get('VIPs') ?? [])], [email('ann@example.com')])
  })

  test(`${engine}: parts find people together only, and details go beside in their hashed form`, async (context) => {
    const ads = makeAdPlatform()
    const lab = await openLab(context, engine, open, AUDIENCE_PROJECT, ads.connectors)
    await lab.sql(
      CONTACTS_TABLE,
      insertContacts(
        { id: '1', account: 'a', vip: 'yes', first_name: ' Ann', last_name: 'Noble', zip: 'SW1A 1AA' },
        { id: '2', mail: 'bob@example.com', vip: 'yes', last_name: 'Noble' },
      ),
    )
    await lab.sync('vips_to_ads')
    const sent = ads.batches.flatMap((batch) => batch.changes())
    const ann = sent.find(({ fields }) => fields.first_name !== null)
    assert.equal(ann?.fields.first_name, sha('ann'))
    assert.equal(ann?.identifiers, `address:${sha('noble')}|SW1A%201AA`)
    assert.deepEqual(sent.map(({ identifiers }) => identifiers?.split(':')[0]).sort(), ['address', 'email'])
  })

  test(`${engine}: a detail that a platform wants to read goes as people write it`, async (context) => {
    const ads = makeAdPlatform(adManifest(0, undefined, 'linkedin.first_name@1'))
    const lab = await openLab(context, engine, open, AUDIENCE_PROJECT, ads.connectors)
    const contact = { mail: 'ann@example.com', vip: 'yes', first_name: ' Ann 100% Mary|"Sue"' }
    await lab.sql(CONTACTS_TABLE, insertContacts({ id: '1', ...contact }))
    await lab.sync('vips_to_ads')
    const [sent] = ads.batches.flatMap((batch) => batch.changes())
    assert.equal(sent?.fields.first_name, 'Ann 100% Mary|"Sue"')
  })

  test(`${engine}: nothing plain is in requests, plan or snapshot, the key included`, async (context) => {
    const ads = makeAdPlatform()
    const project = AUDIENCE_PROJECT.replace('match: {id: customer_id}', 'match: {id: mail}').replace(
      'vip: {from: [contacts.vip]}',
      'vip: {from: [contacts.vip]}\n      mail: {from: [contacts.mail]}',
    )
    const lab = await openLab(context, engine, open, project, ads.connectors)
    await lab.sql(
      CONTACTS_TABLE,
      insertContacts(
        { id: '1', mail: 'canary1@example.com', phone: '0611111111', vip: 'yes' },
        { id: '2', mail: 'canary2@example.com', phone: '0622222222', vip: 'yes' },
      ),
    )
    await lab.sync('vips_to_ads', { limit: 1 })
    // A plan that a guard stops is kept as it is.
    lab.use(project.replace('max_remove: 100%', 'max_change: 0, max_remove: 0, max_held: 0'))
    await lab.sql(`update contacts set phone = '0633333333'`)
    assert.equal((await lab.sync('vips_to_ads')).status, 'guarded')
    const tables = await lab.rows(
      `select table_name as name from information_schema.tables where table_schema = 'sluice' and (table_name like 'plan_vips%' or table_name like 'snapshot_vips%' or table_name in ('receipts', 'plans', 'snapshots'))`,
    )
    assert.ok(tables.length >= 4, 'a table of the plan and one of the snapshot')
    const told = [...ads.batches.map(({ changesJson }) => changesJson), ...lab.warnings]
    for (const { name } of tables) {
      const rows = await lab.rows(`select * from sluice.${name}`)
      told.push(JSON.stringify(rows, (_, value) => (typeof value === 'bigint' ? String(value) : value)))
    }
    assert.match(told.join('\n'), new RegExp(sha('canary1@example.com')))
    assert.doesNotMatch(told.join('\n'), /canary|0?6[123]{8}|\+336/)
  })

  test(`${engine}: an audience that would become too small keeps who left, and says so`, async (context) => {
    const ads = makeAdPlatform(adManifest(3))
    const lab = await openLab(context, engine, open, AUDIENCE_PROJECT, ads.connectors)
    const people = ['ann', 'bob', 'cem'].map((name, index) => {
      return { id: String(index), mail: `${name}@example.com`, vip: 'yes', consents: 'yes' }
    })
    await lab.sql(CONTACTS_TABLE, insertContacts(...people))
    await lab.sync('vips_to_ads')
    assert.deepEqual(lab.warnings, [])
    await lab.sql(`update contacts set vip = 'no' where id = '0'`)
    const small = await lab.sync('vips_to_ads')
    assert.deepEqual([small.remove, small.left], [0, 1])
    assert.match(
      lab.warnings.join('\n'),
      /1 who left the model stays in the audience \(below_fewest\), because Ads refuses/,
    )
    assert.match(lab.warnings.join('\n'), /2 members are fewer than the 3 people/)
    const receipts = await lab.rows(
      `select status, reason, op from sluice.receipts where sync = 'vips_to_ads'`,
    )
    assert.deepEqual(receipts, [{ status: 'left', reason: 'below_fewest', op: 'left' }])
    assert.equal(ads.held.get('VIPs')?.size, 3)
    await lab.sql(insertContacts({ id: '9', mail: 'dan@example.com', vip: 'yes', consents: 'yes' }))
    // Who leaves goes before who comes, so it would still be too small in between.
    const growing = await lab.sync('vips_to_ads')
    assert.deepEqual([growing.add, growing.remove, growing.applied], [1, 0, 1])
    const grown = await lab.sync('vips_to_ads')
    assert.deepEqual([grown.add, grown.remove, grown.applied], [0, 1, 1])
    assert.equal(ads.held.get('VIPs')?.size, 3)
    // Who withdraws consent goes, however small it becomes.
    lab.use(`${AUDIENCE_PROJECT}    consent: {require: {trait: consents, eq: "yes"}}\n`)
    await lab.sql(`update contacts set consents = 'no' where id = '1'`)
    const refused = await lab.sync('vips_to_ads')
    assert.deepEqual([refused.remove, refused.heldBy], [1, { consent: 1 }])
    assert.equal(ads.held.get('VIPs')?.has(email('bob@example.com')), false)
  })

  test(`${engine}: another version of a rule sends all members again, and takes their old hashes out`, async (context) => {
    const before = makeAdPlatform(adManifest(0, 'google.email@1'))
    const lab = await openLab(context, engine, open, AUDIENCE_PROJECT, before.connectors)
    await lab.sql(
      CONTACTS_TABLE,
      insertContacts(
        { id: '1', mail: 'a.n.n@gmail.com', vip: 'yes' },
        { id: '2', mail: 'bob@example.com', vip: 'yes' },
      ),
    )
    await lab.sync('vips_to_ads')
    // As if the rules of today were the next version of those that the snapshot was made by.
    await lab.sql(
      `update sluice.snapshots set rulesets = replace(rulesets, 'google.email@1', 'meta.email@0')`,
    )
    const entry = makeAdPlatform(adManifest(0))
    const [, connector] = [...entry.connectors][0] ?? []
    assert.ok(connector !== undefined)
    ;(before.connectors as Map<string, typeof connector>).set('ads', connector)
    entry.held.set('VIPs', new Set(before.held.get('VIPs')))
    lab.use(AUDIENCE_PROJECT)
    const plan = await lab.plan('vips_to_ads')
    assert.equal(plan.change, 2, JSON.stringify([plan, plan.error?.message, lab.warnings]))
    assert.match(
      lab.warnings.join('\n'),
      /the rules by which identifiers are hashed changed \(meta\.email@0 -> meta\.email@1\), so every member is sent again/,
    )
    await lab.sync('vips_to_ads')
    assert.deepEqual(
      [...(entry.held.get('VIPs') ?? [])].sort(),
      [email('a.n.n@gmail.com'), email('bob@example.com')].sort(),
    )
    lab.warnings.length = 0
    assert.equal((await lab.sync('vips_to_ads')).unchanged, 2)
    assert.deepEqual(lab.warnings, [])
  })

  test(`${engine}: members are sent again before the platform forgets them`, async (context) => {
    const ads = makeAdPlatform()
    const project = AUDIENCE_PROJECT.replace('{audience: VIPs}', '{audience: VIPs, days: 40}')
    const lab = await openLab(context, engine, open, project, ads.connectors)
    await lab.sql(CONTACTS_TABLE, insertContacts({ id: '1', mail: 'ann@example.com', vip: 'yes' }))
    await lab.sync('vips_to_ads')
    const later = (days: number) => ({ ...systemClock, nowMs: () => systemClock.nowMs() + days * DAY_MS })
    assert.equal((await lab.sync('vips_to_ads', { clock: later(35) })).change, 0)
    const resent = await lab.sync('vips_to_ads', { clock: later(37) })
    assert.deepEqual([resent.change, resent.resync, resent.applied], [1, 1, 1])
  })

  test(`${engine}: two syncs of one audience take out only what neither has`, async (context) => {
    const ads = makeAdPlatform()
    const other = `  - name: all_to_ads
    entity: customer
    to: ads.audience
    mode: mirror
    match: {id: customer_id}
    identifiers: {email: email}
    settings: {audience: VIPs}
    guard: {max_remove: 100%}
`
    const project = AUDIENCE_PROJECT.replace('max_remove: 100%', 'max_remove: 100%, min_rows: 0')
    const lab = await openLab(context, engine, open, project + other, ads.connectors)
    await lab.sql(
      CONTACTS_TABLE,
      insertContacts({ id: '1', mail: 'ann@example.com', phone: '0611111111', vip: 'yes' }),
    )
    await lab.syncs(['vips_to_ads', 'all_to_ads'])
    assert.equal(ads.held.get('VIPs')?.size, 2)
    await lab.sql(`update contacts set vip = 'no'`)
    const [vips] = await lab.syncs(['vips_to_ads', 'all_to_ads'])
    assert.deepEqual(
      [vips?.remove, vips?.applied],
      [1, 1],
      JSON.stringify([vips, vips?.error?.message, lab.warnings]),
    )
    assert.deepEqual([...(ads.held.get('VIPs') ?? [])], [email('ann@example.com')])
    await lab.sql('delete from contacts')
    lab.use(project + other.replace('max_remove: 100%', 'max_remove: 100%, min_rows: 0'))
    await lab.sync('all_to_ads')
    assert.deepEqual([...(ads.held.get('VIPs') ?? [])], [])
  })

  test(`${engine}: what a platform says of an audience, and counts as invalid, stands with the run`, async (context) => {
    const ads = makeAdPlatform()
    ads.status = { size: 1, matchRate: 0.5, state: 'READY' }
    ads.invalid = 3
    const lab = await openLab(context, engine, open, AUDIENCE_PROJECT, ads.connectors)
    await lab.sql(
      CONTACTS_TABLE,
      insertContacts(
        { id: '1', mail: 'ann@example.com', vip: 'yes' },
        { id: '2', mail: 'bob@example.com', vip: 'yes' },
      ),
    )
    const result = await lab.sync('vips_to_ads')
    assert.deepEqual([result.status, result.invalid, result.rejected], ['done', 3, 0])
    assert.deepEqual(result.audience, {
      account: 'ads 1, VIPs',
      members: 2,
      size: 1,
      matchRate: 0.5,
      state: 'READY',
    })
    const rows = await lab.rows(
      'select sync, destination, account, members, size, match_rate, state from sluice.audience_status',
    )
    assert.deepEqual(
      rows.map((row) => ({ ...row, members: Number(row.members), size: Number(row.size) })),
      [
        {
          sync: 'vips_to_ads',
          destination: 'ads',
          account: 'ads 1, VIPs',
          members: 2,
          size: 1,
          match_rate: 0.5,
          state: 'READY',
        },
      ],
    )
    const [{ invalid } = {}] = await lab.rows('select invalid from sluice.sync_runs')
    assert.equal(Number(invalid), 3)
  })

  test(`${engine}: events go out once with what finds their people, by a click where nothing else does`, async (context) => {
    const ads = makeAdPlatform()
    const project = `
sources:
  - {name: contacts, table: contacts, primary_key: id}
  - {name: orders, table: orders, primary_key: id, occurred_at: done_at, belongs_to: {contacts: contact}}
entities:
  - name: customer
    identity: {from: [{source: contacts, ids: {email: {any: [mail, work_mail]}}}]}
destinations:
  - {name: ads, connector: ads}
syncs:
  - name: orders_to_ads
    source: orders
    to: ads.events
    mode: insert
    match: {event_id: id}
    map: {event_name: {value: Purchase}, value: total, click: click}
    identifiers: {email: customer.email}
    within: 7 days
`
    const lab = await openLab(context, engine, open, project, ads.connectors)
    const at = (days: number) =>
      new Date(Date.now() - days * DAY_MS).toISOString().slice(0, 19).replace('T', ' ')
    await lab.sql(
      CONTACTS_TABLE,
      insertContacts({ id: '1', mail: 'Ann@example.com', work_mail: 'ann@work.example' }, { id: '2' }),
      'create table orders (id varchar(10), contact varchar(10), total decimal(10,2), click varchar(20), done_at timestamp)',
      `insert into orders values ('o1', '1', 12.5, null, '${at(1)}'), ('o2', '2', 1, 'c1', '${at(2)}'), ('o3', '2', 1, null, '${at(2)}'), ('o4', '1', 9, null, '${at(8)}')`,
    )
    const first = await lab.sync('orders_to_ads')
    assert.deepEqual([first.add, first.heldBy], [2, { no_identifier: 1 }])
    const sent = ads.events.flatMap(
      (json) => JSON.parse(json) as { key: { event_id: string }; identifiers?: string; fields: object }[],
    )
    const both = [email('ann@example.com'), email('ann@work.example')].sort().join(' ')
    assert.deepEqual(
      sent.map(({ key, identifiers, fields }) => ({ id: key.event_id, identifiers, fields })),
      [
        { id: 'o1', identifiers: both, fields: { click: null, event_name: 'Purchase', value: 12.5 } },
        { id: 'o2', identifiers: undefined, fields: { click: 'c1', event_name: 'Purchase', value: 1 } },
      ],
    )
    assert.equal((await lab.sync('orders_to_ads')).sentRows, 0)
  })
})
