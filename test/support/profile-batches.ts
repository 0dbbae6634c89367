import type { IdentityLab } from './identity-lab.ts'
import type { Random } from './random.ts'

/** Fields of every pick rule, over records, events and what reaches them through one another; no traits. */
export const PROFILES_YAML = `
sources:
  - {name: contacts, table: data.contacts, primary_key: id, updated_at: updated_at}
  - {name: accounts, table: data.accounts, primary_key: [tenant, id]}
  - {name: visits, table: data.visits, primary_key: id, occurred_at: seen_at, detect_removals: true}
  - {name: clicks, table: data.clicks, primary_key: id, belongs_to: {visits: visit_id}}
  - {name: notes, table: data.notes, primary_key: id, occurred_at: written_at, belongs_to: {contacts: contact_id}}
entities:
  - name: person
    identity:
      from:
        - {source: contacts, ids: {email: email, phone: phone}}
        - {source: accounts, ids: {email: email}}
        - {source: visits, ids: {email: email, cookie: cookie}}
      identifiers:
        email: {normalize: email, max_records: 5}
        cookie: {max_records: 3}
    profile:
      email: {from: [contacts.email, accounts.email, visits.email], pick: most_recent}
      name: {from: [accounts.name, contacts.name], pick: longest}
      city: {from: [contacts.city, visits.city], pick: most_frequent}
      plan: {from: [accounts.plan, contacts.city], pick: first_source}
      first_visit: {from: [visits.seen_at], pick: min}
      age: {from: [contacts.age_n], pick: max}
      button: {from: [clicks.button], pick: most_frequent}
      note: {from: [notes.text], pick: most_frequent}
      last_note: {from: [notes.written_at], pick: most_recent}
segments:
  - {name: grown, entity: person, where: {trait: age, gte: 18}}
  - {name: visitors, entity: person, where: {event: visits, where: {column: city, eq: c1}}}
`

/** The same, where the profile is more than its fields. */
export const TRAITS_YAML = `${PROFILES_YAML}
traits:
  - {name: visits_of, entity: person, count: visits}
  - {name: late_clicks, entity: person, count: clicks, within: 1 day}
  - {name: kind, entity: person, case: [{when: {all: [{trait: age, gte: 30}, {trait: visits_of, gte: 1}]}, then: old}, {when: {segment: grown}, then: grown}, {else: young}]}
`

const COLUMNS = {
  contacts: ['id', 'email', 'phone', 'name', 'city', 'age_n', 'updated_at'],
  accounts: ['tenant', 'id', 'email', 'name', 'plan'],
  visits: ['id', 'email', 'cookie', 'city', 'seen_at'],
  clicks: ['id', 'visit_id', 'button'],
  notes: ['id', 'contact_id', 'text', 'written_at'],
} as const

type SourceName = keyof typeof COLUMNS
type Cells = readonly (string | number | null)[]

/** The same, where every stitch is a full one. */
export const LIMITED_YAML = PROFILES_YAML.replace(
  '      identifiers:\n',
  '      identifiers:\n        phone: {max_per_entity: 1}\n',
)

/** The rows of each source; the key stands first, that of accounts in two columns. */
export type ProfileData = Readonly<Record<SourceName, readonly Cells[]>>

export const NOTHING: ProfileData = { contacts: [], accounts: [], visits: [], clicks: [], notes: [] }

const SOURCES = Object.keys(COLUMNS) as readonly SourceName[]

export async function loadProfiles(lab: IdentityLab, data: ProfileData): Promise<void> {
  for (const source of SOURCES) await lab.load(source, COLUMNS[source], data[source])
}

/** At most so many rows a source come, change in one column, go, or are there twice. */
export function changedProfiles(random: Random, data: ProfileData, most: number): ProfileData {
  const all = SOURCES.map((source) => [source, changedRows(random, source, data[source], most)] as const)
  return Object.fromEntries(all) as ProfileData
}

function changedRows(
  random: Random,
  source: SourceName,
  before: readonly Cells[],
  most: number,
): readonly Cells[] {
  const rows = [...before]
  for (let left = random.below(most + 1); left > 0; left -= 1) {
    const dice = random.below(100)
    const at = random.below(Math.max(1, rows.length))
    const row = rows[at]
    if (dice < 45 || row === undefined) rows.push(rowOf(random, source, freeKey(random, rows, source)))
    else if (dice < 75) rows[at] = withOther(random, source, row)
    // A row of an event that nothing belongs to may be delivered twice.
    else if (dice < 85 && source === 'notes') rows.push(row)
    else rows.splice(at, 1)
  }
  return random.shuffled(rows)
}

/** Keys come back after a while. */
function freeKey(random: Random, rows: readonly Cells[], source: SourceName): string {
  const place = COLUMNS[source].indexOf('id' as never)
  const taken = new Set(rows.map((row) => row[place]))
  for (;;) {
    const key = `${source.slice(0, 1)}${random.below(60)}`
    if (!taken.has(key)) return key
  }
}

function withOther(random: Random, source: SourceName, row: Cells): Cells {
  const place = keyLength(source) + random.below(row.length - keyLength(source))
  const other = rowOf(random, source, String(row[keyLength(source) - 1]))
  return row.map((cell, at) => (at === place ? (other[at] ?? null) : cell))
}

function keyLength(source: SourceName): number {
  return source === 'accounts' ? 2 : 1
}

function rowOf(random: Random, source: SourceName, key: string): Cells {
  const some = (kind: string, of: number, absent = 25) =>
    random.chance(absent) ? (random.chance(20) ? '' : null) : `${kind}${random.below(of)}`
  const email = () => (random.chance(10) ? ` E${random.below(20)} ` : some('e', 20))
  switch (source) {
    case 'contacts':
      return [
        key,
        email(),
        some('p', 14),
        some('n'.repeat(1 + random.below(4)), 5),
        some('c', 3),
        random.chance(20) ? null : random.below(60),
        random.chance(20) ? null : timeOf(random),
      ]
    case 'accounts':
      return [`t|${Number(key.slice(1)) % 2}`, key, email(), some('name', 5), some('plan', 3)]
    case 'visits':
      return [key, email(), some('k', 12), some('c', 3), timeOf(random)]
    case 'clicks':
      return [key, `v${random.below(60)}`, some('b', 3)]
    case 'notes':
      return [key, `c${random.below(60)}`, some('text', 9), timeOf(random)]
  }
}

/** Around the time of the builds, which see only what was before; few, so that there are ties. */
function timeOf(random: Random): string {
  const seconds = random.below(6) * 10
  return `2026-01-01 00:00:${String(seconds).padStart(2, '0')}`
}
