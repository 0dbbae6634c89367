import { AUDIENCE_OBJECT } from '../../src/connector/ad-objects.ts'
import { httpSettings } from '../../src/connector/http-settings.ts'
import type { AuthMethod, Manifest } from '../../src/connector/types.ts'

/** Of values in one request, of one kind. */
export const MOST_VALUES = 1000

const TOKEN = {
  grant_type: 'refresh_token',
  client_id: '{client_id}',
  refresh_token: '{refresh_token}',
  scope: 'https://ads.microsoft.com/msads.manage offline_access',
}

const AUTH: readonly AuthMethod[] = [
  {
    kind: 'oauth2',
    needs: ['client_id', 'client_secret', 'refresh_token'],
    tokenUrl: '{token_url}',
    form: { ...TOKEN, client_secret: '{client_secret}' },
  },
  // An app that is registered as a public client has no secret.
  { kind: 'oauth2', needs: ['client_id', 'refresh_token'], tokenUrl: '{token_url}', form: TOKEN },
]

export const MICROSOFT_ADS_MANIFEST: Manifest = {
  name: 'microsoft-ads',
  title: 'Microsoft Advertising',
  verification: 'derived-verified',
  apiVersion: 'v13',
  settings: {
    developer_token: {
      type: 'text',
      required: true,
      secret: true,
      description: 'Of a super admin of the manager account, from the developer portal.',
    },
    customer_id: {
      type: 'text',
      required: true,
      description: 'Id of the manager account, cid in its address.',
    },
    account_id: { type: 'text', required: true, description: 'Id of the ad account, aid in its address.' },
    client_id: { type: 'text', description: 'Of an app that is registered with Microsoft.' },
    client_secret: { type: 'text', secret: true, description: 'Of the app, where it is no public client.' },
    refresh_token: {
      type: 'text',
      secret: true,
      description: 'Of a user of the account who allowed the app the scope msads.manage.',
    },
    accept_customer_match_terms: {
      type: 'boolean',
      default: false,
      description:
        'Accepts the Customer Match terms of Microsoft with each request: without it, somebody must have accepted them on the website.',
    },
    token_url: {
      type: 'text',
      default: 'https://login.microsoftonline.com/common/oauth2/v2.0/token',
      description: 'Where tokens are given; one of your tenant, a proxy or a fake.',
    },
    ...httpSettings('https://campaign.api.bingads.microsoft.com'),
  },
  auth: AUTH,
  sources: [
    {
      url: 'https://learn.microsoft.com/en-us/advertising/campaign-management-service/applycustomerlistuserdata',
      read: '2026-11-26',
    },
    {
      url: 'https://learn.microsoft.com/en-us/advertising/campaign-management-service/addaudiences',
      read: '2026-11-26',
    },
    {
      url: 'https://learn.microsoft.com/en-us/advertising/campaign-management-service/getaudiencesbyids',
      read: '2026-11-26',
    },
    { url: 'https://learn.microsoft.com/en-us/advertising/bulk-service/customer-list', read: '2026-11-26' },
    {
      url: 'https://learn.microsoft.com/en-us/advertising/guides/handle-service-errors-exceptions',
      read: '2026-11-26',
    },
  ],
  objects: {
    audience: {
      ...AUDIENCE_OBJECT,
      description:
        'Members of one customer list, by hashed e-mail address or phone number, or by an id of your own that Microsoft knows.',
      membersOnly: true,
      identifiers: {
        alone: {
          email: 'microsoft.email@1',
          phone: 'microsoft.phone@1',
          external_id: 'microsoft.external_id@1',
        },
      },
      audience: { fewest: 300 },
      settings: {
        audience: {
          type: 'text',
          required: true,
          description: 'Name or id of the customer list; one that is named and not there is made.',
        },
      },
      removal: 'All that found the person is taken out of the list.',
      batch: { maxItems: MOST_VALUES, maxBytes: 4_000_000 },
    },
  },
}
