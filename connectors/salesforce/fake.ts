import { createVerify, generateKeyPairSync } from 'node:crypto'
import { type FakeAnswer, type FakeRequest, startFakeServer } from '../../src/connector/fake-server.ts'
import type { ConnectorFake, HeldRow, Settings } from '../../src/connector/types.ts'
import { FakeBulk } from './fake-bulk.ts'
import { FakeOrg } from './fake-org.ts'
import { failure, ok, restAnswer } from './fake-rest.ts'

/** Beside what every fake does. */
export interface SalesforceFake extends ConnectorFake {
  expireTokens(): void
  /** So many of the next writes find their record locked. */
  lock(records: number): void
  /** Records of one page of a query. */
  page(records: number): void
  /** Settings of the other ways to be let in. */
  ways(): Readonly<Record<'refresh' | 'jwt' | 'session', Settings>>
}

/** An org of Salesforce: tokens, sObject Collections, queries, descriptions and jobs of Bulk API 2.0. */
export async function startFake(): Promise<SalesforceFake> {
  const org = new FakeOrg()
  const bulk = new FakeBulk(org)
  const gate = new Gate()
  const server = await startFakeServer((request) => answer(request, { org, bulk, gate, origin }))
  const { origin } = server
  const common = { login_url: origin, allow_private_network: true, timeout_seconds: 30 }
  return {
    server,
    settings: { ...common, client_id: CLIENT, client_secret: SECRET },
    objectNames: ['Contact', 'My_Object__c'],
    held: (_, object) => org.held(object, KEY),
    sample: (_, index) => row(`person-${index}`, `Lastname-${index}-canary`, index),
    refused: (_, index) => row(`refused-${index}`, `Lastname-${index}-${'canary'.repeat(50)}`, index),
    jobs: bulk.jobs,
    expireTokens: () => gate.expire(),
    lock: (records) => {
      org.locks = records
    },
    page: (records) => {
      org.pageSize = records
    },
    ways: () => ({
      refresh: { ...common, client_id: CLIENT, client_secret: SECRET, refresh_token: REFRESH },
      jwt: { ...common, client_id: CLIENT, username: USER, private_key: gate.newKey() },
      session: { ...common, base_url: origin, access_token: gate.newToken() },
    }),
    close: () => server.close(),
  }
}

const KEY = 'External_Id__c'

function row(name: string, lastName: string, index: number): HeldRow {
  return {
    key: { [KEY]: `${name}-canary@example.com` },
    fields: { About__c: `About-${index}-canary`, LastName: lastName },
  }
}

const CLIENT = 'consumer-key-of-the-fake'
const SECRET = 'fake-canary-client-secret'
const REFRESH = 'fake-canary-refresh-token'
const USER = 'robot@fake.example'

/** Who is let in. */
class Gate {
  #given = 0
  #valid = new Set<string>()
  #publicKey = ''

  newToken(): string {
    this.#given += 1
    const token = `00D-fake-canary-session-${this.#given}`
    this.#valid.add(token)
    return token
  }

  expire(): void {
    this.#valid = new Set()
  }

  letsIn(authorization: string | undefined): boolean {
    return this.#valid.has(authorization?.replace(/^Bearer /, '') ?? '')
  }

  /** Of an app that has its certificate. */
  newKey(): string {
    const pair = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    })
    this.#publicKey = pair.publicKey
    return pair.privateKey
  }

  /** Whether the assertion is signed, and says of whom and for whom it is. */
  trusts(assertion: string, audience: string): boolean {
    const [header = '', payload = '', signature = ''] = assertion.split('.')
    const isSigned = createVerify('RSA-SHA256')
      .update(`${header}.${payload}`)
      .verify(this.#publicKey, Buffer.from(signature, 'base64url'))
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>
    return isSigned && claims.iss === CLIENT && claims.sub === USER && claims.aud === audience
  }
}

interface World {
  readonly org: FakeOrg
  readonly bulk: FakeBulk
  readonly gate: Gate
  readonly origin: string
}

function answer(request: FakeRequest, { org, bulk, gate, origin }: World): FakeAnswer {
  if (request.path === '/services/oauth2/token') return tokenAnswer(request, gate, origin)
  if (!gate.letsIn(request.headers.authorization))
    return failure(401, 'INVALID_SESSION_ID', 'Session expired or invalid')
  const [, resource] = /^\/services\/data\/v64\.0(\/.*)$/.exec(request.path) ?? []
  if (resource === undefined) return failure(404, 'NOT_FOUND', 'The requested resource does not exist')
  const said = resource.startsWith('/jobs/')
    ? bulk.answer(request, resource)
    : restAnswer(org, request, resource)
  return said ?? failure(405, 'METHOD_NOT_ALLOWED', `HTTP Method '${request.method}' not allowed`)
}

function tokenAnswer({ method, body, headers }: FakeRequest, gate: Gate, origin: string): FakeAnswer {
  if (method !== 'POST' || headers['content-type'] !== 'application/x-www-form-urlencoded')
    return ok({ error: 'invalid_request' }, 400)
  const form = Object.fromEntries(new URLSearchParams(body))
  if (!isAllowed(form, gate, origin)) return ok({ error: 'invalid_grant' }, 400)
  return ok({
    access_token: gate.newToken(),
    instance_url: origin,
    id: `${origin}/id/00D000000000042EAA/005000000000001AAA`,
    token_type: 'Bearer',
    issued_at: '1700000000000',
  })
}

function isAllowed(form: Readonly<Record<string, string>>, gate: Gate, origin: string): boolean {
  const isApp = form.client_id === CLIENT && form.client_secret === SECRET
  switch (form.grant_type) {
    case 'client_credentials':
      return isApp
    case 'refresh_token':
      return isApp && form.refresh_token === REFRESH
    case 'urn:ietf:params:oauth:grant-type:jwt-bearer':
      return gate.trusts(form.assertion ?? '', origin)
    default:
      return false
  }
}
