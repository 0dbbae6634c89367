import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeAdPlatform } from '../support/audience-destination.ts'
import { AUDIENCE_PROJECT, CONTACTS_TABLE, email, insertContacts, phone } from '../support/audience-scene.ts'
import { forEachEngine } from '../support/engines.ts'
import { openLab } from '../support/sync-lab.ts'

forEachEngine((engine, open) => {
  test(`${engine}: a person is in the audience with all that finds it, and leaves with all of it`, async (context) => {
    const ads = makeAdPlatform()
    const lab = await openLab(context, engine, open, AUDIENCE_PROJECT, ads.connectors)
    await lab.sql(
      CONTACTS_TABLE,
      insertContacts(
        { id: '1', mail: ' Ann@Example.com', phone: '06 12 34 56 78', account: 'a', vip: 'yes' },
        { id: '2', mail: 'ann@work.example', work_mail: 'NONE@example.com', account: 'a', vip: 'yes' },
        { id: '3', mail: 'bob@example.com', vip: 'yes' },
        { id: '4', mail: 'no@example.com' },
      ),
    )
    const first = await lab.sync('vips_to_ads')
    assert.deepEqual([first.status, first.add, first.applied], ['done', 2, 2])
    const anns = [email('ann@example.com'), email('ann@work.example'), phone('+33612345678')]
    assert.deepEqual([...(ads.held.get('VIPs') ?? [])].sort(), [...anns, email('bob@example.com')].sort())
    const again = await lab.sync('vips_to_ads')
    assert.deepEqual([again.unchanged, again.sentRows], [2, 0])
    // No field of the profile says it: only the record carries it.
    await lab.sql(`update contacts set work_mail = 'bob@work.example' where id = '3'`)
    const more = await lab.sync('vips_to_ads')
    assert.deepEqual([more.unchanged, more.change], [1, 1])
    assert.equal(ads.held.get('VIPs')?.has(email('bob@work.example')), true)
    await lab.sql(`update contacts set work_mail = null where id = '3'`)
    assert.equal((await lab.sync('vips_to_ads')).change, 1)
    await lab.sql(`update contacts set vip = 'no' where account = 'a'`)
    const second = await lab.sync('vips_to_ads')
    assert.deepEqual([second.remove, second.applied], [1, 1])
    assert.deepEqual([...(ads.held.get('VIPs') ?? [])], [email('bob@example.com')])
  })

  test(`${engine}: what another member still has stays, whoever loses it and however people merge and split`, async (context) => {
    const ads = makeAdPlatform()
    const lab = await openLab(context, engine, open, AUDIENCE_PROJECT, ads.connectors)
    const held = () => [...(ads.held.get('VIPs') ?? [])].sort()
    // A phone that two people share is no reason to take them for one: no identifier of theirs in this project.
    const shared = AUDIENCE_PROJECT.replace('phone: phone, account: account', 'account: account')
      .replace('phone: phone, first', 'phone: {values: mobile, default_country: FR}, first')
      .replace(
        'zip: {from: [contacts.zip]}',
        'zip: {from: [contacts.zip]}\n      mobile: {from: [contacts.phone]}',
      )
      .replace('        phone: {normalize: phone, default_country: FR}\n', '')
    lab.use(shared)
    await lab.sql(
      CONTACTS_TABLE,
      insertContacts(
        { id: '1', mail: 'ann@example.com', phone: '0611111111', vip: 'yes' },
        { id: '2', mail: 'bob@example.com', phone: '06 11 11 11 11', vip: 'yes' },
      ),
    )
    await lab.sync('vips_to_ads')
    const telephone = phone('+33611111111')
    assert.deepEqual(held(), [email('ann@example.com'), email('bob@example.com'), telephone].sort())
    await lab.sql(`update contacts set vip = 'no' where id = '1'`)
    await lab.sync('vips_to_ads')
    assert.deepEqual(held(), [email('bob@example.com'), telephone].sort())
    await lab.sql(`update contacts set phone = null where id = '2'`)
    const changed = await lab.sync('vips_to_ads')
    assert.equal(changed.change, 1)
    assert.deepEqual(held(), [email('bob@example.com')])
    // Two people become one: the one who is gone takes nothing along that the other has now.
    await lab.sql(
      `update contacts set vip = 'yes' where id = '1'`,
      insertContacts({ id: '3', mail: 'cem@example.com', account: 'c', vip: 'yes' }),
    )
    await lab.sync('vips_to_ads')
    await lab.sql(`update contacts set account = 'c' where id in ('2')`)
    const merged = await lab.sync('vips_to_ads')
    assert.deepEqual([merged.change, merged.remove], [1, 1])
    assert.deepEqual(
      held(),
      ['ann', 'bob', 'cem']
        .map((one) => email(`${one}@example.com`))
        .concat(telephone)
        .sort(),
    )
    // And become two again.
    await lab.sql(`update contacts set account = null where id = '3'`)
    const split = await lab.sync('vips_to_ads')
    assert.deepEqual([split.add, split.change, split.remove], [1, 1, 0])
    assert.deepEqual(
      held(),
      ['ann', 'bob', 'cem']
        .map((one) => email(`${one}@example.com`))
        .concat(telephone)
        .sort(),
    )
    await lab.sql(`update contacts set vip = 'no' where id = '3'`)
    await lab.sync('vips_to_ads')
    assert.deepEqual(
      held(),
      ['ann', 'bob']
        .map((one) => email(`${one}@example.com`))
        .concat(telephone)
        .sort(),
    )
  })

  test(`${engine}: what a request put in too late is taken out, of members and of those who are none`, async (context) => {
    const ads = makeAdPlatform()
    const lab = await openLab(context, engine, open, AUDIENCE_PROJECT, ads.connectors)
    await lab.sql(CONTACTS_TABLE, insertContacts({ id: '1', mail: 'ann@example.com', vip: 'yes' }))
    await lab.sync('vips_to_ads')
    const [{ key } = {}] = await lab.rows('select key from sluice.snapshot_vips_to_ads')
    for (const [of, who] of [
      [String(key), 'old@example.com'],
      [String(key), 'older@example.com'],
      ['nobody', 'gone@example.com'],
    ] as const) {
      ads.held.get('VIPs')?.add(email(who))
      await lab.sql(
        `insert into sluice.late_rows (sync, token, key, op, noted_at, identifiers) values ('vips_to_ads', 1, '${of}', 'add', timestamp '2026-01-01 00:00:00', '${email(who)}')`,
      )
    }
    const next = await lab.sync('vips_to_ads')
    assert.deepEqual([next.status, next.change, next.remove], ['done', 1, 1])
    assert.deepEqual([...(ads.held.get('VIPs') ?? [])], [email('ann@example.com')])
  })
})
