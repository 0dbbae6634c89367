import { FakeGoogleGate } from '../../src/connector/fake-google-gate.ts'
import { FakeJobs } from '../../src/connector/fake-jobs.ts'
import { type FakeAnswer, type FakeRequest, startFakeServer } from '../../src/connector/fake-server.ts'
import type { ConnectorFake, HeldRow, JobAnswer, Receipt, Settings } from '../../src/connector/types.ts'
import { eventsIn, FakeEvents } from './fake-events.ts'
import { FakeLists } from './fake-lists.ts'
import { checkConsent, membersIn } from './fake-people.ts'
import { FakeRefusal, type Json, known, list, oneOf } from './fake-refusal.ts'

/** Beside what every fake does. */
export interface GoogleAdsFake extends ConnectorFake {
  readonly jobs: FakeJobs
  readonly lists: FakeLists
  expireTokens(): void
  countInvalid(entries: number): void
  /** The next jobs end so, one each: with these counts by reason. */
  endWith(...counts: readonly Readonly<Record<string, number>>[]): void
  /** Settings of a service account. */
  robot(): Settings
}

/** An ad account with the lists that are made in it and one conversion action. */
export async function startFake(): Promise<GoogleAdsFake> {
  const gate = new FakeGoogleGate('datamanager')
  const account = new FakeAdAccount()
  const server = await startFakeServer((request) => {
    const url = new URL(request.path, server.origin)
    if (url.pathname === '/token') return gate.answer(request, `${server.origin}/token`)
    if (!gate.letsIn(request.headers.authorization))
      return new FakeRefusal('UNAUTHENTICATED', undefined, 401).answer()
    return account.answer(request, url)
  })
  const common = {
    account_id: ACCOUNT_ID,
    accept_customer_match_terms: true,
    base_url: server.origin,
    token_url: `${server.origin}/token`,
    allow_private_network: true,
    timeout_seconds: 30,
  }
  return {
    server,
    settings: { ...common, ...gate.person },
    robot: () => ({ ...common, ...gate.robot() }),
    jobs: account.jobs,
    lists: account.lists,
    held: (_, object) => account.held(object),
    useOf: (object): Settings =>
      object === 'audience'
        ? { audience: AUDIENCE, kind: 'contact_id', membership_days: 540, ...CONSENT }
        : { conversion_action: ACTION, event_source: 'WEB', ...CONSENT },
    sample,
    refused: (object, index) => {
      const { key, plain = {} } = sample(object, index)
      if (object === 'audience') return { key, fields: { ad_user_data: 'perhaps' }, plain }
      return { key, fields: { event_time: WHEN, currency: 'none of a country' }, plain }
    },
    countInvalid: (entries) => account.endWith({ INVALID_FORMAT: entries }),
    endWith: (...counts) => account.endWith(...counts),
    expireTokens: () => gate.expire(),
    close: () => server.close(),
  }
}

const ACCOUNT_ID = '1234567890'
const PARENT = `accountTypes/GOOGLE_ADS/accounts/${ACCOUNT_ID}`
const AUDIENCE = 'Lapsing "VIPs"'
const ACTION = '987654321'
const CONSENT = { ad_user_data: 'granted', ad_personalization: 'granted' }

/** A day before this process began: events must be of the last months. */
const WHEN = new Date(performance.timeOrigin - 24 * 60 * 60 * 1000).toISOString()

function sample(object: string, index: number): HeldRow {
  const plain = { email: `canary${index}@example.com` }
  if (object === 'audience')
    return { key: { id: `person-${index}-canary` }, fields: { ad_user_data: 'granted' }, plain }
  const fields = { event_name: `Purchase-${index}-canary`, event_time: WHEN, event_source: 'APP' }
  return {
    key: { event_id: `order-${index}-canary` },
    fields: { ...fields, value: index + 0.5, currency: 'EUR' },
    plain,
  }
}

class FakeAdAccount {
  readonly jobs = new FakeJobs()
  readonly lists = new FakeLists(PARENT)
  readonly #events = new FakeEvents()
  readonly #counts: Readonly<Record<string, number>>[] = []
  /** By job; of those that end with counts. */
  readonly #ends = new Map<string, Readonly<Record<string, number>>>()
  #requests = 0

  endWith(...counts: readonly Readonly<Record<string, number>>[]): void {
    this.#counts.push(...counts)
  }

  held(object: string): readonly HeldRow[] {
    if (object === 'events') return this.#events.held()
    const id = this.lists.named(AUDIENCE)
    return id === undefined ? [] : this.lists.held(id)
  }

  answer(request: FakeRequest, url: URL): FakeAnswer {
    try {
      return { status: 200, body: JSON.stringify(this.#said(request, url)) }
    } catch (error) {
      if (error instanceof FakeRefusal) return error.answer()
      throw error
    }
  }

  #said({ method, body }: FakeRequest, url: URL): Json {
    const path = decodeURIComponent(url.pathname).replace(/^\/v1\//, '')
    if (method === 'GET' && path === 'requestStatus:retrieve')
      return this.#status(url.searchParams.get('requestId') ?? '')
    if (!path.startsWith('accountTypes/')) return this.#taken(`${method} ${path}`, body)
    if (!path.startsWith(`${PARENT}/userLists`)) throw new FakeRefusal('PERMISSION_DENIED', undefined, 403)
    const id = path.slice(`${PARENT}/userLists/`.length)
    if (method === 'POST') return this.lists.resource(this.lists.make(JSON.parse(body)))
    return id === '' ? this.lists.page(url.searchParams) : this.lists.resource(id)
  }

  #taken(operation: string, body: string): Json {
    switch (operation) {
      case 'POST audienceMembers:ingest':
        return this.#ingest(JSON.parse(body))
      case 'POST audienceMembers:remove':
        return this.#remove(JSON.parse(body))
      case 'POST events:ingest':
        return this.#ingestEvents(JSON.parse(body))
      default:
        throw new FakeRefusal('NOT_FOUND', undefined, 404)
    }
  }

  #ingest(json: unknown): Json {
    const request = known(json, [...REQUEST, 'audienceMembers', 'consent', 'termsOfService'], 'request')
    const terms = known(request.termsOfService ?? {}, ['customerMatchTermsOfServiceStatus'], 'terms')
    const { keyType, found } = membersIn(request.audienceMembers, request.encoding)
    if (keyType !== 'USER_ID' && terms.customerMatchTermsOfServiceStatus !== 'ACCEPTED')
      throw new FakeRefusal('TERMS_AND_CONDITIONS_NOT_SIGNED', 'terms_of_service')
    checkConsent(request.consent, 'consent')
    const id = destinationIn(request)
    this.lists.checkTakes(id, keyType)
    return this.#start(found, (one) => this.lists.put(id, one))
  }

  #remove(json: unknown): Json {
    const request = known(json, [...REQUEST, 'audienceMembers'], 'request')
    const { keyType, found } = membersIn(request.audienceMembers, request.encoding)
    const id = destinationIn(request)
    this.lists.checkTakes(id, keyType)
    return this.#start(found, (one) => this.lists.take(id, one))
  }

  #ingestEvents(json: unknown): Json {
    const request = known(json, [...REQUEST, 'events', 'consent'], 'request')
    checkConsent(request.consent, 'consent')
    if (destinationIn(request) !== ACTION)
      throw new FakeRefusal('INVALID_CONVERSION_ACTION_ID', 'destinations.destinations[0]')
    return this.#start(eventsIn(request.events, request.encoding), (event) => this.#events.take(event))
  }

  /** Records are worked through when the job is asked for. */
  #start<T>(records: readonly T[], work: (record: T) => void): Json {
    this.#requests += 1
    const requestId = this.jobs.start(`${this.#requests}`, records.length, (applied) => {
      for (const [place, record] of records.entries()) if (applied(place)) work(record)
    })
    const counts = this.#counts.shift()
    if (counts !== undefined) this.#ends.set(requestId, counts)
    return { requestId }
  }

  #status(requestId: string): Json {
    const said = this.jobs.ask(requestId)
    if (said.status === 'forgotten') throw new FakeRefusal('INVALID_REQUEST_ID', 'request_id')
    const counts = this.#ends.get(requestId) ?? countsOf(said)
    const status =
      said.status === 'done' && Object.keys(counts).length > 0 ? 'PARTIAL_SUCCESS' : STATUSES[said.status]
    const errorCounts = Object.entries(counts).map(([reason, count]) => ({
      reason: `PROCESSING_ERROR_REASON_${reason}`,
      recordCount: String(count),
    }))
    const errorInfo =
      errorCounts.length === 0 || said.status === 'running' ? {} : { errorInfo: { errorCounts } }
    return { requestStatusPerDestination: [{ requestStatus: status, ...errorInfo }] }
  }
}

const REQUEST = ['destinations', 'encoding']

const STATUSES: Readonly<Record<string, string>> = {
  running: 'PROCESSING',
  done: 'SUCCESS',
  failed: 'FAILED',
}

/** Google counts what it did not take, and names none of it. */
function countsOf(said: JobAnswer): Readonly<Record<string, number>> {
  if (said.status === 'failed') return { [said.retry ? 'INTERNAL_ERROR' : 'INVALID_FORMAT']: 1 }
  if (said.status !== 'done') return {}
  const failed = said.receipts.filter(({ status }: Receipt) => status !== 'applied').length
  return failed === 0 ? {} : { INVALID_FORMAT: failed }
}

function destinationIn(request: Json): string {
  const [first] = list(request.destinations, 10, 'TOO_MANY_DESTINATIONS', 'destinations')
  const at = 'destinations.destinations[0]'
  const accounts = ['operatingAccount', 'loginAccount', 'linkedAccount']
  const destination = known(first, [...accounts, 'productDestinationId'], at)
  for (const name of accounts)
    if (destination[name] !== undefined) {
      const account = known(destination[name], ['accountType', 'accountId'], `${at}.${name}`)
      oneOf(account.accountType, TYPES, `${at}.${name}.account_type`)
    }
  if ((destination.operatingAccount as Json | undefined)?.accountId !== ACCOUNT_ID)
    throw new FakeRefusal('PERMISSION_DENIED', undefined, 403)
  return String(destination.productDestinationId)
}

const TYPES = ['GOOGLE_ADS', 'DISPLAY_VIDEO_ADVERTISER', 'DISPLAY_VIDEO_PARTNER', 'DATA_PARTNER']
