import { httpSettings } from '../../src/connector/http-settings.ts'
import type { Manifest, ObjectDefinition } from '../../src/connector/types.ts'

/** All batch endpoints take a hundred; how many bytes is nowhere said, and no batch of records comes near this. */
const BATCH = { maxItems: 100, maxBytes: 1024 * 1024 }

const RECORDS = {
  keys: undefined,
  keyNormalizers: {},
  modes: ['upsert', 'update', 'mirror'],
  idempotent: true,
  carriesSyncName: false,
  // Archived, as the API calls it.
  remove: 'delete',
  removal: 'It is archived, and can be restored in HubSpot for 90 days.',
  batch: BATCH,
} as const satisfies Partial<ObjectDefinition>

const ERASURE =
  'The contact is deleted for good with all that belongs to it. An address that HubSpot does not know is put on its block-list, so that it cannot be added any more.'

export const HUBSPOT_MANIFEST: Manifest = {
  name: 'hubspot',
  title: 'HubSpot CRM',
  verification: 'spec-verified',
  apiVersion: 'v3',
  settings: {
    access_token: {
      type: 'text',
      secret: true,
      description: 'Of a private app; or else client_id, client_secret and refresh_token of a public one.',
    },
    client_id: { type: 'text', description: 'Of an app that people install by OAuth.' },
    client_secret: { type: 'text', secret: true, description: 'Of the same app.' },
    refresh_token: {
      type: 'text',
      secret: true,
      description: 'What the app was given when it was installed in this portal.',
    },
    ...httpSettings('https://api.hubapi.com'),
  },
  auth: [
    { kind: 'header', needs: ['access_token'], name: 'authorization', value: 'Bearer {access_token}' },
    {
      kind: 'oauth2',
      needs: ['client_id', 'client_secret', 'refresh_token'],
      // Version 1 ends on 2027-02-16.
      tokenUrl: '{base_url}/oauth/v3/token',
      form: {
        grant_type: 'refresh_token',
        client_id: '{client_id}',
        client_secret: '{client_secret}',
        refresh_token: '{refresh_token}',
      },
    },
  ],
  // A private app's: 190 requests in 10 seconds. OAuth apps have 110 and the smallest plans 100: learned from refusals.
  limits: { requestsPerSecond: 19 },
  objects: {
    contacts: {
      ...RECORDS,
      description:
        'Contacts, by their main e-mail address or any unique property; fields are internal names of properties.',
      keyNormalizers: { email: 'email' },
      erasure: ERASURE,
      example: { field: 'firstname' },
    },
    companies: {
      ...RECORDS,
      description:
        'Companies, by a unique property of your own; two companies may have one domain, so domain is no key.',
    },
    deals: { ...RECORDS, description: 'Deals, by a unique property of your own.' },
    list_members: {
      ...RECORDS,
      description:
        'Contacts in a static list, by their main e-mail address; who is no contact yet is made one first.',
      keys: ['email'],
      keyNormalizers: { email: 'email' },
      modes: ['upsert', 'mirror'],
      membersOnly: true,
      settings: {
        list: {
          type: 'text',
          required: true,
          description: 'Name of a static list of contacts; or its id, in digits.',
        },
        create_list: {
          type: 'boolean',
          default: false,
          description: 'Make the list when there is none of this name.',
        },
      },
      removal: 'The contact leaves the list, and stays in HubSpot.',
      erasure: ERASURE,
    },
    '*': {
      ...RECORDS,
      description:
        'Any other type of record, by a unique property: tickets, products, 2-1234567 or p_cars for one of your own.',
      example: { object: 'tickets' },
    },
  },
  sources: [
    { url: 'https://github.com/HubSpot/HubSpot-public-api-spec-collection', read: '2026-11-22' },
    {
      url: 'https://developers.hubspot.com/docs/api-reference/latest/crm/objects/contacts/guide',
      read: '2026-11-26',
    },
    {
      url: 'https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines',
      read: '2026-11-26',
    },
    {
      url: 'https://developers.hubspot.com/docs/api-reference/legacy/crm/properties/get-properties',
      read: '2026-11-26',
    },
    {
      url: 'https://developers.hubspot.com/docs/api-reference/latest/account/account-information/get-account-details',
      read: '2026-11-26',
    },
    { url: 'https://developers.hubspot.com/changelog/v1-oauth-api-deprecation', read: '2026-11-26' },
    { url: 'https://developers.hubspot.com/docs/api/crm/lists', read: '2026-11-26' },
  ],
}
