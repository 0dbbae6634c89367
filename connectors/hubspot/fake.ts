import { type FakeAnswer, type FakeRequest, startFakeServer } from '../../src/connector/fake-server.ts'
import type { ConnectorFake, HeldRow } from '../../src/connector/types.ts'

/** HubSpot's contacts by e-mail, as its API keeps them: upsert, update, read and archive in batches of 100. */
export async function startFake(): Promise<ConnectorFake> {
  const contacts = new FakeContacts()
  const server = await startFakeServer((request) => answer(request, contacts))
  return {
    server,
    settings: {
      access_token: TOKEN,
      base_url: server.origin,
      allow_private_network: true,
      timeout_seconds: 30,
    },
    held: () => contacts.held(),
    close: () => server.close(),
  }
}

const TOKEN = 'pat-fake-canary-token'
const PORTAL = 4242
const CAP = 100

interface Input {
  readonly id: string
  readonly idProperty?: string
  readonly objectWriteTraceId?: string
  readonly properties?: Readonly<Record<string, unknown>>
}

interface Contact {
  readonly id: string
  readonly properties: Readonly<Record<string, string | null>>
}

class FakeContacts {
  readonly #byEmail = new Map<string, Contact>()
  #lastId = 100

  find(email: string): Contact | undefined {
    return this.#byEmail.get(email.toLowerCase())
  }

  write(email: string, properties: Readonly<Record<string, string>>): Contact {
    const before = this.find(email)
    if (before === undefined) this.#lastId += 1
    // An empty text clears a property.
    const changes = Object.entries(properties).map(([name, value]) => [name, value === '' ? null : value])
    const contact: Contact = {
      id: before?.id ?? String(this.#lastId),
      properties: { email: email.toLowerCase(), ...before?.properties, ...Object.fromEntries(changes) },
    }
    this.#byEmail.set(email.toLowerCase(), contact)
    return contact
  }

  archive(id: string): void {
    for (const [email, contact] of this.#byEmail) if (contact.id === id) this.#byEmail.delete(email)
  }

  held(): readonly HeldRow[] {
    return [...this.#byEmail.values()].map(({ properties: { email, ...fields } }) => ({
      key: { email: email ?? null },
      fields,
    }))
  }
}

function answer(request: FakeRequest, contacts: FakeContacts): FakeAnswer {
  if (request.headers.authorization !== `Bearer ${TOKEN}`) return failure(401, 'INVALID_AUTHENTICATION')
  if (request.path === '/account-info/v3/details') return ok({ portalId: PORTAL })
  const operation = /^\/crm\/v3\/objects\/contacts\/batch\/(upsert|update|read|archive)$/.exec(
    request.path,
  )?.[1]
  if (operation === undefined || request.method !== 'POST') return failure(404, 'OBJECT_NOT_FOUND')
  const { inputs } = JSON.parse(request.body) as { readonly inputs: readonly Input[] }
  if (!isValidBatch(inputs)) return failure(400, 'VALIDATION_ERROR')
  if (operation === 'read') return readAll(inputs, contacts)
  if (operation === 'archive') {
    for (const { id } of inputs) contacts.archive(id)
    return { status: 204, body: '' }
  }
  return writeAll(inputs, contacts, operation === 'upsert')
}

/** One bad property refuses the whole batch; so does an id that stands in it twice. */
function isValidBatch(inputs: readonly Input[]): boolean {
  const ids = new Set(inputs.map(({ id }) => id))
  const texts = inputs.flatMap(({ properties }) => Object.values(properties ?? {}))
  return (
    inputs.length <= CAP && ids.size === inputs.length && texts.every((value) => typeof value === 'string')
  )
}

function readAll(inputs: readonly Input[], contacts: FakeContacts): FakeAnswer {
  const found = inputs.flatMap(({ id }) => contacts.find(id) ?? [])
  const missing = inputs.filter(({ id }) => contacts.find(id) === undefined)
  return partial(
    found,
    missing.map(({ id }) => ({ category: 'OBJECT_NOT_FOUND', message: 'not found', context: { ids: [id] } })),
  )
}

function writeAll(inputs: readonly Input[], contacts: FakeContacts, creates: boolean): FakeAnswer {
  const results: object[] = []
  const errors: object[] = []
  for (const { id, objectWriteTraceId, properties } of inputs) {
    const context = { objectWriteTraceId: [objectWriteTraceId] }
    if (!id.includes('@'))
      errors.push({ category: 'VALIDATION_ERROR', message: `Email address ${id} is invalid`, context })
    else if (!creates && contacts.find(id) === undefined)
      errors.push({ category: 'OBJECT_NOT_FOUND', message: `No contact ${id}`, context })
    else results.push({ ...contacts.write(id, properties as Record<string, string>), objectWriteTraceId })
  }
  return partial(results, errors)
}

function partial(results: readonly object[], errors: readonly object[]): FakeAnswer {
  if (errors.length === 0) return ok({ status: 'COMPLETE', results })
  return {
    status: 207,
    body: JSON.stringify({ status: 'COMPLETE', results, numErrors: errors.length, errors }),
  }
}

function ok(body: object): FakeAnswer {
  return { status: 200, body: JSON.stringify(body) }
}

function failure(status: number, category: string): FakeAnswer {
  return { status, body: JSON.stringify({ status: 'error', category, message: 'refused' }) }
}
