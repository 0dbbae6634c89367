import { APPLIED } from '../../src/connector/rows.ts'
import type { Change, Receipt } from '../../src/connector/types.ts'
import type { HubspotApi } from './api.ts'
import { kindOf, propertyText } from './rows.ts'

/** Deletes contacts for good, one a request: HubSpot has no other way. */
export async function eraseContacts(
  api: HubspotApi,
  keys: readonly Change['key'][],
): Promise<readonly Receipt[]> {
  const receipts: Receipt[] = []
  for (const key of keys) receipts.push(await eraseContact(api, key))
  return receipts
}

async function eraseContact(api: HubspotApi, key: Change['key']): Promise<Receipt> {
  const { idProperty } = kindOf('contacts', [{ op: 'remove', key, fields: {} }])
  const { status } = await api.send({
    method: 'POST',
    path: '/crm/v3/objects/contacts/gdpr-delete',
    json: { objectId: propertyText(key[idProperty] ?? null), idProperty },
    answers: [REFUSED, NOT_THERE],
  })
  // Its words are left out: they quote the address, and are not needed to find the row.
  return status === REFUSED ? { status: 'rejected', error: 'HubSpot refused to delete it (400)' } : APPLIED
}

const REFUSED = 400

/** By another property than the address; an address that is not there is block-listed, which is 204. */
const NOT_THERE = 404
