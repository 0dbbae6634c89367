import { APPLIED } from '../../src/connector/rows.ts'
import type { Batch, Receipt } from '../../src/connector/types.ts'
import { unanswered } from '../../src/connector/unanswered.ts'
import type { HubspotAnswer, HubspotApi, HubspotContact, HubspotError } from './api.ts'
import { propertyText, type Row } from './rows.ts'

type Words = (index: number, said: unknown) => string | undefined

/** Creates or updates contacts by e-mail; in mode `update` only those that are there. */
export async function writeContacts(
  api: HubspotApi,
  rows: readonly Row[],
  batch: Batch,
  words: Words,
): Promise<ReadonlyMap<Row, Receipt>> {
  const operation = batch.mode === 'update' ? 'update' : 'upsert'
  const answer = await api.post(
    `/crm/v3/objects/contacts/batch/${operation}`,
    { inputs: rows.map(inputOf) },
    batch,
  )
  return receiptsOf(rows, answer, words)
}

/** `objectWriteTraceId` comes back in results and errors, so it names the row. */
function inputOf({ change, index, email }: Row): object {
  const properties = Object.entries(change.fields).map(([name, value]) => [name, propertyText(value)])
  return {
    id: email,
    idProperty: 'email',
    objectWriteTraceId: String(index),
    properties: Object.fromEntries(properties),
  }
}

/** 200 says that all were taken, 207 which were not. A row that is named nowhere is left out: its fate is unknown. */
function receiptsOf(rows: readonly Row[], answer: HubspotAnswer, words: Words): ReadonlyMap<Row, Receipt> {
  const { results = [], errors = [] } = answer
  const named = namedBy(results, rows)
  if (errors.length === 0 && results.length === rows.length && mayBeAll(named))
    return new Map(rows.map((row) => [row, APPLIED]))
  const taken = new Set(named)
  return new Map(
    rows.flatMap((row): [Row, Receipt][] => {
      const error = errors.find((one) => isAbout(one, row))
      if (error !== undefined) return [[row, receiptOf(error, words(row.index, error.message))]]
      return taken.has(row) ? [[row, APPLIED]] : []
    }),
  )
}

/** The row that each result is about. */
type Named = Row | 'nobody' | 'stranger'

function namedBy(results: readonly HubspotContact[], rows: readonly Row[]): readonly Named[] {
  const byTrace = new Map(rows.map((row) => [String(row.index), row]))
  const byEmail = new Map(rows.map((row) => [row.email.toLowerCase(), row]))
  return results.map(({ objectWriteTraceId: trace, properties }) => {
    if (typeof trace === 'string') return byTrace.get(trace) ?? 'stranger'
    const email = properties?.email
    return typeof email === 'string' ? (byEmail.get(email.toLowerCase()) ?? 'stranger') : 'nobody'
  })
}

/** As many results as rows are all of them only when none is of another row, and none comes twice. */
function mayBeAll(named: readonly Named[]): boolean {
  const rows = named.filter((one) => one !== 'nobody')
  return !rows.includes('stranger') && new Set(rows).size === rows.length
}

function isAbout({ context }: HubspotError, { index, email }: Row): boolean {
  const { objectWriteTraceId, ids } = context ?? {}
  if (Array.isArray(objectWriteTraceId)) return objectWriteTraceId.includes(String(index))
  return Array.isArray(ids) && ids.includes(email)
}

function receiptOf({ category = '' }: HubspotError, message: string | undefined): Receipt {
  const error = `HubSpot: ${message ?? 'no reason given'}`
  if (BROKEN_OFF.has(category)) return unanswered(error)
  return { status: category === 'RATE_LIMITS' ? 'retry' : 'rejected', error }
}

/** They pass by themselves, as 500 and 503 do, and may have done their work as those. */
const BROKEN_OFF: ReadonlySet<string> = new Set(['INTERNAL_ERROR', 'SERVICE_UNAVAILABLE'])
