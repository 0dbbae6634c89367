import { cleanWords } from '../../src/connector/answer-words.ts'
import type { ApiAnswer } from '../../src/connector/api.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import { idIn, objectIn, textIn } from '../../src/connector/shapes.ts'
import type { ObjectUse } from '../../src/connector/types.ts'
import { type HubspotApi, saidIn } from './api.ts'

/** What HubSpot calls contacts where it wants the type of a list's records. */
const CONTACTS = '0-1'

/** Lists into which records can be put; all others HubSpot fills by their filters. */
const STATIC: ReadonlySet<string> = new Set(['MANUAL', 'SNAPSHOT'])

/**
 * The id of the static list that a sync means. One that is named and not there is made where the sync says so; undefined
 * where it would be, and nothing may be made now. Throws `stop` for any other.
 */
export async function staticList(
  api: HubspotApi,
  { settings, looksOnly }: ObjectUse,
): Promise<string | undefined> {
  const meant = String(settings.list)
  const isId = /^\d+$/.test(meant)
  const found = isId ? await listById(api, meant) : await listByName(api, meant)
  if (found !== undefined) return checkedId(found)
  if (isId)
    throw stop(`expected a list with the id ${meant}, found none: write its name, or the id in its address`)
  if (settings.create_list !== true)
    throw stop(`expected a list named "${meant}" in HubSpot, found none: make it, or set create_list: true`)
  return looksOnly === true ? undefined : checkedId(await make(api, meant))
}

async function listById(api: HubspotApi, id: string): Promise<ApiAnswer | undefined> {
  return foundIn(await api.send({ method: 'GET', path: `/crm/v3/lists/${id}`, answers: NOT_THERE }))
}

async function listByName(api: HubspotApi, name: string): Promise<ApiAnswer | undefined> {
  const path = `/crm/v3/lists/object-type-id/${CONTACTS}/name/${encodeURIComponent(name)}`
  return foundIn(await api.send({ method: 'GET', path, answers: NOT_THERE }))
}

/** An id that is no id is 400. */
const NOT_THERE = [400, 404]

function foundIn(answer: ApiAnswer): ApiAnswer | undefined {
  return NOT_THERE.includes(answer.status) ? undefined : answer
}

/** Names are unique among all lists of a portal, so it is refused when another run made it, or a list of others has it. */
async function make(api: HubspotApi, name: string): Promise<ApiAnswer> {
  const answer = await api.send({
    method: 'POST',
    path: '/crm/v3/lists',
    json: { name, objectTypeId: CONTACTS, processingType: 'MANUAL' },
    answers: REFUSED,
  })
  if (!REFUSED.includes(answer.status)) return answer
  const other = await listByName(api, name)
  if (other !== undefined) return other
  const said = saidIn(answer.json)
  const words = typeof said === 'string' ? `: ${cleanWords(said)}` : ''
  throw stop(`expected to make a list of this name in HubSpot, found it refused${words}`)
}

const REFUSED = [400, 409]

function checkedId({ json }: ApiAnswer): string {
  const list = objectIn(objectIn(json).list)
  const id = idIn(list.listId)
  if (id === undefined) throw stop('expected HubSpot to name the list, found an answer without listId')
  const of = textIn(list.objectTypeId)
  if (of !== undefined && of !== CONTACTS)
    throw stop(`expected a list of contacts, found that list ${id} is of other records (${of})`)
  const processing = textIn(list.processingType) ?? 'nothing'
  if (!STATIC.has(processing))
    throw stop(
      `expected a static list, found that HubSpot fills list ${id} by its filters (${processing}): convert it there, or name another one`,
    )
  return id
}

function stop(message: string): DestinationError {
  return new DestinationError('stop', { message })
}
