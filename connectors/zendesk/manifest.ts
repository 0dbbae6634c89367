import { httpSettings } from '../../src/connector/http-settings.ts'
import type { Manifest, ObjectDefinition } from '../../src/connector/types.ts'

const SHARED = {
  modes: ['upsert', 'mirror'],
  idempotent: true,
  carriesSyncName: false,
  remove: 'delete',
} as const satisfies Partial<ObjectDefinition>

export const ZENDESK_MANIFEST: Manifest = {
  name: 'zendesk',
  title: 'Zendesk Support',
  verification: 'spec-verified',
  apiVersion: 'v2',
  settings: {
    subdomain: {
      type: 'text',
      required: true,
      description: 'Of the account: acme for acme.zendesk.com.',
    },
    email: { type: 'text', description: 'Of the admin in whose name the API token asks.' },
    api_token: {
      type: 'text',
      secret: true,
      description: 'An API token of the account, which goes with email.',
    },
    access_token: {
      type: 'text',
      secret: true,
      description: 'Instead of email and api_token: an OAuth token with the scopes read and write.',
    },
    ...httpSettings(),
    base_url: {
      type: 'text',
      description:
        'Where the API is; that of the subdomain when it is left out. Another one only for a proxy or a fake.',
    },
  },
  auth: [
    { kind: 'basic', needs: ['email', 'api_token'], user: '{email}/token', password: '{api_token}' },
    { kind: 'header', needs: ['access_token'], name: 'authorization', value: 'Bearer {access_token}' },
  ],
  // 200 a minute, of the smallest plan; the larger ones have 400 to 2,500.
  limits: { requestsPerSecond: 3.3 },
  objects: {
    users: {
      ...SHARED,
      description:
        'Users, by your own id or by e-mail address; fields are those of users, or keys of custom user fields.',
      keys: ['external_id', 'email'],
      // Zendesk finds both whatever their case is.
      keyNormalizers: { external_id: 'text', email: 'email' },
      async: true,
      batch: { maxItems: 100, maxBytes: 1024 * 1024 },
      example: { field: 'name' },
      removal:
        'Deleted with their requests; Zendesk keeps what is theirs among the deleted users, and cannot restore them.',
      erasure: 'Deleted, and then deleted for good with all their data.',
    },
    organizations: {
      ...SHARED,
      description:
        'Organizations, by your own id; fields are those of organizations, or keys of custom organization fields.',
      keys: ['external_id'],
      keyNormalizers: { external_id: 'text' },
      // One request a row: as many as the smallest plan answers in some seconds.
      batch: { maxItems: 20, maxBytes: 1024 * 1024 },
      example: { field: 'name' },
      removal: 'Deleted; its users stay.',
    },
  },
  sources: [
    { url: 'https://developer.zendesk.com/api-reference/ticketing/users/users/', read: '2026-11-26' },
    {
      url: 'https://developer.zendesk.com/api-reference/ticketing/ticket-management/job_statuses/',
      read: '2026-11-26',
    },
    {
      url: 'https://developer.zendesk.com/api-reference/ticketing/account-configuration/usage_limits/',
      read: '2026-11-26',
    },
  ],
}
