import { createHash } from 'node:crypto'
import { type FakeAnswer, type FakeRequest, startFakeServer } from '../../src/connector/fake-server.ts'
import { objectIn, objectsIn, textIn } from '../../src/connector/shapes.ts'
import type { ConnectorFake, HeldRow } from '../../src/connector/types.ts'

/** A manager account with one ad account and customer lists: values of one kind in and out, and terms to accept. */
export async function startFake(): Promise<ConnectorFake> {
  const account = new FakeAccount()
  const server = await startFakeServer((request) => account.answer(request))
  return {
    server,
    settings: {
      developer_token: DEVELOPER_TOKEN,
      customer_id: CUSTOMER,
      account_id: AD_ACCOUNT,
      client_id: CLIENT,
      client_secret: 'secret-canary',
      refresh_token: REFRESH_TOKEN,
      accept_customer_match_terms: true,
      token_url: `${server.origin}/common/oauth2/v2.0/token`,
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

const DEVELOPER_TOKEN = 'microsoft-fake-canary-developer'
const REFRESH_TOKEN = 'microsoft-fake-canary-refresh'
const CLIENT = '4c0b2b0e-canary'
const CUSTOMER = '222000222'
const AD_ACCOUNT = '111000111'
const MOST_VALUES = 1000

type Json = Readonly<Record<string, unknown>>

interface FakeList {
  readonly Id: string
  readonly Name: string
  readonly Scope: string
  readonly MembershipDuration: number
  /** By kind and value, in order of arrival. */
  readonly values: Map<string, readonly [kind: string, value: string]>
}

const KINDS: Readonly<Record<string, string>> = { Email: 'email', Phone: 'phone', CRM: 'external_id' }

class FakeAccount {
  readonly tokens = new Set<string>()
  /** Values that it does not take for reasons of its own. */
  readonly refuses = new Set<string>()
  #acceptedTerms = false
  #given = 0
  readonly #lists: FakeList[] = [
    listOf({ Id: '813000000000000001', Name: 'VIPs' }),
    listOf({ Id: '813000000000000002', Name: 'Twins' }),
    listOf({ Id: '813000000000000003', Name: 'Twins' }),
  ]

  held(name: string): readonly HeldRow[] {
    const list = this.#lists.find(({ Name }) => Name === name)
    return [...(list?.values.values() ?? [])].map(([kind, value]) => ({ key: { [kind]: value }, fields: {} }))
  }

  answer({ method, path, headers, body }: FakeRequest): FakeAnswer {
    if (path === '/common/oauth2/v2.0/token') return this.#token(new URLSearchParams(body))
    const isIn = this.tokens.has(headers.authorization?.replace('Bearer ', '') ?? '')
    // The status of what is wrong inside, as in the days of SOAP.
    if (!isIn) return fault(500, 109, 'AuthenticationTokenExpired', 'Authentication token expired.')
    if (headers.developertoken !== DEVELOPER_TOKEN)
      return fault(401, 105, 'InvalidCredentials', 'Authentication failed.')
    if (headers.customerid !== CUSTOMER || headers.customeraccountid !== AD_ACCOUNT)
      return fault(400, 106, 'UserIsNotAuthorized', 'The user is not authorized.')
    const json = objectIn(JSON.parse(body))
    switch (`${method} ${path.replace('/CampaignManagement/v13', '')}`) {
      case 'POST /Audiences/QueryByIds':
        return this.#query(json)
      case 'POST /Audiences':
        return this.#add(objectsIn(json.Audiences))
      case 'POST /CustomerListUserData/Apply':
        return this.#apply(objectIn(json.CustomerListUserData))
      default:
        return said(404, { Message: 'No resource was found' })
    }
  }

  #token(form: URLSearchParams): FakeAnswer {
    const isKnown = form.get('refresh_token') === REFRESH_TOKEN && form.get('client_id') === CLIENT
    const mayAsk = form.get('scope')?.includes('https://ads.microsoft.com/msads.manage') === true
    if (!isKnown || !mayAsk || form.get('grant_type') !== 'refresh_token')
      return said(400, { error: 'invalid_grant', error_description: 'AADSTS70000: The request was denied.' })
    this.#given += 1
    const token = `microsoft-token-canary-${this.#given}`
    this.tokens.add(token)
    return said(200, {
      token_type: 'Bearer',
      access_token: token,
      expires_in: 3600,
      refresh_token: 'another',
    })
  }

  #query({ AudienceIds, Type }: Json): FakeAnswer {
    if (Type !== 'CustomerList') return fault(400, 4_100, 'InvalidAudienceType', 'The type is not valid.')
    const ids = Array.isArray(AudienceIds) ? AudienceIds : undefined
    const found = this.#lists.filter(({ Id }) => ids === undefined || ids.includes(Id))
    return said(200, { Audiences: found.map(shown), PartialErrors: [] })
  }

  #add(audiences: readonly Json[]): FakeAnswer {
    const results = audiences.map(({ Type, Name, Scope, MembershipDuration: days = 30 }, Index) => {
      const name = textIn(Name) ?? ''
      const isWhole = Type === 'CustomerList' && name !== '' && name.length <= 128 && Scope === 'Customer'
      if (!isWhole || typeof days !== 'number')
        return { Index, Code: 4_101, ErrorCode: 'AudienceNameInvalid', Message: 'The name is not valid.' }
      const Id = String(813_000_000_000_000_000n + BigInt(this.#lists.length + 1))
      this.#lists.push(listOf({ Id, Name: name, MembershipDuration: days }))
      return Id
    })
    return said(200, {
      AudienceIds: results.map((one) => (typeof one === 'string' ? one : null)),
      PartialErrors: results.filter((one) => typeof one !== 'string'),
    })
  }

  #apply(data: Json): FakeAnswer {
    const { AudienceId, ActionType, CustomerListItemSubType, CustomerListItems, AcceptCustomerMatchTerm } =
      data
    if (AcceptCustomerMatchTerm === true) this.#acceptedTerms = true
    if (!this.#acceptedTerms)
      return fault(400, 8003, 'CustomerListTermsAndConditionsNotAccepted', 'Terms are not accepted.')
    const list = this.#lists.find(({ Id }) => Id === AudienceId)
    if (list === undefined) return fault(400, 4_102, 'AudienceIdInvalid', 'The audience ID is not valid.')
    const kind = KINDS[String(CustomerListItemSubType)]
    const items = Array.isArray(CustomerListItems) ? CustomerListItems.map(String) : []
    if (kind === undefined || items.length === 0)
      return fault(400, 4_103, 'CustomerListUserDataInvalid', 'The user data is not valid.')
    if (items.length > MOST_VALUES)
      return fault(400, 4_104, 'CustomerListItemsExceedLimit', 'Too many items.')
    if (ActionType !== 'Add' && ActionType !== 'Remove')
      return fault(400, 4_105, 'ActionTypeInvalid', 'The action is not valid.')
    const PartialErrors = items.flatMap((value, Index) => {
      const problem = this.#problemOf(kind, value)
      if (problem !== undefined) return [{ Index, ...problem, Type: 'BatchError' }]
      if (ActionType === 'Remove') list.values.delete(`${kind} ${value}`)
      else list.values.set(`${kind} ${value}`, [kind, value])
      return []
    })
    return said(200, { PartialErrors })
  }

  #problemOf(kind: string, value: string): Json | undefined {
    const isHash = /^[0-9a-f]{64}$/.test(value)
    if (kind !== 'external_id' && !isHash)
      return { Code: 4_106, ErrorCode: 'CustomerListItemInvalid', Message: 'The item is not hashed.' }
    if (!this.refuses.has(value)) return undefined
    return { Code: 4_107, ErrorCode: 'CustomerListItemRefused', Message: `Item ${value} is not taken.` }
  }
}

function listOf(list: Pick<FakeList, 'Id' | 'Name'> & Partial<FakeList>): FakeList {
  return { Scope: 'Customer', MembershipDuration: -1, values: new Map(), ...list }
}

/** It finds four of five, and says so once there are enough. */
function shown({ values, ...list }: FakeList): Json {
  const size = Math.floor(values.size * 0.8)
  return {
    ...list,
    Type: 'CustomerList',
    SearchSize: size < 300 ? null : String(size),
    AudienceNetworkSize: null,
  }
}

function sampleOf(email: string, index: number): HeldRow {
  return { key: { id: `person-${index}-canary` }, fields: {}, plain: { email } }
}

function fault(status: number, Code: number, ErrorCode: string, Message: string): FakeAnswer {
  const Errors = [{ Code, ErrorCode, Message, Detail: null }]
  return said(status, { TrackingId: '00000000-0000', Type: 'AdApiFaultDetail', Errors })
}

function said(status: number, body: object): FakeAnswer {
  return { status, body: JSON.stringify(body) }
}
