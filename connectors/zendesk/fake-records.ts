import type { HeldRow, JsonValue } from '../../src/connector/types.ts'

export type Input = Readonly<Record<string, JsonValue>>

export interface Stored {
  readonly id: string
  readonly values: Record<string, JsonValue>
  /** Keys of custom fields that the account has. */
  readonly custom: Record<string, JsonValue>
}

/** Users, or organizations, by an id of Zendesk's; found by external id or address, whatever their case. */
export class FakeRecords {
  readonly keys: readonly string[]
  readonly #customName: string
  readonly #byId = new Map<string, Stored>()
  #lastId = 1000

  constructor(customName: string, keys: readonly string[]) {
    this.#customName = customName
    this.keys = keys
  }

  /** Why it would not be taken. */
  refusal(input: Input): string | undefined {
    const { email, name } = input
    if (typeof email === 'string' && !/^[^@\s]+@[^@\s]+$/.test(email))
      return `Email: ${email} is not properly formatted`
    if (name === '' || name === null || (name === undefined && this.#known(input) === undefined))
      return 'Name: is too short (minimum is 1 characters)'
    return undefined
  }

  write(input: Input): Stored {
    const { [this.#customName]: custom = {}, skip_verify_email: _, ...values } = input
    const record = this.#known(input) ?? this.#added()
    Object.assign(record.values, values)
    for (const [key, value] of Object.entries(custom ?? {}))
      if (this.keys.includes(key)) record.custom[key] = value
    return record
  }

  listed(externalIds: string): readonly Stored[] {
    const wanted = externalIds.split(',').map((id) => id.toLowerCase())
    return this.#where('external_id', (text) => wanted.includes(text))
  }

  /** By `external_id`, by `name`, or by `query=email:...`, which finds parts of addresses too. */
  found(query: URLSearchParams): readonly Stored[] {
    const external = query.get('external_id')
    if (external !== null) return this.#where('external_id', (text) => text === external.toLowerCase())
    const email = /^email:"?([^"]*)"?$/.exec(query.get('query') ?? '')?.[1]?.toLowerCase()
    return email === undefined ? [] : this.#where('email', (text) => text.includes(email))
  }

  remove(id: string): Stored | undefined {
    const record = this.#byId.get(id)
    this.#byId.delete(id)
    return record
  }

  held(): readonly HeldRow[] {
    return [...this.#byId.values()].map((record) => {
      const key = this.keyOf(record)
      const fields = { ...record.values, ...record.custom }
      for (const name of Object.keys(key)) delete fields[name]
      return { key, fields }
    })
  }

  keyOf({ values: { external_id, email } }: Stored): HeldRow['key'] {
    return external_id === undefined ? { email: email ?? null } : { external_id }
  }

  #known({ external_id, email }: Input): Stored | undefined {
    const [name, text] =
      typeof external_id === 'string' ? ['external_id', external_id] : ['email', String(email)]
    return this.#where(name, (known) => known === text.toLowerCase())[0]
  }

  #added(): Stored {
    this.#lastId += 1
    const record: Stored = { id: String(this.#lastId), values: {}, custom: {} }
    this.#byId.set(record.id, record)
    return record
  }

  #where(name: string, isWanted: (text: string) => boolean): readonly Stored[] {
    return [...this.#byId.values()].filter(({ values: { [name]: value } }) => {
      return typeof value === 'string' && isWanted(value.toLowerCase())
    })
  }
}
