import { FakeJobs } from '../../src/connector/fake-jobs.ts'
import { type FakeAnswer, type FakeRequest, startFakeServer } from '../../src/connector/fake-server.ts'
import type {
  ConnectorFake,
  HeldRow,
  JobFault,
  JsonValue,
  Receipt,
  Settings,
} from '../../src/connector/types.ts'
import { FakeEvents } from './fake-events.ts'
import { FakePeople, type Json, keyOf } from './fake-people.ts'

/** A Klaviyo account with one list: profiles, members, events, import jobs and deletions. */
export async function startFake(): Promise<ConnectorFake> {
  const account = new FakeAccount()
  const server = await startFakeServer((request) => account.answer(request))
  return {
    server,
    settings: {
      api_key: API_KEY,
      base_url: server.origin,
      allow_private_network: true,
      timeout_seconds: 30,
    },
    jobs: account.jobs,
    held: (_, object) => account.held(object),
    useOf: (object): Settings => {
      if (object === 'list_members') return { list: LIST.name }
      return object === 'events' ? { metric: 'Visited Shop', backfill: false } : {}
    },
    sample,
    refused,
    erased: () => account.erased,
    close: () => server.close(),
  }
}

const API_KEY = 'pk_fake_canary_key'
const LIST = { id: 'VipLst', name: 'VIPs' }
const REVISION = '2026-07-15'
const JSON_API = 'application/vnd.api+json'
const MOST_BYTES = 5 * 1024 * 1024
const MOST_PROFILE_BYTES = 100 * 1024
/** `app-canary:app-secret-canary` of an OAuth app, with the refresh token that goes with it. */
const APP = `Basic ${Buffer.from('app-canary:app-secret-canary').toString('base64')}`
const REFRESH_TOKEN = 'refresh-canary'

function sample(object: string, index: number): HeldRow {
  const email = `person-${index}-canary@example.com`
  const texts = { first_name: `First-${index}-canary`, favourite_city: `City-${index}-canary` }
  if (object === 'profiles') return { key: { email }, fields: texts }
  if (object === 'list_members') return { key: { email }, fields: {} }
  const event = { metric: 'Placed Order', time: '2026-11-20T08:00:00.000Z', value: index + 0.5 }
  return {
    key: { unique_id: `order-${index}-canary` },
    fields: { note: `Note-${index}-canary`, email, ...event },
  }
}

function refused(object: string, index: number): HeldRow {
  const { fields } = sample(object, index)
  if (object !== 'events') return { key: { email: `no-address-${index}-canary` }, fields }
  return { key: { unique_id: `nobody-${index}-canary` }, fields: { ...fields, email: null } }
}

interface Item {
  readonly type?: string
  readonly attributes: Json
  readonly meta?: { readonly patch_properties?: { readonly unset?: readonly string[] } }
}

class FakeAccount {
  readonly jobs = new FakeJobs()
  readonly erased: HeldRow['key'][] = []
  readonly #people = new FakePeople()
  readonly #events = new FakeEvents()
  readonly #members = new Set<string>()
  readonly #items = new Map<string, readonly Item[]>()
  readonly #tokens = new Set<string>()

  held(object: string): readonly HeldRow[] {
    if (object === 'events') return this.#events.held()
    if (object === 'profiles') return this.#people.held()
    return this.#people
      .all()
      .filter(({ id }) => this.#members.has(id))
      .map((person) => ({ key: keyOf(person), fields: {} }))
  }

  answer(request: FakeRequest): FakeAnswer {
    const { method, headers, body } = request
    const url = new URL(request.path, 'http://fake')
    if (url.pathname === '/oauth/token') return this.#token(request)
    if (!this.#isAllowed(headers.authorization)) return failure(401, 'not_authenticated')
    if (headers.revision !== REVISION) return failure(400, 'invalid', 'revision')
    if (body !== '' && headers['content-type'] !== JSON_API) return failure(415, 'unsupported_media_type')
    if (Buffer.byteLength(body) > MOST_BYTES) return failure(413, 'payload_too_large')
    const data = body === '' ? undefined : JSON.parse(body).data
    const id = decodeURIComponent(url.pathname.split('/')[3] ?? '')
    const operation = `${method} ${url.pathname.replace(/^(\/api\/[a-z-]+)\/[^/]+/, '$1/*')}`
    switch (operation) {
      case 'GET /api/accounts':
        return ok({ data: [{ type: 'account', id: 'AccFak' }] })
      case 'GET /api/lists':
        return ok({
          data: url.searchParams.get('filter') === `equals(name,"${LIST.name}")` ? [listed()] : [],
        })
      case 'GET /api/lists/*':
        return id === LIST.id ? ok({ data: listed() }) : failure(404, 'not_found')
      case 'DELETE /api/lists/*/relationships/profiles':
        return this.#removeMembers(id, data)
      case 'GET /api/profiles':
        return this.#find(url.searchParams)
      case 'PATCH /api/profiles/*':
        return this.#update(id, data)
      case 'POST /api/profile-bulk-import-jobs':
        return this.#import(data)
      case 'GET /api/profile-bulk-import-jobs/*':
        return this.#job(id)
      case 'GET /api/profile-bulk-import-jobs/*/import-errors':
        return this.#errors(id, url)
      case 'POST /api/event-bulk-create-jobs':
        return this.#events.take(data) ? { status: 202, body: '' } : failure(400, 'invalid')
      case 'POST /api/data-privacy-deletion-jobs':
        return this.#erase(data.attributes.profile.data)
      default:
        return failure(404, 'not_found')
    }
  }

  #isAllowed(authorization: string | undefined): boolean {
    if (authorization === `Klaviyo-API-Key ${API_KEY}`) return true
    return authorization?.startsWith('Bearer ') === true && this.#tokens.has(authorization.slice(7))
  }

  #token({ headers, body }: FakeRequest): FakeAnswer {
    const form = new URLSearchParams(body)
    if (headers.authorization !== APP) return { status: 401, body: '{"error":"invalid_client"}' }
    if (form.get('grant_type') !== 'refresh_token' || form.get('refresh_token') !== REFRESH_TOKEN)
      return { status: 400, body: '{"error":"invalid_grant"}' }
    const token = `token-canary-${this.#tokens.size + 1}`
    this.#tokens.add(token)
    return ok({ access_token: token, expires_in: 3600, token_type: 'Bearer' })
  }

  #find(query: URLSearchParams): FakeAnswer {
    const [, name = '', values = ''] = /^any\((\w+),(\[.*\])\)$/s.exec(query.get('filter') ?? '') ?? []
    const size = Number(query.get('page[size]') ?? 20)
    if (values === '' || size > 100) return failure(400, 'invalid')
    const wanted: readonly string[] = JSON.parse(values)
    if (wanted.length > 100) return failure(400, 'invalid')
    return ok({
      data: this.#people.by(name, wanted).map(({ id, attributes }) => ({ type: 'profile', id, attributes })),
    })
  }

  #update(id: string, data: Item): FakeAnswer {
    const person = this.#people.get(id)
    if (person === undefined) return failure(404, 'not_found')
    // A profile must keep something that names it.
    if (Object.keys(keyOf(person)).some((name) => data.attributes[name] === null))
      return failure(400, 'invalid')
    this.#people.update(person, data.attributes)
    return ok({ data: { type: 'profile', id } })
  }

  #removeMembers(list: string, data: readonly { readonly id: string }[]): FakeAnswer {
    if (list !== LIST.id) return failure(404, 'not_found')
    if (data.length > 1000) return failure(400, 'invalid')
    for (const { id } of data) this.#members.delete(id)
    return { status: 204, body: '' }
  }

  #import(data: {
    readonly type: string
    readonly attributes: { readonly profiles: { readonly data: readonly Item[] } }
    readonly relationships?: { readonly lists: { readonly data: readonly { readonly id: string }[] } }
  }): FakeAnswer {
    const items = data.attributes.profiles.data
    const lists = data.relationships?.lists.data.map(({ id }) => id) ?? []
    if (lists.some((id) => id !== LIST.id)) return failure(404, 'not_found')
    if (data.type !== 'profile-bulk-import-job' || items.length > 10_000 || !items.every(isItem))
      return failure(400, 'invalid')
    const apply = (applied: (place: number) => boolean) => {
      for (const [place, { attributes, meta }] of items.entries()) {
        if (!applied(place)) continue
        const { id } = this.#people.import(attributes, meta?.patch_properties?.unset ?? [])
        if (lists.length > 0) this.#members.add(id)
      }
    }
    const id = this.jobs.start(`${this.#items.size}`, items.length, apply, wrongOf(items))
    this.#items.set(id, items)
    return { status: 202, body: JSON.stringify({ data: { type: 'profile-bulk-import-job', id } }) }
  }

  #job(id: string): FakeAnswer {
    const said = this.jobs.ask(id)
    if (said.status === 'forgotten') return failure(404, 'not_found')
    const total = this.#items.get(id)?.length ?? 0
    const failed = said.status === 'done' ? said.receipts.filter(isFailed).length : total
    const cancelled = said.status === 'failed' && said.retry
    const status = said.status === 'running' ? 'processing' : cancelled ? 'cancelled' : 'complete'
    const attributes = { status, total_count: total, completed_count: total, failed_count: failed }
    return ok({ data: { type: 'profile-bulk-import-job', id, attributes } })
  }

  #errors(id: string, url: URL): FakeAnswer {
    const from = Number(url.searchParams.get('page[cursor]') ?? 0)
    const size = Number(url.searchParams.get('page[size]') ?? 20)
    if (size > 100) return failure(400, 'invalid')
    const all = this.#errorsOf(id)
    const next =
      from + size < all.length ? { next: `${url.origin}${url.pathname}?page[cursor]=${from + size}` } : {}
    return ok({ data: all.slice(from, from + size), links: { self: url.href, ...next } })
  }

  #errorsOf(id: string): readonly object[] {
    const said = this.jobs.ask(id)
    if (said.status === 'failed') return [importError(said.error, '/data', undefined)]
    if (said.status !== 'done') return []
    return said.receipts.flatMap((receipt, place) => {
      if (!isFailed(receipt)) return []
      const payload = this.#items.get(id)?.[place]
      // Both ways of naming a row that the description has.
      return place % 2 === 0
        ? [importError(receipt.error, `/data/attributes/profiles/data/${place}/attributes/email`, undefined)]
        : [importError(receipt.error, '/data', payload)]
    })
  }

  #erase(profile: { readonly id?: string; readonly attributes: Json }): FakeAnswer {
    const { email, phone_number: phone, external_id: external } = profile.attributes
    const given = [profile.id, email, phone].filter((value) => value !== undefined)
    if (given.length !== 1 || external !== undefined) return failure(400, 'invalid')
    const found =
      profile.id === undefined
        ? this.#people.by(email === undefined ? 'phone_number' : 'email', [String(email ?? phone)])
        : [this.#people.get(profile.id)].flatMap((person) => person ?? [])
    for (const person of found) {
      this.erased.push(keyOf(person))
      this.#people.delete(person)
    }
    return { status: 202, body: '' }
  }
}

function isItem(item: Item): boolean {
  const { location = {}, properties = {}, ...texts } = item.attributes
  return (
    item.type === 'profile' &&
    Buffer.byteLength(JSON.stringify(item)) <= MOST_PROFILE_BYTES &&
    isObject(location) &&
    isObject(properties) &&
    Object.values(texts).every((value) => value === null || typeof value === 'string')
  )
}

function isObject(value: JsonValue): boolean {
  return typeof value === 'object' && !Array.isArray(value)
}

/** Addresses that are none are refused one by one, and so is a profile that nothing names. */
function wrongOf(items: readonly Item[]): JobFault | undefined {
  const rows = new Map<number, Receipt>()
  for (const [place, { attributes }] of items.entries()) {
    const { email, phone_number: phone, external_id: external } = attributes
    if (typeof email === 'string' && !email.includes('@'))
      rows.set(place, { status: 'rejected', error: `Invalid email address "${email}"` })
    else if ([email, phone, external].every((value) => typeof value !== 'string'))
      rows.set(place, { status: 'rejected', error: 'A profile needs an identifier' })
  }
  return rows.size === 0 ? undefined : { kind: 'partial', rows }
}

function isFailed(receipt: Receipt): receipt is Extract<Receipt, { error: string }> {
  return receipt.status !== 'applied'
}

function importError(detail: string, pointer: string, payload: Item | undefined): object {
  const attributes = { code: 'invalid', title: 'Invalid input', detail, source: { pointer } }
  return {
    type: 'import-error',
    id: 'error',
    attributes: { ...attributes, original_payload: payload ?? null },
  }
}

function listed(): object {
  return { type: 'list', id: LIST.id, attributes: { name: LIST.name } }
}

function ok(body: object): FakeAnswer {
  return { status: 200, headers: { 'content-type': JSON_API }, body: JSON.stringify(body) }
}

function failure(status: number, code: string, detail = 'refused'): FakeAnswer {
  const errors = [{ id: '1', code, title: 'Refused', detail, source: {} }]
  return { status, headers: { 'content-type': JSON_API }, body: JSON.stringify({ errors }) }
}
