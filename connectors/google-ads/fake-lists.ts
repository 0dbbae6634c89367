import type { HeldRow } from '../../src/connector/types.ts'
import type { Found } from './fake-people.ts'
import { FakeRefusal, type Json, known, oneOf, text } from './fake-refusal.ts'

/** A Customer Match list with its members, by what finds them. */
interface FakeList {
  readonly resource: Json
  readonly keyTypes: readonly string[]
  readonly members: Map<string, Found>
}

/** The lists of one ad account. */
export class FakeLists {
  readonly #parent: string
  readonly #lists = new Map<string, FakeList>()

  constructor(parent: string) {
    this.#parent = parent
  }

  /** Gives its id. */
  make(value: unknown): string {
    const list = known(value, ['displayName', 'membershipDuration', 'ingestedUserListInfo'], 'user_list')
    const displayName = text(list.displayName, 'user_list.display_name')
    if (this.named(displayName) !== undefined)
      throw new FakeRefusal('DISPLAY_NAME_ALREADY_USED', 'user_list.display_name', 409)
    checkDuration(text(list.membershipDuration, 'user_list.membership_duration'))
    const at = 'user_list.ingested_user_list_info'
    const info = known(list.ingestedUserListInfo, ['uploadKeyTypes', 'mobileIdInfo'], at)
    const keyTypes = (Array.isArray(info.uploadKeyTypes) ? info.uploadKeyTypes : []).map((one) =>
      oneOf(one, ['CONTACT_ID', 'MOBILE_ID', 'USER_ID'], at),
    )
    if (keyTypes.length === 0) throw new FakeRefusal('REQUIRED_FIELD_MISSING', at)
    if (keyTypes.includes('MOBILE_ID')) checkMobile(info.mobileIdInfo, `${at}.mobile_id_info`)
    const id = String(7_000_000_001 + this.#lists.size)
    const resource = {
      ...list,
      name: `${this.#parent}/userLists/${id}`,
      id,
      membershipStatus: 'OPEN',
      readOnly: false,
    }
    this.#lists.set(id, { resource, keyTypes, members: new Map() })
    return id
  }

  /** As people change it in Google Ads. */
  change(id: string, changes: Json): void {
    const list = this.#list(id)
    this.#lists.set(id, { ...list, resource: { ...list.resource, ...changes } })
  }

  resource(id: string): Json {
    const { resource, members, keyTypes } = this.#list(id)
    const info = resource.ingestedUserListInfo as Json
    const rate = keyTypes.includes('CONTACT_ID') && members.size > 0 ? { matchRatePercentage: 62 } : {}
    return {
      ...resource,
      // Estimates, by network.
      sizeInfo: { displayNetworkMembersCount: '0', searchNetworkMembersCount: String(members.size) },
      ingestedUserListInfo: { ...info, contactIdInfo: rate },
    }
  }

  named(displayName: string): string | undefined {
    return [...this.#lists].find(([, { resource }]) => resource.displayName === displayName)?.[0]
  }

  /** A page of those that the filter finds, and where the next one begins. */
  page(query: URLSearchParams): Json {
    const [, name] = /^display_name = "(.*)"$/s.exec(query.get('filter') ?? '') ?? []
    if (name === undefined) throw new FakeRefusal('INVALID_FILTER', 'filter')
    const wanted = name.replaceAll(/\\(.)/g, '$1').toLowerCase()
    // Google's filter may find more than the exact name.
    const found = [...this.#lists.keys()].filter((id) =>
      String(this.resource(id).displayName).toLowerCase().includes(wanted),
    )
    const size = Math.min(Number(query.get('pageSize') ?? 50), this.pageSize)
    const from = Number(query.get('pageToken') ?? 0)
    const userLists = found.slice(from, from + size).map((id) => this.resource(id))
    return { userLists, ...(from + size < found.length ? { nextPageToken: String(from + size) } : {}) }
  }

  /** Google may give fewer than were asked for. */
  pageSize = 1000

  checkTakes(id: string, keyType: string): void {
    const list = this.#lists.get(id)
    if (list === undefined) throw new FakeRefusal('INVALID_USER_LIST_ID', 'destinations.destinations[0]')
    if (!list.keyTypes.includes(keyType))
      throw new FakeRefusal('INVALID_USER_LIST_TYPE', 'destinations.destinations[0]')
  }

  put(id: string, found: readonly Found[]): void {
    for (const one of found) this.#list(id).members.set(one.join(':'), one)
  }

  take(id: string, found: readonly Found[]): void {
    for (const one of found) this.#list(id).members.delete(one.join(':'))
  }

  held(id: string): readonly HeldRow[] {
    return [...this.#list(id).members.values()].map(([kind, value]) => ({
      key: { [kind]: value },
      fields: {},
    }))
  }

  #list(id: string): FakeList {
    const list = this.#lists.get(id)
    if (list === undefined) throw new FakeRefusal('NOT_FOUND', undefined, 404)
    return list
  }
}

function checkDuration(duration: string): void {
  const seconds = Number(/^(\d+)s$/.exec(duration)?.[1])
  const days = seconds / 86_400
  if (!Number.isInteger(days)) throw new FakeRefusal('INVALID_FORMAT', 'user_list.membership_duration')
  if (days > 540) throw new FakeRefusal('MEMBERSHIP_DURATION_TOO_LONG', 'user_list.membership_duration')
}

function checkMobile(value: unknown, at: string): void {
  const { keySpace, appId } = known(value, ['keySpace', 'appId'], at)
  oneOf(keySpace, ['IOS', 'ANDROID'], `${at}.key_space`)
  text(appId, `${at}.app_id`)
}
