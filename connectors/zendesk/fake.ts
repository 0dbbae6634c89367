import { FakeJobs } from '../../src/connector/fake-jobs.ts'
import { type FakeAnswer, type FakeRequest, startFakeServer } from '../../src/connector/fake-server.ts'
import type { ConnectorFake, HeldRow, JobAnswer, JobFault, Receipt } from '../../src/connector/types.ts'
import { FakeRecords, type Input, type Stored } from './fake-records.ts'

/** An account of Zendesk with its users, organizations and jobs. */
export async function startFake(): Promise<ConnectorFake> {
  const account = new FakeAccount()
  const server = await startFakeServer((request) => account.answer(request))
  return {
    server,
    settings: {
      subdomain: 'acme',
      email: EMAIL,
      api_token: TOKEN,
      base_url: server.origin,
      allow_private_network: true,
      timeout_seconds: 30,
    },
    jobs: account.jobs,
    sample,
    refused,
    held: (_, object) => (object === 'users' ? account.users : account.organizations).held(),
    erased: () => account.erased,
    close: () => server.close(),
  }
}

const EMAIL = 'admin@example.com'
const TOKEN = 'zendesk-fake-canary-token'
const CAP = 100

function sample(object: string, index: number): HeldRow {
  const name = `${object === 'users' ? 'Name' : 'Organization'}-${index}-canary`
  return {
    key: { external_id: `canary-${index}` },
    fields: {
      details: `Details-${index}-canary`,
      plan: `Plan-${index}-canary`,
      ...(object === 'users' ? { email: `person-${index}-canary@example.com` } : {}),
      name,
    },
  }
}

function refused(object: string, index: number): HeldRow {
  const { key, fields } = sample(object, index)
  const wrong = object === 'users' ? { email: `nonsense-${index}-canary` } : { name: '' }
  return { key: { external_id: `refused-${key.external_id}` }, fields: { ...fields, ...wrong } }
}

class FakeAccount {
  readonly users = new FakeRecords('user_fields', ['plan', 'score'])
  readonly organizations = new FakeRecords('organization_fields', ['plan'])
  readonly jobs = new FakeJobs()
  readonly erased: HeldRow['key'][] = []
  readonly #results = new Map<string, readonly (Stored | undefined)[]>()
  readonly #deleted = new Map<string, Stored>()
  #started = 0

  answer({ method, path, headers, body }: FakeRequest): FakeAnswer {
    const { pathname, searchParams } = new URL(path, 'http://fake')
    if (pathname === '/api/v2/users/me')
      return ok({ user: { id: 1, role: isLetIn(headers) ? 'admin' : 'end-user' } })
    if (!isLetIn(headers))
      return { status: 401, body: JSON.stringify({ error: "Couldn't authenticate you" }) }
    const [, kind, rest = ''] = /^\/api\/v2\/([a-z_]+)(?:\/(.+))?$/.exec(pathname) ?? []
    const input = () => JSON.parse(body) as Record<string, unknown>
    switch (`${method} ${kind}/${rest}`.replace(/\/(?:\d+|job-\d+)$/, '/#')) {
      case 'GET user_fields/':
        return this.#fields('user_fields', this.users, searchParams)
      case 'GET organization_fields/':
        return this.#fields('organization_fields', this.organizations, searchParams)
      case 'POST users/create_or_update_many':
        return this.#write((input().users ?? []) as readonly Input[])
      case 'DELETE users/destroy_many':
        return this.#remove((searchParams.get('ids') ?? '').split(','))
      case 'GET job_statuses/#':
        return this.#job(rest)
      case 'DELETE users/#':
        return this.#delete(rest)
      case 'DELETE deleted_users/#':
        return this.#forget(rest)
      case 'GET users/show_many':
      case 'GET organizations/show_many':
        return list(kind, this.#of(kind).listed(searchParams.get('external_ids') ?? ''))
      case 'GET users/search':
      case 'GET organizations/search':
        return list(kind, this.#of(kind).found(searchParams))
      case 'POST organizations/create_or_update':
        return this.#organization(input().organization as Input)
      case 'DELETE organizations/#':
        return this.organizations.remove(rest) === undefined ? NOT_FOUND : { status: 204, body: '' }
      default:
        return NOT_FOUND
    }
  }

  #of(kind: string | undefined): FakeRecords {
    return kind === 'users' ? this.users : this.organizations
  }

  #fields(name: string, { keys }: FakeRecords, query: URLSearchParams): FakeAnswer {
    // One a page, so that pages are asked for.
    const at = Number(query.get('page[after]') ?? 0)
    const page = keys.slice(at, at + 1).map((key) => ({ key, active: true, type: 'text' }))
    return ok({ [name]: page, meta: { has_more: at + 1 < keys.length, after_cursor: String(at + 1) } })
  }

  #write(all: readonly Input[]): FakeAnswer {
    if (all.length > CAP) return problem(422, 'TooManyValues', `Limit is ${CAP} users`)
    const errors = new Map(all.flatMap((one, place) => refusalOf(this.users, one, place)))
    const wrong: JobFault | undefined = errors.size === 0 ? undefined : { kind: 'partial', rows: errors }
    return this.#start(all.length, wrong, (place) => this.users.write(all[place] ?? {}))
  }

  #remove(ids: readonly string[]): FakeAnswer {
    if (ids.length > CAP) return problem(422, 'TooManyValues', `Limit is ${CAP} users`)
    return this.#start(ids.length, undefined, (place) => this.#toDeleted(ids[place] ?? ''))
  }

  #toDeleted(id: string): Stored | undefined {
    const user = this.users.remove(id)
    if (user !== undefined) this.#deleted.set(id, user)
    return user
  }

  #start(
    count: number,
    wrong: JobFault | undefined,
    work: (place: number) => Stored | undefined,
  ): FakeAnswer {
    this.#started += 1
    const key = String(this.#started)
    const apply = (isApplied: (place: number) => boolean) => {
      const places = Array.from({ length: count }, (_, place) => (isApplied(place) ? work(place) : undefined))
      this.#results.set(id, places)
    }
    const id = this.jobs.start(key, count, apply, wrong)
    return ok({ job_status: { id, status: 'queued', total: count, progress: null, results: null } })
  }

  #job(id: string): FakeAnswer {
    const said = this.jobs.ask(id)
    if (said.status === 'forgotten') return NOT_FOUND
    return ok({ job_status: { id, ...this.#stateOf(id, said) } })
  }

  #stateOf(id: string, said: Exclude<JobAnswer, { status: 'forgotten' }>): object {
    if (said.status === 'running') return { status: 'working', results: null }
    if (said.status === 'failed') return { status: 'failed', message: said.error, results: null }
    const places = this.#results.get(id) ?? []
    const results = said.receipts.map((receipt, index) => {
      if (receipt.status !== 'applied')
        return { index, success: false, error: 'RecordInvalid', details: receipt.error }
      const user = places[index]
      return user === undefined
        ? { index, error: 'RecordNotFound', details: 'Record not found' }
        : { id: Number(user.id), action: 'update', status: 'Updated', success: true }
    })
    return { status: 'completed', results }
  }

  #delete(id: string): FakeAnswer {
    return this.#toDeleted(id) === undefined ? NOT_FOUND : ok({ user: { id: Number(id), active: false } })
  }

  #forget(id: string): FakeAnswer {
    const user = this.#deleted.get(id)
    if (user === undefined) return NOT_FOUND
    this.#deleted.delete(id)
    this.erased.push(this.users.keyOf(user))
    return ok({ deleted_user: { id: Number(id) } })
  }

  #organization(input: Input): FakeAnswer {
    const wrong = this.organizations.refusal(input)
    if (wrong !== undefined) return problem(422, 'RecordInvalid', wrong)
    const { id, values } = this.organizations.write(input)
    return ok({ organization: { id: Number(id), ...values } })
  }
}

function refusalOf(users: FakeRecords, input: Input, place: number): [number, Receipt][] {
  const error = users.refusal(input)
  return error === undefined ? [] : [[place, { status: 'rejected', error }]]
}

function isLetIn({ authorization = '' }: Readonly<Record<string, string>>): boolean {
  const [scheme, pair = ''] = authorization.split(' ')
  return scheme === 'Basic' && Buffer.from(pair, 'base64').toString() === `${EMAIL}/token:${TOKEN}`
}

function list(kind: string | undefined, found: readonly Stored[]): FakeAnswer {
  return ok({ [String(kind)]: found.map(({ id, values }) => ({ id: Number(id), ...values })) })
}

const NOT_FOUND = problem(404, 'RecordNotFound', 'Not found')

function ok(body: object): FakeAnswer {
  return { status: 200, body: JSON.stringify(body) }
}

function problem(status: number, error: string, description: string): FakeAnswer {
  return { status, body: JSON.stringify({ error, description }) }
}
