import type { HeldRow, JsonValue } from '../../src/connector/types.ts'

export type Json = Readonly<Record<string, JsonValue>>

export interface Person {
  readonly id: string
  attributes: Json
  properties: Json
}

/** Attributes that name a profile; the first that matches one wins. */
const IDENTIFIERS = ['email', 'phone_number', 'external_id']

/** The profiles of the fake account, in the order in which they came. */
export class FakePeople {
  readonly #people = new Map<string, Person>()
  /** By `email ada@example.com` and so on: a job of 10,000 profiles looks each of them up. */
  readonly #named = new Map<string, Set<Person>>()
  #last = 0

  get(id: string): Person | undefined {
    return this.#people.get(id)
  }

  /** Addresses are compared without regard to case. */
  by(name: string, values: readonly string[]): readonly Person[] {
    const found = values.flatMap((value) => [...(this.#named.get(nameOf(name, value)) ?? [])])
    return [...new Set(found)]
  }

  all(): readonly Person[] {
    return [...this.#people.values()]
  }

  /** As a bulk import does it: what comes as null is left as it is, and `unset` takes custom properties away. */
  import(attributes: Json, unset: readonly string[]): Person {
    const { properties = {}, ...own } = attributes
    const person = this.#find(own) ?? this.#create()
    this.#change(person, withoutNull(own))
    person.properties = Object.fromEntries(
      Object.entries({ ...person.properties, ...withoutNull(properties as Json) }).filter(
        ([name]) => !unset.includes(name),
      ),
    )
    return person
  }

  /** As an update of one profile does it: null clears. */
  update(person: Person, { properties, ...own }: Json): void {
    this.#change(person, own)
    person.properties = { ...person.properties, ...(properties as Json | undefined) }
  }

  delete(person: Person): void {
    for (const name of namesOf(person)) this.#named.get(name)?.delete(person)
    this.#people.delete(person.id)
  }

  /** As a table: each has the fields that any of them has. */
  held(): readonly HeldRow[] {
    const rows = this.all().map(rowOf)
    const names = new Set(rows.flatMap(({ fields }) => Object.keys(fields)))
    return rows.map(({ key, fields }) => ({
      key,
      fields: Object.fromEntries([...names].map((name) => [name, fields[name] ?? null])),
    }))
  }

  #find(attributes: Json): Person | undefined {
    for (const name of IDENTIFIERS) {
      const value = attributes[name]
      const [person] = typeof value === 'string' ? this.by(name, [value]) : []
      if (person !== undefined) return person
    }
    return undefined
  }

  #change(person: Person, attributes: Json): void {
    for (const name of namesOf(person)) this.#named.get(name)?.delete(person)
    person.attributes = merged(person.attributes, attributes)
    for (const name of namesOf(person)) {
      const people = this.#named.get(name) ?? new Set()
      this.#named.set(name, people.add(person))
    }
  }

  #create(): Person {
    this.#last += 1
    const person = { id: `01PROFILE${this.#last}`, attributes: {}, properties: {} }
    this.#people.set(person.id, person)
    return person
  }
}

/** By the identifier that conformance uses: an address where there is one. */
export function keyOf({ attributes }: Person): HeldRow['key'] {
  const name = IDENTIFIERS.find((one) => typeof attributes[one] === 'string') ?? 'email'
  return { [name]: attributes[name] ?? null }
}

function rowOf(person: Person): HeldRow {
  const key = keyOf(person)
  const { location = {}, ...own } = person.attributes
  const places = Object.entries(location as Json).map(([name, value]) => [`location.${name}`, value] as const)
  const fields: Json = { ...own, ...Object.fromEntries(places), ...person.properties }
  return { key, fields: Object.fromEntries(Object.entries(fields).filter(([name]) => !(name in key))) }
}

function merged(before: Json, now: Json): Json {
  const { location: was = {} } = before
  const { location } = now
  const place = location === undefined ? {} : { location: { ...(was as Json), ...(location as Json) } }
  return { ...before, ...now, ...place }
}

function withoutNull(object: Json): Json {
  const entries = Object.entries(object).flatMap(([name, value]): [string, JsonValue][] => {
    if (value === null) return []
    return [[name, name === 'location' ? withoutNull(value as Json) : value]]
  })
  return Object.fromEntries(entries)
}

function namesOf({ attributes }: Person): readonly string[] {
  return Object.entries(attributes).flatMap(([name, value]) =>
    IDENTIFIERS.includes(name) && typeof value === 'string' ? [nameOf(name, value)] : [],
  )
}

function nameOf(name: string, value: string): string {
  return `${name} ${name === 'email' ? value.toLowerCase() : value}`
}
