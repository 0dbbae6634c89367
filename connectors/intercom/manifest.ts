import { httpSettings } from '../../src/connector/http-settings.ts'
import type { Manifest, ObjectDefinition } from '../../src/connector/types.ts'

const SHARED = {
  idempotent: true,
  carriesSyncName: false,
  remove: 'delete',
  // One request a row: as many as are answered well within the time that a run gives a batch.
  batch: { maxItems: 50, maxBytes: 1024 * 1024 },
  example: { field: 'name' },
} as const satisfies Partial<ObjectDefinition>

export const INTERCOM_MANIFEST: Manifest = {
  name: 'intercom',
  title: 'Intercom',
  verification: 'spec-verified',
  apiVersion: '2.15',
  settings: {
    access_token: {
      type: 'text',
      required: true,
      secret: true,
      description: "Of an app in the workspace's Developer Hub that may read and write users and companies.",
    },
    region: {
      type: 'text',
      default: 'us',
      description: 'Where the workspace is hosted: us, eu or au.',
    },
    ...httpSettings(),
    base_url: {
      type: 'text',
      description:
        'Where the API is; that of the region when it is left out. Another one only for a proxy or a fake.',
    },
  },
  auth: [{ kind: 'header', needs: ['access_token'], name: 'authorization', value: 'Bearer {access_token}' }],
  // 10,000 a minute for a private app, counted in windows of 10 seconds.
  limits: { requestsPerSecond: 166 },
  objects: {
    contacts: {
      ...SHARED,
      description:
        'Users, by your own id or by e-mail address; fields are those of contacts, or names of custom attributes.',
      keys: ['external_id', 'email'],
      keyNormalizers: { email: 'email' },
      modes: ['upsert', 'update', 'mirror'],
      removal: 'Archived: out of lists and audiences, with its history; one that comes back is unarchived.',
      erasure: 'Deleted for good, with its conversations.',
    },
    companies: {
      ...SHARED,
      description: 'Companies, by your own id; fields are those of companies, or names of custom attributes.',
      keys: ['company_id'],
      keyNormalizers: {},
      modes: ['upsert', 'mirror'],
      removal: 'Deleted; its contacts stay.',
    },
  },
  sources: [
    {
      url: 'https://developers.intercom.com/docs/references/rest-api/api.intercom.io/contacts',
      read: '2026-11-26',
    },
    {
      url: 'https://developers.intercom.com/docs/references/rest-api/errors/rate-limiting',
      read: '2026-11-26',
    },
  ],
}
