import type { Manifest } from '../../src/connector/types.ts'

export const COMMAND_MANIFEST: Manifest = {
  name: 'command',
  title: 'A program in any language',
  verification: 'generic',
  settings: {
    command: {
      type: 'text_list',
      required: true,
      description:
        "The program and its arguments; a name with a slash is relative to the project's folder, where it also runs.",
    },
    env: {
      type: 'text_map',
      secret: true,
      description:
        'The whole environment of the program: it sees nothing of that of Sluice, not even PATH; the values are secrets.',
    },
    timeout_seconds: {
      type: 'integer',
      default: 60,
      minimum: 1,
      maximum: 3600,
      description: 'How long it may take to answer one line; then it is killed.',
    },
    batch_size: {
      type: 'integer',
      default: 500,
      minimum: 1,
      maximum: 10_000,
      description: 'At most so many changes in one line.',
    },
  },
  // A program reads one line, answers it, and reads the next.
  limits: { inFlight: 1 },
  objects: {
    rows: {
      description: 'The changes, as lines of JSON on its standard input.',
      keys: undefined,
      keyNormalizers: {},
      modes: ['upsert', 'insert', 'update', 'mirror'],
      // The program is asked to take a key and its fields, or to forget the key; twice is the same as once.
      idempotent: true,
      carriesSyncName: true,
      remove: 'delete',
      removal: 'The program is told to remove it.',
      batch: { maxItems: 10_000, maxBytes: 5 * 1024 * 1024, itemsSetting: 'batch_size' },
    },
  },
}
