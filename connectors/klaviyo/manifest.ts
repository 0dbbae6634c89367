import { httpSettings } from '../../src/connector/http-settings.ts'
import type { Manifest } from '../../src/connector/types.ts'

/** The API says 5 MB of a request and 100 KB of a profile or a text; its examples count in 1024. */
const REQUEST_BYTES = 5 * 1024 * 1024
export const ITEM_BYTES = 100 * 1024

export const KLAVIYO_MANIFEST: Manifest = {
  name: 'klaviyo',
  title: 'Klaviyo',
  verification: 'spec-verified',
  apiVersion: '2026-07-15',
  sources: [
    {
      url: 'https://developers.klaviyo.com/en/v2026-07-15/reference/bulk_import_profiles',
      read: '2026-11-26',
    },
    {
      url: 'https://developers.klaviyo.com/en/docs/use_klaviyos_bulk_profile_import_api',
      read: '2026-11-26',
    },
    { url: 'https://developers.klaviyo.com/en/docs/rate_limits_and_error_handling', read: '2026-11-26' },
    { url: 'https://developers.klaviyo.com/en/docs/filtering_', read: '2026-11-26' },
    { url: 'https://developers.klaviyo.com/en/docs/set_up_oauth', read: '2026-11-26' },
    { url: 'https://developers.klaviyo.com/en/docs/troubleshoot_oauth_errors', read: '2026-11-26' },
  ],
  settings: {
    api_key: {
      type: 'text',
      secret: true,
      description:
        'A private key with accounts:read, profiles:read and profiles:write; lists:read and lists:write for lists, events:write for events, data-privacy:write to erase.',
    },
    client_id: { type: 'text', description: 'Of an OAuth app, instead of api_key.' },
    client_secret: { type: 'text', secret: true, description: 'Of the same app.' },
    refresh_token: { type: 'text', secret: true, description: 'That the account gave to the app.' },
    ...httpSettings('https://a.klaviyo.com'),
  },
  auth: [
    { kind: 'header', needs: ['api_key'], name: 'authorization', value: 'Klaviyo-API-Key {api_key}' },
    {
      kind: 'oauth2',
      needs: ['client_id', 'client_secret', 'refresh_token'],
      tokenUrl: '{base_url}/oauth/token',
      basic: { user: '{client_id}', password: '{client_secret}' },
      form: { grant_type: 'refresh_token', refresh_token: '{refresh_token}' },
    },
  ],
  // 10 a second and 150 a minute for imports and lists: the second is what holds for longer than a few seconds.
  limits: { requestsPerSecond: 2.5 },
  objects: {
    profiles: {
      description:
        'Profiles, created or updated by a bulk import job; a field that is no attribute of Klaviyo is a custom property.',
      keys: ['email', 'phone_number', 'external_id'],
      keyNormalizers: { email: 'email' },
      modes: ['upsert'],
      idempotent: true,
      carriesSyncName: false,
      async: true,
      remove: 'clear',
      removal: 'The mapped fields are cleared; the profile stays, with its consent.',
      erasure:
        'Klaviyo deletes the profile and what it knows of it, by a data privacy job that takes a while.',
      batch: { maxItems: 10_000, maxBytes: REQUEST_BYTES },
    },
    list_members: {
      description:
        'Members of one list, by their profiles; one that Klaviyo does not know is created. Membership is no consent.',
      keys: ['email', 'phone_number', 'external_id'],
      keyNormalizers: { email: 'email' },
      modes: ['upsert', 'mirror'],
      idempotent: true,
      carriesSyncName: false,
      async: true,
      membersOnly: true,
      settings: {
        list: { type: 'text', required: true, description: 'Name or id of a list that is there.' },
      },
      remove: 'delete',
      removal: 'The profile leaves the list; it stays, with its consent.',
      batch: { maxItems: 10_000, maxBytes: REQUEST_BYTES },
    },
    events: {
      description: 'Events of profiles, each recorded once by its unique_id.',
      keys: ['unique_id'],
      keyNormalizers: {},
      modes: ['insert'],
      // An event with a unique_id that the profile has for this metric is not recorded again.
      idempotent: true,
      carriesSyncName: false,
      settings: {
        metric: { type: 'text', description: 'Name of the metric of events that map none.' },
        backfill: {
          type: 'boolean',
          default: false,
          description: 'Record events of the past without starting flows.',
        },
      },
      remove: 'none',
      // The same figures, but a quota to itself.
      limits: { requestsPerSecond: 2.5 },
      batch: { maxItems: 1000, maxBytes: REQUEST_BYTES },
    },
  },
}
