import type { Api } from '../../src/connector/api.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import { idIn, objectIn, objectsIn } from '../../src/connector/shapes.ts'
import type { ObjectUse } from '../../src/connector/types.ts'

/** Gives the id of the list that a sync is of, found once; undefined where the use has none. */
export function listOf(api: Api, use: ObjectUse | undefined): () => Promise<string | undefined> {
  const isOfList = use?.object === 'list_members'
  let found: Promise<string | undefined> | undefined
  return () => {
    const asked = found ?? allLists(api).then((lists) => (isOfList ? idOf(api, lists, use) : undefined))
    // The next one asks again.
    asked.catch(() => {
      if (found === asked) found = undefined
    })
    found = asked
    return asked
  }
}

type List = Readonly<Record<string, unknown>>

async function allLists(api: Api): Promise<readonly List[]> {
  const { json } = await api.send({ method: 'GET', path: '/api/lists' })
  const { lists } = objectIn(json)
  if (Array.isArray(lists)) return objectsIn(lists)
  throw new DestinationError('retry', {
    message: 'expected Iterable to give its lists, found none',
    ambiguous: true,
  })
}

async function idOf(
  api: Api,
  lists: readonly List[],
  { settings: { list, create_list: mayCreate }, looksOnly }: ObjectUse,
): Promise<string | undefined> {
  const wanted = String(list)
  const byId = lists.filter(({ id }) => idIn(id) === wanted)
  const [one, another] = byId.length > 0 ? byId : lists.filter(({ name }) => name === wanted)
  if (another !== undefined) throw wrongList(wanted, 'to be the name of one list, found several: give its id')
  if (one === undefined && mayCreate === true) return looksOnly === true ? undefined : createList(api, wanted)
  if (one === undefined)
    throw wrongList(wanted, 'to be there, found none of this name or id: make it, or set create_list: true')
  if (one.listType !== 'Standard')
    throw wrongList(
      wanted,
      'to be a static list, found one that Iterable fills by itself or keeps for suppression',
    )
  return idIn(one.id) ?? ''
}

function wrongList(list: string, what: string): DestinationError {
  return new DestinationError('stop', { message: `expected the list "${list}" ${what}` })
}

async function createList(api: Api, name: string): Promise<string> {
  const { json } = await api.send({ method: 'POST', path: '/api/lists', json: { name } })
  const id = idIn(objectIn(json).listId)
  if (id !== undefined) return id
  throw new DestinationError('retry', {
    message: 'expected Iterable to give the id of the list that it made, found none',
    ambiguous: true,
  })
}
