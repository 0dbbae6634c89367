import { createHmac } from 'node:crypto'
import { type FakeAnswer, type FakeRequest, startFakeServer } from '../../src/connector/fake-server.ts'
import { objectIn } from '../../src/connector/shapes.ts'
import type { ConnectorFake, HeldRow, Settings } from '../../src/connector/types.ts'
import { answerOf, invalid, type Refusal } from './fake-answers.ts'
import { FakeAudiences } from './fake-audiences.ts'
import { FakeEvents } from './fake-events.ts'

/** One more than the suite asks of a fake. */
export interface MetaFake extends ConnectorFake {
  readonly audiences: FakeAudiences
  readonly events: FakeEvents
}

/** An ad account with its custom audiences, and a dataset. */
export async function startFake(): Promise<MetaFake> {
  const account = { audiences: new FakeAudiences(), events: new FakeEvents() }
  const server = await startFakeServer((request) =>
    answer(request, { ...account, nowMs: server.startedAtMs }),
  )
  const { startedAtMs } = server
  return {
    ...account,
    server,
    settings: {
      access_token: TOKEN,
      app_secret: APP_SECRET,
      ad_account: ACCOUNT,
      dataset: DATASET,
      base_url: server.origin,
      allow_private_network: true,
      timeout_seconds: 30,
    },
    held: (_sync, object) => {
      if (object === 'events') return account.events.held()
      return account.audiences.all.find(({ name }) => name === AUDIENCE)?.held() ?? []
    },
    useOf: (object): Settings => (object === 'events' ? {} : { audience: AUDIENCE }),
    sample: (object, index) => sampleOf(object, index, startedAtMs),
    refused: (object, index) => (object === 'events' ? tooOld(index, startedAtMs) : undefined),
    countInvalid: (entries) => {
      account.audiences.invalidEntries = entries
    },
    close: () => server.close(),
  }
}

const VERSION = 'v25.0'
const TOKEN = 'EAAB-fake-canary-token'
const APP_SECRET = 'fake-canary-app-secret'
const ACCOUNT = 'act_1'
const DATASET = '4711'
const AUDIENCE = 'Lapsing VIPs'

interface Account {
  readonly audiences: FakeAudiences
  readonly events: FakeEvents
  readonly nowMs: number
}

function answer(request: FakeRequest, account: Account): FakeAnswer {
  const url = new URL(request.path, 'http://fake')
  const refusal = whoAsks(request, url)
  if (refusal !== undefined) return answerOf(refusal)
  const [, version, node = '', edge] = url.pathname.split('/')
  if (version !== VERSION) return answerOf({ code: 2635, message: '(#2635) You are calling another version' })
  const body = request.body === '' ? {} : objectIn(JSON.parse(request.body))
  return answerOf(outcomeOf({ method: request.method, node, edge, query: url.searchParams, body }, account))
}

function whoAsks({ headers }: FakeRequest, url: URL): Refusal | undefined {
  if (headers.authorization !== `Bearer ${TOKEN}`)
    return { status: 401, code: 190, message: 'Invalid OAuth access token - Cannot parse access token' }
  const proof = url.searchParams.get('appsecret_proof')
  const expected = createHmac('sha256', APP_SECRET).update(TOKEN).digest('hex')
  if (proof !== null && proof !== expected)
    return invalid('Invalid appsecret_proof provided in the API argument')
  return undefined
}

function outcomeOf(
  asked: {
    readonly method: string
    readonly node: string
    readonly edge: string | undefined
    readonly query: URLSearchParams
    readonly body: Readonly<Record<string, unknown>>
  },
  { audiences, events, nowMs }: Account,
): object {
  const { method, node, edge, query, body } = asked
  switch (
    `${method} ${node === ACCOUNT || node === DATASET ? node : 'ID'}${edge === undefined ? '' : `/${edge}`}`
  ) {
    case `GET ${ACCOUNT}`:
      return { id: ACCOUNT }
    case `GET ${ACCOUNT}/customaudiences`:
      return audiences.page(query)
    case `POST ${ACCOUNT}/customaudiences`:
      return audiences.make(body)
    case `POST ${DATASET}/events`:
      return events.receive(body, nowMs)
    case 'POST ID/users':
    case 'DELETE ID/users':
      return audiences.users(node, method, body)
    case 'GET ID': {
      const found = audiences.all.find(({ id }) => id === node)
      if (found !== undefined) return found.node(query.get('fields'))
    }
  }
  return invalid(
    'Unsupported request. Object does not exist, or cannot be loaded due to missing permissions',
    33,
  )
}

const HOUR_MS = 60 * 60 * 1000

function sampleOf(object: string, index: number, startedAtMs: number): HeldRow {
  const plain = { email: `canary${index}@example.com` }
  if (object === 'audience') return { key: { id: `person-${index}` }, fields: {}, plain }
  const at = Math.floor((startedAtMs - HOUR_MS) / 1000) * 1000 - index * 1000
  const fields = {
    ...{ order_id: `Order ${index} canary`, event_name: 'Purchase', event_time: new Date(at).toISOString() },
    ...{ action_source: 'website', value: index + 0.5, currency: 'EUR' },
  }
  return { key: { event_id: `event-${index}-canary` }, fields, plain }
}

const WEEK_MS = 7 * 24 * HOUR_MS

function tooOld(index: number, startedAtMs: number): HeldRow {
  const { fields, ...event } = sampleOf('events', index, startedAtMs)
  return {
    ...event,
    fields: { ...fields, event_time: new Date(startedAtMs - WEEK_MS - HOUR_MS).toISOString() },
  }
}
