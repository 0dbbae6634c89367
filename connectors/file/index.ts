import { isAbsolute, join } from 'node:path'
import { DestinationError } from '../../src/connector/errors.ts'
import type {
  Batch,
  Connection,
  Connector,
  ConnectorTools,
  Receipt,
  Settings,
} from '../../src/connector/types.ts'
import { AppendedFile } from './appended-file.ts'
import { csvLines } from './csv-lines.ts'
import { jsonElements } from './json-elements.ts'
import { FILE_MANIFEST } from './manifest.ts'

export const connector: Connector = { manifest: FILE_MANIFEST, connect }

function connect(settings: Settings, tools: ConnectorTools): Connection {
  const path = pathOf(settings.path as string, tools.directory)
  const lines = linesOf(settings.format as string)
  const file = new AppendedFile(path)
  return {
    account: async () => path,
    write: async (batch: Batch): Promise<readonly Receipt[]> => {
      // Appended first, by itself: what an optional call is given is not evaluated when nobody is told.
      const bytes = batch.count === 0 ? 0 : await file.append((firstLine) => lines(batch, firstLine))
      tools.onWritten?.(bytes)
      return Array.from({ length: batch.count }, () => ({ status: 'applied' }))
    },
  }
}

/** The text of a batch, after what the file begins with. */
type Lines = (batch: Batch, firstLine: string | undefined) => string

function linesOf(format: string): Lines {
  if (format === 'ndjson') return jsonLines
  if (format === 'csv') return csvLines
  throw new DestinationError('stop', { message: 'expected the format ndjson or csv, found another' })
}

/** A change stays the text that the warehouse built. */
function jsonLines({ sync, runId, changesJson }: Batch): string {
  const begin = `{"sync":${JSON.stringify(sync)},"run_id":${JSON.stringify(runId)},`
  return jsonElements(changesJson)
    .map((change) => `${begin}${oneLine(change.slice(change.indexOf('{') + 1))}\n`)
    .join('')
}

/** Between tokens JSON may hold line ends; inside strings they are escaped. */
function oneLine(json: string): string {
  return json.replace(/[\r\n]+/g, ' ')
}

function pathOf(path: string, directory: string | undefined): string {
  if (isAbsolute(path)) return path
  if (directory !== undefined) return join(directory, path)
  throw new DestinationError('stop', {
    message: 'expected an absolute path, found one relative to no folder',
  })
}
