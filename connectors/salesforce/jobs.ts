import { rowsOf } from '../../src/connector/rows.ts'
import { objectIn, textIn } from '../../src/connector/shapes.ts'
import type { Connection } from '../../src/connector/types.ts'
import { broken } from './api.ts'
import { type JobFile, removalFile, writeFile } from './job-files.ts'
import type { Place } from './lookup.ts'
import { type SentJob, type Ticket, TOLD, ticketText } from './ticket.ts'

type Started = Awaited<ReturnType<NonNullable<Connection['start']>>>

/** Hands a batch over as jobs of Bulk API 2.0: one that deletes, one that writes, as far as there is need of them. */
export async function startJobs(place: Place): Promise<Started> {
  const { batch } = place
  const rows = rowsOf(batch.changes())
  const removed = rows.filter(({ change }) => change.op === 'remove')
  const written = rows.filter(({ change }) => change.op !== 'remove')
  const files = [
    ...(removed.length > 0 ? [await removalFile(place, removed)] : []),
    ...(written.length > 0 ? [await writeFile(place, written, batch.mode)] : []),
  ]
  const told: Ticket['told'] = new Map(
    files.flatMap((file) => file.told.map(([row, what]) => [row.index, what] as const)),
  )
  const jobs: SentJob[] = []
  for (const file of files) if (file.sent > 0) jobs.push(await started(place, file))
  if (jobs.length > 0) return { jobId: ticketText({ jobs, told }) }
  return { receipts: rows.map(({ index }) => TOLD[told.get(index) ?? 'gone']) }
}

/** Salesforce makes half as much again of a file, and takes 150 MB. */
const MOST_CSV_BYTES = 100_000_000

async function started({ api, sobject, keyField, batch }: Place, file: JobFile): Promise<SentJob> {
  const { operation, csv, sent } = file
  const { json } = await api.send({
    method: 'POST',
    path: '/jobs/ingest',
    json: {
      object: sobject.name,
      operation,
      ...(operation === 'upsert' ? { externalIdFieldName: keyField } : {}),
      contentType: 'CSV',
      columnDelimiter: 'COMMA',
      lineEnding: 'LF',
    },
    batch,
  })
  const id = textIn(objectIn(json).id)
  if (id === undefined) throw broken('the id of the job')
  await api.send({
    method: 'PUT',
    path: `/jobs/ingest/${id}/batches`,
    body: { type: 'text/csv', text: csv },
    maxBytes: MOST_CSV_BYTES,
    batch,
  })
  await api.send({ method: 'PATCH', path: `/jobs/ingest/${id}`, json: { state: 'UploadComplete' }, batch })
  return { id, operation, sent }
}
