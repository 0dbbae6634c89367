import type {
  Batch,
  Change,
  Connector,
  ConnectorEntry,
  Manifest,
  ObjectDefinition,
  Receipt,
} from '../../src/connector/types.ts'

/** A destination in memory whose contacts all its syncs share. */
export interface Crm {
  readonly connectors: ReadonlyMap<string, ConnectorEntry>
  readonly changes: Change[]
  readonly batches: Batch[]
  /** By email. */
  readonly contacts: Map<string, Record<string, unknown>>
  account: string
}

export function makeCrm(object: Partial<ObjectDefinition> = {}): Crm {
  const changes: Change[] = []
  const batches: Batch[] = []
  const contacts = new Map<string, Record<string, unknown>>()
  const manifest: Manifest = {
    name: 'crm',
    title: 'A CRM',
    verification: 'generic',
    settings: {},
    objects: {
      contacts: {
        description: 'People',
        keys: ['email'],
        keyNormalizers: { email: 'email' },
        modes: ['upsert', 'mirror', 'update', 'insert'],
        idempotent: true,
        carriesSyncName: false,
        remove: 'delete',
        batch: { maxItems: 100, maxBytes: 1_000_000 },
        ...object,
      },
    },
  }
  const crm: Crm = {
    changes,
    batches,
    contacts,
    account: 'portal 1',
    connectors: new Map([['crm', { manifest, load: async () => connector, loadFake }]]),
  }
  const connector: Connector = {
    manifest,
    connect: () => ({
      account: async () => crm.account,
      write: async (batch) => {
        batches.push(batch)
        return batch.changes().map((change): Receipt => {
          changes.push(change)
          apply(contacts, change)
          return { status: 'applied' }
        })
      },
    }),
  }
  return crm
}

const loadFake = () => Promise.reject(new Error('it is a fake itself'))

function apply(contacts: Map<string, Record<string, unknown>>, { op, key, fields }: Change): void {
  const email = String(key.email)
  if (op === 'remove') contacts.delete(email)
  else contacts.set(email, { ...contacts.get(email), ...fields })
}
