import { googleAuth, googleAuthSettings } from '../../src/connector/google-auth.ts'
import { httpSettings } from '../../src/connector/http-settings.ts'
import type { Manifest } from '../../src/connector/types.ts'

export const GOOGLE_SHEETS_MANIFEST: Manifest = {
  name: 'google-sheets',
  title: 'Google Sheets',
  verification: 'spec-verified',
  apiVersion: 'v4',
  settings: {
    ...googleAuthSettings('spreadsheets'),
    ...httpSettings('https://sheets.googleapis.com'),
  },
  auth: googleAuth('spreadsheets'),
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
