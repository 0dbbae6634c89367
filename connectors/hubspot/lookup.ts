import type { Row } from '../../src/connector/rows.ts'
import type { Batch, Receipt } from '../../src/connector/types.ts'
import type { HubspotApi, HubspotRecord, RecordsAnswer } from './api.ts'
import { folded, idOf, type Kind } from './rows.ts'

/**
 * Where a row is in HubSpot. `elsewhere`: it was found by a second address of its own, so it is somebody's merged
 * record, and which one the answer does not tell.
 */
export type Place = { readonly id: string } | 'missing' | 'elsewhere'

export const HELD_ELSEWHERE: Receipt = {
  status: 'rejected',
  error: 'HubSpot holds it under another main e-mail address, as it does merged records; use that one',
}

/** Reads which records the rows are. A row that the answer does not tell of is left out. */
export async function placesOf(
  api: HubspotApi,
  kind: Kind,
  rows: readonly Row[],
  batch: Batch,
): Promise<ReadonlyMap<Row, Place>> {
  if (rows.length === 0) return new Map()
  const { object, idProperty } = kind
  const inputs = rows.map((row) => ({ id: idOf(row, kind) }))
  const question = { idProperty, inputs, properties: [idProperty], propertiesWithHistory: [] }
  const answer = await api.records(object, 'read', question, batch)
  const found = new Map((answer.results ?? []).map((record) => [keyOf(record, kind), record.id]))
  const asked = new Set(rows.map((row) => folded(idOf(row, kind), idProperty)))
  return new Map(
    rows.flatMap((row): [Row, Place][] => {
      const id = found.get(folded(idOf(row, kind), idProperty))
      const place = typeof id === 'string' ? { id } : placeOfOther(row, kind, answer, asked)
      return place === undefined ? [] : [[row, place]]
    }),
  )
}

/** For one that was not found under its own key; undefined when the answer does not tell why. */
function placeOfOther(
  row: Row,
  kind: Kind,
  { results, errors = [] }: RecordsAnswer,
  asked: ReadonlySet<string>,
): Place | undefined {
  const own = errors.find(({ context }) => names(context?.ids, idOf(row, kind), kind.idProperty))
  if (own !== undefined) return own.category === NOT_FOUND ? 'missing' : undefined
  const keys = results?.map((record) => keyOf(record, kind))
  if (keys === undefined || keys.includes(undefined)) return undefined
  if (keys.some((key) => !asked.has(key ?? ''))) return 'elsewhere'
  return errors.every(({ category }) => category === NOT_FOUND) ? 'missing' : undefined
}

const NOT_FOUND = 'OBJECT_NOT_FOUND'

/** Whether an error is about the record with this key. */
export function names(ids: unknown, id: string, idProperty: string | undefined): boolean {
  const meant = folded(id, idProperty)
  return Array.isArray(ids) && ids.some((one) => folded(String(one), idProperty) === meant)
}

function keyOf({ properties }: HubspotRecord, { idProperty }: Kind): string | undefined {
  const key = properties?.[idProperty]
  return typeof key === 'string' ? folded(key, idProperty) : undefined
}
