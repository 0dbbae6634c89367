import type { FakeAnswer } from '../../src/connector/fake-server.ts'
import { ok, refusal, refused } from './fake-answers.ts'
import type { FakeRecords } from './fake-records.ts'

const CONTACTS = '0-1'

/** Of ids in one change of members. */
const CAP = 100_000

interface FakeList {
  readonly listId: string
  readonly name: string
  readonly objectTypeId: string
  readonly processingType: string
  readonly members: Set<string>
}

/** Lists of a portal; one that HubSpot fills by itself and one of companies are there from the start. */
export class FakeLists {
  readonly #contacts: FakeRecords
  readonly #lists: FakeList[] = [
    listOf('1', 'Everybody', CONTACTS, 'DYNAMIC'),
    listOf('2', 'Customers', '0-2', 'MANUAL'),
  ]

  constructor(contacts: FakeRecords) {
    this.#contacts = contacts
  }

  /** Record ids of those who are in a list, in the order in which they came. */
  members(): readonly string[] {
    return this.#lists.flatMap(({ members }) => [...members])
  }

  /** Undefined: this is nothing that lists are asked. */
  answer(method: string, path: string, body: () => unknown): FakeAnswer | undefined {
    if (method === 'POST' && path === '/crm/v3/lists') return this.#make(body() as Partial<FakeList>)
    const [, type = '', name = ''] = BY_NAME.exec(path) ?? []
    if (method === 'GET' && type !== '') return shown(this.#named(decodeURIComponent(name), type))
    const [, id, members] = BY_ID.exec(path) ?? []
    if (id === undefined) return undefined
    const list = this.#lists.find(({ listId }) => listId === id)
    if (method === 'GET' && members === undefined) return shown(list)
    if (method !== 'PUT' || members === undefined) return undefined
    return list === undefined ? shown(list) : this.#change(list, body() as Record<string, unknown>)
  }

  #named(name: string, type: string): FakeList | undefined {
    return this.#lists.find(
      (list) => list.objectTypeId === type && list.name.toLowerCase() === name.toLowerCase(),
    )
  }

  #make({ name, objectTypeId, processingType }: Partial<FakeList>): FakeAnswer {
    if (name === undefined || objectTypeId === undefined || processingType === undefined)
      return refusal('Some fields are missing')
    if (this.#lists.some((list) => list.name.toLowerCase() === name.toLowerCase()))
      return refusal('A list with this name already exists')
    const list = listOf(String(this.#lists.length + 1), name, objectTypeId, processingType)
    this.#lists.push(list)
    return shown(list)
  }

  #change({ processingType, members }: FakeList, body: Record<string, unknown>): FakeAnswer {
    if (processingType === 'DYNAMIC') return refusal('Members of a dynamic list cannot be changed')
    const { recordIdsToAdd: toAdd, recordIdsToRemove: toRemove } = body
    if (!isOfIds(toAdd) || !isOfIds(toRemove)) return refusal('Some fields are missing')
    const isThere = (id: string) => this.#contacts.find(id, undefined) !== undefined
    const recordsIdsAdded = toAdd.filter((id) => isThere(id) && !members.has(id))
    const recordIdsRemoved = toRemove.filter((id) => members.has(id))
    for (const id of recordsIdsAdded) members.add(id)
    for (const id of recordIdsRemoved) members.delete(id)
    const recordIdsMissing = [...toAdd, ...toRemove].filter((id) => !isThere(id))
    return ok({ recordsIdsAdded, recordIdsRemoved, recordIdsMissing })
  }
}

const BY_NAME = /^\/crm\/v3\/lists\/object-type-id\/([^/]+)\/name\/([^/]+)$/
const BY_ID = /^\/crm\/v3\/lists\/(\d+)(\/memberships\/add-and-remove)?$/

function listOf(listId: string, name: string, objectTypeId: string, processingType: string): FakeList {
  return { listId, name, objectTypeId, processingType, members: new Set() }
}

function shown(list: FakeList | undefined): FakeAnswer {
  if (list === undefined) return refused(404, 'OBJECT_NOT_FOUND', 'List does not exist')
  const { members, ...rest } = list
  return ok({ list: { ...rest, listVersion: 1, processingStatus: 'COMPLETE', size: members.size } })
}

function isOfIds(ids: unknown): ids is readonly string[] {
  return Array.isArray(ids) && ids.length <= CAP && ids.every((id) => typeof id === 'string')
}
