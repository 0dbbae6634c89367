import { httpSettings } from '../../src/connector/http-settings.ts'
import type { Manifest } from '../../src/connector/types.ts'

/** "4MB" of a request, taken as the smaller of its two meanings. */
export const MOST_BYTES = 4_000_000

export const ITERABLE_MANIFEST: Manifest = {
  name: 'iterable',
  title: 'Iterable',
  verification: 'spec-verified',
  settings: {
    api_key: { type: 'text', required: true, secret: true, description: 'A server-side key of the project.' },
    region: { type: 'text', default: 'us', description: 'Where the project is: us or eu.' },
    project: {
      type: 'text',
      description:
        'Any name for the project that the key is of, which Iterable does not tell: change it together with the project.',
    },
    merge_nested_objects: {
      type: 'boolean',
      default: false,
      description: 'Merge fields that are objects with what is there, instead of replacing them.',
    },
    ...httpSettings(),
    base_url: {
      type: 'text',
      description: 'Instead of the address of the region: only for a proxy or a fake.',
    },
  },
  auth: [{ kind: 'header', needs: ['api_key'], name: 'api-key', value: '{api_key}' }],
  // Of bulkUpdate, by project. That of lists is not documented.
  limits: { requestsPerSecond: 5 },
  sources: [
    { url: 'https://api.iterable.com/api/docs', read: '2026-11-26' },
    {
      url: 'https://support.iterable.com/hc/en-us/articles/39629320560148-API-Response-Codes',
      read: '2026-11-26',
    },
  ],
  objects: {
    users: {
      description:
        'User profiles; fields are the fields of their profiles, which Iterable makes as they come.',
      keys: ['email', 'userId'],
      keyNormalizers: { email: 'email' },
      modes: ['upsert', 'mirror'],
      idempotent: true,
      carriesSyncName: false,
      remove: 'delete',
      // As many as can be deleted one a request in the time of some requests; an update may have 1,000.
      batch: { maxItems: 200, maxBytes: MOST_BYTES },
      removal: 'The user is deleted, one a request; a later event or update makes a new one.',
      erasure:
        'The user is forgotten: deleted, and not taken again. Iterable takes 1,000 such requests a day.',
    },
    list_members: {
      description: 'Members of one list; people whom Iterable does not know become users.',
      keys: ['email', 'userId'],
      keyNormalizers: { email: 'email' },
      modes: ['upsert', 'mirror'],
      idempotent: true,
      carriesSyncName: false,
      membersOnly: true,
      settings: {
        list: { type: 'text', required: true, description: 'Name or id of a static list.' },
        create_list: {
          type: 'boolean',
          default: false,
          description: 'Make the list when there is none of this name.',
        },
      },
      remove: 'delete',
      removal: 'The user leaves the list, and stays in the project with all subscriptions.',
      batch: { maxItems: 1000, maxBytes: MOST_BYTES },
    },
    events: {
      description:
        'Custom events, each counted once: eventName, createdAt and email or userId; other fields are its data fields.',
      keys: ['id'],
      keyNormalizers: {},
      modes: ['insert'],
      // One with an id that is there is updated.
      idempotent: true,
      carriesSyncName: false,
      remove: 'none',
      limits: { requestsPerSecond: 10 },
      batch: { maxItems: 1000, maxBytes: MOST_BYTES },
    },
  },
}
