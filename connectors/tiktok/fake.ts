import { type FakeRequest, startFakeServer } from '../../src/connector/fake-server.ts'
import { objectIn } from '../../src/connector/shapes.ts'
import type { ConnectorFake, HeldRow } from '../../src/connector/types.ts'
import { ADVERTISER, type Answer, FakeAudiences, said } from './fake-audiences.ts'
import { FakeEvents } from './fake-events.ts'

export interface TiktokFake extends ConnectorFake {
  readonly audiences: FakeAudiences
}

/** An ad account of TikTok: audiences from files, and pixels that are told of events. Nearly all is answered with 200. */
export async function startFake(): Promise<TiktokFake> {
  const audiences = new FakeAudiences()
  const events = new FakeEvents()
  const server = await startFakeServer((request) => {
    const answer = answerOf(request, audiences, events)
    return answer === undefined
      ? { status: 404, body: '404 page not found' }
      : { status: 200, body: JSON.stringify({ request_id: 'fake', ...answer }) }
  })
  const today = new Date(Math.floor(server.startedAtMs / 1000) * 1000).toISOString()
  return {
    audiences,
    server,
    settings: {
      access_token: ACCESS_TOKEN,
      advertiser_id: ADVERTISER,
      base_url: server.origin,
      allow_private_network: true,
      timeout_seconds: 30,
    },
    useOf: (object) =>
      object === 'audience' ? { audience: 'VIPs' } : { event_source: 'web', event_source_id: 'CFAKE' },
    held: (_sync, object) => (object === 'audience' ? audiences.held('VIPs') : events.held()),
    sample: (object, index) => sampleOf(object, index, today),
    refused: (object, index) => {
      if (object === 'audience') return undefined
      const { fields, ...event } = sampleOf(object, index, today)
      return { ...event, fields: { ...fields, currency: 'canary-EUR' } }
    },
    close: () => server.close(),
  }
}

const ACCESS_TOKEN = 'tiktok-fake-canary-token'

function answerOf(request: FakeRequest, audiences: FakeAudiences, events: FakeEvents): Answer | undefined {
  const { pathname, searchParams } = new URL(request.path, 'http://fake')
  const { 'access-token': token } = request.headers
  const refusal = token === undefined ? said(40104, 'Access token is null.') : undefined
  if (refusal ?? token !== ACCESS_TOKEN) return refusal ?? said(40105, 'Access token is incorrect.')
  switch (`${request.method} ${pathname.replace('/open_api/v1.3', '')}`) {
    case 'POST /dmp/custom_audience/file/upload/':
      return audiences.upload(request)
    case 'POST /dmp/custom_audience/create/':
      return ofAdvertiser(jsonOf(request), (body) => audiences.create(body))
    case 'POST /dmp/custom_audience/update/':
      return ofAdvertiser(jsonOf(request), (body) => audiences.update(body))
    case 'GET /dmp/custom_audience/list/':
      return ofAdvertiser(Object.fromEntries(searchParams), () => audiences.list(searchParams))
    case 'GET /dmp/custom_audience/get/':
      return ofAdvertiser(Object.fromEntries(searchParams), () => audiences.get(searchParams))
    case 'POST /event/track/':
      return events.track(jsonOf(request))
    default:
      return undefined
  }
}

function ofAdvertiser<T extends Readonly<Record<string, unknown>>>(
  given: T,
  work: (given: T) => Answer,
): Answer {
  return given.advertiser_id === ADVERTISER ? work(given) : said(40300, 'The advertiser does not exist.')
}

function jsonOf({ body }: FakeRequest): Readonly<Record<string, unknown>> {
  return objectIn(JSON.parse(body))
}

function sampleOf(object: string, index: number, today: string): HeldRow {
  const plain = { email: `canary${index}@example.com` }
  if (object === 'audience') return { key: { id: `person-${index}-canary` }, fields: {}, plain }
  const fields = { event_name: 'Purchase', event_time: today, description: `Shoes ${index} canary` }
  return {
    key: { event_id: `event-${index}-canary` },
    fields: { ...fields, value: index + 0.5, currency: 'EUR' },
    plain,
  }
}
