import { APPLIED, inOrder, type Row, rowsOf } from '../../src/connector/rows.ts'
import { idIn, objectIn } from '../../src/connector/shapes.ts'
import type { Batch, Receipt } from '../../src/connector/types.ts'
import type { HubspotApi } from './api.ts'
import { HELD_ELSEWHERE, placesOf } from './lookup.ts'
import type { Kind } from './rows.ts'
import { upsertRecords } from './write.ts'

const CONTACTS: Kind = { object: 'contacts', idProperty: 'email' }

/**
 * Puts contacts into a static list and takes them out. Lists take record ids only, so contacts are read by e-mail, and
 * those that are none yet are made. Who is no contact is in no list.
 */
export async function writeMembers(api: HubspotApi, list: string, batch: Batch): Promise<readonly Receipt[]> {
  const rows = rowsOf(batch.changes())
  const places = [...(await placesOf(api, CONTACTS, rows, batch))]
  const missing = places.flatMap(([row, place]) => (place === 'missing' && !isLeaving(row) ? [row] : []))
  const made = missing.length === 0 ? [] : [...(await upsertRecords(api, CONTACTS, missing, batch))]
  const ids = new Map([
    ...places.flatMap(([row, place]) => (typeof place === 'object' ? [[row, place.id] as const] : [])),
    ...made.flatMap(([row, { id }]) => (id === undefined ? [] : [[row, id] as const])),
  ])
  return inOrder(rows, [
    ...places.flatMap(([row, place]) => (place === 'elsewhere' ? [[row, HELD_ELSEWHERE] as const] : [])),
    ...places.flatMap(([row, place]) =>
      place === 'missing' && isLeaving(row) ? [[row, APPLIED] as const] : [],
    ),
    ...made.flatMap(([row, { receipt }]) => (receipt === APPLIED ? [] : [[row, receipt] as const])),
    ...(await changeMembers(api, list, ids, batch)),
  ])
}

function isLeaving({ change }: Row): boolean {
  return change.op === 'remove'
}

async function changeMembers(
  api: HubspotApi,
  list: string,
  ids: ReadonlyMap<Row, string>,
  batch: Batch,
): Promise<ReadonlyMap<Row, Receipt>> {
  if (ids.size === 0) return new Map()
  const idsOf = (isMeant: (row: Row) => boolean) =>
    [...ids].flatMap(([row, id]) => (isMeant(row) ? [id] : []))
  const answer = await api.send({
    method: 'PUT',
    path: `/crm/v3/lists/${list}/memberships/add-and-remove`,
    json: {
      recordIdsToAdd: idsOf((row) => !isLeaving(row)),
      recordIdsToRemove: idsOf(isLeaving),
    },
    batch,
  })
  const missing = missingIn(answer.json)
  if (missing === undefined) return new Map()
  return new Map([...ids].map(([row, id]) => [row, !isLeaving(row) && missing.has(id) ? GONE : APPLIED]))
}

/** Ids that are of no record. Who is in the list already, or is not in it, is named nowhere. */
function missingIn(json: unknown): ReadonlySet<string> | undefined {
  const { recordIdsMissing: missing } = objectIn(json)
  if (!Array.isArray(missing)) return undefined
  const ids = missing.flatMap((id) => idIn(id) ?? [])
  return ids.length === missing.length ? new Set(ids) : undefined
}

/** It was archived or merged since it was read, so it is read again. */
const GONE: Receipt = { status: 'retry', error: 'HubSpot: the contact went while it was put into the list' }
