import { HTTP_MANIFEST } from '../../connectors/http/manifest.ts'
import type { Manifest } from '../../src/connector/types.ts'

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

/** What tests of projects know: the generic connector as it is, and one with limits. */
export const MANIFESTS: ReadonlyMap<string, Manifest> = new Map([
  [HTTP_MANIFEST.name, HTTP_MANIFEST],
  [CRM_MANIFEST.name, CRM_MANIFEST],
])
