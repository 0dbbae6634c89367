import { type FakeAnswer, type FakeRequest, startFakeServer } from '../../src/connector/fake-server.ts'
import type { ConnectorFake, HeldRow } from '../../src/connector/types.ts'
import { type Contact, FakeContacts, type Input, Refusal } from './fake-contacts.ts'

/** A workspace of Intercom: contacts that are searched, created and updated one by one, and companies. */
export async function startFake(): Promise<ConnectorFake> {
  const workspace = new FakeWorkspace()
  const server = await startFakeServer((request) => workspace.answer(request))
  return {
    server,
    settings: {
      access_token: TOKEN,
      region: 'us',
      base_url: server.origin,
      allow_private_network: true,
      timeout_seconds: 30,
    },
    sample,
    refused,
    held: (_, object) => (object === 'contacts' ? workspace.contacts.held() : workspace.heldCompanies()),
    erased: () => workspace.contacts.erased,
    close: () => server.close(),
  }
}

const TOKEN = 'intercom-fake-canary-token'
const VERSION = '2.15'

function sample(object: string, index: number): HeldRow {
  const texts = { name: `Name-${index}-canary`, plan: `Plan-${index}-canary` }
  return object === 'contacts'
    ? {
        key: { external_id: `canary-${index}` },
        fields: { ...texts, email: `person-${index}-canary@example.com` },
      }
    : { key: { company_id: `canary-${index}` }, fields: texts }
}

function refused(object: string, index: number): HeldRow {
  const { fields } = sample(object, index)
  return object === 'contacts'
    ? {
        key: { external_id: `refused-${index}-canary` },
        fields: { ...fields, email: `nonsense-${index}-canary` },
      }
    : { key: { company_id: 'x'.repeat(256) + index }, fields }
}

class FakeWorkspace {
  readonly contacts = new FakeContacts()
  readonly #companies = new Map<string, { readonly id: string; readonly values: Record<string, unknown> }>()
  #lastCompany = 0

  answer(request: FakeRequest): FakeAnswer {
    const { headers } = request
    if (headers.authorization !== `Bearer ${TOKEN}`)
      return problem(401, 'unauthorized', 'Access Token Invalid')
    if (headers['intercom-version'] !== VERSION)
      return problem(400, 'intercom_version_invalid', 'The requested version could not be found')
    try {
      return this.#answer(request)
    } catch (error) {
      if (error instanceof Refusal) return problem(error.status, error.code, error.message)
      throw error
    }
  }

  heldCompanies(): readonly HeldRow[] {
    return [...this.#companies].map(([company_id, { values }]) => {
      const { custom_attributes: custom = {}, company_id: _, ...own } = values
      return { key: { company_id }, fields: { ...own, ...(custom as object) } as HeldRow['fields'] }
    })
  }

  #answer({ method, path, body }: FakeRequest): FakeAnswer {
    const { pathname, searchParams } = new URL(path, 'http://fake')
    const input = (body === '' ? {} : JSON.parse(body)) as Input
    const [, kind = '', id = '', action = ''] = pathname.split('/')
    const { contacts } = this
    switch (
      `${method} ${kind}${id === '' ? '' : FIXED.has(id) ? `/${id}` : '/#'}${action === '' || FIXED.has(id) ? '' : `/${action}`}`
    ) {
      case 'GET me':
        return ok({ type: 'admin', app: { id_code: 'abc123' } })
      case 'GET data_attributes':
        return ok({ data: [attribute('plan', true), attribute('score', true), attribute('computed', false)] })
      case 'POST contacts/search':
        return this.#search(input)
      case 'GET contacts/find_by_external_id':
        return contact(contacts.byExternal(decodeURIComponent(action)))
      case 'POST contacts':
        return contact(contacts.create(input))
      case 'GET contacts/#':
        return contact(contacts.get(id))
      case 'PUT contacts/#':
        return contact(contacts.update(id, input))
      case 'POST contacts/#/archive':
      case 'POST contacts/#/unarchive':
        contacts.get(id).isArchived = action === 'archive'
        return contact(contacts.get(id))
      case 'DELETE contacts/#':
        contacts.delete(id)
        return ok({ type: 'contact', id, deleted: true })
      case 'POST companies':
        return this.#writeCompany(input)
      case 'GET companies':
        return this.#company(searchParams.get('company_id') ?? '')
      case 'DELETE companies/#':
        return this.#deleteCompany(id)
      default:
        return problem(404, 'not_found', 'The requested resource does not exist')
    }
  }

  /** One a page, so that pages are asked for. */
  #search({ query, pagination }: Input): FakeAnswer {
    const { field, operator, value } = query as { field: string; operator: string; value: readonly string[] }
    if (operator !== 'IN') return problem(400, 'parameter_invalid', 'operator is invalid')
    const { starting_after: after = '0' } = (pagination ?? {}) as { starting_after?: string }
    const found = this.contacts.search(field, value)
    const at = Number(after)
    const next = at + 1 < found.length ? { next: { starting_after: String(at + 1) } } : {}
    return ok({ type: 'list', data: found.slice(at, at + 1).map(bodyOf), pages: { type: 'pages', ...next } })
  }

  #writeCompany(input: Input): FakeAnswer {
    const companyId = String(input.company_id)
    // Of 255 characters at the most.
    if (companyId.length > 255) return problem(400, 'parameter_invalid', 'company_id is too long')
    const known = this.#companies.get(companyId)
    if (known === undefined) this.#lastCompany += 1
    const id = known?.id ?? `65c0${this.#lastCompany}`
    this.#companies.set(companyId, { id, values: { ...known?.values, ...input } })
    return ok({ type: 'company', id, company_id: companyId })
  }

  #company(companyId: string): FakeAnswer {
    const known = this.#companies.get(companyId)
    return known === undefined
      ? problem(404, 'company_not_found', 'Company Not Found')
      : ok({ type: 'company', id: known.id, company_id: companyId })
  }

  #deleteCompany(id: string): FakeAnswer {
    for (const [companyId, one] of this.#companies) if (one.id === id) this.#companies.delete(companyId)
    return ok({ id, object: 'company', deleted: true })
  }
}

/** What stands in a path where else an id does. */
const FIXED: ReadonlySet<string> = new Set(['search', 'find_by_external_id'])

function attribute(name: string, isWritable: boolean): object {
  return { type: 'data_attribute', name, custom: true, api_writable: isWritable }
}

function contact(one: Contact): FakeAnswer {
  return ok(bodyOf(one))
}

function bodyOf({ id, values, custom }: Contact): object {
  return { type: 'contact', id, ...values, custom_attributes: custom }
}

function ok(body: object): FakeAnswer {
  return { status: 200, body: JSON.stringify(body) }
}

function problem(status: number, code: string, message: string): FakeAnswer {
  return { status, body: JSON.stringify({ type: 'error.list', errors: [{ code, message }] }) }
}
