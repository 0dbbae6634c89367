import type { Api } from '../../src/connector/api.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import { rowsOf } from '../../src/connector/rows.ts'
import { idIn, objectIn } from '../../src/connector/shapes.ts'
import type { Batch } from '../../src/connector/types.ts'
import { allPages } from './api.ts'
import { profilesBy } from './lookup.ts'

/** The id of the list with this name, or with this id. Throws a DestinationError `stop` when there is no one such list. */
export async function listIdOf(api: Api, list: string): Promise<string> {
  const filter = `equals(name,${JSON.stringify(list)})`
  const named = await allPages(api, { method: 'GET', path: '/api/lists', query: { filter } })
  const ids = named.flatMap(({ id }) => idIn(id) ?? [])
  const [first] = ids
  if (ids.length > 1)
    throw new DestinationError('stop', {
      message: `expected one Klaviyo list named "${list}", found ${ids.length}: give the setting list its id`,
    })
  if (first !== undefined) return first
  const path = `/api/lists/${encodeURIComponent(list)}`
  const { json } = await api.send({ method: 'GET', path, answers: [400, 404] })
  const id = idIn(objectIn(objectIn(json).data).id)
  if (id !== undefined) return id
  throw new DestinationError('stop', {
    message: `expected a Klaviyo list with the name or id "${list}", found none: create it in Klaviyo, or correct the setting list`,
  })
}

/** Most that one request removes. */
const MOST_REMOVED = 1000

/** Whoever Klaviyo does not know is no member. */
export async function removeMembers(api: Api, list: string, batch: Batch): Promise<void> {
  const removed = rowsOf(batch.changes()).filter(({ change }) => change.op === 'remove')
  const wanted = removed.map(({ change }) => change)
  const ids = [...(await profilesBy(api, wanted, [], batch)).values()].map(({ id }) => id)
  for (let from = 0; from < ids.length; from += MOST_REMOVED)
    await api.send({
      method: 'DELETE',
      path: `/api/lists/${encodeURIComponent(list)}/relationships/profiles`,
      json: { data: ids.slice(from, from + MOST_REMOVED).map((id) => ({ type: 'profile', id })) },
      batch,
    })
}
