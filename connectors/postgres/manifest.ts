import type { Manifest } from '../../src/connector/types.ts'

export const POSTGRES_MANIFEST: Manifest = {
  name: 'postgres',
  title: 'PostgreSQL, an operational database',
  verification: 'generic',
  settings: {
    host: { type: 'text', required: true, description: 'Name or address of the server.' },
    port: {
      type: 'integer',
      default: 5432,
      minimum: 1,
      maximum: 65_535,
      description: 'Port of the server.',
    },
    database: { type: 'text', required: true, description: 'Name of the database.' },
    user: {
      type: 'text',
      required: true,
      description: 'Who writes; needs select, insert, update and delete.',
    },
    password: { type: 'text', secret: true, description: 'Of the user.' },
    sslmode: {
      type: 'text',
      default: 'verify-full',
      description:
        'As PostgreSQL has it: verify-full, verify-ca, require (any certificate), or disable on a private network.',
    },
    ca: {
      type: 'text',
      description: 'Certificate in PEM of the authority that signed the one of the server.',
    },
    allow_private_network: {
      type: 'boolean',
      default: false,
      description: 'Also lets a host on a private or loopback address through.',
    },
    timeout_seconds: {
      type: 'integer',
      default: 30,
      minimum: 4,
      maximum: 600,
      description: 'How long a statement may take, answer included.',
    },
  },
  // Connections: each is a process of the server, and a database has other users.
  limits: { inFlight: 4 },
  objects: {
    '*': {
      description:
        'A table that is there, by its exact name; keys have a unique index together, fields are columns.',
      keys: undefined,
      keyNormalizers: {},
      modes: ['upsert', 'update', 'insert', 'mirror'],
      idempotent: true,
      carriesSyncName: false,
      remove: 'delete',
      removal: 'Its row is deleted from the table.',
      settings: {
        schema: { type: 'text', default: 'public', description: 'Schema of the table, by its exact name.' },
      },
      // One statement each, which holds its locks until it ends.
      batch: { maxItems: 1000, maxBytes: 1024 * 1024 },
    },
  },
  sources: [
    { url: 'https://www.postgresql.org/docs/current/sql-insert.html', read: '2026-11-26' },
    { url: 'https://www.postgresql.org/docs/current/functions-json.html', read: '2026-11-26' },
    { url: 'https://www.postgresql.org/docs/current/errcodes-appendix.html', read: '2026-11-26' },
  ],
}
