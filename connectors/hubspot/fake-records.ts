import type { HeldRow } from '../../src/connector/types.ts'

/** A type of record, and what HubSpot knows of its properties. */
export interface FakeType {
  /** `contacts`, and the id by which HubSpot calls it too. */
  readonly names: readonly string[]
  readonly typeId: string
  /** By which records are found; the first one is the key of samples. */
  readonly unique: readonly string[]
  /** Others that are listed; any property that is not named is a text of the portal's own. */
  readonly texts: readonly string[]
  readonly numbers: readonly string[]
}

type Properties = Readonly<Record<string, string | null>>

export interface FakeRecord {
  readonly id: string
  readonly properties: Properties
}

interface Kept extends FakeRecord {
  /** The property by which it came. */
  readonly cameBy: string
}

/** HubSpot sets them by itself. */
export const READ_ONLY: readonly string[] = ['hs_object_id', 'createdate', 'lastmodifieddate']

/** Records of one type, in the order of their arrival. */
export class FakeRecords {
  readonly type: FakeType
  readonly #byId = new Map<string, Kept>()
  readonly #nextId: () => string
  /** Addresses that may not be used any more. */
  readonly blocked = new Set<string>()

  constructor(type: FakeType, nextId: () => string) {
    this.type = type
    this.#nextId = nextId
  }

  /** By record id when `idProperty` is undefined. A merged contact is found by all its addresses. */
  find(id: string, idProperty: string | undefined): FakeRecord | undefined {
    if (idProperty === undefined) return this.#byId.get(id)
    const isMeant = (properties: Properties) =>
      idProperty === 'email'
        ? addressesIn(properties).includes(id.toLowerCase())
        : properties[idProperty] === id
    return [...this.#byId.values()].find(({ properties }) => isMeant(properties))
  }

  /** Another record that has a unique value of these. */
  rivalOf(
    record: FakeRecord | undefined,
    properties: Readonly<Record<string, string>>,
  ): FakeRecord | undefined {
    const rivals = this.type.unique.map((name) =>
      properties[name] === undefined ? undefined : this.find(properties[name], name),
    )
    return rivals.find((rival) => rival !== undefined && rival.id !== record?.id)
  }

  create(id: string, cameBy: string, properties: Readonly<Record<string, string>>): FakeRecord {
    const key = cameBy === 'email' ? id.toLowerCase() : id
    return this.#keep({ id: this.#nextId(), cameBy, properties: { [cameBy]: key, ...valuesOf(properties) } })
  }

  update({ id }: FakeRecord, properties: Readonly<Record<string, string>>): FakeRecord {
    const before = this.#byId.get(id)
    return this.#keep({
      id,
      cameBy: before?.cameBy ?? '',
      properties: { ...before?.properties, ...valuesOf(properties) },
    })
  }

  remove(id: string): void {
    this.#byId.delete(id)
  }

  held(): readonly HeldRow[] {
    return [...this.#byId.values()].map(({ cameBy, properties }) => {
      const { [cameBy]: key, ...fields } = properties
      return { key: { [cameBy]: key ?? null }, fields }
    })
  }

  #keep(record: Kept): FakeRecord {
    this.#byId.set(record.id, record)
    return record
  }
}

/** An empty text clears a property. */
function valuesOf(properties: Readonly<Record<string, string>>): Properties {
  return Object.fromEntries(
    Object.entries(properties).map(([name, value]) => [name, value === '' ? null : value]),
  )
}

function addressesIn({ email, hs_additional_emails: others }: Properties): readonly string[] {
  return [email ?? '', ...(others ?? '').split(';')].map((address) => address.trim().toLowerCase())
}
