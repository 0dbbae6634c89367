import { httpSettings } from '../../src/connector/http-settings.ts'
import type { Manifest } from '../../src/connector/types.ts'

/** A request must be smaller than 500 KB, each of its items 32 KB or smaller. */
export const MOST_BYTES = 500_000
export const MOST_ITEM_BYTES = 32_000

/** No number is documented; so many rows of a kilobyte fill a request. */
const MOST_ITEMS = 500

export const CUSTOMERIO_MANIFEST: Manifest = {
  name: 'customerio',
  title: 'Customer.io',
  verification: 'spec-verified',
  apiVersion: 'v2',
  settings: {
    site_id: { type: 'text', required: true, description: 'Of the Track API key of the workspace.' },
    api_key: {
      type: 'text',
      required: true,
      secret: true,
      description: 'The secret of the same Track API key.',
    },
    region: {
      type: 'text',
      default: 'us',
      description: 'Where the account is: us or eu; another one than its own is refused.',
    },
    ...httpSettings(),
    base_url: {
      type: 'text',
      description: 'Instead of the address of the region: only for a proxy or a fake.',
    },
  },
  auth: [{ kind: 'basic', needs: ['site_id', 'api_key'], user: '{site_id}', password: '{api_key}' }],
  // The description says 1,000, another page of the vendor's 100; what goes beyond for long may be lost, so the smaller.
  limits: { requestsPerSecond: 100 },
  sources: [
    { url: 'https://docs.customer.io/api/track/', read: '2026-11-26' },
    { url: 'https://docs.customer.io/journeys/invalid-api-requests', read: '2026-11-26' },
    { url: 'https://docs.customer.io/journeys/deleting-users/', read: '2026-11-26' },
    { url: 'https://docs.customer.io/integrations/api/customerio-apis', read: '2026-11-26' },
  ],
  objects: {
    people: {
      description: 'People; fields are their attributes.',
      keys: ['id', 'email', 'phone', 'cio_id'],
      keyNormalizers: { email: 'email' },
      modes: ['upsert', 'update', 'mirror'],
      idempotent: true,
      carriesSyncName: false,
      remove: 'delete',
      batch: { maxItems: MOST_ITEMS, maxBytes: MOST_BYTES },
      removal: 'The person is deleted for good, with all data; a later upsert makes a new one.',
      erasure:
        'The person is suppressed: deleted for good, and the identifier is not taken again until it is unsuppressed.',
    },
    events: {
      description:
        'Events of people, each counted once: name, timestamp and one of person_id, email, phone or cio_id; other fields are attributes of the event.',
      keys: ['event_id'],
      keyNormalizers: {},
      modes: ['insert'],
      // Each goes with an id made of its key, by which what comes twice is dropped.
      idempotent: true,
      carriesSyncName: false,
      remove: 'none',
      batch: { maxItems: MOST_ITEMS, maxBytes: MOST_BYTES },
    },
  },
}
