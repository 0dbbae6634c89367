import { type FakeAnswer, type FakeRequest, startFakeServer } from '../../src/connector/fake-server.ts'
import type { ConnectorFake } from '../../src/connector/types.ts'
import { FakeAudience, type FakeMember, type MemberInput, Refusal } from './fake-audience.ts'

/** An account of Mailchimp with one audience, as its Marketing API keeps it: members by the MD5 of their address. */
export async function startFake(): Promise<ConnectorFake> {
  const audience = new FakeAudience()
  const server = await startFakeServer((request) => answer(request, audience))
  return {
    server,
    settings: {
      api_key: KEY,
      base_url: `${server.origin}/3.0`,
      allow_private_network: true,
      timeout_seconds: 30,
    },
    useOf: () => ({
      audience: AUDIENCE,
      status_if_new: 'transactional',
      status_if_archived: 'transactional',
    }),
    sample: (_, index) => ({
      key: { email_address: `person-${index}-canary@example.com` },
      fields: { FNAME: `Firstname-${index}-canary`, LNAME: `Lastname-${index}-canary` },
    }),
    refused: (_, index) => ({
      key: { email_address: `nonsense-${index}-canary` },
      fields: { FNAME: `Firstname-${index}-canary`, LNAME: `Lastname-${index}-canary` },
    }),
    held: () => audience.held(),
    erased: () => audience.erased.map((email) => ({ email_address: email })),
    close: () => server.close(),
  }
}

const KEY = '0123456789abcdef0123456789canary-us21'
const AUDIENCE = 'a1b2c3d4e5'
const MERGE_TAGS = ['FNAME', 'LNAME', 'ADDRESS', 'PHONE', 'BIRTHDAY']

/** Which requests an audience knows, by what follows `/lists/{id}`. */
const MEMBER = /^\/members\/([0-9a-f]{32})(\/tags|\/actions\/delete-permanent)?$/

function answer(request: FakeRequest, audience: FakeAudience): FakeAnswer {
  const { pathname } = new URL(request.path, 'http://fake')
  if (!isLetIn(request)) return problem(401, 'API Key Invalid', 'Your API key may be invalid.')
  if (pathname === '/3.0/') return ok({ account_id: '8d3a3db4d97663a9074efcc16' })
  const [, list, rest = ''] = /^\/3\.0\/lists\/([^/]+)(\/.+)?$/.exec(pathname) ?? []
  if (list !== AUDIENCE) return NOT_FOUND
  if (rest === '') return ok({ id: AUDIENCE, name: 'Customers' })
  if (rest === '/merge-fields') return ok({ merge_fields: MERGE_TAGS.map((tag) => ({ tag })) })
  const [, hash, action] = MEMBER.exec(rest) ?? []
  if (hash === undefined) return NOT_FOUND
  try {
    return memberAnswer(request, audience, hash, action)
  } catch (error) {
    if (error instanceof Refusal) return problem(400, error.title, error.message)
    throw error
  }
}

/** Basic authentication with any name. */
function isLetIn({ headers }: FakeRequest): boolean {
  const [scheme, pair = ''] = (headers.authorization ?? '').split(' ')
  return scheme === 'Basic' && Buffer.from(pair, 'base64').toString().split(':')[1] === KEY
}

function memberAnswer(
  { method, body }: FakeRequest,
  audience: FakeAudience,
  hash: string,
  action: string | undefined,
): FakeAnswer {
  const input = (body === '' ? {} : JSON.parse(body)) as MemberInput
  const member = audience.find(hash)
  if (method === 'PUT' && action === undefined) return contact(audience.put(hash, input))
  if (member === undefined) return NOT_FOUND
  if (method === 'POST' && action === '/tags') {
    audience.tag(member, input.tags ?? [])
    return NO_CONTENT
  }
  if (method === 'POST' && action !== undefined) {
    audience.forget(hash)
    return NO_CONTENT
  }
  if (method === 'GET') return contact(member)
  if (method === 'PATCH') return contact(audience.change(member, input))
  if (method !== 'DELETE') return problem(405, 'Method Not Allowed', 'See the Allow header.')
  if (member.status === 'archived')
    return problem(405, 'Method Not Allowed', 'This list member cannot be removed.')
  audience.archive(member)
  return NO_CONTENT
}

function contact({ hash, email, status, merge, tags }: FakeMember): FakeAnswer {
  return ok({
    id: hash,
    email_address: email,
    status,
    merge_fields: merge,
    tags: [...tags].map((name) => ({ name })),
  })
}

const NO_CONTENT: FakeAnswer = { status: 204, body: '' }
const NOT_FOUND = problem(404, 'Resource Not Found', 'The requested resource could not be found.')

function ok(body: object): FakeAnswer {
  return { status: 200, body: JSON.stringify(body) }
}

function problem(status: number, title: string, detail: string): FakeAnswer {
  const body = { type: 'about:blank', title, status, detail, instance: 'fake' }
  return { status, headers: { 'content-type': 'application/problem+json' }, body: JSON.stringify(body) }
}
