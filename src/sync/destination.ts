import { SluiceError } from '../base/errors.ts'
import type { RunContext } from '../build/run-context.ts'
import { textReader } from '../compile/diff/destination-text.ts'
import { DestinationError } from '../connector/errors.ts'
import { createHttpTools } from '../connector/http-client.ts'
import { checkSettings, resolveSettings, resolveUseSettings } from '../connector/settings.ts'
import type {
  AudienceStatus,
  Connection,
  ConnectorEntry,
  ConnectorFake,
  ConnectorTools,
  DestinationField,
  ObjectUse,
  Settings,
} from '../connector/types.ts'
import type { BoundSync } from '../graph/graph.ts'
import type { Lease } from '../ledger/ledger.ts'
import type { OpenDestination } from './deliver/delivery.ts'
import { whatToDo } from './deliver/misconfigured.ts'
import { NotStarted } from './deliver/not-started.ts'
import { type Egress, EgressMeter } from './egress.ts'

/** An account of a destination, open for one sync. */
export interface Destination extends OpenDestination {
  readonly settings: Settings
  /** Throws SLU5105 (unavailable) when it cannot be told. */
  account(): Promise<string>
  /** What the object's fields are; undefined where the API does not tell. Throws SLU5105 (unavailable). */
  fields(): Promise<readonly DestinationField[] | undefined>
  /** How the audience fares; undefined where the API does not tell. Throws SLU5105 (unavailable). */
  audienceStatus(): Promise<AudienceStatus | undefined>
  /** From here on no bytes of a request go out unless it must time out while the lease holds: `NotStarted`. */
  sendUnder(lease: Pick<Lease, 'validForMs'>): void
  /** What left so far. */
  sent(): Egress
  close(): Promise<void>
}

/** What of a fake a sync needs that is sent to it: its own settings, and those of syncs. */
export type SandboxFake = Pick<ConnectorFake, 'settings' | 'useOf'>

export interface DestinationOptions {
  /** By the name of the destination. */
  readonly fakes?: ReadonlyMap<string, SandboxFake> | undefined
  /** What is in flight at the first signal has so long; default `DEFAULT_GRACE_MS`. */
  readonly graceMs?: number | undefined
  /** Nothing is made there. */
  readonly looksOnly?: boolean | undefined
}

/** Kubernetes and Docker kill 30 s and 10 s after the signal where nothing else is said; the first leaves time to save. */
const DEFAULT_GRACE_MS = 20_000

/** No request takes longer, and timers of Node cannot be set for much longer. */
const LONGEST_GRACE_MS = 24 * 60 * 60 * 1000

/** What a request may take when its connector does not say. */
const USUAL_TIMEOUT_MS = 30_000

/**
 * Loads the connector and reads its settings; nothing is sent. Of a destination among `fakes` the settings are those,
 * and its own need not be complete. Throws SLU60xx for settings, SLU1018 for a variable.
 */
export async function openDestination(
  run: RunContext,
  bound: BoundSync,
  connectors: ReadonlyMap<string, ConnectorEntry>,
  options: DestinationOptions = {},
): Promise<Destination> {
  const { destination, manifest } = bound
  const entry = connectors.get(manifest.name)
  if (entry === undefined)
    throw new SluiceError('SLU9001', {
      message: `expected the connector "${manifest.name}" to be registered, found it is not`,
    })
  const connector = await entry.load()
  const { fakes, graceMs = DEFAULT_GRACE_MS } = options
  const fake = fakes && fakeOf(bound, fakes)
  const settings =
    fake === undefined
      ? resolveSettings(manifest, destination, textReader(run.env))
      : fakeSettings(run, bound, fake)
  const use = { ...useOf(run, bound, fake), looksOnly: options.looksOnly === true }
  const grace = graceOf(run, graceMs)
  const counted = new CountedTools(run, grace.aborted)
  const open = () => counted.meter.around(connector.connect(settings, counted.tools, use))
  let connection: Connection = open()
  return {
    settings,
    connection: () => connection,
    timeoutMs: () => counted.timeoutMs,
    aborted: grace.aborted,
    async refresh() {
      await connection.close?.()
      connection = open()
    },
    account: () => asked(bound, 'which account it is', () => connection.account()),
    // A fake cannot know which fields the account of a user has.
    fields: async () =>
      fake === undefined ? asked(bound, 'which fields it has', async () => connection.fields?.()) : undefined,
    audienceStatus: () =>
      asked(bound, 'how the audience fares', async () => connection.audienceStatus?.(), ''),
    sendUnder: (lease) => counted.sendUnder(lease),
    sent: () => counted.meter.sent,
    close: async () => {
      grace.end()
      await connection.close?.()
      await counted.close()
    },
  }
}

/** Aborted when the run was stopped and its time of grace is over. */
function graceOf({ clock, signal }: RunContext, graceMs: number): { aborted: AbortSignal; end: () => void } {
  const aborted = new AbortController()
  const ended = new AbortController()
  const begin = () =>
    void clock.sleep(Math.min(graceMs, LONGEST_GRACE_MS), ended.signal).then(() => {
      if (!ended.signal.aborted) aborted.abort()
    })
  if (signal.aborted) begin()
  else signal.addEventListener('abort', begin, { once: true })
  const end = () => {
    signal.removeEventListener('abort', begin)
    ended.abort()
  }
  return { aborted: aborted.signal, end }
}

/** Throws SLU9001 for a destination without a fake. */
function fakeOf({ destination }: BoundSync, fakes: ReadonlyMap<string, SandboxFake>): SandboxFake {
  const fake = fakes.get(destination.name)
  if (fake !== undefined) return fake
  throw new SluiceError('SLU9001', {
    message: `expected a fake of the destination "${destination.name}", found none`,
  })
}

/** The fake's, but batches as large as the project's own. */
function fakeSettings(run: RunContext, bound: BoundSync, { settings }: SandboxFake): Settings {
  const { destination, manifest, object } = bound
  const { itemsSetting } = object.batch
  if (itemsSetting === undefined) return settings
  const own = checkSettings(manifest, destination, textReader(run.env)).settings[itemsSetting]
  return own === undefined ? settings : { ...settings, [itemsSetting]: own }
}

/** What a project names a fake need not have: a list, say. */
function useOf(run: RunContext, bound: BoundSync, fake: SandboxFake | undefined): ObjectUse {
  const name = bound.sync.to.object.value
  return { object: name, settings: fake?.useOf?.(name) ?? useSettings(run, bound) }
}

/** Of the sync. Throws SLU60xx for settings, SLU1018 for a variable. */
export function useSettings(run: RunContext, { sync, object }: BoundSync): Settings {
  const { destination, object: to } = sync.to
  const written = { name: sync.name, settings: sync.settings, settingsAt: to.at }
  return resolveUseSettings(object, `${destination.value}.${to.value}`, written, textReader(run.env))
}

/** Watches what a connector asks of its client, to know what it sent and how long a request may take. */
class CountedTools {
  readonly tools: ConnectorTools
  readonly close: () => Promise<void>
  readonly meter = new EgressMeter()
  #timeoutMs = 0
  #lease: Pick<Lease, 'validForMs'> | undefined

  constructor(run: RunContext, signal: AbortSignal) {
    const { directory } = run.graph.project
    const http = createHttpTools({
      clock: run.clock,
      directory,
      signal,
      onRequest: ({ bytes }) => this.meter.request(bytes),
      mayStart: () => this.#checkLease(),
    })
    this.close = () => http.close()
    this.tools = {
      directory,
      clock: run.clock,
      openSocket: (options) => {
        this.#timeoutMs = Math.max(this.#timeoutMs, options.timeoutMs)
        return http.openSocket(options)
      },
      onWritten: (bytes) => this.meter.written(bytes),
      onInvalid: (entries) => this.meter.invalid(entries),
      http: (options = {}) => {
        this.#timeoutMs = Math.max(this.#timeoutMs, options.timeoutMs ?? USUAL_TIMEOUT_MS)
        return http.http(options)
      },
    }
  }

  get timeoutMs(): number {
    return this.#timeoutMs === 0 ? USUAL_TIMEOUT_MS : this.#timeoutMs
  }

  sendUnder(lease: Pick<Lease, 'validForMs'>): void {
    this.#lease = lease
  }

  /** It was asked for when the request was admitted; since then this process may have stood still. */
  #checkLease(): void {
    if (this.#lease === undefined || this.#lease.validForMs() >= this.timeoutMs) return
    throw new NotStarted()
  }
}

async function asked<T>(
  { destination }: BoundSync,
  what: string,
  ask: () => Promise<T>,
  after = '; nothing was sent',
): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    if (!(error instanceof DestinationError)) throw error
    throw new SluiceError('SLU5105', {
      message: `expected the destination "${destination.name}" to say ${what}, found: ${error.message}`,
      at: destination.settingsAt,
      hint: `${whatToDo(error)}${after}`,
      cause: error,
    })
  }
}
