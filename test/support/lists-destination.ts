import type {
  Batch,
  Connector,
  ConnectorEntry,
  DestinationField,
  JsonValue,
  Manifest,
  ObjectUse,
  Receipt,
} from '../../src/connector/types.ts'

/**
 * A destination in memory with lists that hold members only, and objects of the user's own. What a list is called
 * stands in the settings of a sync.
 */
export interface Lists {
  readonly connectors: ReadonlyMap<string, ConnectorEntry>
  readonly uses: (ObjectUse | undefined)[]
  readonly batches: Batch[]
  /** What it says of its fields; undefined: it does not tell. */
  fields: (() => readonly DestinationField[]) | undefined
  /** By list, or by object where it has none: what it holds of each key. */
  readonly held: Map<string, Map<string, Readonly<Record<string, JsonValue>>>>
}

const BATCH = { maxItems: 100, maxBytes: 1_000_000 }

const MANIFEST: Manifest = {
  name: 'lists',
  title: 'Lists',
  verification: 'generic',
  settings: {},
  objects: {
    list: {
      description: 'Members of a list.',
      keys: ['email'],
      keyNormalizers: { email: 'email' },
      modes: ['upsert', 'mirror'],
      idempotent: true,
      carriesSyncName: false,
      remove: 'delete',
      membersOnly: true,
      settings: {
        list: { type: 'text', required: true, description: 'Its name.' },
        size: { type: 'integer', default: 7, description: 'How large it may get.' },
      },
      batch: BATCH,
    },
    '*': {
      description: 'An object of your own.',
      keys: undefined,
      keyNormalizers: {},
      modes: ['upsert', 'mirror'],
      idempotent: true,
      carriesSyncName: false,
      remove: 'delete',
      batch: BATCH,
    },
  },
}

export function makeLists(): Lists {
  const lists: Lists = {
    connectors: new Map([['lists', { manifest: MANIFEST, load: async () => connector, loadFake }]]),
    uses: [],
    batches: [],
    fields: undefined,
    held: new Map(),
  }
  const connector: Connector = {
    manifest: MANIFEST,
    connect(_, __, use) {
      const list = String(use?.settings.list ?? use?.object)
      lists.uses.push(use)
      return {
        account: async () => `portal 1, ${list}`,
        ...(lists.fields === undefined ? {} : { fields: async () => lists.fields?.() ?? [] }),
        write: async (batch) => {
          lists.batches.push(batch)
          return batch.changes().map(({ op, key, fields }): Receipt => {
            const held = lists.held.get(list) ?? new Map()
            lists.held.set(list, held)
            if (op === 'remove') held.delete(Object.values(key).join('|'))
            else held.set(Object.values(key).join('|'), fields)
            return { status: 'applied' }
          })
        },
      }
    },
  }
  return lists
}

const loadFake = () => Promise.reject(new Error('it is a fake itself'))
