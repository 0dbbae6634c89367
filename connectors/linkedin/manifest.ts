import { AUDIENCE_OBJECT } from '../../src/connector/ad-objects.ts'
import { httpSettings } from '../../src/connector/http-settings.ts'
import type { Manifest } from '../../src/connector/types.ts'

/** Of users in one request: what other tools send; LinkedIn documents no number. */
export const MOST_ELEMENTS = 5000

export const LINKEDIN_MANIFEST: Manifest = {
  name: 'linkedin',
  title: 'LinkedIn Ads',
  verification: 'doc-verified',
  settings: {
    access_token: {
      type: 'text',
      secret: true,
      description: 'With the scope rw_dmp_segments; LinkedIn ends it after 60 days.',
    },
    client_id: { type: 'text', description: 'Of an app of the Audiences program, instead of access_token.' },
    client_secret: { type: 'text', secret: true, description: 'Of the same app.' },
    refresh_token: {
      type: 'text',
      secret: true,
      description: 'That a member gave to the app; LinkedIn ends it after 365 days.',
    },
    ad_account: {
      type: 'text',
      required: true,
      description: 'Id of the ad account, the number in its address.',
    },
    source_platform: {
      type: 'text',
      required: true,
      description: 'What LinkedIn calls the app as a source of audiences: it is told with access to the API.',
    },
    api_version: {
      type: 'text',
      default: '202608',
      description:
        'Version of the API that requests name, as year and month; LinkedIn ends each after a year.',
    },
    token_url: {
      type: 'text',
      default: 'https://www.linkedin.com/oauth/v2/accessToken',
      description: 'Where tokens are given; another one only for a proxy or a fake.',
    },
    ...httpSettings('https://api.linkedin.com'),
  },
  auth: [
    {
      kind: 'oauth2',
      needs: ['client_id', 'client_secret', 'refresh_token'],
      tokenUrl: '{token_url}',
      form: {
        grant_type: 'refresh_token',
        refresh_token: '{refresh_token}',
        client_id: '{client_id}',
        client_secret: '{client_secret}',
      },
    },
    { kind: 'header', needs: ['access_token'], name: 'authorization', value: 'Bearer {access_token}' },
  ],
  // 600 a minute for the member who gave the token; the limit of a day is not published.
  limits: { requestsPerSecond: 10 },
  sources: [
    {
      url: 'https://learn.microsoft.com/en-us/linkedin/marketing/matched-audiences/create-and-manage-segments',
      read: '2026-11-26',
    },
    {
      url: 'https://learn.microsoft.com/en-us/linkedin/marketing/matched-audiences/create-and-manage-segment-users',
      read: '2026-11-26',
    },
    {
      url: 'https://learn.microsoft.com/en-us/linkedin/marketing/matched-audiences/create-and-manage-segment-destinations',
      read: '2026-11-26',
    },
  ],
  objects: {
    audience: {
      ...AUDIENCE_OBJECT,
      description:
        'Members of one audience (a DMP segment of users), by hashed e-mail address or Android advertising id.',
      membersOnly: true,
      identifiers: {
        alone: { email: 'linkedin.email@1', mobile_id: 'linkedin.mobile_id@1' },
        details: {
          first_name: 'linkedin.first_name@1',
          last_name: 'linkedin.last_name@1',
          country: 'linkedin.country@1',
        },
      },
      audience: { fewest: 300 },
      settings: {
        audience: {
          type: 'text',
          required: true,
          description: 'Name or id of the audience; one that is named and not there is made.',
        },
      },
      removal: 'All that found the person is taken out of the audience.',
      batch: { maxItems: MOST_ELEMENTS, maxBytes: 4_000_000 },
    },
  },
}
