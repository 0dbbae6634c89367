import { DestinationError } from '../../src/connector/errors.ts'
import type { Row } from '../../src/connector/rows.ts'
import { textIn } from '../../src/connector/shapes.ts'
import type { Batch, Receipt } from '../../src/connector/types.ts'
import { broken, type SalesforceApi, type SalesforceRecord } from './api.ts'
import type { SalesforceField, Sobject } from './sobject.ts'
import { keyForm, soqlLiteral } from './values.ts'

/** Where rows are looked for: the object, and the external id field of the sync. */
export interface Place {
  readonly api: SalesforceApi
  readonly sobject: Sobject
  readonly keyField: string
  readonly batch: Batch
}

/** Record ids of rows; a row that is not there has none. */
export type RecordIds = ReadonlyMap<Row, readonly string[]>

/** Finds the records of rows by their external id. */
export async function findRecords(place: Place, rows: readonly Row[]): Promise<RecordIds> {
  const field = await keyFieldIn(place)
  const literals = rows.flatMap(({ change }) => soqlLiteral(change.key[place.keyField] ?? null, field) ?? [])
  const records = await selected(place, place.keyField, [...new Set(literals)])
  const ids = new Map<string, string[]>()
  for (const record of records) {
    const form = keyForm(keyIn(record, place.keyField), field)
    ids.set(form, [...(ids.get(form) ?? []), idIn(record)])
  }
  return new Map(
    rows.map((row) => [row, ids.get(keyForm(row.change.key[place.keyField], field)) ?? []] as const),
  )
}

/** External ids of records that are still there, by record id. */
export async function keysOf(place: Place, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const field = await keyFieldIn(place)
  const literals = ids.flatMap((id) => soqlLiteral(id, undefined) ?? [])
  const records = await selected(place, 'Id', literals)
  return new Map(records.map((record) => [idIn(record), keyForm(keyIn(record, place.keyField), field)]))
}

/** The field of the key as the org has it. Throws DestinationError `stop` when it has none of that name. */
export async function keyFieldIn({ sobject, keyField }: Place): Promise<SalesforceField> {
  const field = (await sobject.fields()).get(keyField.toLowerCase())
  if (field !== undefined) return field
  throw new DestinationError('stop', {
    message: `expected ${sobject.name} to have the external id field ${keyField}, found none that this user may see`,
  })
}

/** For a row of which there are several records: none of them is the one. */
export const SEVERAL: Receipt = {
  status: 'rejected',
  error: 'Salesforce has several records with this external id; make the field unique',
}

/**
 * URI and headers together may have 16,384 bytes, and the query is longer inside than it is written. Headers of ours
 * with a token have up to 3,000.
 */
const MOST_URL_BYTES = 8000

async function selected(
  { api, sobject, keyField, batch }: Place,
  where: string,
  literals: readonly string[],
): Promise<readonly SalesforceRecord[]> {
  const records: SalesforceRecord[] = []
  for (const part of partsOf(literals))
    records.push(
      ...(await api.query(
        `SELECT Id, ${keyField} FROM ${sobject.name} WHERE ${where} IN (${part.join(',')})`,
        batch,
      )),
    )
  return records
}

function partsOf(literals: readonly string[]): readonly (readonly string[])[] {
  const parts: string[][] = []
  let bytes = MOST_URL_BYTES
  for (const literal of literals) {
    const more = encodeURIComponent(literal).length + SEPARATOR_BYTES
    if (bytes + more > MOST_URL_BYTES) {
      parts.push([])
      bytes = 0
    }
    parts.at(-1)?.push(literal)
    bytes += more
  }
  return parts
}

/** `%2C`. */
const SEPARATOR_BYTES = 3

/** Names come back as the org writes them, whatever was asked for. */
function keyIn(record: SalesforceRecord, keyField: string): unknown {
  const name = Object.keys(record).find((one) => one.toLowerCase() === keyField.toLowerCase())
  return name === undefined ? undefined : record[name]
}

function idIn({ Id: id }: SalesforceRecord): string {
  const text = textIn(id)
  if (text === undefined) throw broken('the id of a record')
  return text
}
