import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { Random } from '../../test/support/random.ts'

/** One table of records: its columns beside `id`, and how often each is filled. */
export interface RecordsTable {
  readonly name: string
  /** Of 100 records. */
  readonly share: number
  readonly ids: readonly Filled[]
}

interface Filled {
  readonly type: IdentifierType
  /** Of 100 records. */
  readonly percent: number
}

type IdentifierType = 'email' | 'phone' | 'user_id' | 'device'

/** Four sources: 1.65 identifiers a record, as in the measurements that the goals come from. */
export const TABLES: readonly RecordsTable[] = [
  {
    name: 'contacts',
    share: 30,
    ids: [
      { type: 'email', percent: 92 },
      { type: 'phone', percent: 60 },
      { type: 'user_id', percent: 30 },
    ],
  },
  {
    name: 'orders',
    share: 30,
    ids: [
      { type: 'email', percent: 88 },
      { type: 'user_id', percent: 62 },
    ],
  },
  {
    name: 'app_users',
    share: 20,
    ids: [
      { type: 'user_id', percent: 92 },
      { type: 'device', percent: 90 },
    ],
  },
  {
    name: 'tickets',
    share: 20,
    ids: [
      { type: 'email', percent: 65 },
      { type: 'phone', percent: 82 },
    ],
  },
]

/**
 * Writes `<folder>/<table>.csv` (`id`, then a column an identifier type) until there are so many identifier values.
 * People have few records or, rarely, many (a power law); half a percent share an e-mail address of a firm, six a
 * household's phone, one a device. Same seed, same files.
 */
export async function writePeople(folder: string, values: number, seed: number): Promise<void> {
  const files = new Map(TABLES.map(({ name }) => [name, createWriteStream(join(folder, `${name}.csv`))]))
  const random = new Random(seed)
  let written = 0
  let record = 0
  for (let person = 0; written < values; person += 1)
    for (let left = recordsOf(random); left > 0 && written < values; left -= 1) {
      record += 1
      const table = tableAt(random.below(100))
      const cells = table.ids.map(({ type, percent }) =>
        random.chance(percent) ? cellOf(random, type, person) : '',
      )
      written += cells.filter((cell) => cell !== '').length
      const file = files.get(table.name)
      if (file?.write(`${table.name.slice(0, 1)}-${record},${cells.join(',')}\n`) === false)
        await once(file, 'drain')
    }
  for (const file of files.values()) {
    file.end()
    await once(file, 'finish')
  }
}

/** How steep the power law is: 2.05 records a person on average. */
const EXPONENT = 1.7
const MOST_RECORDS = 200

function recordsOf(random: Random): number {
  const share = (random.below(1_000_000) + 1) / 1_000_000
  return Math.min(MOST_RECORDS, Math.floor(share ** (-1 / EXPONENT)))
}

function tableAt(place: number): RecordsTable {
  let end = 0
  for (const table of TABLES) {
    end += table.share
    if (place < end) return table
  }
  throw new Error('expected shares of 100 in all')
}

/** Made from the person's number alone, but for the choice between several and the way of writing. */
function cellOf(random: Random, type: IdentifierType, person: number): string {
  const luck = scattered(person)
  switch (type) {
    case 'email':
      return email(random, person, luck)
    case 'phone':
      return phone(random, luck % 100 < 6 ? person - (person % 3) : person)
    case 'user_id':
      return `u${(person * 7919) % 1_000_000_007}`
    case 'device':
      return device(luck % 100 === 7 ? person - (person % 4) : person)
  }
}

function email(random: Random, person: number, luck: number): string {
  if (luck % 1000 < 5) return `office${person - (person % 2000)}@firm.example`
  const second = luck % 5 === 0 && random.chance(40)
  const text = `person.${person}${second ? '.home' : ''}@mail${luck % 40}.example`
  return random.chance(10) ? ` ${text.toUpperCase()}` : text
}

function phone(random: Random, person: number): string {
  const digits = String(600_000_000 + (person % 100_000_000))
  return random.chance(50) ? `0${digits.replace(/(\d)(\d\d)(\d{3})(\d{3})/, '$1 $2 $3 $4')}` : `+33${digits}`
}

function device(person: number): string {
  return `device-${scattered(person).toString(16)}-${person}`
}

function scattered(person: number): number {
  const mixed = Math.imul(person ^ (person >>> 16), 0x45d9f3b)
  return (mixed ^ (mixed >>> 15)) >>> 0
}
