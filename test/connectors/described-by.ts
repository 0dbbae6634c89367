import type { CheckOptions } from '../support/descriptions/check-request.ts'
import type { Reading } from '../support/descriptions/operations.ts'

/** Where a vendor describes what a connector sends. */
export interface DescribedBy extends Omit<CheckOptions, 'limits'> {
  /** By file below the folder of descriptions. */
  readonly files: Readonly<Record<string, Reading>>
  /** In the list of limits that are told in prose only. Default: the connector's name. */
  readonly vendor?: string
  /** Objects whose rows are sent by requests that none of the files describes. */
  readonly objectsElsewhere?: readonly string[]
  /** `METHOD /path`, as patterns, of requests that these files do not describe, and where they are described. */
  readonly elsewhere?: Readonly<Record<string, string>>
}

export const DESCRIBED_BY: Readonly<Record<string, DescribedBy>> = {
  hubspot: {
    files: {
      'hubspot/crm-contacts-v3.json': {},
      'hubspot/crm-companies-v3.json': {},
      'hubspot/crm-objects-v3.json': {},
      'hubspot/crm-lists-v3.json': {},
      'hubspot/oauth-v3.json': {},
    },
    elsewhere: {
      'GET /account-info/v3/details': 'the account information API',
      'GET /crm/v3/properties/.+': 'the properties API',
    },
  },
  salesforce: {
    files: {
      'salesforce/sobject-collections.json': { base: '/services', examples: ['/records/*'] },
      'salesforce/bulk-2.json': { base: '/services/data/{version}/jobs' },
    },
    elsewhere: {
      'POST /services/oauth2/token': 'the guide to OAuth',
      'GET /services/data/v[0-9.]+/query': 'the guide to queries',
      'GET /services/data/v[0-9.]+/sobjects/[^/]+/describe': 'the guide to objects',
    },
  },
  klaviyo: {
    files: {
      'klaviyo/profiles.json': {},
      'klaviyo/lists.json': {},
      'klaviyo/events.json': {},
      'klaviyo/metrics.json': {},
      'klaviyo/data_privacy.json': {},
    },
    elsewhere: {
      'GET /api/accounts': 'the accounts API',
      'POST /oauth/token': 'the guide to OAuth',
    },
  },
  braze: { files: { 'braze/braze.json': {} } },
  customerio: { files: { 'customerio/track.json': {} } },
  iterable: {
    files: {
      'iterable/schemas.json': {
        schemas: {
          'POST /api/users/bulkUpdate': 'BulkUpdateUsersParamsSchema',
          'POST /api/lists/subscribe': 'SubscribeToListParamsSchema',
          'POST /api/lists/unsubscribe': 'UnsubscribeFromListParamsSchema',
          'POST /api/lists': 'CreateListParamsSchema',
          'POST /api/events/trackBulk': 'TrackBulkEventsParamsSchema',
          'GET /api/lists': undefined,
          'GET /api/users/getFields': undefined,
          'DELETE /api/users/{email}': undefined,
          'DELETE /api/users/byUserId/{userId}': undefined,
        },
      },
    },
    elsewhere: { 'POST /api/users/forget': 'the reference of the API' },
  },
  // Its types and source platforms are those of uploads; the guide has others.
  linkedin: {
    files: { 'linkedin/marketing-audience.json': { base: '/rest' } },
    alsoQueries: ['start', 'count', 'sourcePlatform'],
    elsewhere: {
      'POST /oauth/v2/accessToken': 'the guide to OAuth',
      'POST /rest/dmpSegments': 'the guide to segments',
    },
  },
  'microsoft-ads': {
    files: { 'microsoft-ads/customer-list-v13.derived-openapi.json': {} },
    elsewhere: {
      'POST /common/oauth2/v2.0/token': 'the guide to OAuth',
      'POST /CampaignManagement/v13/Audiences(/QueryByIds)?':
        'the pages of AddAudiences and GetAudiencesByIds',
    },
  },
  pinterest: {
    files: { 'pinterest/api-v5.json': { base: '/v5' } },
    // By a discriminator, which says of other schemas what a schema takes.
    elsewhere: { 'POST /v5/oauth/token': 'the schemas of its grant types' },
  },
  mailchimp: {
    files: { 'mailchimp/marketing.json': { base: '/3.0' } },
    elsewhere: { 'GET /3.0/': 'the root of the API' },
  },
  intercom: { files: { 'intercom/api-2.15.json': {} } },
  zendesk: {
    files: { 'zendesk/support.json': {} },
    alsoQueries: ['page[size]', 'page[after]'],
    bodiesLeftOut: ['POST /api/v2/organizations/create_or_update'],
  },
  tiktok: {
    files: { 'tiktok/audience-v1.3.derived-openapi.json': {} },
    objectsElsewhere: ['events'],
    elsewhere: { 'POST /open_api/v1.3/event/track/': 'the Events API 2.0, which the SDK does not have' },
  },
  slack: { files: { 'slack/web-api.json': { base: '/api' } }, headerNames: { token: 'authorization' } },
  'google-ads': {
    files: { 'google/datamanager-v1.derived-openapi.json': {} },
    vendor: 'google',
    // The protos say these; the file that was derived of them has only what stands in paths.
    alsoQueries: ['requestId', 'filter', 'pageSize', 'pageToken'],
    elsewhere: { 'POST /token': 'the guide to OAuth' },
  },
  // Of a body it has the names of the parameters, and of what they hold nothing.
  meta: {
    files: {
      'meta/AdAccount.json': { base: '/{version}/act_{account}' },
      'meta/CustomAudience.json': { base: '/{version}/{id}' },
      'meta/AdsPixel.json': { base: '/{version}/{id}' },
    },
    alsoQueries: ['fields', 'limit', 'after', 'appsecret_proof'],
  },
  'google-sheets': {
    files: { 'google/sheets.v4.json': {} },
    vendor: 'google',
    elsewhere: { 'POST /token': 'the guide to OAuth' },
  },
}
