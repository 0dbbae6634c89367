import { SluiceError } from '../base/errors.ts'
import type { RunContext } from '../build/run-context.ts'
import { textReader } from '../compile/diff/destination-text.ts'
import { DestinationError } from '../connector/errors.ts'
import { createHttpTools } from '../connector/http-client.ts'
import { checkSettings, resolveSettings } from '../connector/settings.ts'
import type { Connection, ConnectorEntry, ConnectorTools, Settings } from '../connector/types.ts'
import type { BoundSync } from '../graph/graph.ts'
import type { OpenDestination } from './deliver/delivery.ts'
import { type Egress, EgressMeter } from './egress.ts'

/** An account of a destination, open for one sync. */
export interface Destination extends OpenDestination {
  readonly settings: Settings
  /** Throws SLU5105 (unavailable) when it cannot be told. */
  account(): Promise<string>
  /** What left so far. */
  sent(): Egress
  close(): Promise<void>
}

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
  fakes?: ReadonlyMap<string, Settings>,
): Promise<Destination> {
  const { destination, manifest } = bound
  const entry = connectors.get(manifest.name)
  if (entry === undefined)
    throw new SluiceError('SLU9001', {
      message: `expected the connector "${manifest.name}" to be registered, found it is not`,
    })
  const connector = await entry.load()
  const settings =
    fakes === undefined
      ? resolveSettings(manifest, destination, textReader(run.env))
      : fakeSettings(run, bound, fakes)
  const counted = new CountedTools(run)
  const open = () => counted.meter.around(connector.connect(settings, counted.tools))
  let connection: Connection = open()
  return {
    settings,
    connection: () => connection,
    timeoutMs: () => counted.timeoutMs,
    async refresh() {
      connection = open()
    },
    account: () => accountOf(bound, connection),
    sent: () => counted.meter.sent,
    close: () => counted.close(),
  }
}

/** The fake's, but batches as large as the project's own. Throws SLU9001 for a destination without a fake. */
function fakeSettings(run: RunContext, bound: BoundSync, fakes: ReadonlyMap<string, Settings>): Settings {
  const { destination, manifest, object } = bound
  const settings = fakes.get(destination.name)
  if (settings === undefined)
    throw new SluiceError('SLU9001', {
      message: `expected a fake of the destination "${destination.name}", found none`,
    })
  const { itemsSetting } = object.batch
  if (itemsSetting === undefined) return settings
  const own = checkSettings(manifest, destination, textReader(run.env)).settings[itemsSetting]
  return own === undefined ? settings : { ...settings, [itemsSetting]: own }
}

/** Watches what a connector asks of its client, to know what it sent and how long a request may take. */
class CountedTools {
  readonly tools: ConnectorTools
  readonly close: () => Promise<void>
  readonly meter = new EgressMeter()
  #timeoutMs = 0

  constructor(run: RunContext) {
    const { directory } = run.graph.project
    const http = createHttpTools({
      clock: run.clock,
      directory,
      onRequest: ({ bytes }) => this.meter.request(bytes),
    })
    this.close = () => http.close()
    this.tools = {
      directory,
      onWritten: (bytes) => this.meter.written(bytes),
      http: (options = {}) => {
        this.#timeoutMs = Math.max(this.#timeoutMs, options.timeoutMs ?? USUAL_TIMEOUT_MS)
        return http.http(options)
      },
    }
  }

  get timeoutMs(): number {
    return this.#timeoutMs === 0 ? USUAL_TIMEOUT_MS : this.#timeoutMs
  }
}

async function accountOf(bound: BoundSync, connection: Connection): Promise<string> {
  try {
    return await connection.account()
  } catch (error) {
    if (!(error instanceof DestinationError)) throw error
    throw new SluiceError('SLU5105', {
      message: `expected the destination "${bound.destination.name}" to say which account it is, found: ${error.message}`,
      at: bound.destination.settingsAt,
      hint: 'check its settings and credentials; nothing was sent',
      cause: error,
    })
  }
}
