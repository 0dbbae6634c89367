import { type FakeAnswer, type FakeRequest, startFakeServer } from '../../src/connector/fake-server.ts'
import { objectIn, textIn } from '../../src/connector/shapes.ts'
import type { ConnectorFake } from '../../src/connector/types.ts'

/** An ad account with customer lists, which are made with their first records, and with the audiences that they fill. */
export async function startFake(): Promise<ConnectorFake> {
  const account = new FakeAdAccount()
  const server = await startFakeServer((request) => account.answer(request))
  return {
    server,
    settings: {
      client_id: 'client-canary',
      client_secret: 'secret-canary',
      refresh_token: REFRESH_TOKEN,
      ad_account: AD_ACCOUNT,
      base_url: `${server.origin}/v5`,
      allow_private_network: true,
      timeout_seconds: 30,
    },
    useOf: () => ({ audience: 'VIPs' }),
    held: () => [...account.records('VIPs')].map((email) => ({ key: { email }, fields: {} })),
    sample: (_, index) => ({
      key: { id: `person-${index}-canary` },
      fields: {},
      plain: { email: `canary${index}@example.com` },
    }),
    countInvalid: (entries) => {
      account.invalidNext = entries
    },
    expireTokens: () => account.tokens.clear(),
    close: () => server.close(),
  }
}

const AD_ACCOUNT = '549755885175'
const REFRESH_TOKEN = 'pinr.fake-canary-refresh'
const APP = `Basic ${Buffer.from('client-canary:secret-canary').toString('base64')}`
const FEWEST = 100

interface FakeList {
  readonly id: string
  readonly name: string
  readonly listType: string
  readonly records: Set<string>
  batches: number
  uploaded: number
  removed: number
}

type Json = Readonly<Record<string, unknown>>

class FakeAdAccount {
  readonly tokens = new Set<string>()
  /** As many records of the next answer about additions are none, as it counts them. */
  invalidNext = 0
  #given = 0
  readonly #lists: FakeList[] = [listOf('643', 'VIPs'), listOf('644', 'Twins'), listOf('645', 'Twins')]
  readonly #audiences: Json[] = [audienceOf('2542620639259', 'VIPs', '643')]

  records(name: string): ReadonlySet<string> {
    return this.#lists.find((list) => list.name === name)?.records ?? new Set()
  }

  answer({ method, path, headers, body }: FakeRequest): FakeAnswer {
    const url = new URL(path, 'http://fake')
    if (url.pathname === '/v5/oauth/token')
      return this.#token(headers.authorization, new URLSearchParams(body))
    if (!this.tokens.has(headers.authorization?.replace('Bearer ', '') ?? ''))
      return refusal(401, 2, 'Authentication failed.')
    const [, account, what, id] = /^\/v5\/ad_accounts\/(\d+)\/([a-z_]+)(?:\/(\d+))?$/.exec(url.pathname) ?? []
    if (account !== AD_ACCOUNT) return refusal(403, 29, 'You are not permitted to access that resource.')
    const json = method === 'GET' ? {} : objectIn(JSON.parse(body))
    switch (`${method} ${what}${id === undefined ? '' : '/*'}`) {
      case 'GET customer_lists':
        return page(this.#lists.map(shownList), url.searchParams)
      case 'POST customer_lists':
        return this.#makeList(json)
      case 'PATCH customer_lists/*':
        return this.#changeList(id ?? '', json)
      case 'GET audiences':
        return page(
          this.#audiences.map((one) => this.#shownAudience(one)),
          url.searchParams,
        )
      case 'POST audiences':
        return this.#makeAudience(json)
      default:
        return refusal(404, 1, 'Not found.')
    }
  }

  #token(authorization: string | undefined, form: URLSearchParams): FakeAnswer {
    if (authorization !== APP) return refusal(401, 2, 'Authentication failed.')
    if (form.get('grant_type') !== 'refresh_token' || form.get('refresh_token') !== REFRESH_TOKEN)
      return refusal(400, 283, 'Your refresh token is invalid.')
    this.#given += 1
    const token = `pina.token-canary-${this.#given}`
    this.tokens.add(token)
    return said(200, { access_token: token, token_type: 'bearer', expires_in: 2_592_000, scope: 'ads:write' })
  }

  #makeList({ name, records, list_type: type = 'EMAIL' }: Json): FakeAnswer {
    if (textIn(name) === undefined || name === '') return refusal(400, 1, 'The name is missing.')
    if (textIn(records) === undefined || records === '') return refusal(400, 1, 'There are no records.')
    if (!TYPES.has(String(type))) return refusal(400, 1, 'The type of the list is not known.')
    const list = listOf(String(646 + this.#lists.length), String(name), String(type))
    this.#lists.push(list)
    return this.#take(list, { operation_type: 'ADD', records })
  }

  #changeList(id: string, change: Json): FakeAnswer {
    const list = this.#lists.find((one) => one.id === id)
    if (list === undefined) return refusal(404, 1, 'Customer list not found.')
    if (textIn(change.records) === undefined) return refusal(400, 1, 'There are no records.')
    return this.#take(list, change)
  }

  #take(list: FakeList, { operation_type: operation, records }: Json): FakeAnswer {
    if (operation !== 'ADD' && operation !== 'REMOVE') return refusal(400, 1, 'Unknown operation.')
    const all = String(records)
      .split(',')
      .filter((record) => record !== '')
    const good = all.filter(
      (record) => HASHED.test(record) || (list.listType === 'EMAIL' && EMAIL.test(record)),
    )
    for (const record of good)
      if (operation === 'ADD') list.records.add(record)
      else list.records.delete(record)
    list.batches += 1
    // Who is in already, and who is not there, counts too.
    if (operation === 'ADD') list.uploaded += all.length
    else list.removed += all.length
    const invalid = all.length - good.length + (operation === 'ADD' ? this.invalidNext : 0)
    if (operation === 'ADD') this.invalidNext = 0
    return said(200, { ...shownList(list), exceptions: invalid === 0 ? {} : { invalid_records: invalid } })
  }

  #makeAudience({ name, rule, audience_type: type }: Json): FakeAnswer {
    const list = this.#lists.find(({ id }) => id === objectIn(rule).customer_list_id)
    if (type !== 'CUSTOMER_LIST' || list === undefined || textIn(name) === undefined)
      return refusal(400, 1, 'Invalid audience parameters.')
    const audience = audienceOf(String(2_542_620_639_259 + this.#audiences.length), String(name), list.id)
    this.#audiences.push(audience)
    return said(200, this.#shownAudience(audience))
  }

  #shownAudience(audience: Json): Json {
    const listId = objectIn(audience.rule).customer_list_id
    const size = this.#lists.find(({ id }) => id === listId)?.records.size ?? 0
    return { ...audience, size, status: size < FEWEST ? 'TOO_SMALL' : 'READY' }
  }
}

const TYPES: ReadonlySet<string> = new Set(['EMAIL', 'IDFA', 'MAID', 'LR_ID', 'DLX_ID', 'HASHED_PINNER_ID'])

/** By MD5, SHA-1 or SHA-256. */
const HASHED = /^(?:[0-9a-fA-F]{32}|[0-9a-fA-F]{40}|[0-9a-fA-F]{64})$/

const EMAIL = /^[^\sA-Z@]+@[^\sA-Z@]+$/

function listOf(id: string, name: string, listType = 'EMAIL'): FakeList {
  return { id, name, listType, records: new Set(), batches: 0, uploaded: 0, removed: 0 }
}

function audienceOf(id: string, name: string, listId: string): Json {
  return {
    ad_account_id: AD_ACCOUNT,
    ...{ id, name, type: 'audience', audience_type: 'CUSTOMER_LIST', rule: { customer_list_id: listId } },
  }
}

function shownList({ id, name, records, batches, uploaded, removed }: FakeList): Json {
  return {
    ad_account_id: AD_ACCOUNT,
    ...{ id, name, type: 'customerlist', created_time: 1_452_208_622, updated_time: 1_461_269_616 },
    num_batches: batches,
    num_uploaded_user_records: uploaded,
    num_removed_user_records: removed,
    status: records.size < FEWEST ? 'TOO_SMALL' : 'READY',
    exceptions: {},
  }
}

/** A bookmark is where the next page begins. */
function page(items: readonly Json[], query: URLSearchParams): FakeAnswer {
  const size = Number(query.get('page_size') ?? 25)
  if (!(size >= 1 && size <= 250)) return refusal(400, 1, 'Invalid page size.')
  const start = Number(query.get('bookmark') ?? 0)
  const end = start + size
  return said(200, { items: items.slice(start, end), bookmark: end < items.length ? String(end) : null })
}

function refusal(status: number, code: number, message: string): FakeAnswer {
  return said(status, { code, message })
}

function said(status: number, body: object): FakeAnswer {
  return { status, body: JSON.stringify(body) }
}
