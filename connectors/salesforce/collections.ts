import { answerWords } from '../../src/connector/answer-words.ts'
import { APPLIED, byKind, type Row, type RowReceipts } from '../../src/connector/rows.ts'
import { objectsIn } from '../../src/connector/shapes.ts'
import type { Receipt } from '../../src/connector/types.ts'
import type { SalesforceRecord } from './api.ts'
import { findRecords, type Place, SEVERAL } from './lookup.ts'
import { type RecordError, receiptOf, removalReceiptOf, type Words } from './receipts.ts'
import { jsonFields } from './values.ts'

/** Writes at most 200 rows by sObject Collections, where each record is taken or refused by itself, in order. */
export function writeCollection(place: Place): Promise<readonly Receipt[]> {
  const { batch } = place
  const words = answerWords(batch)
  return byKind(batch, {
    removed: (rows) => removeRecords(place, rows, words),
    written: (rows) =>
      batch.mode === 'update' ? updateRecords(place, rows, words) : upsertRecords(place, rows, words),
  })
}

/** For a row that mode `update` finds no record of. */
export const MISSING: Receipt = {
  status: 'rejected',
  error: 'Salesforce has no record with this external id, and mode update makes none',
}

async function upsertRecords(
  { api, sobject, keyField, batch }: Place,
  rows: readonly Row[],
  words: Words,
): Promise<RowReceipts> {
  const fields = await sobject.fields()
  const records = rows.map(({ change: { key, fields: values } }) => ({
    attributes: { type: sobject.name },
    ...jsonFields({ ...values, ...key }, fields),
  }))
  const { json } = await api.send({
    method: 'PATCH',
    path: `/composite/sobjects/${sobject.name}/${keyField}`,
    json: { allOrNone: false, records },
    batch,
  })
  return receiptsOf(rows, json, (error, index) => receiptOf(error, index, words))
}

/** By record id, since an upsert would make the records that are missing. */
async function updateRecords(place: Place, rows: readonly Row[], words: Words): Promise<RowReceipts> {
  const { found, others } = sorted(await findRecords(place, rows), MISSING)
  if (found.length === 0) return new Map(others)
  const { api, sobject, batch } = place
  const fields = await sobject.fields()
  const { json } = await api.send({
    method: 'PATCH',
    path: '/composite/sobjects',
    json: {
      allOrNone: false,
      records: found.map(([{ change }, id]) => ({
        attributes: { type: sobject.name },
        id,
        ...jsonFields(change.fields, fields),
      })),
    },
    batch,
  })
  const updated = found.map(([row]) => row)
  return new Map([...others, ...receiptsOf(updated, json, (error, index) => receiptOf(error, index, words))])
}

async function removeRecords(place: Place, rows: readonly Row[], words: Words): Promise<RowReceipts> {
  const { found, others } = sorted(await findRecords(place, rows), APPLIED)
  if (found.length === 0) return new Map(others)
  const { json } = await place.api.send({
    method: 'DELETE',
    path: '/composite/sobjects',
    query: { ids: found.map(([, id]) => id).join(','), allOrNone: false },
    batch: place.batch,
  })
  const removed = found.map(([row]) => row)
  return new Map([
    ...others,
    ...receiptsOf(removed, json, (error, index) => removalReceiptOf(error, index, words)),
  ])
}

/** Rows with the one record that is theirs, and what is said of the others. */
export function sorted(
  ids: ReadonlyMap<Row, readonly string[]>,
  missing: Receipt,
): {
  readonly found: readonly (readonly [Row, string])[]
  readonly others: readonly (readonly [Row, Receipt])[]
} {
  const found: [Row, string][] = []
  const others: [Row, Receipt][] = []
  for (const [row, [id, ...more]] of ids)
    if (id === undefined) others.push([row, missing])
    else if (more.length > 0) others.push([row, SEVERAL])
    else found.push([row, id])
  return { found, others }
}

/** Results stand in the order of the records. As many as there are rows, or it cannot be told whose they are. */
function receiptsOf(
  rows: readonly Row[],
  json: unknown,
  refusal: (error: RecordError, index: number) => Receipt,
): RowReceipts {
  const results = Array.isArray(json) && json.length === rows.length ? objectsIn(json) : []
  if (results.length !== rows.length) return new Map()
  return new Map(
    rows.flatMap((row, place): [Row, Receipt][] => {
      const result = results[place] ?? {}
      if (result.success === true) return [[row, APPLIED]]
      return result.success === false ? [[row, refusal(errorIn(result), row.index)]] : []
    }),
  )
}

function errorIn({ errors }: SalesforceRecord): RecordError {
  const [first] = objectsIn(errors)
  if (first === undefined) return { code: '', said: '' }
  const { statusCode, message, fields } = first
  const named = Array.isArray(fields) && fields.length > 0 ? ` (${fields.join(', ')})` : ''
  return { code: String(statusCode), said: `${statusCode} ${message ?? ''}${named}` }
}
