import { DestinationError } from '../../src/connector/errors.ts'
import type { Connection, Connector, ConnectorTools, ObjectUse, Settings } from '../../src/connector/types.ts'
import { checkLetIn, openSheets, spreadsheetOf } from './api.ts'
import { GOOGLE_SHEETS_MANIFEST } from './manifest.ts'
import { readSheet } from './sheet.ts'
import { writeRows } from './write.ts'

export const connector: Connector = { manifest: GOOGLE_SHEETS_MANIFEST, connect }

function connect(settings: Settings, tools: ConnectorTools, use?: ObjectUse): Connection {
  const title = String(use?.settings.sheet)
  const sheets = openSheets(settings, tools)
  const api = spreadsheetOf(sheets, String(use?.settings.spreadsheet))
  return {
    account: async () => {
      if (use === undefined) {
        await checkLetIn(sheets)
        return String(settings.client_email ?? settings.client_id)
      }
      // By its id: a sheet that is renamed is still the same.
      const { id } = await readSheet(api, title)
      return `spreadsheet ${api.id}, sheet ${id}`
    },
    fields: async () => {
      const { header } = await readSheet(api, title)
      return header.length === 0
        ? undefined
        : header.flatMap((name) => (name === '' ? [] : [{ name, writable: true }]))
    },
    write: async (batch) => {
      if (use === undefined) throw noUse()
      return batch.count === 0 ? [] : writeRows(api, title, batch)
    },
  }
}

function noUse(): DestinationError {
  return new DestinationError('stop', {
    message: 'expected the settings spreadsheet and sheet of a sync, found none',
  })
}
