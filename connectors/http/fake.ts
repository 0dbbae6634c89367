import { type FakeAnswer, type FakeRequest, startFakeServer } from '../../src/connector/fake-server.ts'
import type { Change, ConnectorFake, JsonValue, Settings } from '../../src/connector/types.ts'

type Fields = Readonly<Record<string, JsonValue>>

/**
 * A receiver that keeps each sync's rows by key. It asks for its token; a body that is not what the README says is
 * answered with 400.
 */
export async function startFake(): Promise<ConnectorFake> {
  const rows = new Map<string, Map<string, Fields>>()
  const people = new Map<string, Fields>()
  const server = await startFakeServer((request) =>
    request.path.startsWith('/rows/people') ? answerPeople(request, people) : answer(request, rows),
  )
  return {
    server,
    settings: {
      url: `${server.origin}/rows`,
      headers: { authorization: `Bearer ${TOKEN}` },
      batch_size: 500,
      allow_private_network: true,
      timeout_seconds: 30,
    },
    refused: (_, index) => ({
      key: { email: `${REFUSED}${index}-canary@example.com` },
      fields: { firstname: `Firstname-${index}-canary`, city: `City-${index}-canary` },
    }),
    useOf: (object): Settings => (object === 'requests' ? PEOPLE : {}),
    held: (sync, object) =>
      object === 'requests'
        ? [...people].map(([email, fields]) => ({ key: { email }, fields }))
        : [...(rows.get(sync) ?? [])].map(([key, fields]) => ({ key: JSON.parse(key), fields })),
    close: () => server.close(),
  }
}

const TOKEN = 'fake-receiver-token'

/** Rows whose key begins so are refused, so that there are some. */
const REFUSED = 'refused-'

interface Body {
  readonly sync: string
  readonly run_id: string
  readonly batch: number
  readonly changes: readonly Change[]
}

function answer(request: FakeRequest, rows: Map<string, Map<string, Fields>>): FakeAnswer {
  if (request.headers.authorization !== `Bearer ${TOKEN}`) return { status: 401 }
  if (request.method !== 'POST' || request.path !== '/rows') return { status: 404 }
  const body = bodyOf(request)
  if (body === undefined) return { status: 400 }
  const held = rows.get(body.sync) ?? new Map<string, Fields>()
  rows.set(body.sync, held)
  const results = body.changes.map((change) => {
    if (isRefused(change)) return { status: 'rejected', error: 'this receiver does not take it' }
    apply(change, held)
    return { status: 'applied' }
  })
  return { status: 200, body: JSON.stringify({ results }) }
}

/** An API of another form: how its requests look is told by the sync. */
const PEOPLE: Settings = {
  path: '/people',
  body: '{"people": "{{rows}}"}',
  row: '{"id": "{{key.email}}", "values": "{{fields}}"}',
  results: '/done',
  result_status: '/ok',
  result_applied: 'yes',
  result_error: '/why',
  remove_method: 'POST',
  remove_path: '/people/forget',
}

interface People {
  readonly people: readonly { readonly id: string; readonly values: Fields }[]
}

function answerPeople(request: FakeRequest, held: Map<string, Fields>): FakeAnswer {
  if (request.headers.authorization !== `Bearer ${TOKEN}`) return { status: 401 }
  const isForgetting = request.path === '/rows/people/forget'
  if (request.method !== 'POST' || (request.path !== '/rows/people' && !isForgetting)) return { status: 404 }
  const { people } = JSON.parse(request.body) as People
  const done = people.map(({ id, values }) => {
    if (id.startsWith(REFUSED)) return { ok: 'no', why: 'nobody of this name' }
    if (isForgetting) held.delete(id)
    else held.set(id, { ...held.get(id), ...values })
    return { ok: 'yes' }
  })
  return { status: 200, body: JSON.stringify({ done }) }
}

function isRefused({ key }: Change): boolean {
  return Object.values(key).some((value) => String(value).startsWith(REFUSED))
}

function bodyOf({ headers, body }: FakeRequest): Body | undefined {
  const parsed = parsedBody(body)
  const right =
    parsed !== undefined &&
    typeof parsed.sync === 'string' &&
    typeof parsed.run_id === 'string' &&
    Number.isInteger(parsed.batch) &&
    Array.isArray(parsed.changes) &&
    headers['idempotency-key'] !== undefined &&
    headers['content-type'] === 'application/json'
  return right ? parsed : undefined
}

function parsedBody(text: string): Body | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function apply({ op, key, fields, previous_key: previous }: Change, held: Map<string, Fields>): void {
  const name = JSON.stringify(key)
  if (previous !== undefined) held.delete(JSON.stringify(previous))
  if (op === 'remove') held.delete(name)
  else held.set(name, { ...held.get(name), ...fields })
}
