import { answerWords } from '../../src/connector/answer-words.ts'
import type { Api } from '../../src/connector/api.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import { APPLIED, type Row, rowsOf, withItems } from '../../src/connector/rows.ts'
import { idIn, objectIn, textIn } from '../../src/connector/shapes.ts'
import type { Batch, Change, JobAnswer, JobBatch, Receipt } from '../../src/connector/types.ts'
import { allPages, PAGE } from './api.ts'
import type { Refusals } from './clear.ts'
import { ITEM_BYTES, KLAVIYO_MANIFEST } from './manifest.ts'
import { type Attributes, identifierOf, profileOf, sameIdentifier } from './profile.ts'

const PATH = '/api/profile-bulk-import-jobs'

/** Hands the rows over that are no removals. Undefined: there is none to hand over. */
export async function startImport(api: Api, batch: Batch, list?: string): Promise<string | undefined> {
  const { items } = importOf(batch.changes())
  if (items.length === 0) return undefined
  const { json } = await api.send({
    method: 'POST',
    path: PATH,
    json: {
      data: {
        type: 'profile-bulk-import-job',
        attributes: { profiles: { data: items.map(([, item]) => item) } },
        ...(list === undefined ? {} : { relationships: { lists: { data: [{ type: 'list', id: list }] } } }),
      },
    },
    maxBytes: KLAVIYO_MANIFEST.objects.profiles?.batch.maxBytes ?? 0,
    batch,
  })
  const id = idIn(objectIn(objectIn(json).data).id)
  // A text with spaces would not come apart again.
  if (id !== undefined && !/\s/.test(id)) return id
  const message = 'expected Klaviyo to name the job, found an answer without its id'
  throw new DestinationError('retry', { message, ambiguous: true })
}

/** The job, and what was refused beside it: both are asked for by another process. */
export function jobText(id: string, refusals: Refusals): string {
  return [id, ...[...refusals].map(([index, code]) => `${index}=${code}`)].join(' ')
}

export async function pollImport(api: Api, jobText: string, batch: JobBatch): Promise<JobAnswer> {
  const { id, refusals } = jobOf(jobText)
  const path = `${PATH}/${encodeURIComponent(id)}`
  const { status, json } = await api.send({ method: 'GET', path, answers: [404] })
  if (status === 404) return { status: 'forgotten' }
  const job = objectIn(objectIn(objectIn(json).data).attributes)
  if (job.status === 'queued' || job.status === 'processing') return { status: 'running' }
  if (job.status === 'cancelled')
    return { status: 'failed', error: 'Klaviyo cancelled the import job', retry: true }
  if (job.status !== 'complete')
    throw new DestinationError('retry', {
      message:
        'expected Klaviyo to say how the import job is, found an answer without a status that is known',
    })
  const errors = await allPages(api, {
    method: 'GET',
    path: `${path}/import-errors`,
    query: { 'page[size]': PAGE },
  })
  return endOf(await batch.changes(), batch, errors, Number(job.failed_count ?? 0), refusals)
}

/** One a change. What is not rejected, or refused beside the job, is applied. */
export function receiptsOf(
  changes: readonly Change[],
  refusals: Refusals,
  rejected: ReadonlyMap<number, Receipt> = new Map(),
): readonly Receipt[] {
  const tooLong = new Map([...importOf(changes).tooLong].map(([{ index }, receipt]) => [index, receipt]))
  return changes.map(
    (_, index) => tooLong.get(index) ?? rejected.get(index) ?? refusalOf(refusals.get(index)) ?? APPLIED,
  )
}

function jobOf(text: string): { readonly id: string; readonly refusals: Refusals } {
  const [id = '', ...rest] = text.split(' ')
  const pairs = rest.map((one) => one.split('='))
  return { id, refusals: new Map(pairs.map(([index, code = 'refused']) => [Number(index), code])) }
}

/** The same for the same changes: that is how places of a job are known to whoever asks for it. */
function importOf(changes: readonly Change[]) {
  const written = rowsOf(changes).filter(({ change }) => change.op !== 'remove')
  return withItems(written, ({ change }) => profileOf(change).item, ITEM_BYTES)
}

function endOf(
  changes: readonly Change[],
  batch: JobBatch,
  errors: readonly Attributes[],
  failedCount: number,
  refusals: Refusals,
): JobAnswer {
  const rows = importOf(changes).items.map(([row]) => row)
  const words = answerWords({ ...batch, changesJson: '', changes: () => changes })
  const rejected = new Map<number, Receipt>()
  let lost: string | undefined
  for (const error of errors) {
    const row = rowOf(error, rows)
    const { detail, title } = objectIn(error.attributes)
    const index = row?.index ?? NO_ROW
    const said = `Klaviyo: ${words(index, detail) ?? words(index, title) ?? 'no reason given'}`
    if (row === undefined) lost = said
    else if (!rejected.has(row.index)) rejected.set(row.index, { status: 'rejected', error: said })
  }
  if (failedCount > rejected.size) lost ??= 'Klaviyo: it refused more profiles than it names'
  // Halved until the row is alone that it is about.
  if (lost !== undefined) return { status: 'failed', error: lost, retry: false }
  return { status: 'done', receipts: receiptsOf(changes, refusals, rejected) }
}

const NO_ROW = -1

/** By its place in the request, else by the profile that it was sent. */
function rowOf(error: Attributes, rows: readonly Row[]): Row | undefined {
  const { source, original_payload: payload } = objectIn(error.attributes)
  const place = /\/profiles\/data\/(\d+)(?:\/|$)/.exec(textIn(objectIn(source).pointer) ?? '')?.[1]
  if (place !== undefined) return rows[Number(place)]
  if (rows.length === 1) return rows[0]
  const sent = objectIn(payload)
  const attributes = { ...sent, ...objectIn(sent.attributes) }
  return rows.find(({ change }) => {
    const { name, text } = identifierOf(change.key)
    const other = attributes[name]
    return typeof other === 'string' && sameIdentifier(name, other) === sameIdentifier(name, text)
  })
}

function refusalOf(code: string | undefined): Receipt | undefined {
  if (code === undefined) return undefined
  return { status: 'rejected', error: `Klaviyo: it refused to clear fields of this profile (${code})` }
}
