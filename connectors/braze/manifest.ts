import { httpSettings } from '../../src/connector/http-settings.ts'
import type { Manifest, SettingDefinition } from '../../src/connector/types.ts'

const HTTP: Readonly<Record<string, SettingDefinition>> = httpSettings()

/** Of a request: not documented for it; the same endpoint for bulk takes so many. */
export const MOST_BYTES = 2_000_000

export const BRAZE_MANIFEST: Manifest = {
  name: 'braze',
  title: 'Braze',
  verification: 'spec-verified',
  settings: {
    api_key: {
      type: 'text',
      required: true,
      secret: true,
      description:
        'A REST API key with users.track, and with users.delete where people are removed or erased.',
    },
    workspace: {
      type: 'text',
      description:
        'Any name for the workspace that the key is of, which Braze does not tell: change it together with the workspace.',
    },
    batch_size: {
      type: 'integer',
      default: 50,
      minimum: 1,
      maximum: 75,
      description: 'At most so many rows in one request; newer contracts let 50 through, others 75.',
    },
    ...HTTP,
    base_url: {
      type: 'text',
      required: true,
      description: 'The REST endpoint of the instance, such as https://rest.fra-01.braze.eu.',
    },
  },
  auth: [{ kind: 'header', needs: ['api_key'], name: 'authorization', value: 'Bearer {api_key}' }],
  // 3,000 in three seconds. Contracts by monthly users have less by the hour, which is learned from refusals.
  limits: { requestsPerSecond: 1000 },
  sources: [
    { url: 'https://www.braze.com/docs/api/endpoints/user_data/post_user_track/', read: '2026-11-26' },
    { url: 'https://www.braze.com/docs/api/endpoints/user_data/post_user_delete/', read: '2026-11-26' },
    { url: 'https://www.braze.com/docs/api/objects_filters/user_attributes_object/', read: '2026-11-26' },
    { url: 'https://www.braze.com/docs/api/objects_filters/event_object/', read: '2026-11-26' },
    { url: 'https://www.braze.com/docs/api/errors/', read: '2026-11-26' },
    { url: 'https://www.braze.com/docs/api/api_limits/', read: '2026-11-26' },
  ],
  objects: {
    users: {
      description: 'User profiles; fields are profile fields such as first_name, or custom attributes.',
      keys: ['external_id', 'email', 'phone', 'braze_id'],
      keyNormalizers: { email: 'email' },
      modes: ['upsert', 'update', 'mirror'],
      idempotent: true,
      carriesSyncName: false,
      remove: 'delete',
      batch: { maxItems: 75, maxBytes: MOST_BYTES, itemsSetting: 'batch_size' },
      removal:
        'The profile is deleted for good; of several with one e-mail address or phone number, the one that Braze would have updated.',
      erasure:
        'The profile is deleted for good, as in a removal; counts of events and conversions stay. Other profiles with the same e-mail address or phone number stay too.',
    },
    events: {
      description:
        'Custom events, each sent once: name, time and one of external_id, braze_id, email or phone; other fields are its properties.',
      keys: ['event_id'],
      keyNormalizers: {},
      modes: ['insert'],
      // Braze counts an event that comes twice as two, whatever its properties are.
      idempotent: false,
      carriesSyncName: false,
      remove: 'none',
      batch: { maxItems: 75, maxBytes: MOST_BYTES, itemsSetting: 'batch_size' },
    },
  },
}
