import type { ObjectMode, Receipt } from '../../src/connector/types.ts'
import type { HubspotAnswer, HubspotApi, HubspotError } from './api.ts'
import { propertyText, type Row } from './rows.ts'

type Words = (index: number, said: unknown) => string | undefined

/** Creates or updates contacts by e-mail; in mode `update` only those that are there. */
export async function writeContacts(
  api: HubspotApi,
  rows: readonly Row[],
  mode: ObjectMode,
  words: Words,
): Promise<ReadonlyMap<Row, Receipt>> {
  const operation = mode === 'update' ? 'update' : 'upsert'
  const answer = await api.post(`/crm/v3/objects/contacts/batch/${operation}`, { inputs: rows.map(inputOf) })
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
  if (errors.length === 0 && results.length === rows.length)
    return new Map(rows.map((row) => [row, { status: 'applied' }]))
  const traces = new Set(results.map(({ objectWriteTraceId }) => objectWriteTraceId))
  const emails = new Set(results.map(({ properties }) => properties?.email?.toLowerCase()))
  return new Map(
    rows.flatMap((row): [Row, Receipt][] => {
      const error = errors.find((one) => isAbout(one, row))
      if (error !== undefined) return [[row, receiptOf(error, words(row.index, error.message))]]
      const taken = traces.has(String(row.index)) || emails.has(row.email.toLowerCase())
      return taken ? [[row, { status: 'applied' }]] : []
    }),
  )
}

function isAbout({ context }: HubspotError, { index, email }: Row): boolean {
  const { objectWriteTraceId, ids } = context ?? {}
  if (Array.isArray(objectWriteTraceId)) return objectWriteTraceId.includes(String(index))
  return Array.isArray(ids) && ids.includes(email)
}

/** Categories that pass by themselves. */
const PASSING: ReadonlySet<string | undefined> = new Set([
  'RATE_LIMITS',
  'INTERNAL_ERROR',
  'SERVICE_UNAVAILABLE',
])

function receiptOf({ category }: HubspotError, message: string | undefined): Receipt {
  const error = `HubSpot: ${message ?? 'no reason given'}`
  return { status: PASSING.has(category) ? 'retry' : 'rejected', error }
}
