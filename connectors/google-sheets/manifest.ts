import { httpSettings } from '../../src/connector/http-settings.ts'
import type { AuthMethod, Manifest } from '../../src/connector/types.ts'

const AUTH: readonly AuthMethod[] = [
  {
    kind: 'oauth2',
    needs: ['client_email', 'private_key'],
    tokenUrl: '{token_url}',
    form: { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer' },
    jwt: {
      key: '{private_key}',
      claims: {
        iss: '{client_email}',
        scope: 'https://www.googleapis.com/auth/spreadsheets',
        aud: '{token_url}',
      },
      // The longest that Google takes.
      lifetimeSeconds: 3600,
    },
  },
  {
    kind: 'oauth2',
    needs: ['client_id', 'client_secret', 'refresh_token'],
    tokenUrl: '{token_url}',
    form: {
      grant_type: 'refresh_token',
      client_id: '{client_id}',
      client_secret: '{client_secret}',
      refresh_token: '{refresh_token}',
    },
  },
]

export const GOOGLE_SHEETS_MANIFEST: Manifest = {
  name: 'google-sheets',
  title: 'Google Sheets',
  verification: 'spec-verified',
  apiVersion: 'v4',
  settings: {
    client_email: { type: 'text', description: 'Address of a service account, as its key file has it.' },
    private_key: {
      type: 'text',
      secret: true,
      description: 'Its private key in PEM, as the key file has it.',
    },
    client_id: { type: 'text', description: 'Of an OAuth client, to write as a person with refresh_token.' },
    client_secret: { type: 'text', secret: true, description: 'Of the OAuth client.' },
    refresh_token: {
      type: 'text',
      secret: true,
      description: 'Of a person who allowed the client the scope spreadsheets.',
    },
    token_url: {
      type: 'text',
      default: 'https://oauth2.googleapis.com/token',
      description: 'Where tokens are given; another one only for a proxy or a fake.',
    },
    ...httpSettings('https://sheets.googleapis.com'),
  },
  auth: AUTH,
  // A user may read 60 times a minute, and a batch reads twice. Two batches at once would both append one row.
  limits: { requestsPerSecond: 0.5, inFlight: 1 },
  objects: {
    rows: {
      description: 'Rows of a sheet whose first row names the columns; any of them may be keys.',
      keys: undefined,
      keyNormalizers: {},
      modes: ['upsert', 'update', 'mirror'],
      idempotent: true,
      carriesSyncName: false,
      remove: 'delete',
      removal: 'The whole row is deleted from the sheet; the history of the spreadsheet still shows it.',
      // Google advises requests of at most 2 MB, and a row grows to about twice as much when it is written as cells.
      batch: { maxItems: 1000, maxBytes: 1024 * 1024 },
      settings: {
        spreadsheet: {
          type: 'text',
          required: true,
          description: 'Id of the spreadsheet: the part of its address between /d/ and the next slash.',
        },
        sheet: {
          type: 'text',
          default: 'Sheet1',
          description: 'Name of the sheet in it, as its tab shows it.',
        },
      },
    },
  },
  sources: [
    { url: 'https://developers.google.com/workspace/sheets/api/limits', read: '2026-11-26' },
    { url: 'https://developers.google.com/identity/protocols/oauth2/service-account', read: '2026-11-26' },
  ],
}
