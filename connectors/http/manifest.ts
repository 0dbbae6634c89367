import { NETWORK_SETTINGS } from '../../src/connector/http-settings.ts'
import type { Manifest } from '../../src/connector/types.ts'
import { REQUEST_SETTINGS } from './request-settings.ts'

export const HTTP_MANIFEST: Manifest = {
  name: 'http',
  title: 'Any HTTP endpoint',
  verification: 'generic',
  settings: {
    url: {
      type: 'text',
      required: true,
      description: 'Where the batches are posted to; https, unless allow_private_network is true.',
    },
    headers: {
      type: 'text_map',
      secret: true,
      description: 'Sent with every request, such as authorization; the values are secrets.',
    },
    batch_size: {
      type: 'integer',
      default: 500,
      minimum: 1,
      maximum: 10_000,
      description: 'At most so many changes in one request.',
    },
    ...NETWORK_SETTINGS,
  },
  objects: {
    rows: {
      description: 'The changes, as JSON: see connectors/http/README.md.',
      keys: undefined,
      keyNormalizers: {},
      modes: ['upsert', 'insert', 'update', 'mirror'],
      // The receiver is asked to take a key and its fields, or to forget the key; twice is the same as once.
      idempotent: true,
      carriesSyncName: true,
      remove: 'delete',
      batch: { maxItems: 10_000, maxBytes: 5 * 1024 * 1024, itemsSetting: 'batch_size' },
    },
    requests: {
      description: 'Requests of the form that the sync says, for APIs that are there already.',
      keys: undefined,
      keyNormalizers: {},
      modes: ['upsert', 'insert', 'update', 'mirror'],
      // As rows: the endpoint is asked to take a key and its fields, or to forget the key.
      idempotent: true,
      carriesSyncName: false,
      // A template names fields, so they must be there.
      wholeRows: true,
      remove: 'delete',
      removal: 'A request by remove_method and remove_path.',
      batch: { maxItems: 10_000, maxBytes: 5 * 1024 * 1024, itemsSetting: 'batch_size' },
      settings: REQUEST_SETTINGS,
    },
  },
}
