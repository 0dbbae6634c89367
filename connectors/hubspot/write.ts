import { answerWords } from '../../src/connector/answer-words.ts'
import type { Row, RowReceipts } from '../../src/connector/rows.ts'
import type { Batch, Receipt } from '../../src/connector/types.ts'
import type { HubspotApi } from './api.ts'
import { HELD_ELSEWHERE, placesOf } from './lookup.ts'
import { type Input, outcomesOf } from './outcomes.ts'
import { idOf, type Kind, propertyText } from './rows.ts'

/** Creates or updates records by their key; in mode `update` only those that are there. */
export async function writeRecords(
  api: HubspotApi,
  kind: Kind,
  rows: readonly Row[],
  batch: Batch,
): Promise<RowReceipts> {
  return batch.mode === 'update'
    ? updateRecords(api, kind, rows, batch)
    : receiptsIn(await upsertRecords(api, kind, rows, batch))
}

/** With the ids of those that were taken, as far as the answer names them. */
export async function upsertRecords(
  api: HubspotApi,
  kind: Kind,
  rows: readonly Row[],
  batch: Batch,
): Promise<ReturnType<typeof outcomesOf>> {
  const { object, idProperty } = kind
  const inputs = rows.map((row): Input => ({ row, id: idOf(row, kind), idProperty }))
  const answer = await api.records(object, 'upsert', { inputs: inputs.map(inputOf) }, batch)
  return outcomesOf(inputs, answer, answerWords(batch))
}

/** Updating takes record ids only, so they are read first. */
async function updateRecords(
  api: HubspotApi,
  kind: Kind,
  rows: readonly Row[],
  batch: Batch,
): Promise<RowReceipts> {
  const places = await placesOf(api, kind, rows, batch)
  const inputs = rows.flatMap((row): Input[] => {
    const place = places.get(row)
    return typeof place === 'object' ? [{ row, id: place.id, idProperty: undefined }] : []
  })
  const rejected = rows.flatMap((row): [Row, Receipt][] => {
    const place = places.get(row)
    return typeof place === 'string' ? [[row, NOT_UPDATED[place]]] : []
  })
  if (inputs.length === 0) return new Map(rejected)
  const answer = await api.records(kind.object, 'update', { inputs: inputs.map(inputOf) }, batch)
  return new Map([...rejected, ...receiptsIn(outcomesOf(inputs, answer, answerWords(batch)))])
}

const NOT_UPDATED: Readonly<Record<'missing' | 'elsewhere', Receipt>> = {
  missing: { status: 'rejected', error: 'HubSpot has no record with this key' },
  elsewhere: HELD_ELSEWHERE,
}

/** `objectWriteTraceId` comes back in results and errors, so it names the row. */
function inputOf({ row: { change, index }, id, idProperty }: Input): object {
  const properties = Object.entries(change.fields).map(([name, value]) => [name, propertyText(value)])
  return {
    id,
    ...(idProperty === undefined ? {} : { idProperty }),
    objectWriteTraceId: String(index),
    properties: Object.fromEntries(properties),
  }
}

function receiptsIn(outcomes: ReturnType<typeof outcomesOf>): RowReceipts {
  return new Map([...outcomes].map(([row, { receipt }]) => [row, receipt]))
}
