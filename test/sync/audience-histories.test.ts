import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeAdPlatform } from '../support/audience-destination.ts'
import {
  AUDIENCE_PROJECT,
  CONTACTS_TABLE,
  type Contact,
  email,
  insertContacts,
  phone,
} from '../support/audience-scene.ts'
import { forEachEngine } from '../support/engines.ts'
import { Random } from '../support/random.ts'
import { type Lab, openLab } from '../support/sync-lab.ts'

/** Enough for people to merge, split, share and leave many times over, few enough for tests. */
const STEPS = 14
const SEEDS = { duckdb: [1, 2], postgres: [4] } as const

/** Accounts join records to one person, so mails and telephones may be of several people. */
const PROJECT = AUDIENCE_PROJECT.replace(
  'max_remove: 100%',
  'max_remove: 100%, min_rows: 0, max_rejected: 100%',
)
  .replace('{email: {any: [mail, work_mail]}, phone: phone, account: account}', '{account: account}')
  .replace(
    '        email: {normalize: email, ignore: [none@example.com]}\n        phone: {normalize: phone, default_country: FR}\n',
    '        account: {max_records: 100}\n',
  )
  .replace(
    'zip: {from: [contacts.zip]}',
    'zip: {from: [contacts.zip]}\n      mail: {from: [contacts.mail], pick: min}\n      second: {from: [contacts.work_mail], pick: max}\n      mobile: {from: [contacts.phone], pick: min}',
  )
  .replace(
    '{email: email, phone: phone, first_name: first_name, last_name: last_name, zip: zip}',
    '{email: [mail, second], phone: {values: mobile, default_country: FR}}',
  )

forEachEngine((engine, open) => {
  for (const seed of SEEDS[engine])
    test(`${engine}: whatever happens to people and requests, the audience ends as the model is (seed ${seed})`, async (context) => {
      const random = new Random(seed)
      const ads = makeAdPlatform()
      const lab = await openLab(context, engine, open, PROJECT, ads.connectors)
      await lab.sql(CONTACTS_TABLE)
      const contacts = new Map<string, Contact>()
      for (let step = 0; step < STEPS; step += 1) {
        await moved(lab, random, contacts)
        ads.faults.push(...faults(random))
        ads.refuses =
          random.below(4) === 0
            ? (row) => (random.below(5) === 0 ? `no ${row.index}` : undefined)
            : () => undefined
        await lab.sync('vips_to_ads', random.below(6) === 0 ? { limit: 1 + random.below(3) } : {})
        ads.faults.length = 0
        ads.refuses = () => undefined
        if (random.below(3) !== 0) continue
        // Rejected rows are tried on the next runs.
        for (let run = 0; run < 2; run += 1) {
          const clean = await lab.sync('vips_to_ads')
          assert.equal(clean.status, 'done', clean.error?.message)
        }
        assert.deepEqual([...(ads.held.get('VIPs') ?? [])].sort(), wanted(contacts), `after step ${step}`)
      }
      const last = await lab.sync('vips_to_ads')
      assert.equal(last.status, 'done')
      assert.deepEqual([...(ads.held.get('VIPs') ?? [])].sort(), wanted(contacts))
      assert.equal((await lab.sync('vips_to_ads')).sentRows, 0)
    })
})

const MAILS = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => `${name}@example.com`)
const PHONES = ['0611111111', '0622222222', '0633333333']
const ACCOUNTS = ['p', 'q', 'r', 's']

async function moved(lab: Lab, random: Random, contacts: Map<string, Contact>): Promise<void> {
  const statements: string[] = []
  for (let change = 1 + random.below(4); change > 0; change -= 1) {
    const id = String(random.below(10))
    statements.push(`delete from contacts where id = '${id}'`)
    contacts.delete(id)
    if (random.below(4) === 0) continue
    const contact = {
      id,
      account: random.pick(ACCOUNTS),
      vip: random.below(4) === 0 ? 'no' : 'yes',
      // Who has nothing is held as it is, which is another test's.
      mail: random.pick(MAILS),
      ...(random.below(2) === 0 ? {} : { work_mail: random.pick(MAILS) }),
      ...(random.below(2) === 0 ? {} : { phone: random.pick(PHONES) }),
    }
    contacts.set(id, contact)
    statements.push(insertContacts(contact))
  }
  await lab.sql(...statements)
}

/** Requests whose answers are lost, done or not; more than are tried again end the run in the middle. */
function faults(random: Random): ('done' | 'not done')[] {
  return Array.from({ length: [0, 0, 1, 3, 8][random.below(5)] ?? 0 }, () =>
    random.below(2) === 0 ? 'done' : 'not done',
  )
}

/** All that finds the people of whom the first record says that they are VIPs. */
function wanted(contacts: ReadonlyMap<string, Contact>): readonly string[] {
  const people = Map.groupBy(
    [...contacts.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
    ({ account }) => account,
  )
  const tokens = [...people.values()].flatMap((records) => {
    if (records.find(({ vip }) => vip !== undefined)?.vip !== 'yes') return []
    const values = (field: 'mail' | 'work_mail' | 'phone') =>
      records.flatMap((record) => record[field] ?? []).sort()
    const mails = [values('mail')[0], values('work_mail').at(-1)].flatMap((one) =>
      one === undefined ? [] : [email(one)],
    )
    const phones = values('phone')
      .slice(0, 1)
      .map((one) => phone(`+33${one.slice(1)}`))
    return [...mails, ...phones]
  })
  return [...new Set(tokens)].sort()
}
