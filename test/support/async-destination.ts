import assert from 'node:assert/strict'
import { answerWords } from '../../src/connector/answer-words.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import { FakeJobs } from '../../src/connector/fake-jobs.ts'
import { type FakeAnswer, type FakeRequest, startFakeServer } from '../../src/connector/fake-server.ts'
import { objectIn, objectsIn } from '../../src/connector/shapes.ts'
import type {
  Batch,
  Change,
  Connection,
  Connector,
  ConnectorEntry,
  ConnectorFake,
  ConnectorTools,
  JobAnswer,
  JobFault,
  JsonValue,
  Manifest,
  ObjectDefinition,
  Receipt,
  Settings,
} from '../../src/connector/types.ts'
import { unanswered } from '../../src/connector/unanswered.ts'

/**
 * A destination that takes batches as jobs, registered by tests only. `POST /jobs` is answered with an id, `GET
 * /jobs/ID` with what became of it, 404 when it is forgotten. `people` may be sent twice, `events` may not. `contacts` are
 * taken at once by `POST /rows`, and as jobs when a plan has many.
 */
const CONTACTS: ObjectDefinition = {
  description: 'Rows.',
  keys: undefined,
  keyNormalizers: {},
  modes: ['upsert', 'insert', 'update', 'mirror'],
  idempotent: true,
  carriesSyncName: true,
  remove: 'delete',
  batch: { maxItems: 10_000, maxBytes: 1024 * 1024, itemsSetting: 'batch_size' },
  bulk: { aboveRows: 12, maxItems: 5, maxBytes: 4096 },
}

const { bulk: _, ...AT_ONCE } = CONTACTS

const PEOPLE: ObjectDefinition = { ...AT_ONCE, async: true }

export const JOBS_MANIFEST: Manifest = {
  name: 'jobs',
  title: 'A destination that works on jobs',
  verification: 'generic',
  settings: {
    url: { type: 'text', required: true, description: 'Where it is.' },
    batch_size: {
      type: 'integer',
      default: 500,
      minimum: 1,
      maximum: 10_000,
      description: 'At most so many changes in one job.',
    },
    allow_private_network: { type: 'boolean', default: false, description: 'Also lets loopback through.' },
    timeout_seconds: { type: 'integer', default: 30, description: 'How long one request may take.' },
  },
  objects: {
    people: PEOPLE,
    events: { ...PEOPLE, idempotent: false },
    contacts: CONTACTS,
  },
}

export const jobsConnector: Connector = { manifest: JOBS_MANIFEST, connect }

export const JOBS_ENTRY: ConnectorEntry = {
  manifest: JOBS_MANIFEST,
  load: async () => jobsConnector,
  loadFake: async () => startAsyncFake,
}

function connect(settings: Settings, tools: ConnectorTools): Connection {
  const url = String(settings.url)
  const client = tools.http({
    allowPrivateNetwork: settings.allow_private_network === true,
    timeoutMs: Number(settings.timeout_seconds) * 1000,
  })
  return {
    account: async () => new URL(url).origin,
    async write(batch) {
      const { sync, object, changesJson, isBulk } = batch
      if (batch.count === 0) return []
      assert.deepEqual([object, isBulk], ['contacts', undefined], 'a batch is started as a job')
      const { text } = await client.request({
        method: 'POST',
        url: `${url}/rows`,
        body: bodyOf(sync, object, changesJson),
      })
      return receiptsIn(text, batch)
    },
    async start({ sync, object, changesJson, idempotencyKey, isBulk }) {
      assert.equal(isBulk, object === 'contacts' ? true : undefined)
      const { text } = await client.request({
        method: 'POST',
        url: `${url}/jobs`,
        headers: { 'idempotency-key': idempotencyKey },
        body: bodyOf(sync, object, changesJson),
      })
      return text.startsWith('{"receipts"') ? (JSON.parse(text) as Receipts) : { jobId: jobIdIn(text) }
    },
    async poll(jobId, batch) {
      assert.equal(batch.isBulk, batch.object === 'contacts' ? true : undefined)
      const request = { method: 'GET', url: `${url}/jobs/${jobId}`, answers: [404] } as const
      const { status, text } = await client.request(request)
      return status === 404 ? { status: 'forgotten' } : (JSON.parse(text) as JobAnswer)
    },
  }
}

function receiptsIn(text: string, batch: Batch): readonly Receipt[] {
  const receipts = objectsIn(objectIn(parsed(text)).receipts)
  const words = answerWords(batch)
  return Array.from({ length: batch.count }, (_, index): Receipt => {
    const { status, error } = receipts.length === batch.count ? (receipts[index] ?? {}) : {}
    if (status === 'applied') return { status }
    if (status === 'rejected') return { status, error: words(index, error) ?? 'no reason given' }
    return unanswered('expected a receipt for every row, found another answer')
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

interface Receipts {
  readonly receipts: readonly Receipt[]
}

function bodyOf(sync: string, object: string, changesJson: string): string {
  return `{"sync":${JSON.stringify(sync)},"object":"${object}","changes":${changesJson}}`
}

/** Throws a `DestinationError`: a job without an id cannot be asked for, and may run all the same. */
function jobIdIn(text: string): string {
  const id = /^\{"id":"(job-\d+)"\}$/.exec(text)?.[1]
  if (id !== undefined) return id
  const message = 'expected the answer to name the job, found none'
  throw new DestinationError('retry', { message, ambiguous: true })
}

export interface StartedJob {
  readonly jobId: string
  readonly idempotencyKey: string
  readonly changes: readonly Change[]
}

export interface AsyncFake extends ConnectorFake {
  readonly server: NonNullable<ConnectorFake['server']>
  /** Each request that started a job, or came again for one. */
  readonly started: readonly StartedJob[]
  /** Those that were taken at once, batch by batch. */
  readonly written: (readonly Change[])[]
  /** A job of these rows is answered so without being one; undefined: it is one. */
  atOnce: (changes: readonly Change[]) => readonly Receipt[] | undefined
  /** Questions for jobs. */
  readonly polls: readonly string[]
  readonly jobs: FakeJobs
  /** What goes wrong with a job of these rows, however many are started at once; undefined: as `jobs` was told. */
  faultOf: (changes: readonly Change[]) => JobFault | undefined
  /** Asked before a request is worked on (a start before it, a question before its answer); tests kill processes here. */
  before: (what: 'start' | 'started' | 'poll', jobId: string | undefined) => void | Promise<void>
}

export async function startAsyncFake(): Promise<AsyncFake> {
  const rows = new Map<string, Map<string, Fields>>()
  const jobs = new FakeJobs()
  const started: StartedJob[] = []
  const polls: string[] = []
  const written: (readonly Change[])[] = []
  const server = await startFakeServer(answer)
  const fake: AsyncFake = {
    server,
    settings: { url: server.origin, batch_size: 500, allow_private_network: true, timeout_seconds: 30 },
    held: (sync, object) =>
      [...(rows.get(`${sync} ${object}`) ?? [])].map(([key, fields]) => ({ key: JSON.parse(key), fields })),
    refused: (_, index) => ({
      key: { email: `${REFUSED}${index}-canary@example.com` },
      fields: { firstname: `Firstname-${index}-canary`, city: `City-${index}-canary` },
    }),
    jobs,
    started,
    written,
    atOnce: () => undefined,
    polls,
    faultOf: () => undefined,
    before: () => {},
    close: () => server.close(),
  }
  return fake

  async function answer(request: FakeRequest): Promise<FakeAnswer> {
    if (request.method === 'POST' && request.path === '/jobs') return start(request)
    if (request.method === 'POST' && request.path === '/rows') return write(request)
    const id = /^\/jobs\/(job-\d+)$/.exec(request.path)?.[1]
    return id === undefined || request.method !== 'GET' ? { status: 400 } : ask(id)
  }

  async function start({ headers, body }: FakeRequest): Promise<FakeAnswer> {
    await fake.before('start', undefined)
    const { changes, held } = readOf(body)
    const receipts = fake.atOnce(changes)
    if (receipts !== undefined) {
      for (const [place, change] of changes.entries())
        if (receipts[place]?.status === 'applied') take(change, held)
      return { status: 200, body: JSON.stringify({ receipts }) }
    }
    const idempotencyKey = headers['idempotency-key'] ?? ''
    const apply = (applied: (place: number) => boolean) => {
      for (const [place, change] of changes.entries()) if (applied(place)) take(change, held)
    }
    const jobId = jobs.start(
      idempotencyKey,
      changes.length,
      apply,
      fake.faultOf(changes) ?? refusalsIn(changes),
    )
    started.push({ jobId, idempotencyKey, changes })
    await fake.before('started', jobId)
    return { status: 202, body: JSON.stringify({ id: jobId }) }
  }

  function write({ body }: FakeRequest): FakeAnswer {
    const { changes, held } = readOf(body)
    written.push(changes)
    const receipts = changes.map((change): Receipt => {
      if (isRefused(change)) return REFUSAL
      take(change, held)
      return { status: 'applied' }
    })
    return { status: 200, body: JSON.stringify({ receipts }) }
  }

  function readOf(body: string) {
    const { sync, object, changes } = JSON.parse(body) as Body
    const held = rows.get(`${sync} ${object}`) ?? new Map<string, Fields>()
    rows.set(`${sync} ${object}`, held)
    return { changes, held }
  }

  async function ask(id: string): Promise<FakeAnswer> {
    polls.push(id)
    await fake.before('poll', id)
    const said = jobs.ask(id)
    return said.status === 'forgotten' ? { status: 404 } : { status: 200, body: JSON.stringify(said) }
  }
}

/** Rows whose key begins so are refused. */
const REFUSED = 'refused-'

const REFUSAL: Receipt = { status: 'rejected', error: 'it is not taken' }

function refusalsIn(changes: readonly Change[]): JobFault | undefined {
  const places = changes.flatMap((change, place) => (isRefused(change) ? [place] : []))
  if (places.length === 0) return undefined
  return { kind: 'partial', rows: new Map(places.map((place) => [place, REFUSAL])) }
}

function isRefused({ key }: Change): boolean {
  return String(Object.values(key)[0]).startsWith(REFUSED)
}

type Fields = Readonly<Record<string, JsonValue>>

interface Body {
  readonly sync: string
  readonly object: string
  readonly changes: readonly Change[]
}

function take({ op, key, fields }: Change, held: Map<string, Fields>): void {
  const name = JSON.stringify(key)
  if (op === 'remove') held.delete(name)
  else held.set(name, { ...held.get(name), ...fields })
}
