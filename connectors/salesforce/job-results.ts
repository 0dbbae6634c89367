import { APPLIED, allOf, type Row, type RowReceipts } from '../../src/connector/rows.ts'
import type { Receipt } from '../../src/connector/types.ts'
import { csvLines } from './csv.ts'
import type { JobInfo } from './job-info.ts'
import { keyFieldIn, keysOf, type Place } from './lookup.ts'
import { type RecordError, receiptOf, removalReceiptOf, type Words } from './receipts.ts'
import { keyForm } from './values.ts'

/** What became of the rows of one job. A row of which Salesforce does not tell is left out. */
export async function namedRows(
  place: Place,
  job: JobInfo,
  rows: readonly Row[],
  words: Words,
): Promise<RowReceipts> {
  const byKey = await rowsByKey(place, rows)
  const failed = await named(place, job, 'failedResults', byKey)
  const receipts = new Map<Row, Receipt>(
    failed.rows.map(([row, line]) => [row, refusalOf(job, row, line, words)]),
  )
  const isWhole = failed.isComplete && failed.lines === job.failed && job.processed === job.sent
  if (isWhole) return new Map([...allOf(rows, APPLIED), ...receipts])
  // Of records that were deleted nothing but their ids is left, so their rows are removed once more.
  if (job.operation === 'delete') return receipts
  const taken = await named(place, job, 'successfulResults', byKey)
  const untouched = await named(place, job, 'unprocessedrecords', byKey)
  return new Map([
    ...untouched.rows.map(([row]) => [row, UNTOUCHED] as const),
    ...taken.rows.map(([row]) => [row, APPLIED] as const),
    ...receipts,
  ])
}

const UNTOUCHED: Receipt = {
  status: 'retry',
  error: 'Salesforce ended the job before it came to this record',
}

type Line = ReadonlyMap<string, string>

interface Named {
  readonly rows: readonly (readonly [Row, Line])[]
  readonly lines: number
  /** Each line is about a row that is known, or about nothing that matters. */
  readonly isComplete: boolean
}

/** Results stand in any order; each line quotes the record as it was sent. */
async function named(
  place: Place,
  job: JobInfo,
  kind: 'failedResults' | 'successfulResults' | 'unprocessedrecords',
  byKey: ReadonlyMap<string, readonly Row[]>,
): Promise<Named> {
  const { text } = await place.api.send({
    method: 'GET',
    path: `/jobs/ingest/${job.id}/${kind}`,
    headers: { accept: 'text/csv' },
    batch: place.batch,
  })
  const lines = csvLines(text)
  const keys = await keysIn(place, job, lines)
  const rows = lines.flatMap((line, index) =>
    (byKey.get(keys[index] ?? '') ?? []).map((row) => [row, line] as const),
  )
  const isKnown = (line: Line, index: number) =>
    byKey.has(keys[index] ?? '') || errorIn(line).code === 'ENTITY_IS_DELETED'
  return { rows, lines: lines.length, isComplete: lines.every(isKnown) }
}

async function rowsByKey(place: Place, rows: readonly Row[]): Promise<ReadonlyMap<string, readonly Row[]>> {
  const field = await keyFieldIn(place)
  return Map.groupBy(rows, ({ change }) => keyForm(change.key[place.keyField], field))
}

/** Records that were sent by their ids are looked up for their keys. */
async function keysIn(
  place: Place,
  { operation }: JobInfo,
  lines: readonly Line[],
): Promise<readonly (string | undefined)[]> {
  const field = await keyFieldIn(place)
  if (operation === 'upsert')
    return lines.map((line) => keyForm(line.get(place.keyField.toLowerCase()), field))
  const ids = lines.map((line) => line.get('id') ?? '')
  const keys = await keysOf(place, ids)
  return ids.map((id) => keys.get(id))
}

function refusalOf({ operation }: JobInfo, { index }: Row, line: Line, words: Words): Receipt {
  const error = errorIn(line)
  return operation === 'delete' ? removalReceiptOf(error, index, words) : receiptOf(error, index, words)
}

/** `REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --`. */
function errorIn(line: Line): RecordError {
  const said = line.get('sf__error') ?? ''
  return { code: said.split(':')[0] ?? '', said: said.replace(/[\s:-]+$/, '') }
}
