import assert from 'node:assert/strict'
import { type Clock, systemClock } from '../../src/base/clock.ts'
import type { makeAdPlatform } from '../support/audience-destination.ts'
import { AUDIENCE_PROJECT, type Contact, email, insertContacts, phone } from '../support/audience-scene.ts'
import type { Random } from '../support/random.ts'
import type { Lab } from '../support/sync-lab.ts'

/** Accounts join records to one person, so mails and telephones may be of several people. */
export const PROJECT = AUDIENCE_PROJECT.replace(
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

export type Contacts = ReadonlyMap<string, Contact>

/**
 * People and requests move at random. `ran` hears of each run; `clean` when whatever was rejected could be tried again,
 * with the contacts as they are then.
 */
export async function playAudience(
  lab: Lab,
  ads: ReturnType<typeof makeAdPlatform>,
  { random, steps }: { readonly random: Random; readonly steps: number },
  {
    ran,
    clean,
  }: {
    readonly ran: () => void
    readonly clean: (contacts: Contacts, told: string) => void
  },
): Promise<void> {
  const contacts = new Map<string, Contact>()
  const sync = async (options: { readonly limit?: number } = {}) => {
    const result = await lab.sync('vips_to_ads', options)
    ran()
    return result
  }
  for (let step = 0; step < steps; step += 1) {
    await moved(lab, random, contacts)
    ads.faults.push(...faults(random))
    ads.refuses =
      random.below(4) === 0
        ? (row) => (random.below(5) === 0 ? `no ${row.index}` : undefined)
        : () => undefined
    await sync(random.below(6) === 0 ? { limit: 1 + random.below(3) } : {})
    ads.faults.length = 0
    ads.refuses = () => undefined
    if (random.below(3) !== 0) continue
    // Rejected rows are tried on the next runs.
    for (let run = 0; run < 2; run += 1) {
      const { status, error } = await sync()
      assert.equal(status, 'done', error?.message)
    }
    clean(contacts, `after step ${step}`)
  }
  assert.equal((await sync()).status, 'done')
  clean(contacts, 'at the end')
  assert.equal((await sync()).sentRows, 0)
}

/** All that finds the people of whom the first record says that they are VIPs. */
export function wanted(contacts: Contacts): readonly string[] {
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

/** Two syncs of one audience, of which one asks for consent, sends again what was sent long ago, and knows telephones. */
export const SHARED = `${PROJECT}    consent: {require: {trait: consents, eq: "yes"}}
    resync: 20 days
  - name: all_to_ads
    entity: customer
    to: ads.audience
    mode: mirror
    match: {id: customer_id}
    identifiers: {email: mail}
    settings: {audience: VIPs}
    guard: {max_remove: 100%, min_rows: 0, max_rejected: 100%}
`

const DAY_MS = 24 * 3_600_000
const HASHED = 'a'.repeat(64)

const person = (id: string, of: Omit<Contact, 'id'>): Contact => ({
  ...{ id, account: id, vip: 'yes', consents: 'yes' },
  ...of,
})

/** Each with the days that pass before it, and whether the platform refuses `refused@example.com`'s person. */
const EDGES: readonly {
  readonly days: number
  readonly people: readonly Contact[]
  readonly refuses: boolean
}[] = edges()

function edges() {
  const ann = person('ann', { mail: 'ann@example.com', phone: '0611111111' })
  const bob = person('bob', { mail: 'bob@example.com', phone: '06 11 11 11 11' })
  const cem = person('cem', { mail: 'cem@example.com', phone: '0622222222' })
  const dan = person('dan', { mail: 'dan@example.com', phone: '0622222222' })
  const eve = person('eve', { mail: 'eve@example.com', phone: '0633333333' })
  const forms = [
    person('f1', { mail: ' ', phone: '+12345678' }),
    person('f2', { mail: ' lead@example.com', phone: HASHED }),
    person('f3', { mail: HASHED, phone: '0033612345678' }),
    person('f4', { phone: `+${'1'.repeat(15)}` }),
    person('f5', { phone: `+${'1'.repeat(16)}`, mail: 'f5@example.com' }),
    person('f6', { phone: 'b'.repeat(63), mail: 'f6@example.com' }),
  ]
  const step = (people: readonly Contact[], days = 1, refuses = false) => ({
    days,
    people: [...people, ...forms],
    refuses,
  })
  const moved = { ...eve, phone: '0611111111' }
  return [
    step([ann, bob, cem, dan, eve]),
    // Each shares a telephone with one who stays; the second may not be kept for the sake of consent.
    step([ann, { ...bob, vip: 'no' }, cem, { ...dan, consents: 'no' }, eve]),
    step([{ ...ann, phone: '0644444444' }, bob, { ...cem, consents: 'no' }, dan, eve]),
    // What one has now is refused until it waits; another one who had the same leaves meanwhile.
    ...[1, 2, 3, 4].map(() => step([bob, cem, dan, moved], 0, true)),
    step([cem, dan, moved], 0, true),
    step([cem, { ...dan, mail: 'cem@example.com' }, moved], 2),
    step([{ ...cem, vip: 'no' }, { ...dan, mail: 'cem@example.com' }, moved], 20),
    step([{ ...cem, mail: 'eve@example.com' }, moved], 1),
  ]
}

/** What chance does not meet, by an oracle that is not asked: what is planned and sent is the same on both engines. */
export async function playAudienceEdges(
  lab: Lab,
  ads: ReturnType<typeof makeAdPlatform>,
  ran: (told: string) => void,
): Promise<void> {
  let movedMs = 0
  const clock: Clock = { ...systemClock, nowMs: () => START_MS + movedMs }
  for (const { days, people, refuses } of EDGES) {
    movedMs += days * DAY_MS
    await lab.sql('delete from contacts', insertContacts(...people))
    ads.refuses = ({ change }) => (refuses && change.op === 'change' ? 'no' : undefined)
    for (const sync of ['vips_to_ads', 'all_to_ads']) {
      const { status, add, change, remove, left, heldBy, rejected } = await lab.sync(sync, { clock })
      const held = [...(ads.held.get('VIPs') ?? [])].sort()
      ran(JSON.stringify([sync, status, add, change, remove, left, heldBy, rejected, held]))
    }
  }
}

const START_MS = Date.parse('2026-01-01T00:00:00.000Z')
