import { AUDIENCE_OBJECT } from '../../src/connector/ad-objects.ts'
import { httpSettings } from '../../src/connector/http-settings.ts'
import type { Manifest } from '../../src/connector/types.ts'

/** Of a request: Pinterest documents none, and other tools keep to this one. */
export const MOST_BYTES = 1_000_000

export const PINTEREST_MANIFEST: Manifest = {
  name: 'pinterest',
  title: 'Pinterest Ads',
  verification: 'spec-verified',
  apiVersion: 'v5',
  settings: {
    access_token: {
      type: 'text',
      secret: true,
      description: 'With the scopes ads:read and ads:write; Pinterest ends it after 30 days.',
    },
    client_id: { type: 'text', description: 'Of an app, instead of access_token.' },
    client_secret: { type: 'text', secret: true, description: 'Of the same app.' },
    refresh_token: {
      type: 'text',
      secret: true,
      description: 'That a user of the ad account gave to the app; Pinterest ends it after 60 days.',
    },
    ad_account: {
      type: 'text',
      required: true,
      description: 'Id of the ad account, the number in its address.',
    },
    ...httpSettings('https://api.pinterest.com/v5'),
  },
  auth: [
    {
      kind: 'oauth2',
      needs: ['client_id', 'client_secret', 'refresh_token'],
      tokenUrl: '{base_url}/oauth/token',
      basic: { user: '{client_id}', password: '{client_secret}' },
      form: { grant_type: 'refresh_token', refresh_token: '{refresh_token}' },
    },
    { kind: 'header', needs: ['access_token'], name: 'authorization', value: 'Bearer {access_token}' },
  ],
  sources: [
    { url: 'https://developers.pinterest.com/docs/api/v5/customer_lists-create', read: '2026-11-26' },
    { url: 'https://developers.pinterest.com/docs/api/v5/customer_lists-update', read: '2026-11-26' },
    { url: 'https://developers.pinterest.com/docs/api/v5/audiences-create', read: '2026-11-26' },
    { url: 'https://developers.pinterest.com/docs/reference/ratelimits/', read: '2026-11-26' },
  ],
  objects: {
    audience: {
      ...AUDIENCE_OBJECT,
      description:
        'Members of one customer list and of the audience that it fills, by hashed e-mail address or by hashed advertising id.',
      membersOnly: true,
      identifiers: { alone: { email: 'pinterest.email@1', mobile_id: 'pinterest.mobile_id@1' } },
      audience: { fewest: 100 },
      settings: {
        audience: {
          type: 'text',
          required: true,
          description:
            'Name or id of the customer list; one that is named and not there is made, with the first members.',
        },
        list_type: {
          type: 'text',
          default: 'EMAIL',
          description:
            'What the list holds, which is of one kind: EMAIL, or MAID or IDFA for advertising ids of Android or Apple.',
        },
      },
      // The first batch makes the list: another one at its side would make it twice.
      limits: { requestsPerSecond: 100, inFlight: 1 },
      removal: 'All that found the person is taken out of the list.',
      // A change of one person is some 0.3 kB here, and 65 bytes of it are sent.
      batch: { maxItems: 10_000, maxBytes: 8_000_000 },
    },
  },
}
