import { DestinationError } from '../../src/connector/errors.ts'
import type {
  Batch,
  Change,
  Connection,
  ConnectorEntry,
  Manifest,
  Receipt,
} from '../../src/connector/types.ts'
import type { Process, World } from './world.ts'

/** How a destination behaves: percent of requests that meet each fault; the rest are answered as they should be. */
export interface NetworkWeather {
  readonly wayMs: { readonly least: number; readonly most: number }
  readonly faults: Readonly<Record<NetworkFault, number>>
  /** Percent of requests before which the sender stands still, after its last look at the lease. */
  readonly gapPercent: number
}

/**
 * What goes wrong with a request:
 * - `refused`: too many requests, not done.
 * - `unreachable`: it surely never got there.
 * - `before`, `after`: it fails, before or after it was done; the sender cannot tell.
 * - `hangs`: no answer in time; it was done at some moment meanwhile, or not.
 * - `partial`: some rows are to be sent again, the others are taken.
 * - `picky`: some rows are rejected that it takes at other times.
 * - `misconfigured`: the destination refuses the credentials.
 */
export type NetworkFault =
  | 'refused'
  | 'unreachable'
  | 'before'
  | 'after'
  | 'hangs'
  | 'partial'
  | 'picky'
  | 'misconfigured'

/** What one request may take; it is done within that time, or never. */
export const TIMEOUT_MS = 30_000

/** Rows that it does not take. */
export interface Poison {
  /** It is refused alone. */
  readonly row: (change: Change) => boolean
  /** Its whole batch is refused. */
  readonly batch: (change: Change) => boolean
}

export interface SentRequest {
  readonly by: Process
  readonly batch: Batch
  readonly changes: readonly Change[]
}

/** A destination of rows by key, the connector to it, and the network between. */
export class Network {
  /** By key: what it holds. */
  readonly rows = new Map<string, string>()
  readonly #world: World
  readonly #poison: Poison
  readonly #onSent: (request: SentRequest) => void
  weather: NetworkWeather
  requests = 0

  /** `onSent` is told of each request at the moment at which it leaves. */
  constructor(world: World, weather: NetworkWeather, poison: Poison, onSent: (request: SentRequest) => void) {
    this.#world = world
    this.weather = weather
    this.#poison = poison
    this.#onSent = onSent
  }

  /** The connector as one process has it. */
  entry(process: Process): ConnectorEntry {
    const connection: Connection = {
      account: () => process.call(this.#wayMs(), () => 'account 1'),
      write: (batch) => this.#write(process, batch),
    }
    const connector = { manifest: MANIFEST, connect: () => connection }
    return {
      manifest: MANIFEST,
      load: async () => connector,
      loadFake: () => Promise.reject(new Error('it is one')),
    }
  }

  #write(process: Process, batch: Batch): Promise<readonly Receipt[]> {
    this.requests += 1
    const changes = batch.changes()
    this.#onSent({ by: process, batch, changes })
    const fault = this.#fault()
    const rows = changes.map(({ op, key }) => `${op} ${String(key.email)}`).join(', ')
    this.#world.note(process.name, `sends ${rows}${fault === undefined ? '' : ` (${fault})`}`)
    const send = () => this.#send(process, changes, fault)
    const { gapPercent } = this.weather
    if (gapPercent === 0 || !this.#world.random.chance(gapPercent)) return send()
    process.pause(this.#world.random.below(LONGEST_GAP_MS))
    // Of one that dies before it can say what it sent too late nothing is promised.
    process.isSpared = true
    return new Promise((resolve, reject) => {
      this.#world.deliver(process, 0, () => void send().then(resolve, reject))
    })
  }

  #send(
    process: Process,
    changes: readonly Change[],
    fault: NetworkFault | undefined,
  ): Promise<readonly Receipt[]> {
    if (fault === 'hangs') return this.#hang(process, changes)
    return process.call(this.#wayMs(), () => this.#answer(changes, fault))
  }

  /** Its sender gives up in time; the destination may do it at any moment before. */
  #hang(process: Process, changes: readonly Change[]): Promise<readonly Receipt[]> {
    const { random } = this.#world
    if (random.chance(50))
      this.#world.after(random.below(TIMEOUT_MS), () => {
        if (process.gotThrough()) this.#take(changes)
      })
    return new Promise((_, reject) => {
      this.#world.deliver(process, TIMEOUT_MS, () => reject(error('retry', 'no answer', { ambiguous: true })))
    })
  }

  #answer(changes: readonly Change[], fault: NetworkFault | undefined): readonly Receipt[] {
    const { random } = this.#world
    const afterMs = random.chance(50) ? random.below(5000) : undefined
    switch (fault) {
      case 'refused':
        throw error('retry', 'too many requests', { status: 429, afterMs })
      case 'unreachable':
        throw error('retry', 'unreachable', {})
      case 'before':
        throw error('retry', 'answered with 500', { status: 500, afterMs, ambiguous: true })
      case 'misconfigured':
        throw error(random.chance(50) ? 'stop' : 'refresh', 'answered with 401', { status: 401 })
      default:
    }
    if (changes.some(this.#poison.batch)) throw error('split', 'answered with 400', { status: 400 })
    const receipts = changes.map((change): Receipt => {
      if (this.#poison.row(change)) return { status: 'rejected', error: 'not this one' }
      if (fault === 'picky' && random.chance(40)) return { status: 'rejected', error: 'not now' }
      if (fault !== 'partial' || random.chance(50)) return { status: 'applied' }
      return { status: 'retry', error: 'later', ...(afterMs !== undefined && { afterMs }) }
    })
    this.#take(changes.filter((_, index) => receipts[index]?.status === 'applied'))
    if (fault === 'after') throw error('retry', 'answered with 502', { status: 502, ambiguous: true })
    return receipts
  }

  #take(changes: readonly Change[]): void {
    for (const change of changes) {
      if (this.#poison.row(change) || this.#poison.batch(change)) continue
      const key = String(change.key.email)
      if (change.op === 'remove') this.rows.delete(key)
      else this.rows.set(key, String(change.fields.v))
      this.#world.note(
        'there',
        `${change.op} ${key} ${change.op === 'remove' ? '' : String(change.fields.v)}`,
      )
    }
  }

  #fault(): NetworkFault | undefined {
    let place = this.#world.random.below(100)
    for (const [fault, percent] of Object.entries(this.weather.faults)) {
      if (place < percent) return fault as NetworkFault
      place -= percent
    }
    return undefined
  }

  #wayMs(): number {
    const { least, most } = this.weather.wayMs
    return least + this.#world.random.below(most - least + 1)
  }
}

/** Longer than a lease, and long enough for another run. */
const LONGEST_GAP_MS = 250_000

export const MANIFEST: Manifest = {
  name: 'simulated',
  title: 'A destination in virtual time',
  verification: 'generic',
  settings: {},
  objects: {
    contacts: {
      description: 'People',
      keys: ['email'],
      keyNormalizers: {},
      modes: ['upsert', 'mirror', 'update', 'insert'],
      idempotent: true,
      carriesSyncName: false,
      remove: 'delete',
      batch: { maxItems: 3, maxBytes: 1_000_000 },
    },
  },
}

function error(
  action: DestinationError['action'],
  message: string,
  details: { readonly status?: number; readonly afterMs?: number | undefined; readonly ambiguous?: boolean },
): DestinationError {
  return new DestinationError(action, { message, ...details })
}
