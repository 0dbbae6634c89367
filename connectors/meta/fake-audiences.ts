import { objectIn } from '../../src/connector/shapes.ts'
import type { HeldRow } from '../../src/connector/types.ts'
import { invalid, isHash, type Refusal } from './fake-answers.ts'

/** Custom audiences of one ad account. */
export class FakeAudiences {
  readonly all: FakeAudience[] = []
  /** Of the next answer about people who are put in. */
  invalidEntries = 0
  #lastId = 120_210_000_000_000

  add(name: string, subtype = 'CUSTOM'): FakeAudience {
    this.#lastId += 1
    const audience = new FakeAudience(String(this.#lastId), name, subtype)
    this.all.push(audience)
    return audience
  }

  page(query: URLSearchParams): object {
    const from = Number(query.get('after') ?? 0)
    const to = from + Number(query.get('limit') ?? 25)
    const data = this.all.slice(from, to).map((one) => one.node(query.get('fields')))
    const next = to < this.all.length ? { next: 'https://graph.facebook.com/?access_token=next-canary' } : {}
    return { data, paging: { cursors: { before: String(from), after: String(to) }, ...next } }
  }

  make(body: Json): object {
    const { name, subtype, customer_file_source: source } = body
    if (typeof name !== 'string' || name === '') return invalid('(#100) The parameter name is required')
    if (subtype !== 'CUSTOM' || !SOURCES.has(source)) return invalid('(#100) Invalid parameter')
    return { id: this.add(name).id }
  }

  users(id: string, method: string, body: Json): object {
    const audience = this.all.find((one) => one.id === id)
    if (audience === undefined)
      return invalid('Unsupported post request. Object does not exist, or cannot be loaded', 33)
    const answer = audience.users(method, body, this.invalidEntries)
    if (method === 'POST') this.invalidEntries = 0
    return answer
  }
}

type Json = Readonly<Record<string, unknown>>

const SOURCES: ReadonlySet<unknown> = new Set([
  'USER_PROVIDED_ONLY',
  'PARTNER_PROVIDED_ONLY',
  'BOTH_USER_AND_PARTNER_PROVIDED',
])

const MOST_USERS = 10_000

/** By their names in `identifiers`; the others only help. */
const FINDS: ReadonlyMap<string, string> = new Map([
  ['EMAIL', 'email'],
  ['PHONE', 'phone'],
  ['MADID', 'mobile_id'],
  ['EXTERN_ID', 'external_id'],
])

const HASHED: ReadonlySet<string> = new Set([
  ...['EMAIL', 'PHONE', 'GEN', 'DOBY', 'DOBM', 'DOBD', 'LN', 'FN', 'FI', 'CT', 'ST', 'ZIP', 'COUNTRY'],
])

/** One person, as one row told of it: by all of its identifiers at once. */
type Person = ReadonlyMap<string, string>

export class FakeAudience {
  readonly id: string
  readonly name: string
  readonly subtype: string
  status = { code: 200, description: 'Normal' }
  /** The last row of each request with Limited Data Use. */
  limitedRows = 0
  #people: Person[] = []

  constructor(id: string, name: string, subtype: string) {
    this.id = id
    this.name = name
    this.subtype = subtype
  }

  node(fields: string | null): object {
    const all: Json = {
      ...{ id: this.id, name: this.name, subtype: this.subtype, operation_status: this.status },
      approximate_count_lower_bound: this.#people.length,
      delivery_status: { code: 300, description: 'This audience is too small' },
    }
    return Object.fromEntries((fields ?? 'id').split(',').map((name) => [name, all[name]]))
  }

  users(method: string, body: Json, invalidEntries: number): object {
    const { schema, data } = objectIn(body.payload)
    if (this.status.code === 471)
      return invalid('Invalid parameter', 1713230, 'Before updating, resolve the restrictions')
    const refusal = sessionProblem(method, body.session) ?? tableProblem(schema, data)
    if (refusal !== undefined) return refusal
    const rows = (data as readonly unknown[][]).map((row) =>
      (schema as readonly string[]).map((name, at) => [name, row[at]] as const),
    )
    const good = rows.filter((row) => row.every(([name, value]) => isGood(name, value)))
    for (const row of good) {
      const person = personIn(row)
      if (method === 'DELETE') this.#remove(person)
      else this.#put(person)
      if (row.some(([name, value]) => name === 'DATA_PROCESSING_OPTIONS' && String(value) === 'LDU'))
        this.limitedRows += 1
    }
    return {
      ...{ audience_id: this.id, session_id: objectIn(body.session).session_id ?? 1 },
      ...{ num_received: rows.length, num_invalid_entries: rows.length - good.length + invalidEntries },
      invalid_entry_samples: [],
    }
  }

  held(): readonly HeldRow[] {
    const rows = this.#people.flatMap((person) => [...person].map(([kind, value]) => ({ kind, value })))
    const once = new Map(rows.map(({ kind, value }) => [`${kind} ${value}`, { [kind]: value }]))
    return [...once.values()].map((key) => ({ key, fields: {} }))
  }

  /** As rows came, each once. */
  people(): readonly Readonly<Record<string, string>>[] {
    return this.#people.map((person) => Object.fromEntries(person))
  }

  #put(person: Person): void {
    const isThere = this.#people.some((known) => isSame(known, person))
    if (person.size > 0 && !isThere) this.#people.push(person)
  }

  /** Whoever is found by one of them is out, however else the person was known. */
  #remove(person: Person): void {
    this.#people = this.#people.filter(
      (known) => ![...person].some(([kind, value]) => known.get(kind) === value),
    )
  }
}

function sessionProblem(method: string, session: unknown): Refusal | undefined {
  if (method === 'DELETE') return undefined
  const { session_id: id, batch_seq: seq, last_batch_flag: isLast } = objectIn(session)
  const isWhole = Number.isSafeInteger(id) && Number(id) > 0 && seq === 1 && isLast === true
  return isWhole ? undefined : invalid('(#100) Invalid session')
}

function tableProblem(schema: unknown, data: unknown): Refusal | undefined {
  if (!Array.isArray(schema) || !Array.isArray(data) || data.length === 0)
    return invalid('(#100) The parameter payload is required')
  if (data.length > MOST_USERS) return invalid('(#100) Too many users')
  const known = (name: unknown) =>
    HASHED.has(String(name)) || FINDS.has(String(name)) || name === 'DATA_PROCESSING_OPTIONS'
  if (!schema.every(known) || new Set(schema).size !== schema.length) return invalid('(#100) Invalid schema')
  if (data.every((row) => Array.isArray(row) && row.length === schema.length)) return undefined
  return invalid('(#100) Data is missing or does not match schema')
}

/** Unknown is an empty text. */
function isGood(name: string, value: unknown): boolean {
  if (value === '') return true
  if (name === 'MADID') return typeof value === 'string' && /^[0-9a-f-]{36}$/.test(value)
  return HASHED.has(name) ? isHash(value) : true
}

function personIn(row: readonly (readonly [string, unknown])[]): Person {
  return new Map(
    row.flatMap(([name, value]) => {
      const kind = FINDS.get(name)
      return kind === undefined || value === '' ? [] : [[kind, String(value)] as const]
    }),
  )
}

function isSame(one: Person, other: Person): boolean {
  return one.size === other.size && [...one].every(([kind, value]) => other.get(kind) === value)
}
