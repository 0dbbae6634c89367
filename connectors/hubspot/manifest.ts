import { httpSettings } from '../../src/connector/http-settings.ts'
import type { Manifest } from '../../src/connector/types.ts'

export const HUBSPOT_MANIFEST: Manifest = {
  name: 'hubspot',
  title: 'HubSpot CRM',
  verification: 'spec-verified',
  settings: {
    access_token: {
      type: 'text',
      required: true,
      secret: true,
      description: 'Of a private app with crm.objects.contacts.read and crm.objects.contacts.write.',
    },
    ...httpSettings('https://api.hubapi.com'),
  },
  auth: [{ kind: 'header', needs: ['access_token'], name: 'authorization', value: 'Bearer {access_token}' }],
  // A private app's: 190 requests in 10 seconds. The smallest plans have 100, which is learned from refusals.
  limits: { requestsPerSecond: 19 },
  objects: {
    contacts: {
      description: 'Contacts, by their main e-mail address; fields are the internal names of properties.',
      keys: ['email'],
      keyNormalizers: { email: 'email' },
      modes: ['upsert', 'update', 'mirror'],
      idempotent: true,
      carriesSyncName: false,
      // Archived, as the API calls it: HubSpot keeps it restorable for 90 days.
      remove: 'delete',
      batch: { maxItems: 100, maxBytes: 1024 * 1024 },
    },
  },
}
