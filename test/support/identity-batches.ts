import type { IdentityLab } from './identity-lab.ts'
import type { Random } from './random.ts'

/** Two sources of records, one of events whose removals are looked for, limits that are met, and values that are ignored. */
export const PEOPLE_YAML = `
sources:
  - {name: contacts, table: data.contacts, primary_key: id}
  - {name: accounts, table: data.accounts, primary_key: [tenant, id]}
  - {name: visits, table: data.visits, primary_key: id, occurred_at: seen_at, detect_removals: true}
entities:
  - name: person
    identity:
      from:
        - {source: contacts, ids: {email: {any: [email, other]}, phone: phone}}
        - {source: accounts, ids: {email: email, account: [tenant, id]}}
        - {source: visits, ids: {email: email, cookie: cookie}}
      identifiers:
        email: {normalize: email, max_records: 4, ignore: ["none"], ignore_patterns: ["^bot"]}
        phone: {max_records: 3}
        cookie: {max_records: 2, ignore: ["c0", " c0"]}
`

export interface PeopleRow {
  readonly id: string
  readonly values: readonly (string | null)[]
}

export interface PeopleData {
  readonly contacts: readonly PeopleRow[]
  readonly accounts: readonly PeopleRow[]
  readonly visits: readonly PeopleRow[]
}

/** What batches remember of each other. */
export interface Changes {
  next: number
  /** Rows that may come back. */
  readonly gone: [keyof PeopleData, PeopleRow][]
}

const COLUMNS = {
  contacts: ['id', 'email', 'other', 'phone'],
  accounts: ['tenant', 'id', 'email'],
  visits: ['id', 'email', 'cookie', 'seen_at'],
} as const

export async function loadData(lab: IdentityLab, data: PeopleData): Promise<void> {
  for (const source of ['contacts', 'accounts', 'visits'] as const)
    await lab.load(
      source,
      COLUMNS[source],
      data[source].map((row) => cellsOf(source, row)),
    )
}

/** At most so many rows a source come, change, go and come back. */
export function changedData(random: Random, data: PeopleData, changes: Changes, most: number): PeopleData {
  const one = (source: keyof PeopleData): readonly PeopleRow[] => {
    const rows = [...data[source]]
    for (let left = random.below(most + 1); left > 0; left -= 1) {
      const dice = random.below(100)
      const at = random.below(Math.max(1, rows.length))
      const row = rows[at]
      if (dice < 50 || row === undefined) {
        changes.next += 1
        rows.push({ id: `${source}${changes.next}`, values: valuesOf(random, source) })
      } else if (dice < 70) rows[at] = { id: row.id, values: valuesOf(random, source) }
      else if (dice < 90) {
        rows.splice(at, 1)
        changes.gone.push([source, row])
      } else comeBack(random, source, rows, changes)
    }
    return random.shuffled(rows)
  }
  return { contacts: one('contacts'), accounts: one('accounts'), visits: one('visits') }
}

/** All tables of `person` as sorted lists of rows, but for what only says how often something was counted. */
export async function publishedState(
  lab: IdentityLab,
  schema: string,
): Promise<Readonly<Record<string, readonly string[]>>> {
  const state: Record<string, readonly string[]> = {}
  for (const [table, columns] of Object.entries(TABLES)) {
    const rows = await lab.rows(`select ${columns} from ${schema}.person_${table}`)
    const texts = rows.map((row) => Object.values(row).map(String).join(' '))
    state[table] = texts.sort()
  }
  return state
}

const TABLES = {
  identity: 'source, record_id, person_id',
  merges: 'from_id, into_id, run_id, merged_at',
  splits: 'from_id, into_id, run_id, split_at',
  refused: 'identifier, value_hash, value, reason, records',
  nodes:
    'source, node_key, first_run, rank_hash, owned_id, entity_id, node_hash, entity_hash, content_hash, is_anchor',
  node_ids: 'r, t, x, y',
  node_rows: 'source, row_hash, content_hash, node_hash',
  stitch: 'form, engine, rules, salt, records, entities, repeated_keys',
}

function comeBack(random: Random, source: keyof PeopleData, rows: PeopleRow[], changes: Changes): void {
  const places = changes.gone.flatMap(([from], place) => (from === source ? [place] : []))
  if (places.length === 0) return
  const [found] = changes.gone.splice(random.pick(places), 1)
  if (found !== undefined) rows.push(found[1])
}

function valuesOf(random: Random, source: keyof PeopleData): readonly (string | null)[] {
  const email = () => {
    const dice = random.below(20)
    if (dice < 5) return null
    if (dice === 5) return random.pick(['none', ' NONE ', 'bot1', 'bot2'])
    const text = `e${random.below(24)}`
    return random.chance(10) ? ` ${text.toUpperCase()}` : text
  }
  const other = (kind: string, of: number) => (random.chance(40) ? null : `${kind}${random.below(of)}`)
  switch (source) {
    case 'contacts':
      return [email(), random.chance(80) ? null : email(), other('p', 12)]
    case 'accounts':
      return [email()]
    case 'visits':
      // Some say the same of others: events with the same identifiers are one node.
      if (random.chance(20)) return [`e${random.below(3)}`, `c${1 + random.below(2)}`]
      return [email(), other('c', 10)]
  }
}

function cellsOf(source: keyof PeopleData, { id, values }: PeopleRow): readonly (string | null)[] {
  switch (source) {
    case 'contacts':
      return [id, ...values]
    case 'accounts':
      return [`t|${Number(id.replace(/\D/g, '')) % 2}`, id, ...values]
    case 'visits':
      return [id, ...values, '2025-06-01']
  }
}
