import { type FakeAnswer, type FakeRequest, startFakeServer } from '../../src/connector/fake-server.ts'
import type { ConnectorFake, HeldRow, Settings } from '../../src/connector/types.ts'
import { ok, refusal, refused } from './fake-answers.ts'
import { answerBatch, isOperation } from './fake-batches.ts'
import { FakeLists } from './fake-lists.ts'
import { FakeRecords, type FakeType, READ_ONLY } from './fake-records.ts'
import { FakeTokens } from './fake-tokens.ts'

/** And what only its own tests need. */
interface HubspotFake extends ConnectorFake {
  /** Of the same destination, reached as an app that was installed by OAuth. */
  readonly installedSettings: Settings
  forgetTokens(): void
}

/** A portal, as HubSpot's API keeps it: records by unique properties, static lists, and tokens. */
export async function startFake(): Promise<HubspotFake> {
  const portal = new FakePortal()
  const server = await startFakeServer((request) => portal.answer(request))
  const settings = { base_url: server.origin, allow_private_network: true, timeout_seconds: 30 }
  return {
    server,
    settings: { ...settings, ...portal.tokens.privateApp },
    installedSettings: { ...settings, ...portal.tokens.installedApp },
    forgetTokens: () => portal.tokens.expire(),
    objectNames: ['p_cars', '2-1234567'],
    useOf: (object) => (object === 'list_members' ? { list: LIST, create_list: true } : {}),
    held: (_, object) => portal.held(object),
    sample: (object, index) => sampleOf(object, index),
    refused: (object, index) => refusedOf(object, index),
    erased: () => portal.erased,
    close: () => server.close(),
  }
}

const PORTAL = 4242
const LIST = 'VIPs of spring'

/** Where the portal is, an hour before Greenwich. */
const UTC_OFFSET_MS = -3_600_000

const TYPES: readonly FakeType[] = [
  {
    names: ['contacts', '0-1'],
    typeId: '0-1',
    unique: ['email', 'customer_id'],
    // The last two are of the shop in models/shop/demo.
    texts: [
      'firstname',
      'lastname',
      'city',
      'phone',
      'hs_additional_emails',
      'lifetime_value',
      'last_order_at',
    ],
    numbers: ['score'],
  },
  {
    names: ['companies', '0-2'],
    typeId: '0-2',
    unique: ['company_key'],
    texts: ['name', 'domain', 'city'],
    numbers: ['numberofemployees'],
  },
  {
    names: ['deals', '0-3'],
    typeId: '0-3',
    unique: ['deal_key'],
    texts: ['dealname', 'dealstage'],
    numbers: ['amount'],
  },
  {
    names: ['p_cars', 'p4242_cars', '2-1234567'],
    typeId: '2-1234567',
    unique: ['vin'],
    texts: ['make', 'model'],
    numbers: ['doors'],
  },
]

const [CONTACTS] = TYPES as readonly [FakeType]

class FakePortal {
  readonly tokens = new FakeTokens()
  readonly erased: HeldRow['key'][] = []
  readonly #records = TYPES.map((type) => this.#recordsOf(type))
  readonly #contacts = this.#of('contacts') ?? this.#recordsOf(CONTACTS)
  readonly #lists = new FakeLists(this.#contacts)
  #lastId = 100

  held(object: string): readonly HeldRow[] {
    if (object !== 'list_members') return this.#of(object)?.held() ?? []
    return this.#lists.members().flatMap((id) => {
      const email = this.#contacts.find(id, undefined)?.properties.email
      return email === undefined ? [] : [{ key: { email }, fields: {} }]
    })
  }

  answer({ method, path, headers, body }: FakeRequest): FakeAnswer {
    if (method === 'POST' && path === '/oauth/v3/token') return this.tokens.give(body)
    if (!this.tokens.lets(headers.authorization)) return refused(401, 'INVALID_AUTHENTICATION')
    if (path === '/account-info/v3/details')
      return ok({ portalId: PORTAL, utcOffsetMilliseconds: UTC_OFFSET_MS })
    if (path === '/crm/v3/objects/contacts/gdpr-delete') return this.#erase(JSON.parse(body))
    const listed = this.#lists.answer(method, path, () => JSON.parse(body))
    return listed ?? this.#answerOfRecords(method, path, body)
  }

  #answerOfRecords(method: string, path: string, body: string): FakeAnswer {
    const [, part = '', object = '', operation = ''] = OF_RECORDS.exec(path) ?? []
    if (part === '') return refused(404, 'OBJECT_NOT_FOUND')
    const name = decodeURIComponent(object)
    const records = this.#of(name)
    if (records === undefined) return refusal(`Unable to infer object type from: ${name}`)
    if (method === 'GET' && part === 'properties' && operation === '') return propertiesOf(records.type)
    if (method !== 'POST' || part !== 'objects' || !isOperation(operation))
      return refused(404, 'OBJECT_NOT_FOUND')
    return answerBatch(operation, JSON.parse(body), records)
  }

  /** Types that are not listed are there when they are called as HubSpot wants it, so that any project can be tried. */
  #of(object: string): FakeRecords | undefined {
    const known = this.#records.find(({ type }) => type.names.includes(object))
    if (known !== undefined || !OTHER_TYPE.test(object)) return known
    const other = this.#recordsOf({ names: [object], typeId: object, unique: [], texts: [], numbers: [] })
    this.#records.push(other)
    return other
  }

  #recordsOf(type: FakeType): FakeRecords {
    return new FakeRecords(type, () => {
      this.#lastId += 1
      return String(this.#lastId)
    })
  }

  /** An address that is not there is block-listed all the same. */
  #erase({ objectId, idProperty }: { readonly objectId: string; readonly idProperty?: string }): FakeAnswer {
    const record = this.#contacts.find(objectId, idProperty)
    if (record === undefined && idProperty !== 'email') return refused(404, 'OBJECT_NOT_FOUND')
    this.erased.push({ [idProperty ?? 'id']: objectId })
    const email = record?.properties.email ?? (idProperty === 'email' ? objectId : undefined)
    if (email !== undefined) this.#contacts.blocked.add(email.toLowerCase())
    if (record !== undefined) this.#contacts.remove(record.id)
    return { status: 204, body: '' }
  }
}

const OTHER_TYPE = /^(?:tickets|products|line_items|leads|services|orders|invoices|p\d*_\w+|\d+-\d+)$/

const OF_RECORDS = /^\/crm\/v3\/(objects|properties)\/([^/]+)(?:\/batch\/(\w+))?$/

function propertiesOf({ unique, texts, numbers }: FakeType): FakeAnswer {
  const described = (name: string) => ({
    name,
    type: numbers.includes(name) ? 'number' : 'string',
    hasUniqueValue: unique.includes(name),
    modificationMetadata: { readOnlyValue: READ_ONLY.includes(name) },
  })
  return ok({ results: [...unique, ...texts, ...numbers, ...READ_ONLY].map(described) })
}

function sampleOf(object: string, index: number): HeldRow {
  if (object === 'list_members') return { key: { email: addressOf(index) }, fields: {} }
  const type = typeOf(object)
  const [key = 'email'] = type.unique
  const [first = '', second = ''] = type.texts
  const [number = ''] = type.numbers
  return {
    key: { [key]: key === 'email' ? addressOf(index) : `${key}-${index}-canary` },
    fields: { [first]: `${first} ${index} canary`, [second]: `${second} ${index} canary`, [number]: '7' },
  }
}

/** An address that is none, where that is the key; else a number that is none. */
function refusedOf(object: string, index: number): HeldRow {
  if (object === 'list_members') return { key: { email: `nobody-${index}-canary` }, fields: {} }
  const { key, fields } = sampleOf(object, REFUSED_FROM + index)
  const [number = ''] = typeOf(object).numbers
  return { key, fields: { ...fields, [number]: `${index} canaries` } }
}

/** No sample that is taken has so high an index. */
const REFUSED_FROM = 1_000_000

function addressOf(index: number): string {
  return `person-${index}-canary@example.com`
}

function typeOf(object: string): FakeType {
  return TYPES.find(({ names }) => names.includes(object)) ?? CONTACTS
}
