import { APPLIED } from '../../src/connector/rows.ts'
import type { Batch, Receipt } from '../../src/connector/types.ts'
import type { HubspotAnswer, HubspotApi, HubspotContact } from './api.ts'
import type { Row } from './rows.ts'

/**
 * Archives contacts. Archiving takes record ids only, so they are read by e-mail first. A contact that is not there is
 * gone already. One that was found by a second address of its own is somebody's merged record: it stays, and the row
 * is rejected.
 */
export async function archiveContacts(
  api: HubspotApi,
  rows: readonly Row[],
  batch: Batch,
): Promise<ReadonlyMap<Row, Receipt>> {
  const answer = await api.post(
    '/crm/v3/objects/contacts/batch/read',
    {
      idProperty: 'email',
      inputs: rows.map(({ email }) => ({ id: email })),
      properties: ['email'],
      propertiesWithHistory: [],
    },
    batch,
  )
  const found = new Map((answer.results ?? []).map((contact) => [emailOf(contact), contact.id]))
  const ids = rows.flatMap(({ email }) => found.get(email.toLowerCase()) ?? [])
  if (ids.length > 0)
    await api.post('/crm/v3/objects/contacts/batch/archive', { inputs: ids.map((id) => ({ id })) }, batch)
  return new Map(
    rows.flatMap((row): [Row, Receipt][] => {
      const receipt = found.has(row.email.toLowerCase()) ? APPLIED : receiptOfOther(row, answer, rows)
      return receipt === undefined ? [] : [[row, receipt]]
    }),
  )
}

/** For one that was not found under its own address; undefined when the answer does not tell why. */
function receiptOfOther(
  row: Row,
  { results, errors = [] }: HubspotAnswer,
  rows: readonly Row[],
): Receipt | undefined {
  const own = errors.find(({ context }) => namesEmail(context?.ids, row.email))
  if (own !== undefined) return own.category === 'OBJECT_NOT_FOUND' ? APPLIED : undefined
  if (results === undefined) return undefined
  const asked = new Set(rows.map(({ email }) => email.toLowerCase()))
  if (results.some((contact) => !asked.has(emailOf(contact))))
    return {
      status: 'rejected',
      error: 'HubSpot holds it under another main e-mail address; archive it there',
    }
  return errors.every(({ category }) => category === 'OBJECT_NOT_FOUND') ? APPLIED : undefined
}

function namesEmail(ids: unknown, email: string): boolean {
  return Array.isArray(ids) && ids.some((id) => String(id).toLowerCase() === email.toLowerCase())
}

function emailOf({ properties }: HubspotContact): string {
  return properties?.email?.toLowerCase() ?? ''
}
