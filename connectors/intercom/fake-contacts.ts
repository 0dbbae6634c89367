import type { HeldRow, JsonValue } from '../../src/connector/types.ts'

export type Input = Readonly<Record<string, JsonValue>>

export interface Contact {
  readonly id: string
  readonly values: Record<string, JsonValue>
  readonly custom: Record<string, JsonValue>
  isArchived: boolean
}

/** Answered with this status and code. */
export class Refusal extends Error {
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

const ATTRIBUTES = ['plan', 'score']

/** Contacts of a workspace; an external id is one user's, an address may be several's. */
export class FakeContacts {
  readonly #byId = new Map<string, Contact>()
  readonly erased: HeldRow['key'][] = []
  #lastId = 100

  get(id: string): Contact {
    const contact = this.#byId.get(id)
    if (contact === undefined) throw new Refusal(404, 'not_found', 'User Not Found')
    return contact
  }

  create(input: Input): Contact {
    check(input)
    const same = [...this.#byId.values()].find((one) => isSame(one, input))
    if (same !== undefined) {
      const what = same.isArchived ? 'An archived contact' : 'A contact'
      throw new Refusal(409, 'conflict', `${what} matching those details already exists with id=${same.id}`)
    }
    this.#lastId += 1
    const id = `64f0${this.#lastId}`
    this.#byId.set(id, { id, values: {}, custom: {}, isArchived: false })
    return this.update(id, input)
  }

  update(id: string, { custom_attributes: custom = {}, ...values }: Input): Contact {
    const contact = this.get(id)
    check({ ...values, custom_attributes: custom })
    Object.assign(contact.values, values)
    Object.assign(contact.custom, custom)
    return contact
  }

  byExternal(external: string): Contact {
    const found = this.search('external_id', [external])[0]
    if (found === undefined) throw new Refusal(404, 'not_found', 'User Not Found')
    return found
  }

  /** Those that are not archived. */
  search(field: string, texts: readonly string[]): readonly Contact[] {
    const wanted = texts.map((text) => text.toLowerCase())
    return [...this.#byId.values()].filter(
      ({ values: { [field]: value }, isArchived }) =>
        !isArchived && typeof value === 'string' && wanted.includes(value.toLowerCase()),
    )
  }

  delete(id: string): void {
    this.erased.push(keyOf(this.get(id)))
    this.#byId.delete(id)
  }

  held(): readonly HeldRow[] {
    return [...this.#byId.values()]
      .filter(({ isArchived }) => !isArchived)
      .map((contact) => {
        const key = keyOf(contact)
        const { role: _, ...fields } = { ...contact.values, ...contact.custom }
        for (const name of Object.keys(key)) delete fields[name]
        return { key, fields }
      })
  }
}

function keyOf({ values: { external_id, email } }: Contact): HeldRow['key'] {
  return typeof external_id === 'string' ? { external_id } : { email: email ?? null }
}

function check({ email, custom_attributes: custom }: Input): void {
  if (typeof email === 'string' && !/^[^@\s]+@[^@\s]+$/.test(email))
    throw new Refusal(400, 'parameter_invalid', `email ${email} is invalid`)
  const unknown = Object.keys(custom ?? {}).find((name) => !ATTRIBUTES.includes(name))
  if (unknown !== undefined)
    throw new Refusal(400, 'parameter_invalid', `Custom attribute '${unknown}' does not exist`)
}

/** The same external id; or the same address, where one of the two has no external id. */
function isSame({ values }: Contact, { external_id, email }: Input): boolean {
  if (typeof external_id === 'string' && typeof values.external_id === 'string')
    return external_id === values.external_id
  return typeof email === 'string' && String(values.email).toLowerCase() === email.toLowerCase()
}
