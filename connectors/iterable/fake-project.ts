import type { HeldRow, JsonValue } from '../../src/connector/types.ts'

type Fields = Readonly<Record<string, JsonValue>>

export type Identity = { readonly email?: string; readonly userId?: string }

export interface FakeUser extends Identity {
  readonly dataFields?: Fields
}

export interface FakeEvent extends Identity {
  readonly id?: string
  readonly eventName: string
  readonly createdAt?: number
  readonly dataFields?: Fields
}

/** Why one item of a request was not taken. */
type Failure = 'invalid' | 'invalidData' | 'forgotten' | 'notFound'

/** A project's users, lists and events, with fields that keep the type of their first value. */
export class FakeProject {
  users: FakeUser[] = []
  readonly events = new Map<string, FakeEvent>()
  readonly forgotten: HeldRow['key'][] = []
  /** Of fields that it does not take; all others are made as they come. */
  readonly dropped = new Set<string>()
  readonly lists = [
    { id: 17, name: 'VIPs', listType: 'Standard', createdAt: 1 },
    { id: 18, name: 'Everyone', listType: 'Dynamic', createdAt: 1 },
    { id: 19, name: 'Twins', listType: 'Standard', createdAt: 1 },
    { id: 20, name: 'Twins', listType: 'Standard', createdAt: 1 },
  ]
  readonly #members = new Map<number, Identity[]>()
  readonly #types = new Map<string, string>()

  /** As the requests for many answer: counts, and those that failed by their ids. */
  each<T extends FakeUser>(items: readonly T[], work: (item: T) => Failure | undefined): object {
    const failedUpdates: Record<string, string[]> = {}
    let failCount = 0
    for (const item of items) {
      const failure = work(item)
      if (failure === undefined) continue
      failCount += 1
      const list = `${failure}${item.email === undefined ? 'UserIds' : 'Emails'}`
      failedUpdates[list] = [...(failedUpdates[list] ?? []), item.email ?? item.userId ?? '']
    }
    const names = items.flatMap(({ dataFields = {} }) => Object.keys(dataFields))
    const filteredOutFields = [...new Set(names)].filter((name) => this.dropped.has(name))
    return {
      successCount: items.length - failCount,
      failCount,
      failedUpdates,
      createdFields: [],
      filteredOutFields,
    }
  }

  update(user: FakeUser): Failure | undefined {
    const { email, userId, dataFields = {} } = user
    const failure = this.#refusal(user)
    if (failure !== undefined) return failure
    if (!this.#fit(dataFields)) return 'invalidData'
    const kept = Object.fromEntries(Object.entries(dataFields).filter(([name]) => !this.dropped.has(name)))
    const at = this.#find(user)
    const known = this.users[at]
    const id = email === undefined ? { userId: userId ?? '' } : { email }
    if (known === undefined) this.users.push({ ...id, dataFields: kept })
    else this.users[at] = { ...known, dataFields: { ...known.dataFields, ...kept } }
    return undefined
  }

  track(event: FakeEvent): Failure | undefined {
    const failure = this.#refusal(event)
    if (failure === undefined) this.events.set(event.id ?? `made-${this.events.size}`, event)
    return failure
  }

  subscribe(listId: number, user: FakeUser): Failure | undefined {
    const failure = this.#find(user) < 0 ? this.update(user) : this.#refusal(user)
    if (failure !== undefined) return failure
    const { email, userId } = user
    const members = this.#membersOf(listId)
    if (!members.some((member) => isSame(member, user)))
      members.push(email === undefined ? { userId: userId ?? '' } : { email })
    return undefined
  }

  unsubscribe(listId: number, user: Identity): Failure | undefined {
    if (this.#find(user) < 0) return 'notFound'
    const left = this.#membersOf(listId).filter((member) => !isSame(member, user))
    this.#members.set(listId, left)
    return undefined
  }

  members(list: string): readonly Identity[] {
    const found = this.lists.find(({ name }) => name === list)
    return found === undefined ? [] : this.#membersOf(found.id)
  }

  addList(name: string): number {
    const id = 17 + this.lists.length
    this.lists.push({ id, name, listType: 'Standard', createdAt: 1 })
    return id
  }

  delete(identity: Identity): boolean {
    const at = this.#find(identity)
    this.users = this.users.filter((_, index) => index !== at)
    return at >= 0
  }

  /** False: it was forgotten before. */
  forget({ email, userId }: Identity): boolean {
    const key = email === undefined ? { userId: userId ?? '' } : { email }
    if (this.#isForgotten(key)) return false
    this.delete(key)
    this.forgotten.push(key)
    return true
  }

  #refusal(identity: Identity): Failure | undefined {
    const { email, userId } = identity
    if (email !== undefined && !/^[^\s@]+@[^\s@]+\.[a-z]{2,}$/i.test(email)) return 'invalid'
    if (email === undefined && (userId === undefined || !/^[\x21-\x7e]{1,52}$/.test(userId))) return 'invalid'
    return this.#isForgotten(identity) ? 'forgotten' : undefined
  }

  #isForgotten(identity: Identity): boolean {
    return this.forgotten.some((one) => isSame(one as Identity, identity))
  }

  #fit(fields: Fields): boolean {
    const known = Object.entries(fields).filter(([, value]) => value !== null)
    const isFit = known.every(([name, value]) => (this.#types.get(name) ?? typeof value) === typeof value)
    if (isFit) for (const [name, value] of known) this.#types.set(name, typeof value)
    return isFit
  }

  #find(identity: Identity): number {
    return this.users.findIndex((user) => isSame(user, identity))
  }

  #membersOf(listId: number): Identity[] {
    const members = this.#members.get(listId) ?? []
    this.#members.set(listId, members)
    return members
  }
}

function isSame(one: Identity, other: Identity): boolean {
  return other.email === undefined ? one.userId === other.userId : one.email === other.email
}
