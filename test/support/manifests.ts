import { HTTP_MANIFEST } from '../../connectors/http/manifest.ts'
import type { Manifest } from '../../src/connector/types.ts'
import { adManifest } from './audience-destination.ts'

const BATCH = { maxItems: 100, maxBytes: 1_000_000 }

/** An API that cannot do everything: contacts are found by email only and never deleted, notes are only changed, each as a whole. */
const CRM_MANIFEST: Manifest = {
  name: 'crm',
  title: 'A CRM',
  verification: 'generic',
  settings: {
    token: { type: 'text', required: true, secret: true, description: 'The token of a private app.' },
  },
  objects: {
    contacts: {
      description: 'People.',
      keys: ['email'],
      keyNormalizers: { email: 'email' },
      modes: ['insert', 'update', 'upsert'],
      idempotent: true,
      carriesSyncName: false,
      remove: 'clear',
      batch: BATCH,
    },
    notes: {
      description: 'Texts.',
      keys: undefined,
      keyNormalizers: {},
      modes: ['update'],
      idempotent: false,
      carriesSyncName: false,
      remove: 'none',
      wholeRows: true,
      batch: BATCH,
    },
  },
}

/** One with two ways to prove who asks, lists of members, and objects of the user's own. */
const SUITE_MANIFEST: Manifest = {
  name: 'suite',
  title: 'A suite',
  verification: 'generic',
  settings: {
    access_token: { type: 'text', secret: true, description: 'A token.' },
    client_id: { type: 'text', description: 'Of an app.' },
    client_secret: { type: 'text', secret: true, description: 'Of the app.' },
    region: { type: 'text', default: 'eu', description: 'Where it is.' },
  },
  auth: [
    { kind: 'header', needs: ['access_token'], name: 'authorization', value: 'Bearer {access_token}' },
    { kind: 'basic', needs: ['client_id', 'client_secret', 'region'], user: 'a', password: 'b' },
  ],
  objects: {
    list: {
      description: 'Members of a list.',
      keys: ['email'],
      keyNormalizers: {},
      modes: ['upsert', 'mirror'],
      idempotent: true,
      carriesSyncName: false,
      remove: 'delete',
      membersOnly: true,
      settings: {
        list: { type: 'text', required: true, description: 'Its name.' },
        limit: { type: 'integer', minimum: 1, description: 'How many.' },
      },
      batch: BATCH,
    },
    '*': {
      description: 'An object of your own.',
      keys: undefined,
      keyNormalizers: {},
      modes: ['upsert'],
      idempotent: true,
      carriesSyncName: false,
      remove: 'none',
      batch: BATCH,
    },
  },
}

/** What tests of projects know: the generic connector as it is, two with limits, and an ad platform. */
export const MANIFESTS: ReadonlyMap<string, Manifest> = new Map([
  [HTTP_MANIFEST.name, HTTP_MANIFEST],
  [CRM_MANIFEST.name, CRM_MANIFEST],
  [SUITE_MANIFEST.name, SUITE_MANIFEST],
  ['ads', adManifest(0)],
])
