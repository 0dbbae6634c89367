import { membership } from '../../src/connector/members.ts'
import { allOf, type Row, type RowReceipts } from '../../src/connector/rows.ts'
import type {
  AudienceStatus,
  Batch,
  Connector,
  ConnectorEntry,
  Manifest,
  Receipt,
} from '../../src/connector/types.ts'

/** An ad platform in memory: audiences of hashed identifiers, by the name in the settings of a sync, and events. */
export interface AdPlatform {
  readonly connectors: ReadonlyMap<string, ConnectorEntry>
  readonly batches: Batch[]
  /** What each audience holds: `email:<hash>`. */
  readonly held: Map<string, Set<string>>
  /** Of each batch of events, as it came. */
  readonly events: string[]
  status: AudienceStatus | undefined
  /** How many entries of the next batch are said to be invalid. */
  invalid: number
  /**
   * What becomes of the next requests, one each: `in` and `out` say whether it was done; the answer is that it is not
   * known. After them all is well.
   */
  readonly faults: ('done' | 'not done')[]
  /** Asked of each row: a reason to reject it. */
  refuses: (row: Row) => string | undefined
}

const BATCH = { maxItems: 5, maxBytes: 1_000_000 }

/** `fewest` people, below which it is never made smaller. */
export function adManifest(
  fewest: number,
  emailRules = 'meta.email@1',
  nameRules = 'meta.first_name@1',
): Manifest {
  return {
    name: 'ads',
    title: 'Ads',
    verification: 'generic',
    settings: {},
    objects: {
      audience: {
        description: 'People.',
        keys: ['id'],
        keyNormalizers: {},
        modes: ['upsert', 'mirror'],
        idempotent: true,
        carriesSyncName: false,
        remove: 'delete',
        membersOnly: true,
        identifiers: {
          alone: { email: emailRules as 'meta.email@1', phone: 'google.phone@1' },
          together: { address: { last_name: 'google.last_name@1', zip: 'google.zip@1' } },
          details: { first_name: nameRules as 'meta.first_name@1' },
        },
        audience: {
          fewest,
          ...(fewest > 0 ? { keepsFewest: true as const } : {}),
          lifetimeDaysSetting: 'days',
        },
        settings: {
          audience: { type: 'text', required: true, description: 'Its name.' },
          days: { type: 'integer', default: 500, description: 'How long it knows people.' },
        },
        batch: BATCH,
      },
      events: {
        description: 'What people did.',
        keys: ['event_id'],
        keyNormalizers: {},
        modes: ['insert'],
        idempotent: true,
        carriesSyncName: false,
        remove: 'none',
        fields: {
          event_name: { description: 'What happened.', required: true },
          value: { description: 'What it is worth.' },
          click: { description: 'The id of a click.' },
        },
        identifiers: { alone: { email: 'meta.email@1' }, orFields: ['click'] },
        eventsWithinDays: 400,
        batch: BATCH,
      },
    },
  }
}

export function makeAdPlatform(manifest = adManifest(0)): AdPlatform {
  const platform: AdPlatform = {
    connectors: new Map([['ads', { manifest, load: async () => connector, loadFake }]]),
    batches: [],
    held: new Map(),
    events: [],
    status: undefined,
    invalid: 0,
    faults: [],
    refuses: () => undefined,
  }
  const connector: Connector = {
    manifest,
    connect(_, tools, use) {
      const name = String(use?.settings.audience)
      const held = platform.held.get(name) ?? new Set<string>()
      if (use?.object === 'audience') platform.held.set(name, held)
      return {
        account: async () => `ads 1, ${name}`,
        audienceStatus: async () => platform.status ?? {},
        write: async (batch) => {
          platform.batches.push(batch)
          if (platform.invalid > 0) tools.onInvalid?.(platform.invalid)
          platform.invalid = 0
          if (use?.object === 'events') {
            platform.events.push(batch.changesJson)
            return batch.changes().map((): Receipt => ({ status: 'applied' }))
          }
          return membership(batch, {
            takeOut: async (rows) => answered(platform, rows, 'leaving', (one) => void held.delete(one)),
            putIn: async (rows) => answered(platform, rows, 'identifiers', (one) => void held.add(one)),
          })
        },
      }
    },
  }
  return platform
}

/** Rows that it refuses are not done; a fault is of all others. */
function answered(
  platform: AdPlatform,
  rows: readonly Row[],
  what: 'leaving' | 'identifiers',
  does: (token: string) => void,
): RowReceipts {
  const refused = rows.flatMap((row): [Row, Receipt][] => {
    const error = platform.refuses(row)
    return error === undefined ? [] : [[row, { status: 'rejected', error }]]
  })
  const taken = rows.filter((row) => !refused.some(([one]) => one === row))
  const fault = platform.faults.shift()
  if (fault !== 'not done')
    for (const { change } of taken)
      for (const token of (change[what] ?? '').split(' ').filter(Boolean)) does(token)
  const receipt: Receipt =
    fault === undefined ? { status: 'applied' } : { status: 'retry', error: 'no answer', ambiguous: true }
  return new Map([...refused, ...allOf(taken, receipt)])
}

const loadFake = () => Promise.reject(new Error('it is a fake itself'))
