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
    base_url: {
      type: 'text',
      default: 'https://api.hubapi.com',
      description: 'Where the API is; another one only for a proxy or a fake.',
    },
    allow_private_network: {
      type: 'boolean',
      default: false,
      description: 'Also lets a base_url on a private or loopback address through, over plain http too.',
    },
    timeout_seconds: {
      type: 'integer',
      default: 30,
      minimum: 1,
      maximum: 600,
      description: 'How long one request may take, answer included.',
    },
  },
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
