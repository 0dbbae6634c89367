import type { Manifest } from '../../src/connector/types.ts'

export const FILE_MANIFEST: Manifest = {
  name: 'file',
  title: 'A file on this machine',
  verification: 'generic',
  settings: {
    path: {
      type: 'text',
      required: true,
      description: 'The file that changes are appended to; relative to the project. Made when it is missing.',
    },
    format: {
      type: 'text',
      default: 'ndjson',
      description: 'One of ndjson and csv.',
    },
  },
  objects: {
    rows: {
      description: 'One line a change, the latest last: see connectors/file/README.md.',
      keys: undefined,
      keyNormalizers: {},
      modes: ['upsert', 'insert', 'update', 'mirror'],
      // A line that comes again says of its key what the file says already.
      idempotent: true,
      carriesSyncName: true,
      remove: 'delete',
      wholeRows: true,
      batch: { maxItems: 10_000, maxBytes: 5 * 1024 * 1024 },
    },
  },
}
