import type { HeldRow, JsonValue } from '../../src/connector/types.ts'

type Entry = Readonly<Record<string, JsonValue>>
type Identifier = 'external_id' | 'braze_id' | 'email' | 'phone'

interface Profile {
  readonly braze_id: string
  attributes: Entry
  /** A larger one was updated later. */
  updated: number
}

/** Profiles as Braze keeps them: several may have one e-mail address. */
export class FakeProfiles {
  readonly #profiles: Profile[] = []
  readonly deleted: HeldRow['key'][] = []
  #made = 0
  #updates = 0

  track({ _update_existing_only: isUpdateOnly, ...entry }: Entry): void {
    const name = IDENTIFIERS.find((one) => entry[one] !== undefined)
    if (name === undefined) return
    const known = this.#find(name, String(entry[name]))
    if (known === undefined && (isUpdateOnly === true || name === 'braze_id')) return
    const { braze_id: _, ...attributes } = entry
    const profile = known ?? this.#add()
    this.#updates += 1
    profile.attributes = { ...profile.attributes, ...attributes }
    profile.updated = this.#updates
  }

  delete(name: Identifier, id: string): void {
    this.deleted.push({ [name]: id })
    const found = this.#find(name, id)
    if (found !== undefined) this.#profiles.splice(this.#profiles.indexOf(found), 1)
  }

  held(): readonly HeldRow[] {
    return this.#profiles.map(({ braze_id: brazeId, attributes }) => {
      const name = IDENTIFIERS.find((one) => attributes[one] !== undefined) ?? 'braze_id'
      const { [name]: id = brazeId, ...fields } = attributes
      return { key: { [name]: id }, fields }
    })
  }

  #find(name: Identifier, id: string): Profile | undefined {
    const found = this.#profiles.filter((profile) =>
      name === 'braze_id' ? profile.braze_id === id : profile.attributes[name] === id,
    )
    const identified = found.filter(({ attributes }) => attributes.external_id !== undefined)
    return (identified.length > 0 ? identified : found).toSorted((a, b) => b.updated - a.updated)[0]
  }

  #add(): Profile {
    this.#made += 1
    const profile = { braze_id: `braze-${this.#made}`, attributes: {}, updated: 0 }
    this.#profiles.push(profile)
    return profile
  }
}

/** In the order in which Braze looks for one in an entry. */
const IDENTIFIERS: readonly Identifier[] = ['external_id', 'braze_id', 'email', 'phone']
