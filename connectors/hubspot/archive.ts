import { APPLIED, type Row, type RowReceipts } from '../../src/connector/rows.ts'
import type { Batch, Receipt } from '../../src/connector/types.ts'
import type { HubspotApi } from './api.ts'
import { HELD_ELSEWHERE, type Place, placesOf } from './lookup.ts'
import type { Kind } from './rows.ts'

/**
 * Archives records. Archiving takes record ids only, so they are read first. A record that is not there is gone
 * already. One that was merged into another stays, and the row is rejected.
 */
export async function archiveRecords(
  api: HubspotApi,
  kind: Kind,
  rows: readonly Row[],
  batch: Batch,
): Promise<RowReceipts> {
  const places = await placesOf(api, kind, rows, batch)
  const inputs = [...places.values()].flatMap((place) =>
    typeof place === 'object' ? [{ id: place.id }] : [],
  )
  if (inputs.length > 0) await api.records(kind.object, 'archive', { inputs }, batch)
  return new Map([...places].map(([row, place]) => [row, receiptOf(place)]))
}

function receiptOf(place: Place): Receipt {
  return place === 'elsewhere' ? HELD_ELSEWHERE : APPLIED
}
