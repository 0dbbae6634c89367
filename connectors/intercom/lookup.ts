import type { Api } from '../../src/connector/api.ts'
import type { Row } from '../../src/connector/rows.ts'
import { idIn, objectIn, objectsIn, textIn } from '../../src/connector/shapes.ts'
import type { Batch, Change } from '../../src/connector/types.ts'

export type KeyName = 'external_id' | 'email'

export function keyNameOf({ key }: Change): KeyName {
  return key.external_id === undefined ? 'email' : 'external_id'
}

/** As Intercom compares them. */
export function keyTextOf(change: Change): string {
  const name = keyNameOf(change)
  return comparable(name, String(change.key[name]))
}

function comparable(name: KeyName, text: string): string {
  return name === 'email' ? text.toLowerCase() : text
}

/** Intercom's ids of the users with a row's key: several may have one address. */
export async function idsOf(
  api: Api,
  rows: readonly Row[],
  batch?: Batch,
): Promise<ReadonlyMap<Row, readonly string[]>> {
  const found = new Map<Row, readonly string[]>()
  for (const name of ['external_id', 'email'] as const) {
    const own = rows.filter(({ change }) => keyNameOf(change) === name)
    const ids = await searched(api, name, [...new Set(own.map(({ change }) => keyTextOf(change)))], batch)
    for (const row of own) found.set(row, ids.get(keyTextOf(row.change)) ?? [])
  }
  return found
}

/** Search is some minutes behind; this is not. It knows users only. */
export async function idOfExternal(api: Api, external: string, batch?: Batch): Promise<string | undefined> {
  const path = `/contacts/find_by_external_id/${encodeURIComponent(external)}`
  const { status, json } = await api.send({ method: 'GET', path, answers: [404], ...of(batch) })
  return status === 404 ? undefined : idIn(objectIn(json).id)
}

/** The most that it gives at once. */
const PAGE = 150

/** More are not of 50 addresses. */
const MOST_PAGES = 20

async function searched(
  api: Api,
  name: KeyName,
  texts: readonly string[],
  batch: Batch | undefined,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>()
  let after: string | undefined
  for (let page = 0; texts.length > 0 && page < MOST_PAGES; page += 1) {
    const pagination = { per_page: PAGE, ...(after === undefined ? {} : { starting_after: after }) }
    const { json } = await api.send({
      method: 'POST',
      path: '/contacts/search',
      json: { query: { field: name, operator: 'IN', value: texts }, pagination },
      ...of(batch),
    })
    for (const { id, role, [name]: text } of objectsIn(objectIn(json).data)) {
      const key = comparable(name, textIn(text) ?? '')
      // A lead is somebody who wrote in; it becomes a user by Intercom's own rules.
      if (role !== 'lead' && idIn(id) !== undefined) found.set(key, [...(found.get(key) ?? []), String(id)])
    }
    after = textIn(objectIn(objectIn(objectIn(json).pages).next).starting_after)
    if (after === undefined) break
  }
  return found
}

function of(batch: Batch | undefined) {
  return batch === undefined ? {} : { batch }
}
