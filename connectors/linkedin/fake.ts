import { createHash } from 'node:crypto'
import { type FakeAnswer, type FakeRequest, startFakeServer } from '../../src/connector/fake-server.ts'
import { objectIn, objectsIn, textIn } from '../../src/connector/shapes.ts'
import type { ConnectorFake, HeldRow } from '../../src/connector/types.ts'

/** An ad account with audiences: users in and out by their ids, a status for each, and segments that take a while. */
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
      source_platform: PLATFORM,
      api_version: '202608',
      token_url: `${server.origin}/oauth/v2/accessToken`,
      base_url: server.origin,
      allow_private_network: true,
      timeout_seconds: 30,
    },
    useOf: () => ({ audience: 'VIPs' }),
    held: () => account.held('VIPs'),
    sample: (_, index) => sampleOf(`canary${index}@example.com`, index),
    refused: (_, index) => {
      const email = `refused${index}@example.com`
      account.refuses.add(createHash('sha256').update(email).digest('hex'))
      return sampleOf(email, index + 1_000_000)
    },
    expireTokens: () => account.tokens.clear(),
    close: () => server.close(),
  }
}

const AD_ACCOUNT = '512345678'
const PLATFORM = 'SLUICE_CANARY'
const REFRESH_TOKEN = 'linkedin-fake-canary-refresh'
const MOST_ELEMENTS = 5000
/** Of segments that are made here: a fake has no clock. */
const MADE_AT_MS = Date.UTC(2026, 0, 1)

interface FakeSegment {
  readonly id: number
  readonly name: string
  readonly type: string
  readonly sourcePlatform: string
  readonly created: number
  /** Id type and value, in order of arrival. */
  readonly users: Map<string, { readonly idType: string; readonly idValue: string }>
  /** Everywhere: until its users were asked for once, it is not found. */
  isReady: boolean
}

type Json = Readonly<Record<string, unknown>>

class FakeAdAccount {
  readonly tokens = new Set<string>()
  /** Values that it answers with 400 for reasons of its own. */
  readonly refuses = new Set<string>()
  #given = 0
  readonly #segments: FakeSegment[] = [
    segmentOf({ id: 9821736, name: 'VIPs', isReady: true }),
    segmentOf({ id: 9821737, name: 'Companies', type: 'COMPANY', isReady: true }),
    segmentOf({ id: 9821738, name: 'Twins', isReady: true }),
    segmentOf({ id: 9821739, name: 'Twins', isReady: true }),
    segmentOf({ id: 9821740, name: 'Uploaded', sourcePlatform: 'LIST_UPLOAD', isReady: true }),
  ]

  held(name: string): readonly HeldRow[] {
    const segment = this.#segments.find((one) => one.name === name)
    return [...(segment?.users.values() ?? [])].map(({ idType, idValue }) => ({
      key: { [idType === 'SHA256_EMAIL' ? 'email' : 'mobile_id']: idValue },
      fields: {},
    }))
  }

  answer(request: FakeRequest): FakeAnswer {
    const { method, headers } = request
    const url = new URL(request.path, 'http://fake')
    if (url.pathname === '/oauth/v2/accessToken') return this.#token(new URLSearchParams(request.body))
    if (!this.tokens.has(headers.authorization?.replace('Bearer ', '') ?? ''))
      return refusal(401, 'INVALID_ACCESS_TOKEN', 'Invalid access token')
    const version = headers['linkedin-version'] ?? ''
    if (!/^20\d{4}$/.test(version)) return refusal(400, 'VERSION_MISSING', 'A version must be present')
    if (version < '202512') return refusal(426, 'NONEXISTENT_VERSION', `Version ${version} is not active`)
    if (headers['x-restli-protocol-version'] !== '2.0.0')
      return refusal(400, 'PARAM_INVALID', 'Protocol version')
    const [, id] = /^\/rest\/dmpSegments\/(\d+)\/users$/.exec(url.pathname) ?? []
    if (method === 'POST' && id !== undefined) return this.#users(Number(id), request)
    if (url.pathname !== '/rest/dmpSegments') return refusal(404, 'RESOURCE_NOT_FOUND', 'No such resource')
    return method === 'POST' ? this.#make(objectIn(JSON.parse(request.body))) : this.#list(url.searchParams)
  }

  #token(form: URLSearchParams): FakeAnswer {
    const isKnown =
      form.get('refresh_token') === REFRESH_TOKEN && form.get('client_secret') === 'secret-canary'
    if (!isKnown || form.get('grant_type') !== 'refresh_token')
      return said(400, { error: 'invalid_request', error_description: 'The provided token is invalid' })
    this.#given += 1
    const token = `linkedin-token-canary-${this.#given}`
    this.tokens.add(token)
    return said(200, { access_token: token, expires_in: 5_184_000 })
  }

  #list(query: URLSearchParams): FakeAnswer {
    if (query.get('q') !== 'account') return refusal(400, 'ILLEGAL_ARGUMENT', 'Finder is missing')
    if (query.get('account') !== `urn:li:sponsoredAccount:${AD_ACCOUNT}`)
      return refusal(403, 'ACCESS_DENIED', 'Member has no role in this account')
    const platform = query.get('sourcePlatform')
    const all = this.#segments.filter(
      ({ sourcePlatform }) => platform === null || sourcePlatform === platform,
    )
    const start = Number(query.get('start') ?? 0)
    const count = Number(query.get('count') ?? 10)
    const elements = all.slice(start, start + count).map(shown)
    return said(200, { paging: { start, count, total: all.length, links: [] }, elements })
  }

  #make({ name, account, type, sourcePlatform, accessPolicy }: Json): FakeAnswer {
    const isWhole = [name, account, type, sourcePlatform].every((one) => typeof one === 'string')
    if (!isWhole || accessPolicy !== 'PRIVATE') return refusal(400, 'ILLEGAL_ARGUMENT', 'A field is missing')
    if (sourcePlatform !== PLATFORM) return refusal(403, 'ACCESS_DENIED', 'Source platform is not yours')
    const id = 9_821_736 + this.#segments.length
    const made = { id, name: String(name), type: String(type), created: MADE_AT_MS }
    this.#segments.push(segmentOf({ ...made, isReady: false }))
    return { status: 201, headers: { 'x-restli-id': String(id) }, body: '' }
  }

  #users(id: number, { headers, body }: FakeRequest): FakeAnswer {
    const segment = this.#segments.find((one) => one.id === id)
    if (segment === undefined) return refusal(404, 'RESOURCE_NOT_FOUND', 'No such segment')
    const { isReady } = segment
    segment.isReady = true
    if (!isReady) return refusal(404, 'RESOURCE_NOT_FOUND', 'No such segment')
    if (headers['x-restli-method'] !== 'BATCH_CREATE')
      return refusal(400, 'ILLEGAL_ARGUMENT', 'One user at a time')
    const elements = objectsIn(objectIn(JSON.parse(body)).elements)
    if (elements.length > MOST_ELEMENTS) return refusal(400, 'BATCH_TOO_LARGE', 'Too many elements')
    return said(200, { elements: elements.map((element) => this.#user(segment, element)) })
  }

  #user({ users }: FakeSegment, { action, userIds }: Json): Json {
    const ids = objectsIn(userIds).map(({ idType, idValue }) => ({
      idType: textIn(idType) ?? '',
      idValue: textIn(idValue) ?? '',
    }))
    const isBad = ids.some(({ idType, idValue }) => !(FORMS[idType]?.test(idValue) ?? false))
    if (isBad || ids.length === 0) return { status: 400, message: 'Invalid format of the user id' }
    const isRefused = ids.some(({ idValue }) => this.refuses.has(idValue))
    if (isRefused) return { status: 422, message: `User ${ids[0]?.idValue} cannot be processed` }
    if (action !== 'ADD' && action !== 'REMOVE') return { status: 400, message: 'Unknown action' }
    for (const id of ids) {
      const key = `${id.idType} ${id.idValue}`
      if (action === 'REMOVE') users.delete(key)
      else if (!users.has(key)) users.set(key, id)
    }
    return { status: 201 }
  }
}

const FORMS: Readonly<Record<string, RegExp>> = {
  SHA256_EMAIL: /^[0-9A-Fa-f]{64}$/,
  SHA512_EMAIL: /^[0-9A-Fa-f]{128}$/,
  GOOGLE_AID: /^[0-9A-Fa-f-]{36}$/,
}

/** Long ago, unless it says otherwise. */
function segmentOf(one: Pick<FakeSegment, 'id' | 'name' | 'isReady'> & Partial<FakeSegment>): FakeSegment {
  return { type: 'USER', sourcePlatform: PLATFORM, created: 1_634_519_022_000, users: new Map(), ...one }
}

/** It finds four of five of those who were put in. */
function shown({ users, isReady: _, ...segment }: FakeSegment): Json {
  const matchedCount = Math.floor(users.size * 0.8)
  const status = matchedCount < 300 ? 'BUILDING' : 'READY'
  return {
    ...segment,
    accessPolicy: 'PRIVATE',
    account: `urn:li:sponsoredAccount:${AD_ACCOUNT}`,
    inputCount: users.size,
    destinations: [{ destination: 'LINKEDIN', matchedCount, audienceSize: matchedCount, status }],
  }
}

function sampleOf(email: string, index: number): HeldRow {
  return { key: { id: `person-${index}-canary` }, fields: {}, plain: { email } }
}

function refusal(status: number, code: string, message: string): FakeAnswer {
  return said(status, { status, code, message, serviceErrorCode: 0 })
}

function said(status: number, body: object): FakeAnswer {
  return { status, body: JSON.stringify(body) }
}
