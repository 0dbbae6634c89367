import { httpSettings } from '../../src/connector/http-settings.ts'
import type { AuthMethod, Manifest, ManifestSource } from '../../src/connector/types.ts'

/** Summer '25, the version whose requests were compared; Salesforce keeps each one for at least three years. */
export const API_VERSION = 'v64.0'

const READ = '2026-11-26'

const TOKEN_URL = '{login_url}/services/oauth2/token'

/** Salesforce names the address of the org with each token; none says how long it lives. */
const OAUTH = { kind: 'oauth2', tokenUrl: TOKEN_URL, baseUrlIn: 'instance_url' } as const

const AUTH: readonly AuthMethod[] = [
  {
    ...OAUTH,
    needs: ['client_id', 'client_secret', 'refresh_token'],
    form: {
      grant_type: 'refresh_token',
      client_id: '{client_id}',
      client_secret: '{client_secret}',
      refresh_token: '{refresh_token}',
    },
  },
  {
    ...OAUTH,
    needs: ['client_id', 'username', 'private_key'],
    form: { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer' },
    jwt: {
      key: '{private_key}',
      claims: { iss: '{client_id}', sub: '{username}', aud: '{login_url}' },
      // An assertion that lives for longer than three minutes is refused.
      lifetimeSeconds: 180,
    },
  },
  {
    ...OAUTH,
    needs: ['client_id', 'client_secret'],
    form: {
      grant_type: 'client_credentials',
      client_id: '{client_id}',
      client_secret: '{client_secret}',
    },
  },
  {
    kind: 'header',
    needs: ['access_token', 'base_url'],
    name: 'authorization',
    value: 'Bearer {access_token}',
  },
]

const GUIDE = 'https://developer.salesforce.com/docs/platform'

const SOURCES: readonly ManifestSource[] = [
  'api-rest/guide/resources-composite-sobjects-collections-upsert.html',
  'api-rest/guide/resources-composite-sobjects-collections-delete.html',
  'api-rest/guide/errorcodes.md',
  'api-rest/guide/headers-autoassign.md',
  'api-asynch/guide/datafiles-prepare-csv.md',
  'api-asynch/guide/bulk-api-2-job-states.md',
  'api-asynch/guide/get-job-failed-results.html',
  'salesforce-app-limits-cheatsheet/guide/salesforce-app-limits-platform-api.html',
  'salesforce-app-limits-cheatsheet/guide/salesforce-app-limits-platform-bulkapi.html',
].map((page) => ({ url: `${GUIDE}/${page}`, read: READ }))

export const SALESFORCE_MANIFEST: Manifest = {
  name: 'salesforce',
  title: 'Salesforce',
  verification: 'doc-verified',
  apiVersion: API_VERSION,
  settings: {
    client_id: { type: 'text', description: 'Consumer key of a connected app or an external client app.' },
    client_secret: {
      type: 'text',
      secret: true,
      description: 'Its secret: with refresh_token, or alone for the client credentials flow.',
    },
    refresh_token: { type: 'text', secret: true, description: 'Of a user who allowed the app.' },
    username: { type: 'text', description: 'Of the user to act as, with private_key.' },
    private_key: {
      type: 'text',
      secret: true,
      description: 'PEM of the key whose certificate the app has, for the JWT bearer flow.',
    },
    access_token: {
      type: 'text',
      secret: true,
      description: 'A session that somebody else keeps alive, with base_url.',
    },
    login_url: {
      type: 'text',
      default: 'https://login.salesforce.com',
      description:
        'Where tokens are given: https://test.salesforce.com for a sandbox, the My Domain address for client credentials.',
    },
    ...httpSettings(),
    base_url: {
      type: 'text',
      description: 'Address of the org, with access_token only; the other ways are told it with the token.',
    },
  },
  auth: AUTH,
  // Requests of 20 seconds and more may be 25 at once in a whole org; requests at once also lock each other's parents.
  limits: { inFlight: 4 },
  objects: {
    '*': {
      description:
        'Records of any object, by one external id field; names are API names, such as My_Field__c.',
      example: { object: 'Contact', field: 'FirstName' },
      keys: undefined,
      keyNormalizers: {},
      modes: ['upsert', 'update', 'mirror'],
      idempotent: true,
      carriesSyncName: false,
      remove: 'delete',
      removal: 'The record goes to the recycle bin, from where it can be restored for 15 days.',
      // 200 records are the API's own cap. It names none in bytes: five megabytes are saved before a request times out.
      batch: { maxItems: 200, maxBytes: 5 * 1024 * 1024 },
      // Salesforce advises jobs above 2,000 records, works in lots of 10,000, and quotes the rows back in what it says of
      // them: an answer of more than 10 MB is not read.
      bulk: { aboveRows: 2000, maxItems: 10_000, maxBytes: 6 * 1024 * 1024 },
    },
  },
  sources: SOURCES,
}
