import { DestinationError } from '../../src/connector/errors.ts'
import type { Row } from '../../src/connector/rows.ts'
import type { ObjectMode, Receipt } from '../../src/connector/types.ts'
import { MISSING, sorted } from './collections.ts'
import { csvOf } from './csv.ts'
import { findRecords, keyFieldIn, type Place, SEVERAL } from './lookup.ts'
import { parentOf } from './sobject.ts'
import type { Operation, Told } from './ticket.ts'
import { CLEARS, csvText } from './values.ts'

/** The records of one job. */
export interface JobFile {
  readonly operation: Operation
  readonly csv: string
  readonly sent: number
  /** Rows that are not in it. */
  readonly told: readonly (readonly [Row, Told])[]
}

/** Record ids alone: a job that deletes takes nothing else. */
export async function removalFile(place: Place, rows: readonly Row[]): Promise<JobFile> {
  const { found, others } = sorted(await findRecords(place, rows), MISSING)
  return {
    operation: 'delete',
    csv: csvOf(
      ['Id'],
      found.map(([, id]) => [id]),
    ),
    sent: found.length,
    told: toldOf(others, 'gone'),
  }
}

/** With a column for each field of some row. A row that lacks one has nothing there, which leaves it as it is. */
export async function writeFile(place: Place, rows: readonly Row[], mode: ObjectMode): Promise<JobFile> {
  await checkColumns(place, rows)
  const clean = rows.filter((row) => !hasMarker(row))
  const reserved = rows.filter(hasMarker).map((row) => [row, 'reserved'] as const)
  const file = mode === 'update' ? await updateFile(place, clean) : upsertFile(place, clean)
  return { ...file, told: [...file.told, ...reserved] }
}

async function updateFile(place: Place, rows: readonly Row[]): Promise<JobFile> {
  const { found, others } = sorted(await findRecords(place, rows), MISSING)
  const columns = columnsOf(found.map(([row]) => row))
  const lines = found.map(([{ change }, id]) => [id, ...columns.map((name) => csvText(change.fields[name]))])
  return {
    operation: 'update',
    csv: csvOf(['Id', ...columns], lines),
    sent: found.length,
    told: toldOf(others, 'missing'),
  }
}

function upsertFile({ keyField }: Place, rows: readonly Row[]): JobFile {
  const columns = columnsOf(rows).filter((name) => name !== keyField)
  const lines = rows.map(({ change: { key, fields } }) => [
    csvText(key[keyField]),
    ...columns.map((name) => csvText(fields[name])),
  ])
  return { operation: 'upsert', csv: csvOf([keyField, ...columns], lines), sent: rows.length, told: [] }
}

function columnsOf(rows: readonly Row[]): readonly string[] {
  return [...new Set(rows.flatMap(({ change }) => Object.keys(change.fields)))]
}

/** A column that the object does not have refuses the whole job, after minutes. */
async function checkColumns(place: Place, rows: readonly Row[]): Promise<void> {
  await keyFieldIn(place)
  const fields = await place.sobject.fields()
  const isWritable = (name: string) =>
    (parentOf(name, fields)?.reference ?? fields.get(name.toLowerCase()))?.writable === true
  const unknown = columnsOf(rows).filter((name) => !isWritable(name))
  if (unknown.length === 0) return
  throw new DestinationError('stop', {
    message: `expected fields of ${place.sobject.name} that this user may write, found ${unknown.join(', ')}`,
  })
}

function hasMarker({ change: { key, fields } }: Row): boolean {
  return [key, fields].some((values) => Object.values(values).some((value) => value === CLEARS))
}

function toldOf(
  others: readonly (readonly [Row, Receipt])[],
  missing: Told,
): readonly (readonly [Row, Told])[] {
  return others.map(([row, receipt]) => [row, receipt === SEVERAL ? 'several' : missing])
}
